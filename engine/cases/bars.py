"""The bar: a task's time as waiting, work and what ran past the promise. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.base.frozen import frozen
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import time_between


@frozen
class Parts:
    """`waited`, `worked` and `past` follow one another; `promise` is counted from the start, None: nothing promised."""

    waited: timedelta
    worked: timedelta
    past: timedelta
    promise: timedelta | None


def parts(
    *,
    opened: datetime,
    claimed: datetime | None,
    until: datetime,
    due: datetime | None,
    calendar: WorkCalendar | None = None,
) -> Parts:
    """`until` is now, or when it was closed. What runs past `due` is neither waiting nor work.

    With a `calendar` all of it is what is worked in that time, without it the time by the clock.
    """
    until = max(until, opened)
    kept_until = until if due is None else min(until, max(due, opened))
    taken_up = min(max(claimed or kept_until, opened), kept_until)

    def length(begin: datetime, end: datetime) -> timedelta:
        return end - begin if calendar is None or begin == end else time_between(calendar, begin, end)

    return Parts(
        waited=length(opened, taken_up),
        worked=length(taken_up, kept_until),
        past=length(kept_until, until),
        promise=None if due is None else length(opened, max(due, opened)),
    )
