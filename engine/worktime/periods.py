"""Periods of law and promise: when one ends, how much of it is gone, and why, line by line."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from engine.base.errors import Refusal
from engine.base.text import Name, Text
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import add_time, day_after, days_between, time_between

_DAY: Final = timedelta(days=1)


class PeriodUnfit(Refusal):
    """A period of {length} cannot be: it takes a whole number from 1 to {most}."""

    zh = "期限 {length} 不成立：须为 1 至 {most} 的整数。"


class Unit(StrEnum):
    WORKING_DAYS = "working days"
    CALENDAR_DAYS = "calendar days"
    WORKING_HOURS = "working hours"
    MONTHS = "months"


UNITS: Final = {
    Unit.WORKING_DAYS: Text("{count} working days", "{count} 个工作日"),
    Unit.CALENDAR_DAYS: Text("{count} days", "{count} 日"),
    Unit.WORKING_HOURS: Text("{count} working hours", "{count} 个工作小时"),
    Unit.MONTHS: Text("{count} months", "{count} 个月"),
}
MOST_LENGTH: Final = 5000


@dataclass(frozen=True, slots=True)
class Period:
    """So long, from the event; the day of the event is not counted (Civil Code of the PRC, article 201; Regulation 1182/71, article 3).

    `rolls`: a last day that is not worked gives way to the next one that is (Civil Code, article 203). Working days
    and hours need no rolling. Of days and months the period ends with the last day.
    """

    length: int
    unit: Unit
    rolls: bool = True
    counts_first_day: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """The clock stands from one instant to another, or still. Every day it touches is not counted."""

    begin: datetime
    end: datetime | None
    ground: Text


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock says at a moment. `elapsed`, `stopped` and `left` are in the unit of the period; `left` below 0 is late."""

    due_at: datetime
    elapsed: float
    stopped: float
    left: float
    standing: bool
    uncertain: tuple[int, ...]  # years it runs through whose holidays nobody has told yet
    because: tuple[Text, ...]

    @property
    def provisional(self) -> bool:
        return bool(self.uncertain)


def fit_length(length: int) -> int:
    if not 1 <= length <= MOST_LENGTH:
        raise PeriodUnfit(length=length, most=MOST_LENGTH)
    return length


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
    due = _due(whole, calendar, begin, halts)
    until = min(now, due) if now > begin else begin
    stopped = _count(whole, calendar, begin, until, halts)[1]
    elapsed = _count(whole, calendar, begin, until, halts)[0]
    late = _count(whole, calendar, due, now, halts)[0] if now > due else 0
    return Reading(
        due_at=due,
        elapsed=elapsed + late,
        stopped=stopped,
        left=-late if late or now > due else max(whole.length - elapsed, 0),
        standing=any(stop.end is None for stop in stops),
        uncertain=_uncertain(whole, calendar, begin, due),
        because=tuple(_because(period, extended_by, calendar, begin, due, stops)),
    )


def due_at(
    period: Period, calendar: WorkCalendar, begin: datetime, *, stops: Sequence[Stop] = (), extended_by: int = 0
) -> datetime:
    """When it ends: of hours the instant, else the end of the last day. In UTC. An open stop is taken as not begun."""
    whole = Period(period.length + extended_by, period.unit, period.rolls, period.counts_first_day)
    return _due(whole, calendar, begin, _merged([stop for stop in stops if stop.end is not None], begin))


Halt = tuple[datetime, datetime]


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
    if period.unit is Unit.WORKING_HOURS:
        return _due_by_hours(period, calendar, begin, halts)
    first = calendar.local_day(begin)
    stopped = _stopped_days(calendar, halts)
    if period.unit is Unit.MONTHS:
        last = _months_after(first, period.length)
        last = _past_the_stops(last, first, stopped)
    else:
        last = _counted_out(period, calendar, first, stopped)
    if period.rolls and not calendar.works_on(last):
        last = day_after(calendar, last, 1)
    return end_of(last, calendar)


def _due_by_hours(period: Period, calendar: WorkCalendar, begin: datetime, halts: Sequence[Halt]) -> datetime:
    left, since = timedelta(hours=period.length), begin
    for stop, resume in halts:
        if resume <= since:
            continue
        worked = time_between(calendar, since, max(stop, since))
        if worked >= left:
            break
        left -= worked
        since = resume
    return add_time(calendar, since, left)


def _stopped_days(calendar: WorkCalendar, halts: Sequence[Halt]) -> list[tuple[date, date]]:
    """The first and last day of each stop; days that two of them touch belong to one."""
    found: list[tuple[date, date]] = []
    for begin, end in halts:
        first, last = calendar.local_day(begin), calendar.local_day(end)
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _counted_out(period: Period, calendar: WorkCalendar, first: date, stopped: Sequence[tuple[date, date]]) -> date:
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


def _past_the_stops(last: date, first: date, stopped: Sequence[tuple[date, date]]) -> date:
    """A month has no days to count: it ends later by as many days as the clock stood."""
    for begin, end in stopped:
        if end > first and begin <= last:
            last += end - max(begin, first + _DAY) + _DAY
    return last


def _days(unit: Unit, calendar: WorkCalendar, begin: date, end: date) -> int:
    """Behind `begin` up to and with `end`."""
    return days_between(calendar, begin, end) if unit is Unit.WORKING_DAYS else (end - begin).days


def _count(
    period: Period, calendar: WorkCalendar, begin: datetime, end: datetime, halts: Sequence[Halt]
) -> tuple[float, float]:
    """How much ran between two instants, and how much of it was stopped. Months are told in months of 30 days."""
    if period.unit is Unit.WORKING_HOURS:
        whole = time_between(calendar, begin, end)
        stood = sum(
            (
                time_between(calendar, max(one, begin), min(other, end))
                for one, other in halts
                if other > begin and one < end
            ),
            timedelta(0),
        )
        return (whole - stood) / timedelta(hours=1), stood / timedelta(hours=1)
    first, last = calendar.local_day(begin), calendar.local_day(end)
    unit = Unit.CALENDAR_DAYS if period.unit is Unit.MONTHS else period.unit
    all_days = _days(unit, calendar, first, last)
    stood_days = sum(
        max(_days(unit, calendar, max(one - _DAY, first), min(other, last)), 0)
        for one, other in _stopped_days(calendar, halts)
        if other > first and one <= last
    )
    share = 30 if period.unit is Unit.MONTHS else 1
    return (all_days - stood_days) / share, stood_days / share


def _months_after(day: date, count: int) -> date:
    """The day of the same number, or the last of a month that has none (Civil Code, article 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def end_of(day: date, calendar: WorkCalendar) -> datetime:
    """The last instant of a day that can be told in whole seconds, in UTC."""
    return datetime.combine(day, time(23, 59, 59), calendar.zone).astimezone(UTC)


def _uncertain(period: Period, calendar: WorkCalendar, begin: datetime, due: datetime) -> tuple[int, ...]:
    if period.unit in (Unit.CALENDAR_DAYS, Unit.MONTHS) and not period.rolls:
        return ()
    years = range(calendar.local_day(begin).year, calendar.local_day(due).year + 1)
    return tuple(year for year in years if not calendar.is_certain(year))


_BEGUN: Final = Text(
    "It began on {day}; that day is not counted. The period is {period}.", "自 {day} 起算，当日不计入，期限为{period}。"
)
_BEGUN_WITH: Final = Text(
    "It began on {day}, which is counted. The period is {period}.", "自 {day} 起算，当日计入，期限为{period}。"
)
_STOPPED: Final = Text(
    "The clock stood from {begin} to {end}: {ground}. These days are not counted.",
    "{begin} 至 {end} 中止计时：{ground}，期间不计入。",
)
_STANDS: Final = Text(
    "The clock has stood since {begin}: {ground}. Until it goes on no day is counted.",
    "自 {begin} 起中止计时：{ground}，恢复前不计入。",
)
_EXTENDED: Final = Text("It was extended by {period}.", "已延长{period}。")
_ENDS: Final = Text("So it ends on {day}.", "因此于 {day} 届满。")
_UNCERTAIN: Final = Text(
    "The holidays of {years} are not published yet, so this day is provisional.",
    "{years} 年的放假安排尚未公布，该日期为暂定。",
)


def _because(
    period: Period, extended_by: int, calendar: WorkCalendar, begin: datetime, due: datetime, stops: Sequence[Stop]
) -> Iterable[Text]:
    def on(instant: datetime) -> str:
        return calendar.local_day(instant).isoformat()

    yield _said(
        _BEGUN_WITH if period.counts_first_day else _BEGUN, day=on(begin), period=_length(period.length, period.unit)
    )
    for stop in sorted(stops, key=lambda one: one.begin):
        if stop.end is None:
            yield _said(_STANDS, begin=on(stop.begin), ground=stop.ground)
        else:
            yield _said(_STOPPED, begin=on(stop.begin), end=on(stop.end), ground=stop.ground)
    if extended_by:
        yield _said(_EXTENDED, period=_length(extended_by, period.unit))
    yield _said(_ENDS, day=on(due))
    uncertain = _uncertain(period, calendar, begin, due)
    if uncertain:
        yield _said(_UNCERTAIN, years=", ".join(map(str, uncertain)))


def _length(count: int, unit: Unit) -> Text:
    said = UNITS[unit]
    english = said.say("en", count=count)
    return Name(english[:-1] if count == 1 else english, said.say("zh", count=count))


def _said(words: Text, **facts: object) -> Text:
    return Name(words.say("en", **facts), words.say("zh", **facts))
