"""How long what failed rests, when a process counts as gone, how far a clock may be off. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

import orjson

Key = Sequence[int | str] | int | str
"""What a handler acts on: one id, or several. The first says whose it is: two of one case are never done at once."""


class Kind(StrEnum):
    """How a process does background work."""

    EMBEDDED = "embedded"  # beside the web, or alone on a file
    WORKER = "worker"  # woken by the queue


HEARTBEAT: Final = timedelta(seconds=20)
GONE_AFTER: Final = timedelta(seconds=90)
"""Since when nothing has been heard of a process that did not say goodbye."""

LATE_AFTER: Final = timedelta(minutes=5)
"""What is due for so long and not done is late: somebody ought to look."""

MOST_AHEAD: Final = timedelta(seconds=2)
"""A process whose clock is further before the database's does nothing: it would be early."""

_RESTS: Final = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))


def rest_after(tries: int) -> timedelta:
    """How long something that failed so often is left alone."""
    return _RESTS[min(tries, len(_RESTS)) - 1]


def text_of(key: Key) -> str:
    """The same for the same key, as it is kept."""
    return orjson.dumps(list(key) if isinstance(key, tuple) else key).decode()


def owner_of(key: Key) -> int | str:
    """What it belongs to: a case, an edition."""
    return key[0] if isinstance(key, tuple) else key  # type: ignore[return-value]
