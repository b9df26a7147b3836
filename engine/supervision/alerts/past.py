"""What stood open when each of the last days ended, from what happened to the tasks: for figures of which no sum is kept.

Due dates are those that the tasks have, or had last: one that was moved is told by where it was moved to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, Select, and_, select

from engine.base.database import OFFICE
from engine.cases.clocks.tables import stops
from engine.cases.rules import Change
from engine.cases.tables import cases, hand_overs, task_events, tasks
from engine.organisation.calendars.reads import calendar_of, calendars_version
from engine.organisation.rules import Actor
from engine.procedures.reads import standard_times
from engine.supervision.figures.parts import Happened, Interval, Part, part_at
from engine.supervision.figures.rests import rests_of
from engine.supervision.figures.rules import Scope
from engine.supervision.figures.shapes import StepKey
from engine.supervision.figures.sight import midnight, seen
from engine.supervision.figures.spells import answered_at
from engine.supervision.figures.spreads import Spread
from engine.supervision.figures.tables import notes, places, spells
from engine.supervision.figures.unended import of_scope, open_in
from engine.worktime.counting import time_between
from engine.worktime.spans import share_used

MOST: Final = 10_000
"""Tasks that are looked through while somebody waits for the page."""
_DAY: Final = timedelta(days=1)
_AT_ONCE: Final = 500
_TASKS: Final = (
    tasks.c.case_id, tasks.c.number, tasks.c.procedure_id, tasks.c.edition_id, tasks.c.element, tasks.c.department_id,
    tasks.c.opened_at, tasks.c.closed_at, tasks.c.due_at,
)  # fmt: skip


@dataclass(slots=True)
class Stood:
    """A step at the end of a day: what an alert takes of a `StepNow`."""

    open: int = 0
    waiting: int = 0
    working: int = 0
    stopped: int = 0
    outside: int = 0
    handed: int = 0
    late: int = 0
    ages: Spread = field(default_factory=Spread)
    used_median: float | None = None
    used_worst: float | None = None


class _Beside(NamedTuple):
    """What belongs to the tasks, by task or by case."""

    events: Mapping[tuple[int, int], Sequence[Happened]]
    held: Mapping[int, Sequence[Interval]]
    handed: Mapping[tuple[int, int], Interval]


_PARTS: Final = {
    Part.WAITING: "waiting", Part.TAKEN: "working", Part.STOPPED: "stopped", Part.OUTSIDE: "outside",
    Part.HANDED: "handed",
}  # fmt: skip


def stood(
    db: Connection, *, actor: Actor, scope: Scope, days: Sequence[date], timed: bool
) -> dict[date, list[Stood]] | None:
    """By day, the latest first; fewer days where there is too much, None where there is too much for one.

    `timed`: ages and what is used of standard times are wanted, and not who had what.
    """
    mine = seen(db, actor, scope.procedure_id)
    asked = list(days)
    while asked:
        rows = _rows(db, scope, mine, min(asked))
        if len(rows) <= MOST:
            break
        asked = asked[: len(asked) // 2]
    else:
        return None
    beside = None if timed else _beside(db, {row.case_id for row in rows})
    zone = calendar_of(db).zone
    return {day: _at(db, rows, midnight(day + _DAY, zone), beside) for day in asked}


def _rows(db: Connection, scope: Scope, mine: frozenset[int], since: date) -> list[Row[*tuple[Any, ...]]]:
    """Those that are open, and those that were closed since: what is not folded yet is looked at by itself."""
    if not mine:
        return []
    here = [places.c.procedure_id.in_(sorted(mine)), places.c.element != ""]
    if scope.element is not None:
        here.append(places.c.element == scope.element)
    if scope.department_ids is not None:
        here.append(places.c.department_id.in_(sorted(scope.department_ids)))
    closed = (
        select(spells.c.case_id, spells.c.task_number.label("number"))
        .join(places, places.c.id == spells.c.place_id)
        .where(spells.c.office_id == OFFICE, spells.c.closed_day >= since.toordinal(), *here)
    )
    fresh = select(notes.c.case_id, notes.c.task_number.label("number")).where(notes.c.office_id == OFFICE)
    asked: list[Select[Any]] = [select(*_TASKS).where(*open_in(scope, mine))]
    for some in (closed.subquery(), fresh.distinct().subquery()):
        asked.append(
            select(*_TASKS)
            .join(some, and_(some.c.case_id == tasks.c.case_id, some.c.number == tasks.c.number))
            .where(*of_scope(scope, mine), tasks.c.closed_at.is_not(None))
        )
    found = {(row.case_id, row.number): row for one in asked for row in db.execute(one.limit(MOST + 1))}
    return list(found.values())


def _beside(db: Connection, ids: Collection[int]) -> _Beside:
    events: dict[tuple[int, int], list[Happened]] = defaultdict(list)
    held: dict[int, list[Interval]] = defaultdict(list)
    handed: dict[tuple[int, int], Interval] = {}
    for some in _slices(sorted(ids)):
        t = task_events.c
        for row in db.execute(
            select(t.case_id, t.task_number, t.at, t.change, t.external)
            .where(t.office_id == OFFICE, t.case_id.in_(some))
            .order_by(t.case_id, t.task_number, t.number)
        ):
            events[row.case_id, row.task_number].append(Happened(row.at, Change(row.change), row.external))
        for stop in db.execute(select(stops).where(stops.c.office_id == OFFICE, stops.c.case_id.in_(some))):
            held[stop.case_id].append((stop.begin_at, stop.end_at))
        for case in db.execute(
            select(cases.c.id, cases.c.suspended_at, cases.c.ended_at).where(
                cases.c.office_id == OFFICE, cases.c.id.in_(some), cases.c.suspended_at.is_not(None)
            )
        ):
            held[case.id].append((case.suspended_at, case.ended_at))
        for case_id, rests in rests_of(db, some).items():
            held[case_id] += rests
        for over in db.execute(
            select(hand_overs).where(hand_overs.c.office_id == OFFICE, hand_overs.c.case_id.in_(some))
        ):
            handed[over.case_id, over.task_number] = (over.sent_at, answered_at(over))
    return _Beside(events, held, handed)


def _slices(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[begin : begin + _AT_ONCE] for begin in range(0, len(ids), _AT_ONCE))


def _at(db: Connection, rows: Iterable[Row[*tuple[Any, ...]]], end: datetime, beside: _Beside | None) -> list[Stood]:
    there: dict[StepKey, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row in rows:
        if row.opened_at < end and (row.closed_at is None or row.closed_at >= end):
            there[row.procedure_id, row.edition_id, row.element].append(row)
    return [_timed(db, key, some, end) if beside is None else _parted(some, end, beside) for key, some in there.items()]


def _parted(some: Sequence[Row[*tuple[Any, ...]]], end: datetime, beside: _Beside) -> Stood:
    found = Stood(open=len(some))
    for row in some:
        key = (row.case_id, row.number)
        held, handed = beside.held.get(row.case_id, ()), beside.handed.get(key)
        part = part_at(beside.events.get(key, ()), end, stops=held, handed=handed)
        setattr(found, _PARTS[part], getattr(found, _PARTS[part]) + 1)
        found.late += part is not Part.STOPPED and row.due_at < end
    return found


def _timed(db: Connection, key: StepKey, some: Sequence[Row[*tuple[Any, ...]]], end: datetime) -> Stood:
    version = calendars_version(db)
    queue = sorted(some, key=lambda row: row.opened_at)
    ages = [time_between(calendar_of(db, row.department_id, version), row.opened_at, end) for row in queue]
    total = sum(ages, timedelta(0))
    span = standard_times(db, key[1]).get(key[2])
    used = [
        None if span is None else share_used(span, calendar_of(db, row.department_id, version), row.opened_at, end)
        for row in (queue[(len(queue) - 1) // 2], queue[0])
    ]
    return Stood(
        open=len(queue), ages=Spread(len(queue), total, total / len(queue)), used_median=used[0], used_worst=used[1]
    )
