"""The only place that reads the time. Aware datetimes in UTC, to the millisecond."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime


def _real() -> datetime:
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


_source: ContextVar[Callable[[], datetime]] = ContextVar("clock", default=_real)


def now() -> datetime:
    return _source.get()()


@contextmanager
def reading(source: Callable[[], datetime]) -> Iterator[None]:
    """Let `now()` be told by `source` for as long as this is open: simulations and tests."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)
