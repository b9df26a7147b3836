"""The rows of a case's clocks: begun, stopped and ended by the moves of its token, counted anew after each change.

A case without a period costs no statement here. Whoever calls has locked the case.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, select, update

from engine.base.database import OFFICE
from engine.base.dialects import upserting
from engine.base.frozen import frozen
from engine.cases.clocks import rules
from engine.cases.clocks.rules import Held, Running
from engine.cases.clocks.tables import clocks, stops
from engine.cases.settle import Move
from engine.cases.tables import cases
from engine.diagram.clocks import Plan
from engine.diagram.position import Position
from engine.diagram.rule_sets import DECIDING, Clock, Ground
from engine.organisation.calendars.reads import calendar_of, calendars_version
from engine.procedures.runnable import Clocks

_DELIVERY: Final = rules.KIND_NUMBERS[Clock.DELIVERY]


@frozen
class Moved:
    """What a clock was due before and after it was counted anew."""

    kind: int
    before: datetime
    after: datetime


def moved(
    db: Connection, case: Row[*tuple[Any, ...]], move: Move, position: Position, watched: Clocks | None
) -> Mapping[str, Any]:
    """What a move of the token means to the clocks; what the record says of it."""
    if position.ended:
        over = _end_all(db, case, move.at)
        return {"clocks": {"ended": over}} if over else {}
    told: dict[str, Any] = {}
    passed = frozenset(position.passed)
    undecided = _undecided(watched, passed, position)
    if undecided:
        told["undecided"] = sorted(undecided)
    begun, ended = _begun_and_ended(watched, passed, undecided, is_first=case.version == 0)
    if ended:
        told["ended"] = over = _end(db, case.case_id, ended, move.at)
        if case.clock_stops and not DECIDING.isdisjoint(over):
            told["stops_ended"] = release(db, case, move.at)
    if watched is not None:
        _take_up_again(db, case, position, watched)
        if begun:
            began = begin(db, case, begun, watched.department_id, move.at, passed)
            told["began"] = [plan.kind.value for plan in begun if rules.KIND_NUMBERS[plan.kind] in began]
    resumed = _resume_waits(db, case, move, position)
    stopped = _stop_for_waits(db, case, move, position, watched)
    if resumed or stopped:
        told |= {"stops": [ground.value for _number, ground in stopped], "stops_begun": [one for one, _ in stopped]}
        told |= {"goes_on": len(resumed), "stops_ended": [*told.get("stops_ended", ()), *resumed]}
        count_anew(db, case.case_id, case.calendars_version)
    elif "ended" in told or "began" in told:
        _note_first_due(db, case.case_id)
    return {"clocks": {name: said for name, said in told.items() if said}} if any(told.values()) else {}


def _undecided(watched: Clocks | None, passed: frozenset[str], position: Position) -> frozenset[str]:
    """What was to decide and has not: from where the case stands now, every way to an end comes to it again."""
    if watched is None or watched.deciding.isdisjoint(passed):
        return frozenset()
    places = {(one.process, one.element) for one in position.opened}
    places |= {(one.process, one.element) for one in position.troubles}
    return passed & _ahead(watched, places)


def _ahead(watched: Clocks, places: Collection[tuple[str, str]]) -> frozenset[str]:
    return frozenset().union(*(watched.undecided.at(process, element) for process, element in places))


def _begun_and_ended(
    watched: Clocks | None, passed: frozenset[str], undecided: frozenset[str], *, is_first: bool
) -> tuple[list[Plan], frozenset[int]]:
    """One that the same move begins and ends never runs."""
    begun: list[Plan] = []
    ended: set[int] = set()
    for one in () if watched is None else watched.plans:
        ends = one.ends & (passed - undecided if one.kind in DECIDING else passed)
        begins = one.begins & (passed - undecided if one.kind is Clock.DELIVERY else passed)
        if ends:
            ended.add(rules.KIND_NUMBERS[one.kind])
        if (begins and not ends) or (is_first and not one.begins):
            begun.append(one)
    return begun, frozenset(ended)


def begin(
    db: Connection,
    case: Row[*tuple[Any, ...]],
    plans: Sequence[Plan],
    department_id: int,
    at: datetime,
    passed: frozenset[str] = frozenset(),
) -> frozenset[int]:
    """Each kind begins once; which of them did now."""
    calendar = calendar_of(db, department_id, version=case.calendars_version)
    held = stops_held(db, case.case_id) if case.clock_stops else ()
    rows = []
    for plan in plans:
        clock = rules.begun(plan, at)
        counted = rules.counted(clock, held, calendar)
        rows.append(
            {
                "office_id": OFFICE, "case_id": case.case_id, "kind": clock.kind, "department_id": department_id,
                "length": clock.length, "unit": clock.unit.value, "extension": plan.extension, "extended_by": 0,
                "effect": clock.effect, "stops": rules.bits(plan.stops), "stands": counted.stands,
                "first_day": clock.first_day, "rolls": clock.rolls, "provisional": counted.provisional,
                "counted_by": case.calendars_version, "begun_at": at, "due_at": counted.due_at,
                "warn_at": counted.warn_at, "rule_set": plan.rule_set,
                "begun_with": next(iter(sorted(plan.begins & passed)), None) if plan.begins else None,
            }
        )  # fmt: skip
    if not rows:
        return frozenset()
    # Rows beside it, not `values` in it: of those every number of rows is put together anew, each time.
    put_in = upserting(db.dialect.name)(clocks).on_conflict_do_nothing().returning(clocks.c.kind)
    return frozenset(db.scalars(put_in, rows).all())


def _take_up_again(db: Connection, case: Row[*tuple[Any, ...]], position: Position, watched: Clocks) -> None:
    """What decides, or accepts, is done once more: what it had ended goes on, and nothing waits to be delivered."""
    opened = {one.element for one in position.opened}
    if not position.passed:  # put back there by hand: whatever goes on by itself was asked when it passed what decides
        opened |= _ahead(watched, {(one.process, one.element) for one in position.opened})
    again = [
        rules.KIND_NUMBERS[one.kind]
        for one in watched.plans
        if one.kind in DECIDING and not one.ends.isdisjoint(opened)
    ]
    if not again or not case.version:
        return
    took_up = db.execute(
        update(clocks).where(*_of(case.case_id), clocks.c.kind.in_(again), clocks.c.ended_at.is_not(None),
                             clocks.c.settled_at.is_(None))
        .values(ended_at=None)
    ).rowcount  # fmt: skip
    if took_up:
        db.execute(delete(clocks).where(*_of(case.case_id), clocks.c.kind == _DELIVERY))
        count_anew(db, case.case_id, case.calendars_version)


def _end(db: Connection, case_id: int, kinds: Collection[int], at: datetime) -> list[str]:
    found = db.scalars(
        update(clocks)
        .where(*_of(case_id), clocks.c.kind.in_(kinds), clocks.c.ended_at.is_(None))
        .values(ended_at=at, unsettled_since=None, stands=0)
        .returning(clocks.c.kind)
    ).all()
    return [rules.KINDS[one].value for one in sorted(found)]


def release(db: Connection, case: Row[*tuple[Any, ...]], at: datetime) -> list[int]:
    """What held the clock until it is decided holds it no longer. Which stops that were."""
    of_ground = *_stops_of(case.case_id), stops.c.ground != rules.RESTS, stops.c.end_at.is_(None)
    over = db.scalars(update(stops).where(*of_ground).values(end_at=at).returning(stops.c.number)).all()
    count_anew(db, case.case_id, case.calendars_version)
    return sorted(over)


def _end_all(db: Connection, case: Row[*tuple[Any, ...]], at: datetime) -> list[str]:
    if case.period_due is None and not case.clock_stops:
        return []
    over = _end(db, case.case_id, rules.KINDS, at)
    if case.clock_stops:
        db.execute(update(stops).where(*_stops_of(case.case_id), stops.c.end_at.is_(None)).values(end_at=at))
    _keep_on_case(db, case.case_id, period_due=None, clock_stops=None)
    return over


def _resume_waits(db: Connection, case: Row[*tuple[Any, ...]], move: Move, position: Position) -> list[int]:
    over = {*position.closed, *((move.completed_token,) if move.completed_token else ())}
    if not case.clock_stops or not over:
        return []
    return sorted(
        db.scalars(
            update(stops)
            .where(*_stops_of(case.case_id), stops.c.token.in_(over), stops.c.end_at.is_(None))
            .values(end_at=move.at, ended_by=move.from_person)
            .returning(stops.c.number)
        )
    )


def _stop_for_waits(
    db: Connection, case: Row[*tuple[Any, ...]], move: Move, position: Position, watched: Clocks | None
) -> list[tuple[int, Ground]]:
    """A step that stops the clock while it waits: only where a clock runs that its ground holds."""
    if watched is None or not watched.stops:
        return []
    waits = [
        (one.token, ground)
        for one in position.opened
        if (ground := watched.stops.get((one.process, one.element))) is not None
    ]
    if not waits:
        return []
    known = grounds_now(db, case.case_id)
    return [
        (
            note_stop(db, case.case_id, rules.GROUND_NUMBERS[ground], move.at, by=move.from_person, token=token),
            ground,
        )
        for token, ground in waits
        if ground in known
    ]


def grounds_now(db: Connection, case_id: int) -> frozenset[Ground]:
    """Those on which a clock that runs may stand."""
    rows = db.execute(select(clocks.c.kind, clocks.c.stops).where(*_of(case_id), clocks.c.ended_at.is_(None)))
    return frozenset(ground for row in rows if rules.is_deciding(row.kind) for ground in rules.grounds(row.stops))


def note_stop(
    db: Connection,
    case_id: int,
    ground: int,
    at: datetime,
    *,
    by: int | None,
    words: str = "",
    token: str | None = None,
    notice_day: date | None = None,
) -> int:
    number = select(func.coalesce(func.max(stops.c.number), 0) + 1).where(*_stops_of(case_id)).scalar_subquery()
    made = db.execute(
        stops.insert()
        .values(
            office_id=OFFICE, case_id=case_id, number=number, ground=ground, begin_at=at, begun_by=by, words=words,
            token=token, notice_day=notice_day,
        )
        .returning(stops.c.number)
    )  # fmt: skip
    return int(made.scalar_one())


def told_what_is_missing(db: Connection, case_id: int, at: datetime) -> None:
    """The applicant was told at the counter, once and in time or not."""
    if _end(db, case_id, [rules.KIND_NUMBERS[Clock.NOTICE]], at):
        _note_first_due(db, case_id)


def rest_begins(db: Connection, case: Row[*tuple[Any, ...]], at: datetime, *, by: int, words: str) -> None:
    """The whole case rests: every clock that runs stands."""
    if case.period_due is None:
        return
    note_stop(db, case.case_id, rules.RESTS, at, by=by, words=words)
    count_anew(db, case.case_id, case.calendars_version)


def rest_ends(db: Connection, case: Row[*tuple[Any, ...]], at: datetime, *, by: int) -> None:
    if not case.clock_stops:
        return
    gone_on = db.execute(
        update(stops)
        .where(*_stops_of(case.case_id), stops.c.ground == rules.RESTS, stops.c.end_at.is_(None))
        .values(end_at=at, ended_by=by)
    ).rowcount
    if gone_on:
        count_anew(db, case.case_id, case.calendars_version)


def count_anew(db: Connection, case_id: int, version: int | None) -> tuple[Moved, ...]:
    """Every clock that has not ended, by its calendar as it is now; what is kept of the case follows. What has moved."""
    counted_by = calendars_version(db) if version is None else version
    held = stops_held(db, case_id)
    found: list[Moved] = []
    first: datetime | None = None
    for row in db.execute(select(clocks).where(*_of(case_id), clocks.c.ended_at.is_(None))).all():
        calendar = calendar_of(db, row.department_id, version=counted_by)
        now = rules.counted(Running.of(row), held, calendar)
        warned = row.warn_at is None and now.due_at <= row.due_at  # later than it was: it is to be told once more
        values = {
            "due_at": now.due_at, "provisional": now.provisional, "stands": now.stands,
            "warn_at": None if warned else now.warn_at, "counted_by": counted_by,
        }  # fmt: skip
        if any(getattr(row, name) != value for name, value in values.items()):
            db.execute(update(clocks).where(*_of(case_id), clocks.c.kind == row.kind).values(**values))
        if now.due_at != row.due_at:
            found.append(Moved(row.kind, row.due_at, now.due_at))
        first = now.due_at if first is None else min(first, now.due_at)
    standing = sum(one.end_at is None for one in held)
    _keep_on_case(db, case_id, period_due=first, clock_stops=standing or None)
    return tuple(found)


def stops_held(db: Connection, case_id: int) -> tuple[Held, ...]:
    rows = db.execute(
        select(stops.c.number, stops.c.ground, stops.c.begin_at, stops.c.end_at)
        .where(*_stops_of(case_id))
        .order_by(stops.c.number)
    )
    return tuple(Held(row.number, row.ground, row.begin_at, row.end_at) for row in rows)


def _note_first_due(db: Connection, case_id: int) -> None:
    first = select(func.min(clocks.c.due_at)).where(*_of(case_id), clocks.c.ended_at.is_(None)).scalar_subquery()
    _keep_on_case(db, case_id, period_due=first)


def _keep_on_case(db: Connection, case_id: int, **values: Any) -> None:
    db.execute(update(cases).where(cases.c.office_id == OFFICE, cases.c.id == case_id).values(**values))


def _of(case_id: int) -> tuple[Any, ...]:
    return clocks.c.office_id == OFFICE, clocks.c.case_id == case_id


def _stops_of(case_id: int) -> tuple[Any, ...]:
    return stops.c.office_id == OFFICE, stops.c.case_id == case_id
