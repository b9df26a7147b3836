"""A length of time as a diagram writes it, and when it is over by a calendar."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from engine.base.frozen import frozen
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import add_time, day_after, time_between
from engine.worktime.periods import Unit, end_of, months_after

_FORM: Final = re.compile(
    r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?"
    r"(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8}(?:\.\d{1,6})?)S)?)?",
    re.ASCII,
)
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)


@frozen
class Span:
    """So much of a unit; of working days and months `hours` more behind them, where both are written."""

    amount: float
    unit: Unit
    hours: float = 0.0


def span(iso: str, working: bool) -> Span | None:
    """`working`: its days and hours are those that the office works. None for what is no length of time.

    A week is seven days of either kind. Months are months whether working or not; what stands beside them counts on.
    """
    match = _FORM.fullmatch(iso.strip())
    if match is None or not any(match.groups()):
        return None
    years, months, weeks, days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    whole_months, whole_days = years * 12 + months, weeks * 7 + days
    clock = hours + minutes / 60 + seconds / 3600
    if whole_months:
        return Span(whole_months, Unit.MONTHS, whole_days * 24 + clock)
    if working and whole_days:
        return Span(whole_days, Unit.WORKING_DAYS, clock)
    if whole_days and not clock:
        return Span(whole_days, Unit.CALENDAR_DAYS)
    return Span(whole_days * 24 + clock, Unit.WORKING_HOURS if working else Unit.HOURS)


def after(span: Span, calendar: WorkCalendar, begin: datetime) -> datetime:
    """When a span begun at `begin` is over, in UTC.

    Of working days the end of business on the last of them (Civil Code of the PRC, article 203, paragraph 2), the day
    it begins not counted; of working hours the instant at which they have been worked. Days that are not working days
    have 24 hours each, wherever the clocks are put; a month ends at the same time of the day of the same number.
    Raises TooFar.
    """
    if span.unit is Unit.WORKING_DAYS:
        last = end_of(day_after(calendar, calendar.local_day(begin), int(span.amount)), calendar)
        return add_time(calendar, last, span.hours * _HOUR) if span.hours else last
    if span.unit is Unit.WORKING_HOURS:
        return add_time(calendar, begin, span.amount * _HOUR)
    if span.unit is Unit.MONTHS:
        local = begin.astimezone(calendar.zone)
        moved = datetime.combine(months_after(local.date(), int(span.amount)), local.time(), calendar.zone)
        return moved.astimezone(UTC) + span.hours * _HOUR
    return begin.astimezone(UTC) + span.amount * (_DAY if span.unit is Unit.CALENDAR_DAYS else _HOUR)


def share_used(span: Span, calendar: WorkCalendar, begin: datetime, now: datetime) -> float:
    """How much of it is gone: 0 when it begins, 1 when it is over, more where it is overdue.

    Of working days and hours by what the office has worked since, else by the clock.
    """
    over = after(span, calendar, begin)
    if now <= begin:
        return 0.0
    if span.unit in (Unit.WORKING_DAYS, Unit.WORKING_HOURS):
        whole, gone = time_between(calendar, begin, over), time_between(calendar, begin, now)
    else:
        whole, gone = over - begin, now - begin
    return gone / whole if whole > timedelta(0) else 1.0
