"""What was made from an edition, kept in the process while it is used: an edition in force never changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

Kept = TypeVar("Kept")
_MOST: Final = 256


class Shelf(Generic[Kept]):
    """The things last used, shared by all threads. Keys begin with database and edition."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Hashable, ...], Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._making = threading.RLock()

    def find(self, key: tuple[Hashable, ...]) -> Kept | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def find_or_make(self, key: tuple[Hashable, ...], make: Callable[[], Kept], settled: Callable[[], bool]) -> Kept:
        """Made once, however many ask at the same moment; kept only where it is `settled`."""
        found = self.find(key)
        if found is not None:
            return found
        with self._making:
            found = self.find(key)
            if found is not None:
                return found
            made = make()
            if settled():
                self._put(key, made)
            return made

    def _put(self, key: tuple[Hashable, ...], made: Kept) -> None:
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)

    def forget(self, *beginning: Hashable) -> None:
        """An id may come again after a transaction was undone: what is about to change is not trusted."""
        with self._lock:
            for key in [key for key in self._kept if key[: len(beginning)] == beginning]:
                del self._kept[key]
