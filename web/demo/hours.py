"""When the demo's people are at work: by the office's calendar, its holidays and the days that are worked instead."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import add_time


def at_work(moment: datetime, calendar: WorkCalendar) -> datetime:
    """The moment itself where people are at work, else when they next begin."""
    return after_working(moment, timedelta(0), calendar)


def after_working(moment: datetime, work: timedelta, calendar: WorkCalendar) -> datetime:
    """When `work` is done that is taken up at `moment`."""
    return add_time(calendar, moment, work).astimezone(calendar.zone)
