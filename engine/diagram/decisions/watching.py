"""Which rules of which tables matched, told to whoever watches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from engine.base.frozen import frozen


@frozen
class Matched:
    """One table that was asked: what its columns read, by their labels, and the rules that matched, counted from 1."""

    table: str
    read: Mapping[str, Any]
    rules: tuple[int, ...]


_watched: Final[ContextVar[list[Matched] | None]] = ContextVar("matched rules", default=None)


@contextmanager
def watching() -> Iterator[list[Matched]]:
    """Every table asked while this is open, in the order they answered."""
    seen: list[Matched] = []
    token = _watched.set(seen)
    try:
        yield seen
    finally:
        _watched.reset(token)


def watched() -> list[Matched] | None:
    return _watched.get()
