"""Lengths of working time, as people say them: in hours, and from two days on in working days of the office."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import g

from engine.base import clock
from engine.worktime.counting import days_between, time_between
from web.due import calendar_for
from web.languages import ngettext
from web.shown import duration, number

_WEEKS: Final = timedelta(days=28)
_USUAL: Final = timedelta(hours=8)


def day_length() -> timedelta:
    """How long a working day is in this office: the middle of the last four weeks."""
    if "flow_day" not in g:
        calendar, now = calendar_for(), clock.now()
        days = days_between(calendar, calendar.local_day(now - _WEEKS), calendar.local_day(now) - timedelta(days=1))
        until = now.astimezone(calendar.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        # The day it was four weeks ago is not counted with the days, so it is not measured either.
        since = until - _WEEKS + timedelta(days=1)
        g.flow_day = time_between(calendar, since, until) / days if days > 0 else _USUAL
    return g.flow_day or _USUAL


def worked(length: timedelta | None) -> str:
    """“3 h 20 min”, “4.6 working days”; a dash where nothing was measured."""
    if length is None:
        return "—"
    if length < 2 * day_length() or length < timedelta(hours=1):
        return duration(length)
    days = round(length / day_length(), 1)
    words: str = ngettext("%(days)s working day", "%(days)s working days", 1 if days == 1 else 2, days=number(days))
    return words


def hours(length: timedelta | None) -> float | None:
    """For a spreadsheet."""
    return None if length is None else round(length / timedelta(hours=1), 2)
