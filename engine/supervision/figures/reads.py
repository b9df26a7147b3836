"""What can be asked of the past: figures of steps, cases, days, hand-overs and ways in a period.

From the sums, what is not folded yet, and what is open still. `loads` tells of posts and persons.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from engine.base.database import to_stored
from engine.base.frozen import frozen
from engine.organisation.rules import Actor
from engine.procedures.reads import element_names
from engine.supervision.figures import rollups
from engine.supervision.figures.asking import (
    Owner,
    Question,
    drawn_for,
    of_whole_cases,
    owners,
    question,
    spread_of,
    time,
)
from engine.supervision.figures.atend import all_cases, cases_at_end, open_at_end
from engine.supervision.figures.bins import Bins, Measure
from engine.supervision.figures.daily import days
from engine.supervision.figures.loads import people, small_posts, workload
from engine.supervision.figures.moves import flows, hand_overs, variants
from engine.supervision.figures.rules import CaseFigures, Scope, StepFigures
from engine.supervision.figures.shapes import StepKey, StepSums
from engine.supervision.figures.spreads import Share
from engine.supervision.figures.trends import (
    Back,
    Flow,
    clears_on,
    first_of,
    is_growing,
    nights,
    rate,
    recent,
    survival,
)
from engine.supervision.figures.unended import OpenGroup, cases_begun, open_groups
from engine.worktime.counting import days_between
from engine.worktime.quick import worked

__all__ = ["days", "flows", "hand_overs", "people", "small_posts", "steps", "variants", "whole", "workload"]

_DAY: Final = timedelta(days=1)
_MEASURES: Final = (
    Measure.WAITING, Measure.TAKEN, Measure.WORKING, Measure.STOPPED, Measure.OUTSIDE, Measure.HANDED, Measure.SOJOURN,
    Measure.CALENDAR,
)  # fmt: skip


def steps(db: Connection, *, actor: Actor, scope: Scope) -> tuple[StepFigures, ...]:
    """Every step with a task opened, closed or open in the period. By procedure, edition and element."""
    of = question(db, actor, scope)
    sums = rollups.by_step(db, of.asked)
    bins = rollups.spreads(db, of.asked, rollups.step_key, _MEASURES)
    still = open_groups(db, scope, of.asked.procedures)
    at_end = open_at_end(db, of, still)
    keys = sorted({key for key, one in sums.items() if any(one)} | {key for key, count in at_end.items() if count})
    owning = owners(db)
    told = _owned(db, of, still, keys, owning)
    backs = {one: Back.of(of.calendar(db, one), of.last) for one in {owner.department_id for owner in told.values()}}
    per_day = recent(db, of, first_of(backs.values(), of.last), still)
    every_night = nights(db, of, still, {key: at_end[key] for key in keys})
    ages = _ages(db, of, still)
    waits = {key: _waited(sums.get(key, StepSums())) + ages[key].queued for key in keys}
    all_waits = sum(waits.values())
    came = _came(of, still)
    found = []
    for key in keys:
        here = _Step(
            key, told[key], _arrived(sums.get(key, StepSums()), came[key]), at_end.get(key, 0),
            {measure: bins.get((key, measure)) for measure in _MEASURES}, ages[key].every,
            per_day.get(key, Flow()), backs[told[key].department_id], every_night.get(key), waits[key] / all_waits if all_waits else 0.0,
        )  # fmt: skip
        found.append(_figures(db, of, here))
    return tuple(found)


def _came(of: Question, still: Sequence[OpenGroup]) -> Counter[StepKey]:
    """Of what is open, how many were opened in the period."""
    since, until = of.scope.since.toordinal(), of.scope.until.toordinal()
    found: Counter[StepKey] = Counter()
    for one in still:
        found[one.step] += sum(count for day, count in one.on_days(of.days) if since <= day <= until)
    return found


def _arrived(sums: StepSums, more: int) -> StepSums:
    return sums._replace(arrived=sums.arrived + more)


def _owned(
    db: Connection, of: Question, still: Sequence[OpenGroup], keys: Sequence[StepKey], owning: Mapping[int, Owner]
) -> dict[StepKey, Owner]:  # fmt: skip
    """Whose lane each stands in; where there is none, whoever did most of it."""
    found = drawn_for(db, keys, owning)
    if all(key in found for key in keys):
        return found
    most: dict[StepKey, tuple[int, int]] = {}
    for place, one in rollups.steps(db, of.asked).items():
        key = rollups.step_key(place)
        most[key] = max(most.get(key, (-1, 0)), (one.done, -place.post_id))
    for step, post in (*((one.step, one.post_id) for one in still), *_anybody(of)):
        most.setdefault(step, (0, -post))
    return {key: found.get(key) or owning[-most[key][1]] for key in keys}


def _waited(sums: StepSums) -> int:
    return sums.waiting + sums.handed


def _anybody(of: Question) -> Iterator[tuple[StepKey, int]]:
    return ((rollups.step_key(place), place.post_id) for place in of.asked.steps.values())


@dataclass(slots=True)
class _Ages:
    """Of a step's tasks that were opened before the period was over and are open still, in milliseconds of working time."""

    every: list[int] = field(default_factory=list)
    queued: int = 0  # of those that nobody has, together


def _ages(db: Connection, of: Question, still: Sequence[OpenGroup]) -> dict[StepKey, _Ages]:
    found: dict[StepKey, _Ages] = defaultdict(_Ages)
    now, end = to_stored(of.now), to_stored(of.window.end)
    oldest: dict[int, int] = {}
    for one in still:
        oldest[one.department_id] = min(one.opened[0], oldest.get(one.department_id, now))
    lines = {department: worked(of.calendar(db, department)) for department in oldest}
    for department, line in lines.items():
        line.covers(oldest[department], now)
    tops = {department: line.height(now) for department, line in lines.items()}
    for one in still:
        opened = one.opened[: bisect_left(one.opened, end)]
        top = tops[one.department_id]
        ages = [top - height for height in lines[one.department_id].heights(opened)]
        mine = found[one.step]
        mine.every += ages
        if one.person_id is None:
            mine.queued += sum(ages)
    return found


@frozen
class _Step:
    key: StepKey
    owner: Owner
    sums: StepSums
    open: int
    bins: Mapping[Measure, Bins | None]
    ages: Sequence[int]
    per_day: Flow
    back: Back
    night: float | None
    score: float


def _figures(db: Connection, of: Question, one: _Step) -> StepFigures:
    sums, calendar = one.sums, of.calendar(db, one.owner.department_id)
    done = sums.done
    a_day = rate(one.per_day, one.back)
    lasted = survival(done, one.bins[Measure.SOJOURN], one.ages)
    return StepFigures(
        *one.key, name=element_names(db, one.key[1]).get(one.key[2], one.key[2]), post_id=one.owner.post_id,
        post=one.owner.post, department_id=one.owner.department_id, department=one.owner.department,
        arrived=sums.arrived, done=done, cancelled=sums.cancelled, repeated=sums.repeated, self_loops=sums.looped,
        late=sums.late, promised=sums.timed, open=one.open,
        waiting=spread_of(done, sums.waiting, one.bins[Measure.WAITING]),
        working=spread_of(sums.measured, sums.working, one.bins[Measure.WORKING]),
        taken=spread_of(done, sums.taken, one.bins[Measure.TAKEN]),
        stopped=spread_of(done, sums.stopped, one.bins[Measure.STOPPED]),
        outside=spread_of(done, sums.outside, one.bins[Measure.OUTSIDE]),
        handed=spread_of(sums.received, sums.handed, one.bins[Measure.HANDED]),
        sojourn=spread_of(done, sums.sojourn, one.bins[Measure.SOJOURN]),
        sojourn_calendar=spread_of(done, sums.calendar, one.bins[Measure.CALENDAR]),
        same_day=Share(sums.same_day, done), growing=is_growing(one.per_day, one.back),
        working_days=days_between(calendar, of.scope.since - _DAY, of.scope.until),
        rate=a_day, score=one.score,
        standing_survival=None if lasted is None else time(lasted), little=_little(of, one),
        clears_on=clears_on(calendar, of.last, one.open, a_day),
    )  # fmt: skip


def _little(of: Question, one: _Step) -> float | None:
    """Work in progress over what came each day times how many days it stayed."""
    count = (of.last - of.scope.since).days + 1
    if one.night is None or not (one.sums.arrived and one.sums.done and one.sums.calendar):
        return None
    stayed = time(one.sums.calendar) / one.sums.done / _DAY
    return one.night / (one.sums.arrived / count * stayed)


def whole(db: Connection, *, actor: Actor, scope: Scope) -> CaseFigures:
    """Of cases, of a department those of the procedures it answers for; what lies at steps, of all steps asked about."""
    of = question(db, actor, scope)
    counted = of_whole_cases(db, of)
    sums = all_cases(rollups.cases(db, counted.asked).values())
    bins = rollups.spreads(db, counted.asked, lambda _place: 0, (Measure.CYCLE, Measure.CYCLE_CALENDAR))
    still = cases_begun(db, counted.asked, of.days)
    since, until = scope.since.toordinal(), scope.until.toordinal()
    at_steps = StepSums(*map(sum, zip(StepSums(), *rollups.by_step(db, of.asked).values(), strict=True)))
    return CaseFigures(
        started=sums.started + sum(count for day, count in still if since <= day <= until), ended=sums.ended, cancelled=sums.cancelled,
        open=cases_at_end(db, counted, still),
        cycle=spread_of(sums.ended, sums.calendar, bins.get((0, Measure.CYCLE_CALENDAR))),
        cycle_working=spread_of(sums.ended, sums.cycle, bins.get((0, Measure.CYCLE))),
        promise=Share(sums.promise_kept, sums.promised), law=Share(sums.law_kept, sums.lawful),
        first_pass=Share(sums.first_pass, sums.ended), repeated=at_steps.repeated,
        same_day=Share(sums.same_day, sums.ended), waiting=time(at_steps.waiting + at_steps.handed),
        working=time(at_steps.working) if at_steps.measured else None, sojourn=time(at_steps.sojourn),
        measured=time(at_steps.measured_sojourn),
    )  # fmt: skip
