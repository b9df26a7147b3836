"""The rows of a case brought to another edition, and back to what they were."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Column, Connection, Row, Table, and_, delete, insert, or_, select, update

from engine.base.database import OFFICE, Instant, from_stored, to_stored
from engine.cases.due.counting import begun
from engine.cases.due.later import counted_anew
from engine.cases.due.rules import is_working
from engine.cases.events import change_row, note_changes
from engine.cases.handing.rows import hand_on
from engine.cases.rules import Change
from engine.cases.tables import awaited, cases, hand_overs, incidents, task_events, tasks, timers
from engine.diagram.position import Trouble, Waiting
from engine.organisation.tables import posts
from engine.procedures.runnable import Runnable, Step

_OF_CASE: Final = ("edition_id", "process", "state", "tasks_opened")
_OPEN_ROWS: Final[Mapping[str, tuple[Table, tuple[str, ...]]]] = {
    "tasks": (tasks, ("number",)),
    "timers": (timers, ("token", "due_at")),
    "awaited": (awaited, ("token", "opened_at")),
    "incidents": (incidents, ("number",)),
}


def kept_copy(db: Connection, case_id: int) -> bytes:
    """Everything of a case that moving it may change."""
    case = db.execute(select(*(cases.c[name] for name in _OF_CASE)).where(_of(cases, case_id, "id"))).one()
    found: dict[str, Any] = {"case": _written(cases, case)}
    for name, (table, _key) in _OPEN_ROWS.items():
        rows = db.execute(select(table).where(_of(table, case_id), table.c.closed_at.is_(None)))
        found[name] = [_written(table, row) for row in rows]
    numbers = [row["number"] for row in found["tasks"]]
    received = db.execute(select(hand_overs).where(_of(hand_overs, case_id), hand_overs.c.task_number.in_(numbers)))
    found["hand_overs"] = [_written(hand_overs, row) for row in received]
    return zlib.compress(orjson.dumps(found), 1)


def restore(db: Connection, case_id: int, copy: bytes) -> None:
    """The rows as they were. Nothing else may have happened in the case meanwhile."""
    found = orjson.loads(zlib.decompress(copy))
    before = _read(cases, found["case"])
    db.execute(update(cases).where(_of(cases, case_id, "id")).values(**before))
    for name, (table, key) in _OPEN_ROWS.items():
        rows = [_read(table, row) for row in found[name]]
        _take_back(db, table, key, case_id, rows)
    _forget_later(db, case_id, before["tasks_opened"], found["tasks"])
    db.execute(
        delete(hand_overs).where(
            _of(hand_overs, case_id), hand_overs.c.task_number.in_([row["number"] for row in found["tasks"]])
        )
    )
    if found["hand_overs"]:
        db.execute(insert(hand_overs), [_read(hand_overs, row) for row in found["hand_overs"]])


def _take_back(
    db: Connection, table: Table, key: Sequence[str], case_id: int, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Rows opened since are removed, and those that were open are so again."""
    known = [and_(*(table.c[name] == row[name] for name in key)) for row in rows]
    opened = and_(_of(table, case_id), table.c.closed_at.is_(None))
    db.execute(delete(table).where(opened, ~or_(*known)) if known else delete(table).where(opened))
    for row, where in zip(rows, known, strict=True):
        db.execute(update(table).where(_of(table, case_id), where).values(**row))


def _forget_later(db: Connection, case_id: int, opened: int, kept: Iterable[Mapping[str, Any]]) -> None:
    later = [and_(task_events.c.task_number == row["number"], task_events.c.number > row["changes"]) for row in kept]
    db.execute(delete(task_events).where(_of(task_events, case_id), or_(task_events.c.task_number > opened, *later)))
    db.execute(delete(hand_overs).where(_of(hand_overs, case_id), hand_overs.c.task_number > opened))


def _of(table: Table, case_id: int, column: str = "case_id") -> Any:
    return and_(table.c.office_id == OFFICE, table.c[column] == case_id)


def _written(table: Table, row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    return {"".join(name): _plain(table.c[name], value) for name, value in row._mapping.items()}


def _plain(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, Instant):
        return to_stored(value)
    return value.hex() if isinstance(value, bytes) else value


def _read(table: Table, written: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in written.items():
        column = table.c[name]
        if value is not None and isinstance(column.type, Instant):
            found[name] = from_stored(value)
        else:
            is_bytes = value is not None and column.type.python_type is bytes
            found[name] = bytes.fromhex(value) if is_bytes else value
    return found


def repoint(
    db: Connection,
    case_id: int,
    standing: Iterable[Waiting | Trouble],
    before: Runnable,
    after: Runnable,
    at: datetime,
) -> None:
    """Open tasks and messages as the new edition draws them.

    A task stays with whoever claimed it where its post stays the same; another post is offered it afresh.
    """
    waiting = {one.token: one for one in standing}
    rows = db.execute(
        select(
            tasks.c.case_id, tasks.c.number, tasks.c.token, tasks.c.edition_id, tasks.c.element, tasks.c.post_id,
            tasks.c.department_id, tasks.c.person_id, tasks.c.opened_at, tasks.c.changes, tasks.c.kind, tasks.c.clock_of,
        ).where(_of(tasks, case_id), tasks.c.closed_at.is_(None))
    ).all()  # fmt: skip
    for row in rows:
        one = waiting.get(row.token)
        if one is not None and (one.process, one.element) in after.steps:
            former = before.places.get((row.edition_id, row.element))
            _repoint_task(db, case_id, row, former, after.step(one.process, one.element), at)
    for one in waiting.values():
        if isinstance(one, Waiting) and one.name is not None:
            db.execute(
                update(awaited)
                .where(_of(awaited, case_id), awaited.c.token == one.token, awaited.c.closed_at.is_(None))
                .values(name=one.name, element=one.element, correlation=one.correlation)
            )


def _repoint_task(
    db: Connection, case_id: int, row: Row[*tuple[Any, ...]], former: Step | None, step: Step, at: datetime
) -> None:
    values: dict[str, Any] = {"edition_id": step.edition_id, "element": step.element}
    department = row.department_id
    # Where the lane's post is the same, the task stays with the post it has, which may be another by now.
    moves = not step.by_item and (former is None or former.post_id != step.post_id) and row.post_id != step.post_id
    if moves:
        department = db.execute(select(posts.c.department_id).where(posts.c.id == step.post_id)).scalar_one()
        values |= {"post_id": step.post_id, "department_id": department, "person_id": None, "claimed_at": None}
        values["changes"] = row.changes + 1
        offered = change_row(
            case_id, row.number, row.changes + 1, Change.OFFERED, at, step.post_id, None, step.external
        )
        note_changes(db, [offered])
        if department != row.department_id:
            hand_on(db, row, department, at, begun(db, step.accept_within, department, at).at)
    # Of what was asked beside a step somebody named the day; what goes to another department is counted by its calendar.
    moved_away = department != row.department_id and is_working(step.standard_time)
    if row.kind is None and (former is None or former.standard_time != step.standard_time or moved_away):
        values |= counted_anew(db, case_id, row, step.standard_time, department).columns
    db.execute(update(tasks).where(_of(tasks, case_id), tasks.c.number == row.number).values(**values))
