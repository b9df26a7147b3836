"""What came, went and was open on each day: the cumulative flow."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection

from engine.organisation.rules import Actor
from engine.supervision.figures import rollups
from engine.supervision.figures.asking import Question, of_whole_cases, question
from engine.supervision.figures.atend import cases_at_end, open_at_end
from engine.supervision.figures.rollups import BY_STEP
from engine.supervision.figures.rules import DayFigures, Scope, StepDay
from engine.supervision.figures.shapes import StepKey
from engine.supervision.figures.sight import days_of
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
    counted = of_whole_cases(db, of)
    open_now = cases_begun(db, counted.asked, of.days)
    started, over = _cases(db, counted, open_now)
    office = of.calendar(db, None)
    cases_open, tasks_open = cases_at_end(db, counted, open_now), at_end.total()
    found = []
    for day in reversed(list(days_of(scope.since, of.last))):
        number = day.toordinal()
        came, done, cancelled = moved.every.get(number, _NOTHING)
        found.append(
            DayFigures(
                day, office.works_on(day), came, done, cancelled, started[number], over[number], tasks_open, cases_open,
                tuple(layers.get(number, ())),
            )
        )  # fmt: skip
        cases_open += over[number] - started[number]
        tasks_open += done + cancelled - came
    return tuple(reversed(found))


Numbers = tuple[int, int, int]
"""What came, was done and was cancelled."""
_NOTHING: Final = (0, 0, 0)


@dataclass(slots=True)
class _Moved:
    """By day, and by step and day."""

    every: dict[int, Numbers] = field(default_factory=dict)
    steps: dict[StepKey, dict[int, Numbers]] = field(default_factory=lambda: defaultdict(dict))


def _add(told: dict[int, Numbers], day: int, numbers: Numbers) -> None:
    before = told.get(day)
    if before is not None:
        numbers = before[0] + numbers[0], before[1] + numbers[1], before[2] + numbers[2]
    told[day] = numbers


def _moved(db: Connection, of: Question, still: Sequence[OpenGroup], layered: bool) -> _Moved:
    first, last = of.scope.since.toordinal(), of.last.toordinal()
    found = _Moved()
    told = found.every
    for step, day, came, done, cancelled in rollups.days(db, of.asked, BY_STEP if layered else None, until=of.last):
        _add(found.steps[step] if layered else told, day, (came, done, cancelled))
    for one in still:
        mine = found.steps[one.step] if layered else told
        for day, count in one.on_days(of.days):
            if first <= day <= last:
                _add(mine, day, (count, 0, 0))
    for steps in found.steps.values():
        for day, numbers in steps.items():
            _add(told, day, numbers)
    return found


def _cases(db: Connection, of: Question, open_now: Sequence[tuple[int, int]]) -> tuple[Counter[int], Counter[int]]:
    """How many started and were over on each day."""
    started, over = Counter(dict(open_now)), Counter[int]()
    for _key, day, begun, ended, cancelled in rollups.case_days(db, of.asked, until=of.last):
        started[day] += begun
        over[day] += ended + cancelled
    return started, over


def _layers(of: Question, moved: _Moved, at_end: Mapping[StepKey, int]) -> dict[int, list[StepDay]]:
    """Going back from the last night: what came on a day was not there the night before, what went was."""
    found: dict[int, list[StepDay]] = defaultdict(list)
    every = range(of.last.toordinal(), of.scope.since.toordinal() - 1, -1)
    for step in sorted({*moved.steps, *at_end}):
        left, mine = at_end.get(step, 0), moved.steps.get(step, {})
        _procedure, edition, element = step
        for number in every:
            numbers = mine.get(number)
            if numbers is None:
                if left:
                    found[number].append(StepDay(edition, element, 0, 0, 0, left))
                continue
            new, went, gone = numbers
            if left or new or went or gone:
                found[number].append(StepDay(edition, element, new, went, gone, left))
            left += went + gone - new
    return found
