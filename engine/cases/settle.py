"""Brings rows to a position: the only code that opens and closes tasks, arms timers and notes hand-overs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, bindparam, func, insert, null, select, update

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.prepared import Prepared, PreparedRows
from engine.base.together import Together
from engine.cases import beside, calls
from engine.cases.closing import close
from engine.cases.due.counting import begun, calendars_version
from engine.cases.events import NEW_EVENTS, change_row, of_post
from engine.cases.handing.rows import SENT
from engine.cases.rules import Change, Closed, kept_of
from engine.cases.tables import awaited, incidents, tasks, timers
from engine.diagram.position import Position, Trouble, Waiting, WaitKind
from engine.organisation.tables import posts
from engine.procedures.runnable import Runnable, Step


@dataclass(slots=True)  # made with each step: frozen it would take six times as long
class Move:
    """One move of a case's token: which case, when, and the task that was completed by it, if one was."""

    case_id: int
    procedure_id: int
    tasks_opened: int
    at: datetime
    completed_token: str | None = None
    completed_element: str | None = None
    from_department: int | None = None
    from_post: int | None = None
    changes: tuple[dict[str, Any], ...] = ()  # rows of `task_events` that tell of it, kept with those of new tasks
    closes: Mapping[str, Any] | None = None  # what `closing` says of the completed task
    asked: bool = False  # somebody was asked something beside it
    from_task: int | None = None  # the number of the task that was completed
    from_person: int | None = None
    handed_back: bool = False  # what it opens goes back to who sent it: nobody is handed anything
    fires: Mapping[str, Any] | None = None  # what `firing` says of the timer that takes effect
    rests: bool = False  # its timers are not looked at
    calendars_version: int | None = None  # read together with the locked case, so that no calendar is asked for again


_AWAITED: Final = frozenset({WaitKind.MESSAGE, WaitKind.SIGNAL, WaitKind.CONDITION, WaitKind.CALL})


@frozen
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
            "provisional",
            "token",
            "element",
            "item",
            "from_department_id",
            "came_from",
        )
        | {"changes": 1}
    ),
)
_NEW_TIMERS = PreparedRows(
    timers,
    lambda given: (
        {"office_id": OFFICE}
        | {
            name: given(name)
            for name in (
                "case_id", "token", "element", "due_at", "wake_at", "since_at", "counted_by", "value",
            )
        }
    ),
)  # fmt: skip
_CLOSE_TIMER = Prepared(
    update(timers)
    .where(
        timers.c.office_id == OFFICE,
        timers.c.case_id == bindparam("t_case"),
        timers.c.token == bindparam("t_token"),
        timers.c.due_at == bindparam("t_due", type_=timers.c.due_at.type),
    )
    .values(closed_at=bindparam("t_at", type_=timers.c.closed_at.type))
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
        came_from=null(),
        changes=tasks.c.changes + 1,
    )
)


def settle(db: Connection, move: Move, position: Position, runnable: Runnable, writes: Together) -> tuple[Opened, ...]:
    """Opens and closes what the position says has changed; what every step writes is put to `writes`."""
    if move.closes is not None:
        writes.add(_CLOSE_TASK, move.closes)
        if move.asked:
            beside.close(db, move.case_id, [move.closes["b_number"]], move.at)
    fired = None
    if move.fires is not None:
        writes.add(_CLOSE_TIMER, move.fires)
        fired = move.fires["t_token"]
    over = [token for token in position.closed if token not in (move.completed_token, fired)]
    if over:
        close(db, move.case_id, over, move.at, writes)
    opened = _open_tasks(db, move, position.opened, runnable, writes)
    _arm_timers(db, move, position.opened, writes)
    _await(db, move, position.opened)
    if position.troubles:
        _raise_incidents(db, move, position.troubles)
    return opened


def closing(case_id: int, number: int, person_id: int, at: datetime, receipt: bytes | None) -> dict[str, Any]:
    """That the task, which is locked and open, is completed."""
    return {"b_case": case_id, "b_number": number, "b_at": at, "b_person": person_id, "b_receipt": kept_of(receipt)}


def firing(case_id: int, token: str, due: datetime, at: datetime) -> dict[str, Any]:
    """That the timer, which is armed and due, takes effect. By its due time: a cycle keeps its token."""
    return {"t_case": case_id, "t_token": token, "t_due": due, "t_at": at}


def _open_tasks(
    db: Connection, move: Move, opened: Iterable[Waiting], runnable: Runnable, writes: Together
) -> tuple[Opened, ...]:
    rows: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    number = move.tasks_opened
    waiting = [(one, runnable.step(one.process, one.element)) for one in opened if one.kind is WaitKind.PERSON]
    named = _posts_by_code(db, [one.item for one, step in waiting if step.by_item])
    came_from = _came_from(db, move) if waiting else None
    for one, step in waiting:
        number += 1
        post_id, department_id = step.post_id, step.department_id
        if step.by_item:
            post_id, department_id = named.get(one.item, (post_id, department_id))
        due = begun(db, step.standard_time, department_id, move.at, version=move.calendars_version)
        rows.append(
            {
                "case_id": move.case_id,
                "number": number,
                "procedure_id": move.procedure_id,
                "edition_id": step.edition_id,
                "post_id": post_id,
                "opened_at": move.at,
                "due_at": due.at,
                "provisional": due.counted_by,
                "token": one.token,
                "element": one.element,
                "item": one.item,
                "from_department_id": move.from_department,
                "came_from": came_from,
            }
        )
        events.append(change_row(move.case_id, number, 1, Change.OFFERED, move.at, post_id, None, step.external))
    writes.add_rows(_NEW_TASKS, rows)
    _note_hand_overs(db, move, zip(rows, (step for _one, step in waiting), strict=True), writes)
    writes.add_rows(NEW_EVENTS, [*move.changes, *events])
    return tuple(Opened(row["number"], row["post_id"], row["element"]) for row in rows)


def _came_from(db: Connection, move: Move) -> str | None:
    """The step that was completed last: by the move itself, or some time before a timer or a message led here."""
    if move.closes is not None:
        return move.completed_element
    return None if not move.tasks_opened else db.scalar(_LAST_COMPLETED, {"of_case": move.case_id})


_LAST_COMPLETED: Final = (
    select(tasks.c.element)
    .where(
        tasks.c.office_id == OFFICE, tasks.c.case_id == bindparam("of_case"), tasks.c.kind.is_(None),
        tasks.c.closed_how == Closed.COMPLETED,
    )
    .order_by(tasks.c.closed_at.desc(), tasks.c.number.desc())
    .limit(1)
)  # fmt: skip


def _posts_by_code(db: Connection, codes: Sequence[str | None]) -> dict[str | None, tuple[int, int]]:
    """With their departments. A code that no post has is left out: the task is then the lane's, so that it waits for somebody."""
    if not codes:
        return {}
    found = db.execute(select(posts.c.code, posts.c.id, posts.c.department_id).where(posts.c.code.in_(codes)))
    return {row.code: (row.id, row.department_id) for row in found}


def _note_hand_overs(db: Connection, move: Move, rows: Iterable[tuple[dict[str, Any], Step]], writes: Together) -> None:
    """A hand-over is a task in another department than the one that was completed before it."""
    if move.from_department is None or move.handed_back:
        return
    for row, step in rows:
        if row["post_id"] != move.from_post:
            answer = begun(db, step.accept_within, step.department_id, move.at, version=move.calendars_version)
            handed = {
                "of_case": move.case_id,
                "of_task": row["number"],
                "of_post": row["post_id"],
                "of_at": move.at,
                "of_answer_by": answer.at,
                "of_sender": move.from_department,
                "of_from_task": move.from_task,
                "of_from_post": move.from_post,
                "of_from_person": move.from_person,
            }
            writes.add(SENT, handed)


def _arm_timers(db: Connection, move: Move, opened: Iterable[Waiting], writes: Together) -> None:
    armed = [one for one in opened if one.kind is WaitKind.TIMER]
    version = move.calendars_version
    if version is None and any(one.since is not None for one in armed):
        version = db.scalar(select(calendars_version()))
    rows = [
        {
            "case_id": move.case_id,
            "token": one.token,
            "element": one.element,
            "due_at": one.due,
            "wake_at": None if move.rests else one.due,
            "since_at": one.since or move.at,
            "counted_by": None if one.since is None else version,
            "value": one.value,
        }
        for one in armed
    ]
    writes.add_rows(_NEW_TIMERS, rows)


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
            "correlation": one.correlation,
        }
        for one in opened
        if one.kind in _AWAITED
    ]
    if rows:
        db.execute(insert(awaited), rows)
        calls.put_out(db, move.case_id, move.procedure_id, opened, move.at)


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
