"""Whether a step grows, how much is done a day, whether it is steady: from what came and went each day."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from typing import Final

from sqlalchemy import BigInteger, Connection, cast, func, select

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.supervision.figures import rollups
from engine.supervision.figures.asking import Question
from engine.supervision.figures.bins import Bins, middle_of
from engine.supervision.figures.pieced import among
from engine.supervision.figures.rollups import BY_POST, BY_STEP, By
from engine.supervision.figures.rules import GROWING_DAYS, GROWING_ON, RATE_DAYS
from engine.supervision.figures.shapes import StepKey, step_key
from engine.supervision.figures.sums import STEPS, Grain
from engine.supervision.figures.tables import step_sums
from engine.supervision.figures.unended import OpenGroup
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import day_after

_DAY: Final = timedelta(days=1)
_LONGEST: Final = 400
"""Days beyond which nobody asks whether a step was steady."""
_MOST_DAYS: Final = 2_500
"""Working days: ten years ahead nothing is told."""


@dataclass(slots=True)
class Flow:
    """What came and was done on each of the last days, as ordinal numbers."""

    came: Counter[int] = field(default_factory=Counter)
    done: Counter[int] = field(default_factory=Counter)


def first_of(backs: Iterable[Back], last: date) -> date:
    """From when on the days must be known that rates are taken from."""
    return date.fromordinal(min((one.days[0] for one in backs), default=last.toordinal()))


def looked_at(calendar: WorkCalendar, last: date, count: int) -> list[date]:
    """The last so many working days, `last` with them where it is one."""
    begin = day_after(calendar, last + _DAY, -count)
    number = (last - begin).days + 1
    return [day for day in (begin + place * _DAY for place in range(number)) if calendar.works_on(day)]


def recent(
    db: Connection, of: Question, first: date, still: Sequence[OpenGroup], by: By = BY_STEP
) -> dict[StepKey | int, Flow]:
    """By step, or by post, since `first`."""
    found: dict[StepKey | int, Flow] = defaultdict(Flow)
    for key, day, came, done, _cancelled in rollups.days(db, of.asked, by, since=first, until=of.last):
        flow = found[key]
        flow.came[day] += came
        flow.done[day] += done
    for one in still:
        counted = found[one.post_id if by is BY_POST else one.step].came
        for number, count in one.on_days(of.days):
            counted[number] += count
    return found


@frozen
class Back:
    """The last working days of a calendar, as ordinal numbers."""

    last: int
    days: Sequence[int]

    @classmethod
    def of(cls, calendar: WorkCalendar, last: date) -> Back:
        return cls(last.toordinal(), [day.toordinal() for day in looked_at(calendar, last, RATE_DAYS)])


def is_growing(flow: Flow, back: Back) -> bool:
    return sum(flow.came[day] > flow.done[day] for day in back.days[-GROWING_DAYS:]) >= GROWING_ON


def rate(flow: Flow, back: Back) -> float:
    """Whatever is done on a day of rest counts with the rest of those days."""
    return sum(count for day, count in flow.done.items() if back.days[0] <= day <= back.last) / RATE_DAYS


def clears_on(calendar: WorkCalendar, last: date, left: int, a_day: float) -> date | None:
    if not left or not a_day or left > _MOST_DAYS * a_day:
        return None
    return day_after(calendar, last, ceil(left / a_day))


def nights(
    db: Connection, of: Question, still: Sequence[OpenGroup], at_end: Mapping[StepKey, int]
) -> dict[StepKey, float]:
    """How many tasks were open at the end of a day, in the mean over the period. `at_end`: of its last day.

    Each that came on a day, and each that went, counts for the days behind it: one sum for all days.
    """
    first, last = of.scope.since.toordinal(), of.last.toordinal()
    count = last - first + 1
    if not 0 < count <= _LONGEST:
        return {}
    # Going back from the last night, what came on a day was not there on the nights before it.
    missing: dict[StepKey, int] = defaultdict(int)
    table = step_sums
    more = table.c.arrived - table.c.done - table.c.cancelled
    for place_id, weighed in db.execute(
        select(table.c.place_id, cast(func.sum(more * (table.c.day - first)), BigInteger))
        .where(
            table.c.office_id == OFFICE, table.c.grain == Grain.DAY, table.c.day.between(first, last),
            among(table.c.place_id, [*of.asked.together, *of.asked.others]),
        )
        .group_by(table.c.place_id)
    ):  # fmt: skip
        missing[of.asked.step_of(place_id)] += weighed
    for (place, day), change in of.asked.pending.of(STEPS):
        if first <= day <= last and of.asked.holds(place):
            came, done, cancelled = change.numbers[:3]
            missing[step_key(place)] += (came - done - cancelled) * (day - first)
    for one in still:
        missing[one.step] += sum(count * (day - first) for day, count in one.on_days(of.days) if first <= day <= last)
    return {key: (open_then * count - missing[key]) / count for key, open_then in at_end.items()}


def survival(done: int, bins: Bins | None, still: Sequence[int]) -> int | None:
    """The median sojourn by Kaplan and Meier, in milliseconds: those still open count as long as they have lasted."""
    held = bins or Bins()
    events = [(0, done - held.count), *((middle_of(number), count) for number, count in held)]
    ages = sorted(still)
    left, at_risk = 1.0, done + len(ages)
    gone = 0
    for moment, count in events:
        risk = at_risk - gone - bisect_left(ages, moment)
        if count and risk > 0:
            left *= 1 - count / risk
        gone += count
        if left <= 0.5 and count:
            return moment
    return None
