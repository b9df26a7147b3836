"""Working time between instants, many at a time: what the calendar works is added up once and then looked up.

Exact as `counting.time_between`, in milliseconds since 1970 as instants are kept. Pure.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from engine.worktime.calendar import WorkCalendar
from engine.worktime.keyed import Keyed

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_DAY: Final = timedelta(days=1)
_DAY_MS: Final = 86_400_000
_MARGIN: Final = 2 * _DAY_MS
"""No zone is further from UTC, so whatever is asked lies within the days that were added up."""


class _Line(NamedTuple):
    """Where it turns, how high it is there, and whether it rises from there on. Never changed."""

    points: list[int]
    heights: list[int]
    slopes: list[int]


class Worked:
    """What one calendar works, as a line that rises where it does: each difference of heights is the time worked.

    Heights stay what they are when more years are added up, so threads may share it.
    """

    __slots__ = ("_calendar", "_growing", "_line", "_since", "_until", "_years")

    def __init__(self, calendar: WorkCalendar) -> None:
        self._calendar = calendar
        self._growing = threading.Lock()
        self._years: tuple[int, int] | None = None
        self._since, self._until = 0, -1
        self._line = _Line([], [], [])

    def between(self, begin: int, end: int) -> int:
        """Negative where `end` comes first."""
        self.covers(begin, end)
        return self.height(end) - self.height(begin)

    def height(self, at: int) -> int:
        """Of an instant that is covered."""
        points, heights, slopes = self._line
        place = bisect_right(points, at) - 1
        if place < 0:
            return heights[0] if heights else 0
        return heights[place] + slopes[place] * (at - points[place])

    def reached(self, height: int) -> int | None:
        """The first instant of such a height; None where it lies beyond what is covered."""
        points, heights, slopes = self._line
        place = bisect_left(heights, height)
        if place == 0 or place == len(heights):
            return None
        return points[place - 1] + -(-(height - heights[place - 1]) // slopes[place - 1])

    def heights(self, instants: Sequence[int]) -> list[int]:
        """Of instants in their order, which are covered: a stretch of the line at a time."""
        points, heights, slopes = self._line
        lowest = heights[0] if heights else 0
        found: list[int] = []
        begin, count = 0, len(instants)
        while begin < count:
            place = bisect_right(points, instants[begin]) - 1
            end = bisect_left(instants, points[place + 1], begin) if place + 1 < len(points) else count
            if place < 0 or not slopes[place]:
                found += [heights[place] if place >= 0 else lowest] * (end - begin)
            else:
                slope, base = slopes[place], heights[place] - slopes[place] * points[place]
                found += [base + slope * at for at in instants[begin:end]]
            begin = end
        return found

    def total(self, instants: Sequence[int]) -> int:
        """Of instants in their order, which are covered: their heights added up, a stretch of the line at a time."""
        points, heights, slopes = self._line
        if not points or not instants:
            return 0
        begin = bisect_left(instants, points[0])
        found = begin * heights[0]
        for number in range(max(0, bisect_right(points, instants[0]) - 1), len(points)):
            if begin == len(instants):
                break
            point, last = points[number], number + 1 == len(points)
            end = len(instants) if last else bisect_left(instants, points[number + 1], begin)
            if end > begin:
                found += (end - begin) * heights[number]
                if slopes[number]:
                    found += slopes[number] * (sum(instants[begin:end]) - (end - begin) * point)
                begin = end
        return found

    def covers(self, begin: int, end: int) -> None:
        """Heights of instants from `begin` to `end` may be asked for from now on."""
        for at in (begin, end):
            if not self._since <= at < self._until:
                with self._growing:
                    self._grow(at)

    def _grow(self, at: int) -> None:
        if self._since <= at < self._until:  # meanwhile, by another thread
            return
        year = (_EPOCH + timedelta(milliseconds=at)).year
        first, last = self._years or (year, year)
        self._years = first, last = min(first, year - 1), max(last, year + 1)
        rises: dict[int, int] = {}
        day = date(first, 1, 1)
        while day.year <= last:
            for begins, ends in self._calendar.spans(day):
                up, down = (begins - _EPOCH) // _MILLISECOND, (ends - _EPOCH) // _MILLISECOND
                rises[up] = rises.get(up, 0) + 1
                rises[down] = rises.get(down, 0) - 1
            day += _DAY
        self._line = _drawn(rises, self._line)
        self._since, self._until = _stored(first) + _MARGIN, _stored(last + 1) - _MARGIN


def _drawn(rises: dict[int, int], before: _Line) -> _Line:
    """As high as `before` where that begins."""
    points = sorted(rises)
    heights, slopes = list[int](), list[int]()
    height = slope = 0
    last = points[0] if points else 0
    for point in points:
        height += slope * (point - last)
        slope += rises[point]
        heights.append(height)
        slopes.append(slope)
        last = point
    if before.points:
        shift = before.heights[0] - heights[bisect_left(points, before.points[0])]
        heights = [one + shift for one in heights]
    return _Line(points, heights, slopes)


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
