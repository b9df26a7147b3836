"""What is known of the evaluation under way on this thread: the steps it may still take, and what time it is."""

from __future__ import annotations

import threading
from datetime import datetime

from engine.base import clock
from engine.diagram.language import limits
from engine.diagram.language.reasons import CALLS_TOO_DEEP, TOO_MANY_STEPS, Stopped


class _Account(threading.local):
    steps: int = limits.STEPS
    given: int = limits.STEPS
    calls: int = 0
    now: datetime | None = None


_account = _Account()


def begin(steps: int = limits.STEPS, now: datetime | None = None) -> None:
    _account.steps = _account.given = steps
    _account.calls = 0
    _account.now = now


def spend(steps: int = 1) -> None:
    """Raises Stopped when nothing is left."""
    _account.steps -= steps
    if _account.steps < 0:
        raise Stopped(TOO_MANY_STEPS, most=_account.given)


def enter() -> None:
    """A function is called within what is running."""
    _account.calls += 1
    if _account.calls > limits.CALLS:
        raise Stopped(CALLS_TOO_DEEP)


def leave() -> None:
    _account.calls -= 1


def now() -> datetime:
    """The same instant throughout one evaluation."""
    if _account.now is None:
        _account.now = clock.now()
    return _account.now
