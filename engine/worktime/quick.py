"""Working time between instants, many at a time: what the calendar works is added up once and then looked up.

Exact as `counting.time_between`, in milliseconds since 1970 as instants are kept. Pure.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from engine.worktime.calendar import WorkCalendar
from engine.worktime.keyed import Keyed

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_DAY: Final = timedelta(days=1)
_DAY_MS: Final = 86_400_000
_MARGIN: Final = 2 * _DAY_MS
"""No zone is further from UTC, so whatever is asked lies within the days that were added up."""


class Worked:
    """What one calendar works, as a line that rises where it does: each difference of heights is the time worked."""

    __slots__ = ("_calendar", "_heights", "_points", "_since", "_slopes", "_until", "_years")

    def __init__(self, calendar: WorkCalendar) -> None:
        self._calendar = calendar
        self._years: tuple[int, int] | None = None
        self._since, self._until = 0, -1
        self._points: list[int] = []
        self._heights: list[int] = []
        self._slopes: list[int] = []

    def between(self, begin: int, end: int) -> int:
        """Negative where `end` comes first."""
        self.covers(begin, end)
        return self.height(end) - self.height(begin)

    def height(self, at: int) -> int:
        """Of an instant that is covered; comparable with the others until more is."""
        place = bisect_right(self._points, at) - 1
        if place < 0:
            return 0
        return self._heights[place] + self._slopes[place] * (at - self._points[place])

    def reached(self, height: int) -> int | None:
        """The first instant of such a height; None where it lies beyond what is covered."""
        place = bisect_left(self._heights, height)
        if place == 0 or place == len(self._heights):
            return None
        return self._points[place - 1] + -(-(height - self._heights[place - 1]) // self._slopes[place - 1])

    def heights(self, instants: Sequence[int]) -> list[int]:
        """Of instants in their order, which are covered: a stretch of the line at a time."""
        found: list[int] = []
        points, begin, count = self._points, 0, len(instants)
        while begin < count:
            place = bisect_right(points, instants[begin]) - 1
            end = bisect_left(instants, points[place + 1], begin) if place + 1 < len(points) else count
            if place < 0 or not self._slopes[place]:
                found += [self._heights[place] if place >= 0 else 0] * (end - begin)
            else:
                slope, base = self._slopes[place], self._heights[place] - self._slopes[place] * points[place]
                found += [base + slope * at for at in instants[begin:end]]
            begin = end
        return found

    def total(self, instants: Sequence[int]) -> int:
        """Of instants in their order, which are covered: their heights added up, a stretch of the line at a time."""
        found, begin = 0, bisect_left(instants, self._points[0]) if self._points else len(instants)
        for number, point in enumerate(self._points):
            if begin == len(instants):
                break
            last = number + 1 == len(self._points)
            end = len(instants) if last else bisect_left(instants, self._points[number + 1], begin)
            if end > begin:
                found += (end - begin) * self._heights[number]
                if self._slopes[number]:
                    found += self._slopes[number] * (sum(instants[begin:end]) - (end - begin) * point)
                begin = end
        return found

    def covers(self, begin: int, end: int) -> None:
        """Heights of instants from `begin` to `end` may be compared from now on."""
        for at in (begin, end):
            if not self._since <= at < self._until:
                self._grow(at)

    def _grow(self, at: int) -> None:
        year = (_EPOCH + timedelta(milliseconds=at)).year
        first, last = self._years or (year, year)
        self._years = first, last = min(first, year - 1), max(last, year + 1)
        self._since, self._until = _stored(first) + _MARGIN, _stored(last + 1) - _MARGIN
        rises: dict[int, int] = {}
        day = date(first, 1, 1)
        while day.year <= last:
            for begins, ends in self._calendar.spans(day):
                up, down = (begins - _EPOCH) // _MILLISECOND, (ends - _EPOCH) // _MILLISECOND
                rises[up] = rises.get(up, 0) + 1
                rises[down] = rises.get(down, 0) - 1
            day += _DAY
        self._draw(rises)

    def _draw(self, rises: dict[int, int]) -> None:
        self._points = sorted(rises)
        self._heights, self._slopes = [], []
        height = slope = 0
        before = self._points[0] if self._points else 0
        for point in self._points:
            height += slope * (point - before)
            slope += rises[point]
            self._heights.append(height)
            self._slopes.append(slope)
            before = point


def _stored(year: int) -> int:
    return (datetime(year, 1, 1, tzinfo=UTC) - _EPOCH) // _MILLISECOND


@lru_cache(maxsize=64)
def _kept(keyed: Keyed) -> Worked:
    return Worked(keyed.calendar)


def worked(calendar: WorkCalendar) -> Worked:
    """Made once for each calendar."""
    return _kept(Keyed(calendar))


def worked_between(calendar: WorkCalendar, begin: datetime, end: datetime) -> timedelta:
    """As `counting.time_between`, to the millisecond."""
    line = worked(calendar)
    first, last = (begin - _EPOCH) // _MILLISECOND, (end - _EPOCH) // _MILLISECOND
    return line.between(first, last) * _MILLISECOND
