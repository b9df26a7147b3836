"""Periods of law and promise: when one ends, how much of it is gone, and why, line by line."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from engine.base.frozen import frozen
from engine.base.text import Text
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import add_time, day_after, days_between, time_between
from engine.worktime.reasons import because
from engine.worktime.units import MOST_LENGTH, UNITS, Period, PeriodUnfit, Stop, Unit, fit_length, length_of

__all__ = [
    "MOST_LENGTH", "UNITS", "Period", "PeriodUnfit", "Reading", "Stop", "Unit", "due_at", "end_of", "fit_length",
    "length_of", "months_after", "read",
]  # fmt: skip

_DAY: Final = timedelta(days=1)


@frozen
class Reading:
    """What a clock says at a moment. `elapsed`, `stopped` and `left` are in the unit of the period; `left` below 0 is late."""

    due_at: datetime
    elapsed: float
    stopped: float
    left: float
    standing: bool
    uncertain: tuple[int, ...]  # years it runs through whose holidays nobody has told yet
    because: tuple[Text, ...]
    late: bool = False  # also in the evening of the last day, when `left` is still 0

    @property
    def provisional(self) -> bool:
        return bool(self.uncertain)


def read(
    period: Period,
    calendar: WorkCalendar,
    begin: datetime,
    now: datetime,
    *,
    stops: Sequence[Stop] = (),
    extended_by: int = 0,
) -> Reading:
    """The clock of `period`, begun at `begin`, as it stands at `now`. `extended_by` is in the unit of the period.

    While a stop has no end the day it is due moves on with `now`: it is what it would be if the clock went on at once.
    """
    halts = _merged(stops, now)
    whole = Period(period.length + extended_by, period.unit, period.rolls, period.counts_first_day)
    nominal = None if period.unit in _BY_THE_HOUR else _nominal(whole, calendar, begin, _stopped_days(calendar, halts))
    due = _due(whole, calendar, begin, halts)
    uncertain = _uncertain(whole, calendar, begin, due, nominal)
    until = min(now, due) if now > begin else begin
    elapsed, stopped = _count(whole, calendar, begin, until, halts, with_first=period.counts_first_day)
    late = _count(whole, calendar, due, now, halts)[0] if now > due else 0
    return Reading(
        due_at=due,
        elapsed=elapsed + late,
        stopped=stopped,
        left=-late if now > due else max(whole.length - elapsed, 0),
        standing=any(stop.end is None for stop in stops),
        uncertain=uncertain,
        because=tuple(
            because(period, extended_by, calendar, begin, due, stops=stops, nominal=nominal, uncertain=uncertain)
        ),
        late=now > due,
    )


def due_at(
    period: Period, calendar: WorkCalendar, begin: datetime, *, stops: Sequence[Stop] = (), extended_by: int = 0
) -> datetime:
    """When it ends: of hours the instant, else `end_of` the last day. In UTC. An open stop is taken as not begun."""
    whole = Period(period.length + extended_by, period.unit, period.rolls, period.counts_first_day)
    return _due(whole, calendar, begin, _merged([stop for stop in stops if stop.end is not None], begin))


Halt = tuple[datetime, datetime]
Days = tuple[date, date]
_BY_THE_HOUR: Final = frozenset({Unit.WORKING_HOURS, Unit.HOURS})


def _merged(stops: Iterable[Stop], now: datetime) -> list[Halt]:
    """In order, those that overlap made one: a day that two grounds stop is stopped once."""
    found: list[Halt] = []
    for begin, end in sorted((stop.begin, max(stop.end or now, stop.begin)) for stop in stops):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def _due(period: Period, calendar: WorkCalendar, begin: datetime, halts: Sequence[Halt]) -> datetime:
    if period.unit in _BY_THE_HOUR:
        return _due_by_hours(period, calendar, begin, halts)
    stopped = _stopped_days(calendar, halts)
    return end_of(_rolled(period, calendar, _nominal(period, calendar, begin, stopped), stopped), calendar)


def _nominal(period: Period, calendar: WorkCalendar, begin: datetime, stopped: Sequence[Days]) -> date:
    """The last day as it is counted, before it gives way to one that is worked."""
    first = calendar.local_day(begin)
    if period.unit is not Unit.MONTHS:
        return _counted_out(period, calendar, first, stopped)
    counted = first - _DAY if period.counts_first_day else first
    last = months_after(first, period.length)
    # With the first day counted it ends before the day of the same number, if the month has one.
    if period.counts_first_day and last.day == first.day:
        last -= _DAY
    return _past_the_stops(last, counted, stopped)


def _rolled(period: Period, calendar: WorkCalendar, last: date, stopped: Sequence[Days]) -> date:
    """Neither on a day of rest nor on one that a stop touches, which began while the last day gave way."""
    if not period.rolls:
        return last
    while True:
        worked = last if calendar.works_on(last) else day_after(calendar, last, 1)
        stood = next((end for begin, end in stopped if last <= begin <= worked <= end), None)
        if stood is None:
            return worked
        last = stood + _DAY


def _due_by_hours(period: Period, calendar: WorkCalendar, begin: datetime, halts: Sequence[Halt]) -> datetime:
    left, since = timedelta(hours=period.length), begin
    for stop, resume in halts:
        if resume <= since:
            continue
        ran = _ran(period.unit, calendar, since, max(stop, since))
        if ran >= left:
            break
        left -= ran
        since = resume
    return since.astimezone(UTC) + left if period.unit is Unit.HOURS else add_time(calendar, since, left)


def _ran(unit: Unit, calendar: WorkCalendar, begin: datetime, end: datetime) -> timedelta:
    return end - begin if unit is Unit.HOURS else time_between(calendar, begin, end)


def _stopped_days(calendar: WorkCalendar, halts: Sequence[Halt]) -> list[Days]:
    """The first and last day of each stop; days that two of them touch belong to one."""
    found: list[Days] = []
    for begin, end in halts:
        first, last = calendar.local_day(begin), calendar.local_day(end)
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _counted_out(period: Period, calendar: WorkCalendar, first: date, stopped: Sequence[Days]) -> date:
    left, since = period.length, first - _DAY if period.counts_first_day else first
    for begin, end in stopped:
        if end <= since:
            continue
        counted = _days(period.unit, calendar, since, max(begin - _DAY, since))
        if counted >= left:
            break
        left -= counted
        since = end
    return day_after(calendar, since, left) if period.unit is Unit.WORKING_DAYS else since + left * _DAY


def _past_the_stops(last: date, since: date, stopped: Sequence[Days]) -> date:
    """A month has no days to count: it ends later by as many days behind `since` as the clock stood."""
    for begin, end in stopped:
        if end > since and begin <= last:
            last += end - max(begin, since + _DAY) + _DAY
    return last


def _days(unit: Unit, calendar: WorkCalendar, begin: date, end: date) -> int:
    """Behind `begin` up to and with `end`."""
    return days_between(calendar, begin, end) if unit is Unit.WORKING_DAYS else (end - begin).days


def _count(
    period: Period,
    calendar: WorkCalendar,
    begin: datetime,
    end: datetime,
    halts: Sequence[Halt],
    *,
    with_first: bool = False,
) -> tuple[float, float]:
    """How much ran between two instants, and how much of it was stopped. Months are told in months of 30 days."""
    if period.unit in _BY_THE_HOUR:
        whole = _ran(period.unit, calendar, begin, end)
        stood = sum(
            (
                _ran(period.unit, calendar, max(one, begin), min(other, end))
                for one, other in halts
                if other > begin and one < end
            ),
            timedelta(0),
        )
        return (whole - stood) / timedelta(hours=1), stood / timedelta(hours=1)
    first, last = calendar.local_day(begin), calendar.local_day(end)
    if with_first and end > begin:
        first -= _DAY
    unit = Unit.CALENDAR_DAYS if period.unit is Unit.MONTHS else period.unit
    all_days = _days(unit, calendar, first, last)
    stood_days = sum(
        max(_days(unit, calendar, max(one - _DAY, first), min(other, last)), 0)
        for one, other in _stopped_days(calendar, halts)
        if other > first and one <= last
    )
    share = 30 if period.unit is Unit.MONTHS else 1
    return (all_days - stood_days) / share, stood_days / share


def months_after(day: date, count: int) -> date:
    """The day of the same number, or the last of a month that has none (Civil Code, article 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def end_of(day: date, calendar: WorkCalendar) -> datetime:
    """When business ends on a day that is worked, else at 24:00 (Civil Code of the PRC, article 203), in UTC.

    24:00 is told as the last second before it, so that its date is the day itself.
    """
    last = datetime.combine(day, time(23, 59, 59), calendar.zone).astimezone(UTC)
    spans = calendar.spans(day)
    return min(spans[-1][1], last) if spans else last


def _uncertain(
    period: Period, calendar: WorkCalendar, begin: datetime, due: datetime, nominal: date | None
) -> tuple[int, ...]:
    """Of calendar days and months only where the last day gives way can holidays matter; of hours by the clock never."""
    first, last = calendar.local_day(begin), calendar.local_day(due)
    if period.unit is Unit.HOURS:
        return ()
    if nominal is not None and period.unit is not Unit.WORKING_DAYS:
        if not period.rolls:
            return ()
        first = min(nominal, last)
    return tuple(year for year in range(first.year, last.year + 1) if not calendar.is_certain(year))
