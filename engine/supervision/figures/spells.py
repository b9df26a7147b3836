"""Tasks of steps as they were, from the rows themselves: when opened, taken and closed, and how long in which part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, select

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.cases.clocks.tables import clocks, stops
from engine.cases.rules import NO_DUE, Change, Closed, Ended
from engine.cases.tables import cases, hand_overs, task_events, tasks
from engine.organisation.calendars.reads import calendar_of, calendars_version
from engine.procedures.tables import editions
from engine.supervision.figures.parts import Happened, Interval, parts_of
from engine.supervision.figures.rests import rests_of
from engine.supervision.figures.rules import CaseSpan, Spell
from engine.worktime.counting import time_between

PROMISED: Final = 2
LAWFUL: Final = frozenset({1, 3})
Key = tuple[int, int]


@frozen
class Beside:
    """What belongs to the tasks of some cases, by case or by case and task."""

    events: dict[Key, list[Happened]]
    stops: dict[int, list[Interval]]
    handed: dict[Key, Interval]


def spells(db: Connection, *where: ColumnElement[bool], now: datetime) -> tuple[Spell, ...]:
    """`where`: of `tasks` and `cases`, whole cases alone, or what came before is not told right. By case and number."""
    rows = db.execute(
        select(tasks, cases.c.suspended_at, cases.c.ended_at, editions.c.procedure_id.label("drawn_for"))
        .join(cases, and_(cases.c.office_id == tasks.c.office_id, cases.c.id == tasks.c.case_id))
        .join(editions, editions.c.id == tasks.c.edition_id)
        .where(tasks.c.office_id == OFFICE, tasks.c.kind.is_(None), *where)
        .order_by(tasks.c.case_id, tasks.c.number)
    ).all()
    return tuple(_spells_of(db, rows, _beside(db, where), now))


def _beside(db: Connection, where: Sequence[ColumnElement[bool]]) -> Beside:
    mine = select(cases.c.id).where(
        cases.c.office_id == OFFICE,
        cases.c.id.in_(
            select(tasks.c.case_id)
            .join(cases, and_(cases.c.office_id == tasks.c.office_id, cases.c.id == tasks.c.case_id))
            .where(tasks.c.office_id == OFFICE, *where)
        ),
    )
    events: dict[Key, list[Happened]] = defaultdict(list)
    held: dict[int, list[Interval]] = defaultdict(list)
    handed: dict[Key, Interval] = {}
    for row in db.execute(
        select(task_events)
        .where(task_events.c.office_id == OFFICE, task_events.c.case_id.in_(mine))
        .order_by(task_events.c.case_id, task_events.c.task_number, task_events.c.number)
    ):
        events[row.case_id, row.task_number].append(Happened(row.at, Change(row.change), row.external))
    for row in db.execute(select(stops).where(stops.c.office_id == OFFICE, stops.c.case_id.in_(mine))):
        held[row.case_id].append((row.begin_at, row.end_at))
    for case_id, rests in rests_of(db, mine).items():
        held[case_id] += rests
    for row in db.execute(select(hand_overs).where(hand_overs.c.office_id == OFFICE, hand_overs.c.case_id.in_(mine))):
        handed[row.case_id, row.task_number] = (row.sent_at, answered_at(row))
    return Beside(events, held, handed)


def answered_at(row: Row[*tuple[Any, ...]]) -> datetime | None:
    """Of a hand-over: when it was accepted, returned or no longer needed."""
    return min((at for at in (row.accepted_at, row.returned_at, row.lapsed_at) if at is not None), default=None)


def _spells_of(db: Connection, rows: Iterable[Row[*tuple[Any, ...]]], beside: Beside, now: datetime) -> Iterable[Spell]:
    version = calendars_version(db)
    completed: dict[int, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    listed = list(rows)
    for row in listed:
        if row.closed_how == Closed.COMPLETED:
            completed[row.case_id].append(row)
    again, looped = _repeats(completed)
    for row in listed:
        key = (row.case_id, row.number)
        held = list(beside.stops.get(row.case_id, ()))
        if row.suspended_at is not None:
            held.append((row.suspended_at, row.ended_at))
        until = row.closed_at or now
        measure = partial(time_between, calendar_of(db, row.department_id, version))
        parts = parts_of(beside.events[key], until, measure, stops=held, handed=beside.handed.get(key))
        yield Spell(
            case_id=row.case_id, task_number=row.number, procedure_id=row.procedure_id, edition_id=row.edition_id,
            element=row.element, item=row.item, post_id=row.post_id, department_id=row.department_id,
            person_id=row.person_id, from_department_id=row.from_department_id, opened_at=row.opened_at,
            claimed_at=next((one.at for one in beside.events[key] if one.change is Change.CLAIMED), None),
            closed_at=row.closed_at, completed=row.closed_how == Closed.COMPLETED,
            due_at=None if row.due_at >= NO_DUE else row.due_at, parts=parts, repeated=key in again,
            first=row.number == 1, looped=key in looped, handed=key in beside.handed,
        )  # fmt: skip


def _repeats(completed: dict[int, list[Row[*tuple[Any, ...]]]]) -> tuple[set[Key], set[Key]]:
    """Tasks completed though the same step was in their case before; of those, the ones directly behind it."""
    again: set[Key] = set()
    looped: set[Key] = set()
    for case_id, rows in completed.items():
        been: set[tuple[int, str, str | None]] = set()
        last: tuple[int, str, str | None] | None = None
        for row in sorted(rows, key=lambda one: (one.closed_at, one.number)):
            what = (row.drawn_for, row.element, row.item)
            if what in been:
                again.add((case_id, row.number))
                if what == last:
                    looped.add((case_id, row.number))
            been.add(what)
            last = what
    return again, looped


def case_spans(db: Connection, *where: ColumnElement[bool]) -> tuple[CaseSpan, ...]:
    """`where`: of `cases`. In the order they were started."""
    rows = db.execute(
        select(
            cases.c.id, cases.c.procedure_id, cases.c.edition_id, cases.c.applicant_kind, cases.c.started_at,
            cases.c.ended_at, cases.c.ended_how,
        )
        .where(cases.c.office_id == OFFICE, *where)
        .order_by(cases.c.started_at, cases.c.id)
    ).all()  # fmt: skip
    mine = select(cases.c.id).where(cases.c.office_id == OFFICE, *where)
    periods: dict[int, dict[int, Row[*tuple[Any, ...]]]] = defaultdict(dict)
    for row in db.execute(select(clocks).where(clocks.c.office_id == OFFICE, clocks.c.case_id.in_(mine))):
        periods[row.case_id][row.kind] = row
    return tuple(_span(row, periods.get(row.id, {})) for row in rows)


def _span(row: Row[*tuple[Any, ...]], periods: dict[int, Row[*tuple[Any, ...]]]) -> CaseSpan:
    promise = periods.get(PROMISED)
    law = next((periods[kind] for kind in sorted(LAWFUL) if kind in periods), None)
    return CaseSpan(
        case_id=row.id, procedure_id=row.procedure_id, edition_id=row.edition_id,
        applicant_kind=row.applicant_kind, started_at=row.started_at, ended_at=row.ended_at,
        cancelled=row.ended_how == Ended.CANCELLED,
        promise_due=None if promise is None else promise.due_at,
        promise_met_at=None if promise is None else promise.ended_at,
        law_due=None if law is None else law.due_at, law_met_at=None if law is None else law.ended_at,
    )  # fmt: skip
