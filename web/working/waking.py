"""Rung after every act that was kept, so that what it put out is done at once and not with the next round."""

from __future__ import annotations

import threading
from typing import Final

_hung: Final[set[Bell]] = set()
_hanging: Final = threading.Lock()


class Bell:
    """Whoever waits hears that it rang, however often it did meanwhile."""

    def __init__(self) -> None:
        self._rung = threading.Condition()
        self.times = 0

    def ring(self) -> None:
        with self._rung:
            self.times += 1
            self._rung.notify_all()

    def wait(self, heard: int, seconds: float) -> int:
        """Until it has rung more often than was heard, or so long; how often it has."""
        with self._rung:
            self._rung.wait_for(lambda: self.times != heard, seconds)
            return self.times


def hang(bell: Bell) -> None:
    with _hanging:
        _hung.add(bell)


def take_down(bell: Bell) -> None:
    with _hanging:
        _hung.discard(bell)


def ring() -> None:
    """All that hang in this process. Where none does, workers on the database are woken by the database."""
    for bell in tuple(_hung):
        bell.ring()
