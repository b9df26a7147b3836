"""What came, went and was open on each day: the cumulative flow."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, func, select

from engine.base.database import OFFICE
from engine.organisation.rules import Actor
from engine.supervision.figures.asking import Question, StepKey, question
from engine.supervision.figures.atend import cases_at_end, open_at_end
from engine.supervision.figures.rules import DayFigures, Scope, StepDay
from engine.supervision.figures.sight import days_of
from engine.supervision.figures.sums import CASES, STEPS, Grain
from engine.supervision.figures.tables import case_sums, places, step_sums
from engine.supervision.figures.unended import OpenGroup, cases_begun, open_groups

MOST_LAYERS: Final = 20_000
"""Days times steps beyond which nobody could tell them apart: then days are told without their steps."""


def days(db: Connection, *, actor: Actor, scope: Scope) -> tuple[DayFigures, ...]:
    """Every day of the period up to today; where there are too many days and steps, without `steps`."""
    of = question(db, actor, scope)
    still = open_groups(db, scope, of.asked.procedures)
    at_end = open_at_end(db, of, still)
    keys = {(place.procedure_id, place.edition_id, place.element) for place in of.asked.steps.values()} | set(at_end)
    layered = len(keys) * ((of.last - scope.since).days + 1) <= MOST_LAYERS
    moved = _moved(db, of, still, layered)
    layers = _layers(of, moved, at_end) if layered else {}
    open_now = cases_begun(db, of.asked, of.days)
    started, over = _cases(db, of, open_now)
    office = of.calendar(db, None)
    cases_open, tasks_open = cases_at_end(db, of, open_now), at_end.total()
    found = []
    for day in reversed(list(days_of(scope.since, of.last))):
        number = day.toordinal()
        came, done, cancelled = moved.came[None, number], moved.done[None, number], moved.cancelled[None, number]
        found.append(
            DayFigures(
                day, office.works_on(day), came, done, cancelled, started[number], over[number], tasks_open, cases_open,
                tuple(layers.get(number, ())),
            )
        )  # fmt: skip
        cases_open += over[number] - started[number]
        tasks_open += done + cancelled - came
    return tuple(reversed(found))


StepAndDay = tuple[StepKey | None, int]
"""None: all steps together."""


@dataclass(slots=True)
class _Moved:
    came: Counter[StepAndDay] = field(default_factory=Counter)
    done: Counter[StepAndDay] = field(default_factory=Counter)
    cancelled: Counter[StepAndDay] = field(default_factory=Counter)

    def add(self, step: StepKey | None, day: int, numbers: Sequence[Any]) -> None:
        for counted, number in zip((self.came, self.done, self.cancelled), numbers, strict=True):
            if number:
                counted[step, day] += int(number)
                if step is not None:
                    counted[None, day] += int(number)


def _moved(db: Connection, of: Question, still: Sequence[OpenGroup], layered: bool) -> _Moved:
    first, last = of.scope.since.toordinal(), of.last.toordinal()
    table, place = step_sums.c, places.c
    found = _Moved()
    step = [place.procedure_id, place.edition_id, place.element]
    by = [*step, table.day] if layered else [table.day]
    sums = select(*by, func.sum(table.arrived), func.sum(table.done), func.sum(table.cancelled)).where(
        table.office_id == OFFICE, table.grain == Grain.DAY, table.day.between(first, last),
        table.place_id.in_(list(of.asked.steps)),
    )  # fmt: skip
    if layered:  # one row of a step, not of each of its posts and kinds of applicant
        sums = sums.join_from(step_sums, places, place.id == table.place_id)
    for row in db.execute(sums.group_by(*by)).all():
        found.add((row[0], row[1], row[2]) if layered else None, row[-4], row[-3:])
    for (named, day), change in of.asked.pending.of(STEPS):
        if first <= day <= last and of.asked.holds(named):
            key = (named.procedure_id, named.edition_id, named.element) if layered else None
            found.add(key, day, change.numbers[:3])
    for one in still:
        for day, count in one.on_days(of.days):
            if first <= day <= last:
                found.add(one.step if layered else None, day, (count, 0, 0))
    return found


def _cases(db: Connection, of: Question, open_now: Sequence[tuple[int, int]]) -> tuple[Counter[int], Counter[int]]:
    """How many started and were over on each day."""
    started, over = Counter(dict(open_now)), Counter[int]()
    first, last = of.scope.since.toordinal(), of.last.toordinal()
    table = case_sums.c
    for day, begun, ended, cancelled in db.execute(
        select(table.day, func.sum(table.started), func.sum(table.ended), func.sum(table.cancelled))
        .where(
            table.office_id == OFFICE, table.grain == Grain.DAY, table.day.between(first, last),
            table.place_id.in_(list(of.asked.cases)),
        )
        .group_by(table.day)
    ):  # fmt: skip
        started[day] += int(begun)
        over[day] += int(ended) + int(cancelled)
    for (place, day), change in of.asked.pending.of(CASES):
        if of.asked.holds_case(place):
            begun, ended, cancelled = change.numbers[:3]
            started[day] += begun
            over[day] += ended + cancelled
    return started, over


def _layers(of: Question, moved: _Moved, at_end: Mapping[StepKey, int]) -> dict[int, list[StepDay]]:
    """Going back from the last night: what came on a day was not there the night before, what went was."""
    found: dict[int, list[StepDay]] = defaultdict(list)
    steps = {step for step, _day in (*moved.came, *moved.done, *moved.cancelled) if step is not None} | set(at_end)
    came, done, cancelled = moved.came, moved.done, moved.cancelled
    for step in sorted(steps):
        left = at_end.get(step, 0)
        for number in range(of.last.toordinal(), of.scope.since.toordinal() - 1, -1):
            key = step, number
            new, went, gone = came.get(key, 0), done.get(key, 0), cancelled.get(key, 0)
            if left or new or went or gone:
                found[number].append(StepDay(step[1], step[2], new, went, gone, left))
            left += went + gone - new
    return found
