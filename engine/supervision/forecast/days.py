"""Where a length of the measured clock ends in the week, and how many days are worked until then. Pure.

What is decided or paid on certain days ends on those alone: a length says that only together with the moment it begins.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate

from engine.base.frozen import frozen

_BEFORE = 8
BEHIND = 400
COLUMNS = ("left", "left from Monday", "ends in the week", "worked until then")
FALLING = (-1, -1, 0, -1)
"""Of which with more nothing gets likelier to last longer."""


@frozen
class Days:
    """Of each local day from `first` on, counted since 1970: the measured clock when it `begins`; the days `worked` up to it."""

    first: int
    begins: Sequence[float]
    worked: Sequence[int]

    def worked_after(self, day: int, number: int) -> int:
        """How many of the next days."""
        return self.worked[self._place(day + number)] - self.worked[self._place(day)]

    def works(self, day: int) -> bool:
        return self.worked_after(day - 1, 1) > 0

    def ahead(self, at: float, length: float) -> tuple[float, float, float, float]:
        """As `COLUMNS`, of a length that begins at an instant of the measured clock."""
        begins = self.begins
        here, then = bisect_right(begins, at) - 1, bisect_right(begins, at + length) - 1
        here, then = max(here, 0), min(max(then, 0), len(begins) - 2)
        monday = here - (self.first + here + 3) % 7
        since = at - begins[max(monday, 0)]
        of_day = begins[then + 1] - begins[then]
        share = min(max((at + length - begins[then]) / of_day, 0.0), 1.0) if of_day > 0 else 0.0
        in_week = ((self.first + then + 3) % 7 + share) * 24
        return length, length + since, in_week, float(self.worked[then] - self.worked[here])

    def _place(self, day: int) -> int:
        return min(max(day - self.first, 0), len(self.worked) - 1)


def days(first: int, last: int, works: Callable[[int], bool], begins: Callable[[int], float] = float) -> Days:
    """With some before and behind them. `begins`: the measured clock; by itself that of the wall."""
    every = range(first - _BEFORE, last + BEHIND)
    return Days(every.start, [begins(day) for day in every], list(accumulate(int(works(day)) for day in every)))
