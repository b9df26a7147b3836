"""What is due, as it is told: in working days and hours of whoever owns the task, where it is counted in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

from flask import Flask, g
from markupsafe import Markup

from engine.base.frozen import frozen
from engine.cases.bars import Parts, parts
from engine.cases.due.reads import is_standing
from engine.cases.due.words import length
from engine.cases.reads import CasePage
from engine.organisation.calendars.reads import calendar_of
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import days_between
from engine.worktime.spans import Span
from web.languages import gettext as _
from web.languages import ngettext
from web.shown import day, duration, hour, said, stamp, until, urgency

_A_DAY: Final = timedelta(days=1)


Kind = Literal["late", "soon", "calm"]


class Line(Protocol):
    """A task, as any of the lists holds it."""

    @property
    def opened_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def department_id(self) -> int | None: ...
    @property
    def working(self) -> bool: ...
    @property
    def in_hours(self) -> bool: ...
    @property
    def provisional(self) -> bool: ...


class Held(Protocol):
    """A task in a list that knows of its case: it rests, or its clock stands, and nobody is late meanwhile."""

    @property
    def suspended(self) -> bool: ...
    @property
    def stands(self) -> bool: ...


@frozen
class Told:
    """`words`: “in 2 working days”, “today 17:00”, “1 working day late”; `exact`: the day, and the hour where the words do
    not say it. `figure` and `bar`: how much of it is gone."""

    words: str
    kind: Kind
    figure: str
    bar: Parts
    exact: Markup | str
    provisional: bool


def set_up(app: Flask) -> None:
    app.jinja_env.globals["due_of"] = told
    app.jinja_env.globals["length_of"] = length_of
    app.jinja_env.globals["is_held"] = is_held
    app.jinja_env.globals["case_is_held"] = case_is_held


def calendar_for(department_id: int | None = None) -> WorkCalendar:
    """A department's, or the office's. No statement where the process knows it."""
    return calendar_of(g.db, department_id, g.office.calendars_version)


def is_held(line: Held) -> bool:
    return line.suspended or line.stands


def told(line: Line, now: datetime, claimed: datetime | None = None, held: bool = False) -> Told:
    """`now`: or when it was closed. `held`: nobody is late for it now, whatever the day."""
    found = _told(line, now, claimed)
    if not held or found.kind != "late":
        return found
    return replace(found, words=_("clock stands"), kind="calm", bar=replace(found.bar, past=timedelta(0)))


def case_is_held(case: CasePage) -> bool:
    """By its record, which is there: no statement."""
    return case.ended_at is None and is_standing(case.record)


def _told(line: Line, now: datetime, claimed: datetime | None = None) -> Told:
    due = line.due_at
    if due is None or not line.working:
        bar = parts(opened=line.opened_at, claimed=claimed, until=now, due=due)
        figure = _by_clock(line, bar, now)
        if due is None:
            return Told("", "calm", figure, bar, "", line.provisional)
        return Told(until(due, now), urgency(due, now), figure, bar, stamp(due), line.provisional)
    calendar = calendar_for(line.department_id)
    bar = parts(opened=line.opened_at, claimed=claimed, until=now, due=due, calendar=calendar)
    words, kind = left(calendar, due, now)
    figure = _hours(bar) if line.in_hours else _days(calendar, line.opened_at, due, now, bar)
    return Told(words, kind, figure, bar, exact(calendar, due, now), line.provisional)


def exact(calendar: WorkCalendar, due: datetime, now: datetime) -> Markup | str:
    """The day, and the hour where what is told of it does not say it."""
    says_the_hour = now <= due and calendar.local_day(due) - calendar.local_day(now) <= _A_DAY
    return day(due) if says_the_hour else stamp(due)


def left(calendar: WorkCalendar, due: datetime, now: datetime) -> tuple[str, Kind]:
    """How long there is, or how late it is, in what is worked between now and then."""
    today, last = calendar.local_day(now), calendar.local_day(due)
    if now > due:
        return _late(calendar, due, now), "late"
    if last == today:
        return _("today %(time)s", time=hour(due)), "soon"
    days = days_between(calendar, today, last)
    kind: Kind = "soon" if days <= 1 else "calm"
    if last == today + _A_DAY:
        return _("tomorrow %(time)s", time=hour(due)), kind
    if not days:
        return _("by %(day)s", day=day(due)), kind
    return ngettext("in %(num)s working day", "in %(num)s working days", days), kind


def _late(calendar: WorkCalendar, due: datetime, now: datetime) -> str:
    today, last = calendar.local_day(now), calendar.local_day(due)
    days = days_between(calendar, last, today)
    if days:
        words: str = ngettext("%(num)s working day late", "%(num)s working days late", days)
        return words
    return _("%(time)s late", time=duration(now - due)) if today == last else _("late since %(day)s", day=day(due))


def _by_clock(line: Line, bar: Parts, now: datetime) -> str:
    gone = duration(now - line.opened_at)
    if bar.promise and bar.past:
        return _("%(time)s, %(promise)s allowed", time=gone, promise=duration(bar.promise))
    if bar.promise:
        return _("%(time)s of %(promise)s", time=gone, promise=duration(bar.promise))
    return _("%(time)s so far", time=gone)


def _hours(bar: Parts) -> str:
    gone, promise = hours(bar.waited + bar.worked + bar.past), hours(bar.promise or timedelta(0))
    if bar.past:
        return _("%(time)s of working time, %(promise)s allowed", time=gone, promise=promise)
    return _("%(time)s of %(promise)s of working time", time=gone, promise=promise)


def _days(calendar: WorkCalendar, opened: datetime, due: datetime, now: datetime, bar: Parts) -> str:
    begun = calendar.local_day(opened)
    whole = days_between(calendar, begun, calendar.local_day(due))
    if not whole:
        return _hours(bar)
    gone = days_between(calendar, begun, calendar.local_day(max(now, opened)))
    words: str
    if gone > whole:
        words = ngettext(
            "%(num)s working day, %(whole)s\N{NO-BREAK SPACE}allowed",
            "%(num)s working days, %(whole)s\N{NO-BREAK SPACE}allowed",
            gone,
            whole=whole,
        )
    else:
        words = ngettext("%(gone)s of %(num)s working day", "%(gone)s of %(num)s working days", whole, gone=gone)
    return words


def hours(length: timedelta) -> str:
    """Working time knows no days: “12 h 30 min”."""
    whole, rest = divmod(int(length.total_seconds() // 60), 60)
    if not whole or length < _A_DAY:
        return duration(length)
    return _("%(num)s h", num=whole) + (" " + _("%(num)s min", num=rest) if rest else "")


def length_of(span: Span) -> str:
    """“3 working days”."""
    return said(length(span))
