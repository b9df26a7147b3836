"""When the demo's people are at work: Monday to Friday, 8:30 to 12:00 and 13:30 to 17:30, the office's time."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_HALVES: Final = ((time(8, 30), time(12, 0)), (time(13, 30), time(17, 30)))


def at_work(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment itself where people are at work, else when they next begin."""
    local = moment.astimezone(zone)
    for _ in range(10):
        if local.weekday() < 5:
            for begin, end in _HALVES:
                if local.time() < begin:
                    return datetime.combine(local.date(), begin, zone)
                if local.time() < end:
                    return local
        local = datetime.combine(local.date() + timedelta(days=1), time(0), zone)
    return local


def after_working(moment: datetime, work: timedelta, zone: ZoneInfo) -> datetime:
    """When `work` is done that is taken up at `moment`."""
    local = at_work(moment, zone)
    while True:
        end = next(end for begin, end in _HALVES if begin <= local.time() < end)
        left = datetime.combine(local.date(), end, zone) - local
        if work <= left:
            return local + work
        work -= left
        local = at_work(datetime.combine(local.date(), end, zone), zone)
