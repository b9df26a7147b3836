"""How many requests this process has answered and how long they took, by room: for whoever watches over the installation.

Kept in memory and told with the process they are of, since each of several counts its own. A room is the most that is
told of an address, so that there is never more of it than there are rooms.
"""

from __future__ import annotations

import os
import threading
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

UP_TO: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds. What took longer than the last is counted too."""
NO_ROOM: Final = "none"


@dataclass(slots=True)
class Spent:
    """`counts`: how many took up to so long and longer than the one before; the last, longer than all of them."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(UP_TO) + 1))
    seconds: float = 0.0


class Timings:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._answered: dict[tuple[str, str], int] = {}
        self._spent: dict[str, Spent] = {}

    @property
    def process(self) -> str:
        return str(self._pid)

    def note(self, room: str | None, status: int, seconds: float) -> None:
        name, kind = room or NO_ROOM, f"{status // 100}xx"
        with self._lock:
            self._begin_anew_where_forked()
            self._answered[name, kind] = self._answered.get((name, kind), 0) + 1
            spent = self._spent.setdefault(name, Spent())
            spent.counts[bisect_left(UP_TO, seconds)] += 1
            spent.seconds += seconds

    def told(self) -> tuple[Mapping[tuple[str, str], int], Mapping[str, Spent]]:
        """Room and class of status, with how many; room, with how long they took."""
        with self._lock:
            self._begin_anew_where_forked()
            spent = {name: Spent(list(one.counts), one.seconds) for name, one in self._spent.items()}
            return dict(self._answered), spent

    def _begin_anew_where_forked(self) -> None:
        """A server that loads first and forks then gives each of its processes what was counted before."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._answered, self._spent = {}, {}
