"""What becomes of a call, and of a message that came."""

from __future__ import annotations

from enum import IntEnum


class State(IntEnum):
    """Of a call. Numbers are stored: never renumber."""

    WAITING = 1
    ANSWERED = 2
    GIVEN_UP = 3
    CANCELLED = 4


class Outcome(IntEnum):
    """Of a message that came. Numbers are stored: never renumber."""

    DELIVERED = 1
    STARTED = 2
    NOBODY = 3
    """No case awaits it, and none begins with it: the sender may try again with the same key."""
    AMBIGUOUS = 4
