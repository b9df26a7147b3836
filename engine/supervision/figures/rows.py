"""The rows that tell of steps and ends of cases, of many cases together. Instants are as they are stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, BindParameter, Column, Connection, Row, bindparam, select, type_coerce

from engine.base.database import OFFICE, to_stored
from engine.cases.clocks.tables import clocks, stops
from engine.cases.rules import Mark
from engine.cases.tables import cases, hand_overs, marks, task_events, tasks
from engine.procedures.tables import editions, procedures
from engine.supervision.figures.many import alike
from engine.supervision.figures.rests import rests_of

PROMISED: Final = 2
LAWFUL: Final = (1, 3)
_RETURNS: Final = (Mark.RETURNED, Mark.HAND_OVER_RETURNED)
_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
"""Each statement is put together once: for a few cases that costs more than asking."""
Found = Row[*tuple[Any, ...]]


@dataclass(slots=True)
class Rows:
    """By case, or by case and task."""

    cases: dict[int, Found]
    tasks: dict[int, list[Found]]
    events: dict[tuple[int, int], list[Found]]
    handed: dict[tuple[int, int], Found]
    stops: dict[int, list[tuple[int, int | None]]]
    clocks: dict[int, dict[int, Found]]
    returned: set[int]


def _raw(*columns: Column[Any]) -> list[Any]:
    return [type_coerce(one, BigInteger).label(one.name) for one in columns]


_CASES: Final = (
    select(
        cases.c.id, cases.c.procedure_id, cases.c.edition_id, cases.c.ended_how, cases.c.applicant_kind,
        procedures.c.department_id, *_raw(cases.c.started_at, cases.c.ended_at, cases.c.suspended_at),
    )
    .join(procedures, procedures.c.id == cases.c.procedure_id)
    .where(cases.c.office_id == OFFICE, cases.c.id.in_(_IDS))
)  # fmt: skip
_TASKS: Final = (
    select(
        tasks.c.case_id, tasks.c.number, tasks.c.edition_id, tasks.c.element, tasks.c.item, tasks.c.post_id,
        tasks.c.department_id, tasks.c.person_id, tasks.c.from_department_id, tasks.c.closed_how,
        *_raw(tasks.c.opened_at, tasks.c.due_at, tasks.c.closed_at), editions.c.procedure_id.label("drawn_for"),
    )
    .join(editions, editions.c.id == tasks.c.edition_id)
    .where(tasks.c.office_id == OFFICE, tasks.c.case_id.in_(_IDS), tasks.c.kind.is_(None))
    .order_by(tasks.c.case_id, tasks.c.number)
)  # fmt: skip
_EVENTS: Final = (
    select(
        task_events.c.case_id, task_events.c.task_number, task_events.c.change, task_events.c.external,
        *_raw(task_events.c.at),
    )
    .where(task_events.c.office_id == OFFICE, task_events.c.case_id.in_(_IDS))
    .order_by(task_events.c.case_id, task_events.c.task_number, task_events.c.number)
)  # fmt: skip
_HANDED: Final = select(
    hand_overs.c.case_id, hand_overs.c.task_number,
    *_raw(hand_overs.c.sent_at, hand_overs.c.accepted_at, hand_overs.c.returned_at, hand_overs.c.lapsed_at),
).where(hand_overs.c.office_id == OFFICE, hand_overs.c.case_id.in_(_IDS))  # fmt: skip
_STOPS: Final = select(stops.c.case_id, *_raw(stops.c.begin_at, stops.c.end_at)).where(
    stops.c.office_id == OFFICE, stops.c.case_id.in_(_IDS)
)
_CLOCKS: Final = select(clocks.c.case_id, clocks.c.kind, *_raw(clocks.c.due_at, clocks.c.ended_at)).where(
    clocks.c.office_id == OFFICE, clocks.c.case_id.in_(_IDS), clocks.c.kind.in_((PROMISED, *LAWFUL))
)
_MARKED: Final = (
    select(marks.c.case_id, marks.c.kind)
    .where(marks.c.office_id == OFFICE, marks.c.case_id.in_(_IDS), marks.c.kind.in_((*_RETURNS, Mark.RESUMED)))
    .distinct()
)  # fmt: skip


def rows_of(db: Connection, ids: Sequence[int]) -> Rows:
    which = alike(ids)
    found = Rows(
        {row.id: row for row in db.execute(_CASES, {"ids": which}).all()},
        defaultdict(list), defaultdict(list), {}, defaultdict(list), defaultdict(dict), set(),
    )  # fmt: skip
    for row in db.execute(_TASKS, {"ids": which}).all():
        found.tasks[row.case_id].append(row)
    for row in db.execute(_EVENTS, {"ids": which}).all():
        found.events[row.case_id, row.task_number].append(row)
    for row in db.execute(_HANDED, {"ids": which}).all():
        found.handed[row.case_id, row.task_number] = row
    for row in db.execute(_STOPS, {"ids": which}).all():
        found.stops[row.case_id].append((row.begin_at, row.end_at))
    marked = db.execute(_MARKED, {"ids": which}).all()
    found.returned.update(row.case_id for row in marked if row.kind != Mark.RESUMED)
    rested = [row.case_id for row in marked if row.kind == Mark.RESUMED]
    for case_id, rests in (rests_of(db, rested) if rested else {}).items():
        found.stops[case_id] += [(to_stored(begin), None if end is None else to_stored(end)) for begin, end in rests]
    over = [case_id for case_id, row in found.cases.items() if row.ended_at is not None]
    if over:
        for row in db.execute(_CLOCKS, {"ids": alike(over)}).all():
            found.clocks[row.case_id][row.kind] = row
    return found
