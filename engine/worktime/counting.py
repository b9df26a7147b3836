"""Adding and measuring in working days and working hours, forwards and backwards."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from engine.base.errors import Refusal
from engine.worktime.calendar import WorkCalendar
from engine.worktime.keyed import Keyed

_DAY: Final = timedelta(days=1)
MOST_YEARS: Final = 30


class TooFar(Refusal):
    """A working day more than {years} years away cannot be told. Shorten the period."""

    zh = "无法计算超过 {years} 年的工作日。请缩短期限。"


def day_after(calendar: WorkCalendar, day: date, count: int) -> date:
    """The `count`-th working day behind `day`, which itself is not counted (Civil Code, article 201); backwards where negative.

    For 0 the day itself where it works, else the next one that does.
    """
    if count == 0:
        return day if calendar.works_on(day) else day_after(calendar, day, 1)
    return _forward(calendar, day, count) if count > 0 else _backward(calendar, day, -count)


def _forward(calendar: WorkCalendar, day: date, count: int) -> date:
    for year in range(day.year, day.year + MOST_YEARS):
        days = _worked(Keyed(calendar), year)
        before = bisect_right(days, day) if year == day.year else 0
        if len(days) - before >= count:
            return days[before + count - 1]
        count -= len(days) - before
    raise TooFar(years=MOST_YEARS)


def _backward(calendar: WorkCalendar, day: date, count: int) -> date:
    for year in range(day.year, max(day.year - MOST_YEARS, 0), -1):
        days = _worked(Keyed(calendar), year)
        before = bisect_left(days, day) if year == day.year else len(days)
        if before >= count:
            return days[before - count]
        count -= before
    raise TooFar(years=MOST_YEARS)


def days_between(calendar: WorkCalendar, begin: date, end: date) -> int:
    """How many working days lie behind `begin` up to and with `end`; less than 0 where `end` comes first."""
    if end < begin:
        return -days_between(calendar, end, begin)
    return sum(
        bisect_right(days, end) - bisect_right(days, begin)
        for days in (_worked(Keyed(calendar), year) for year in range(begin.year, end.year + 1))
    )


def add_time(calendar: WorkCalendar, begin: datetime, length: timedelta) -> datetime:
    """The instant at which so much has been worked since `begin`; backwards where `length` is negative. In UTC."""
    if length < timedelta(0):
        return _subtract_time(calendar, begin, -length)
    left = length
    for begins, ends in _spans_from(calendar, begin):
        since = max(begins, begin)
        if ends - since >= left and ends > since:
            return (since + left).astimezone(UTC)
        left -= max(ends - since, timedelta(0))
    raise TooFar(years=MOST_YEARS)


def _subtract_time(calendar: WorkCalendar, end: datetime, length: timedelta) -> datetime:
    left = length
    for begins, ends in _spans_until(calendar, end):
        until = min(ends, end)
        if until - begins >= left:
            return (until - left).astimezone(UTC)
        left -= max(until - begins, timedelta(0))
    raise TooFar(years=MOST_YEARS)


def time_between(calendar: WorkCalendar, begin: datetime, end: datetime) -> timedelta:
    """How much is worked between two instants; negative where `end` comes first."""
    if end < begin:
        return -time_between(calendar, end, begin)
    first, last = calendar.local_day(begin), calendar.local_day(end)
    if last - first <= 2 * _DAY:
        return _summed(calendar, begin, end, first, last)
    # The days at both ends by their hours, those between by what their year has added up.
    edge = first + _DAY
    return (
        _summed(calendar, begin, end, first, first)
        + _summed(calendar, begin, end, last, last)
        + sum(
            (_worked_hours(Keyed(calendar), year, edge, last) for year in range(edge.year, last.year + 1)), timedelta()
        )
    )


def _summed(calendar: WorkCalendar, begin: datetime, end: datetime, first: date, last: date) -> timedelta:
    found, day = timedelta(0), first
    while day <= last:
        for begins, ends in _hours_of(Keyed(calendar), day):
            found += max(min(ends, end) - max(begins, begin), timedelta(0))
        day += _DAY
    return found


def _spans_from(calendar: WorkCalendar, begin: datetime) -> Iterator[tuple[datetime, datetime]]:
    day = calendar.local_day(begin)
    for _ in range(MOST_YEARS * 366):
        yield from (span for span in calendar.spans(day) if span[1] > begin)
        day += _DAY


def _spans_until(calendar: WorkCalendar, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    day = calendar.local_day(end)
    for _ in range(MOST_YEARS * 366):
        yield from (span for span in reversed(calendar.spans(day)) if span[0] < end)
        day -= _DAY


@lru_cache(maxsize=4096)
def _hours_of(keyed: Keyed, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """A list asks for the same few days again and again."""
    return tuple(keyed.calendar.spans(day))


@lru_cache(maxsize=256)
def _worked(keyed: Keyed, year: int) -> tuple[date, ...]:
    """The working days of a year."""
    first = date(year, 1, 1)
    days = (first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days))
    return tuple(day for day in days if keyed.calendar.works_on(day))


@lru_cache(maxsize=256)
def _added_up(keyed: Keyed, year: int) -> tuple[tuple[date, ...], tuple[timedelta, ...]]:
    """The working days of a year, and what was worked in it before each of them and after the last."""
    days, sums, so_far = _worked(keyed, year), [timedelta(0)], timedelta(0)
    for day in days:
        so_far += sum((ends - begins for begins, ends in keyed.calendar.spans(day)), timedelta(0))
        sums.append(so_far)
    return days, tuple(sums)


def _worked_hours(keyed: Keyed, year: int, begin: date, end: date) -> timedelta:
    """What is worked in a year from `begin` up to and without `end`."""
    days, sums = _added_up(keyed, year)
    return sums[bisect_left(days, end)] - sums[bisect_left(days, begin)]
