"""Brings rows to a position: the only code that opens and closes tasks, arms timers and notes hand-overs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, and_, bindparam, func, insert, literal, select, union_all, update

from engine.base.database import OFFICE
from engine.base.prepared import Prepared, PreparedRows
from engine.base.together import Together
from engine.cases import beside, rules
from engine.cases.events import NEW_EVENTS, of_post
from engine.cases.events import change_row as change_row  # noqa: PLC0414 -- passed on
from engine.cases.events import note_changes as note_changes  # noqa: PLC0414 -- passed on
from engine.cases.handing.rows import SENT, lapse
from engine.cases.rules import Change, Closed
from engine.cases.tables import awaited, incidents, task_events, tasks, timers
from engine.diagram.position import Position, Trouble, Waiting, WaitKind
from engine.organisation.tables import posts
from engine.procedures.runnable import Runnable, Step


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a case's token: which case, when, and the task that was completed by it, if one was."""

    case_id: int
    procedure_id: int
    tasks_opened: int
    at: datetime
    completed_token: str | None = None
    from_department: int | None = None
    from_post: int | None = None
    changes: tuple[dict[str, Any], ...] = ()  # rows of `task_events` that tell of it, kept with those of new tasks
    closes: Mapping[str, Any] | None = None  # what `closing` says of the completed task
    asked: bool = False  # somebody was asked something beside it
    from_task: int | None = None  # the number of the task that was completed
    from_person: int | None = None
    handed_back: bool = False  # what it opens goes back to who sent it: nobody is handed anything


@dataclass(frozen=True, slots=True)
class Opened:
    """A task that a move opened."""

    number: int
    post_id: int
    element: str


_NEW_TASKS = PreparedRows(
    tasks,
    lambda given: (
        of_post(
            given,
            "case_id",
            "number",
            "procedure_id",
            "edition_id",
            "opened_at",
            "due_at",
            "token",
            "element",
            "item",
            "from_department_id",
        )
        | {"changes": 1}
    ),
)
_CLOSE_TASK = Prepared(
    update(tasks)
    .where(
        tasks.c.office_id == OFFICE,
        tasks.c.case_id == bindparam("b_case"),
        tasks.c.number == bindparam("b_number"),
        tasks.c.closed_at.is_(None),
    )
    .values(
        closed_at=bindparam("b_at"),
        closed_how=Closed.COMPLETED,
        person_id=bindparam("b_person"),
        receipt=bindparam("b_receipt"),
        changes=tasks.c.changes + 1,
    )
)


def settle(db: Connection, move: Move, position: Position, runnable: Runnable, writes: Together) -> tuple[Opened, ...]:
    """Opens and closes what the position says has changed; what every step writes is put to `writes`."""
    if move.closes is not None:
        writes.add(_CLOSE_TASK, move.closes)
        if move.asked:
            beside.close(db, move.case_id, [move.closes["b_number"]], move.at)
    over = [token for token in position.closed if token != move.completed_token]
    if over:
        _close(db, move, over)
    opened = _open_tasks(db, move, position.opened, runnable, writes)
    _arm_timers(db, move, position.opened)
    _await(db, move, position.opened)
    if position.troubles:
        _raise_incidents(db, move, position.troubles)
    return opened


def closing(case_id: int, number: int, person_id: int, at: datetime, receipt: bytes | None) -> dict[str, Any]:
    """That the task, which is locked and open, is completed."""
    return {"b_case": case_id, "b_number": number, "b_at": at, "b_person": person_id, "b_receipt": receipt}


def _open_tasks(
    db: Connection, move: Move, opened: Iterable[Waiting], runnable: Runnable, writes: Together
) -> tuple[Opened, ...]:
    rows: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    number = move.tasks_opened
    waiting = [(one, runnable.step(one.process, one.element)) for one in opened if one.kind is WaitKind.PERSON]
    named = _posts_by_code(db, [one.item for one, step in waiting if step.by_item])
    for one, step in waiting:
        number += 1
        post_id = named.get(one.item, step.post_id) if step.by_item else step.post_id
        rows.append(
            {
                "case_id": move.case_id,
                "number": number,
                "procedure_id": move.procedure_id,
                "edition_id": step.edition_id,
                "post_id": post_id,
                "opened_at": move.at,
                "due_at": rules.due(move.at, step.standard_time),
                "token": one.token,
                "element": one.element,
                "item": one.item,
                "from_department_id": move.from_department,
            }
        )
        events.append(change_row(move.case_id, number, 1, Change.OFFERED, move.at, post_id, None, step.external))
    writes.add_rows(_NEW_TASKS, rows)
    _note_hand_overs(move, zip(rows, (step for _one, step in waiting), strict=True), writes)
    writes.add_rows(NEW_EVENTS, [*move.changes, *events])
    return tuple(Opened(row["number"], row["post_id"], row["element"]) for row in rows)


def _posts_by_code(db: Connection, codes: Sequence[str | None]) -> dict[str | None, int]:
    """A code that no post has is left out: the task is then the lane's, so that it waits for somebody."""
    if not codes:
        return {}
    return {row.code: row.id for row in db.execute(select(posts.c.code, posts.c.id).where(posts.c.code.in_(codes)))}


def _note_hand_overs(move: Move, rows: Iterable[tuple[dict[str, Any], Step]], writes: Together) -> None:
    """A hand-over is a task in another department than the one that was completed before it."""
    if move.from_department is None or move.handed_back:
        return
    for row, step in rows:
        if row["post_id"] != move.from_post:
            handed = {
                "of_case": move.case_id,
                "of_task": row["number"],
                "of_post": row["post_id"],
                "of_at": move.at,
                "of_answer_by": move.at + step.accept_within,
                "of_sender": move.from_department,
                "of_from_task": move.from_task,
                "of_from_post": move.from_post,
                "of_from_person": move.from_person,
            }
            writes.add(SENT, handed)


def _arm_timers(db: Connection, move: Move, opened: Iterable[Waiting]) -> None:
    rows = [
        {"office_id": OFFICE, "case_id": move.case_id, "token": one.token, "element": one.element, "due_at": one.due}
        for one in opened
        if one.kind is WaitKind.TIMER
    ]
    if rows:
        db.execute(insert(timers), rows)


def _await(db: Connection, move: Move, opened: Iterable[Waiting]) -> None:
    rows = [
        {
            "office_id": OFFICE,
            "case_id": move.case_id,
            "token": one.token,
            "element": one.element,
            "kind": one.kind,
            "name": one.name or one.element,
            "opened_at": move.at,
        }
        for one in opened
        if one.kind in (WaitKind.MESSAGE, WaitKind.SIGNAL, WaitKind.CONDITION)
    ]
    if rows:
        db.execute(insert(awaited), rows)


def _raise_incidents(db: Connection, move: Move, troubles: Iterable[Trouble]) -> None:
    last = db.scalar(
        select(func.max(incidents.c.number)).where(incidents.c.office_id == OFFICE, incidents.c.case_id == move.case_id)
    )
    db.execute(
        insert(incidents),
        [
            {
                "office_id": OFFICE,
                "case_id": move.case_id,
                "number": number,
                "token": one.token,
                "element": one.element,
                "kind": one.kind,
                "facts": orjson.dumps(dict(one.facts)).decode(),
                "opened_at": move.at,
            }
            for number, one in enumerate(troubles, start=(last or 0) + 1)
        ],
    )


def _close(db: Connection, move: Move, tokens: Sequence[str]) -> None:
    """Tasks whose step was cancelled, timers and messages no longer waited for, incidents that are over."""
    kept = (tasks, timers, awaited, incidents)
    found = db.execute(
        union_all(
            *(
                select(literal(table.name).label("kept"), table.c.token).where(
                    table.c.office_id == OFFICE,
                    table.c.case_id == move.case_id,
                    table.c.closed_at.is_(None),
                    table.c.token.in_(tokens),
                )
                for table in kept
            )
        )
    ).all()
    for table in kept:
        mine = [row.token for row in found if row.kept == table.name]
        if mine and table is tasks:
            _cancel_tasks(db, move, mine)
        elif mine:
            db.execute(
                update(table)
                .where(
                    table.c.office_id == OFFICE,
                    table.c.case_id == move.case_id,
                    table.c.token.in_(mine),
                    table.c.closed_at.is_(None),
                )
                .values(closed_at=move.at)
            )


def _cancel_tasks(db: Connection, move: Move, tokens: Sequence[str]) -> None:
    theirs = and_(
        tasks.c.office_id == OFFICE,
        tasks.c.case_id == move.case_id,
        tasks.c.token.in_(tokens),
        tasks.c.closed_at.is_(None),
    )
    rows = db.execute(
        select(
            tasks.c.number, tasks.c.post_id, tasks.c.person_id, tasks.c.changes, tasks.c.asks, task_events.c.external
        )
        .join(
            task_events,
            and_(
                task_events.c.office_id == tasks.c.office_id,
                task_events.c.case_id == tasks.c.case_id,
                task_events.c.task_number == tasks.c.number,
                task_events.c.number == 1,
            ),
        )
        .where(theirs)
    ).all()
    db.execute(
        update(tasks).where(theirs).values(closed_at=move.at, closed_how=Closed.CANCELLED, changes=tasks.c.changes + 1)
    )
    note_changes(
        db,
        [
            change_row(
                move.case_id,
                row.number,
                row.changes + 1,
                Change.CANCELLED,
                move.at,
                row.post_id,
                row.person_id,
                row.external,
            )
            for row in rows
        ],
    )
    lapse(db, move.case_id, [row.number for row in rows], move.at)
    asking = [row.number for row in rows if row.asks]
    if asking:
        beside.close(db, move.case_id, asking, move.at)
