"""How a due date is counted, and what moves it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from engine.base.frozen import frozen
from engine.base.text import Text
from engine.cases.rules import NO_DUE
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import add_time, time_between
from engine.worktime.periods import Unit
from engine.worktime.spans import Span, after

WORKING: Final = frozenset({Unit.WORKING_DAYS, Unit.WORKING_HOURS})
LATEST: Final = NO_DUE - timedelta(days=1)
_A_DAY: Final = timedelta(days=1)


@frozen
class Rest:
    """The case rested, from one instant to another; `clock`: it did not, but its clock stood."""

    begin: datetime
    end: datetime
    ground: Text | None = None
    clock: bool = False


@frozen
class More:
    """So many days more were granted."""

    at: datetime
    days: int
    by: Text | None = None


Later = Rest | More


@frozen
class Due:
    """`provisional`: it runs through a year whose holidays nobody has told yet."""

    at: datetime
    provisional: bool = False


NONE: Final = Due(NO_DUE)


def is_working(span: Span | None) -> bool:
    """Whether it counts what the office works, not what the clock on the wall says."""
    return span is not None and span.unit in WORKING


def counted(span: Span | None, calendar: WorkCalendar, begin: datetime, later: Iterable[Later] = ()) -> Due:
    """When what was begun is due, after all that has moved it, in the order in which it happened."""
    if span is None:
        return NONE
    working = is_working(span)
    due = min(after(span, calendar, begin), LATEST)
    for one in sorted(later, key=_when):
        if isinstance(one, Rest):
            due = moved_on(due, calendar, max(one.begin, begin), one.end, working=working)
        else:
            due = extended(due, calendar, one.days, working=working)
    return Due(due, working and runs_through_untold(calendar, begin, due))


def _when(one: Later) -> datetime:
    return one.end if isinstance(one, Rest) else one.at


def moved_on(due: datetime, calendar: WorkCalendar, begin: datetime, end: datetime, *, working: bool) -> datetime:
    """It rested from `begin` to `end`: it is due later by as long, counted as the step is counted.

    Nothing is given back for a night or a Sunday in which nobody would have worked on it.
    """
    if due >= NO_DUE or end <= begin:
        return due
    if not working:
        return min(due + (end - begin), LATEST)
    rested = time_between(calendar, begin, end)
    return min(add_time(calendar, due, rested), LATEST) if rested else due


def extended(due: datetime, calendar: WorkCalendar, days: int, *, working: bool) -> datetime:
    """So many days more: working days, to the end of business, where the step is counted in them; else days."""
    if due >= NO_DUE:
        return due
    if not working:
        return min(due + days * _A_DAY, LATEST)
    return min(after(Span(days, Unit.WORKING_DAYS), calendar, due), LATEST)


def runs_through_untold(calendar: WorkCalendar, begin: datetime, due: datetime) -> bool:
    years = range(calendar.local_day(begin).year, calendar.local_day(due).year + 1)
    return any(not calendar.is_certain(year) for year in years)
