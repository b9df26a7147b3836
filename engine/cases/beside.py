"""Tasks beside the diagram: opened, and closed when the step beside which they were asked is over.

The only code that opens and closes them; the token is not touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, update

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.text import Name
from engine.cases.events import change_row, note_changes
from engine.cases.rules import NO_DUE, Change, Closed, Kind, kept_of
from engine.cases.tables import tasks
from engine.notices import acts as notices
from engine.organisation.tables import posts
from engine.procedures.reads import element_names

_OF_EVENTS: Final = (tasks.c.number, tasks.c.post_id, tasks.c.person_id, tasks.c.changes)


@frozen
class Beside:
    """Of whom something is asked: a post, or one holder of it in person."""

    kind: Kind
    post_id: int
    person_id: int | None
    due_at: datetime | None


@frozen
class StepAt:
    """The task of a step, and where it stands."""

    number: int
    edition_id: int
    element: str


def open_tasks(
    db: Connection, case: Row[*tuple[Any, ...]], step: StepAt, at: datetime, given: Sequence[Beside]
) -> tuple[int, ...]:
    """Their numbers. Whoever keeps the case's row adds them to `tasks_opened`; the case must be locked."""
    if not given:
        return ()
    numbers = tuple(range(case.tasks_opened + 1, case.tasks_opened + 1 + len(given)))
    where = {one.post_id for one in given}
    departments = {
        row.id: row.department_id
        for row in db.execute(select(posts.c.id, posts.c.department_id).where(posts.c.id.in_(where)))
    }
    db.execute(
        insert(tasks),
        [
            {
                "office_id": OFFICE,
                "case_id": case.case_id,
                "number": number,
                "procedure_id": case.procedure_id,
                "edition_id": step.edition_id,
                "element": step.element,
                "post_id": one.post_id,
                "department_id": departments[one.post_id],
                "person_id": one.person_id,
                "claimed_at": None if one.person_id is None else at,
                "changes": 1 if one.person_id is None else 2,
                "kind": one.kind,
                "of_task": step.number,
                "opened_at": at,
                "due_at": one.due_at or NO_DUE,
                "token": "",
            }
            for number, one in zip(numbers, given, strict=True)
        ],
    )
    note_asked(db, case.case_id, step.number, len(given))
    note_changes(db, [row for number, one in zip(numbers, given, strict=True) for row in _begun(case, number, one, at)])
    return numbers


def note_asked(db: Connection, case_id: int, step: int, count: int) -> None:
    """From now on completing or cancelling the step looks at what was asked beside it."""
    db.execute(
        update(tasks)
        .where(tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.number == step)
        .values(asks=func.coalesce(tasks.c.asks, 0) + count)
    )


def _begun(case: Row[*tuple[Any, ...]], number: int, one: Beside, at: datetime) -> list[dict[str, Any]]:
    rows = [change_row(case.case_id, number, 1, Change.OFFERED, at, one.post_id, None, False)]
    if one.person_id is not None:
        rows.append(change_row(case.case_id, number, 2, Change.CLAIMED, at, one.post_id, one.person_id, False))
    return rows


def close(db: Connection, case_id: int, steps: Sequence[int], at: datetime) -> None:
    """What is still open beside these steps is needed no longer; whoever was asked is told."""
    rows = db.execute(
        select(*_OF_EVENTS, tasks.c.edition_id, tasks.c.element)
        .where(
            tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.of_task.in_(steps),
            tasks.c.closed_at.is_(None),
        )
        .order_by(tasks.c.number)
    ).all()  # fmt: skip
    close_tasks(db, case_id, rows, at)
    for row in rows:
        name = element_names(db, row.edition_id).get(row.element, row.element)
        facts = {"task": Name(name, name)}
        if row.person_id is None:
            notices.tell_post(db, post_id=row.post_id, kind="not_needed", facts=facts, case_id=case_id)
        else:
            notices.tell(db, persons=[row.person_id], kind="not_needed", facts=facts, case_id=case_id)


def close_tasks(db: Connection, case_id: int, rows: Sequence[Row[*tuple[Any, ...]]], at: datetime) -> None:
    """Open ones, with the columns that their events need."""
    if not rows:
        return
    db.execute(
        update(tasks)
        .where(
            tasks.c.office_id == OFFICE,
            tasks.c.case_id == case_id,
            tasks.c.number.in_([row.number for row in rows]),
            tasks.c.closed_at.is_(None),
        )
        .values(closed_at=at, closed_how=Closed.CANCELLED, changes=tasks.c.changes + 1)
    )
    note_changes(
        db,
        [
            change_row(case_id, row.number, row.changes + 1, Change.CANCELLED, at, row.post_id, row.person_id, False)
            for row in rows
        ],
    )


def close_open(db: Connection, case_id: int, numbers: Sequence[int], at: datetime) -> None:
    """Those of these that are open still."""
    close_tasks(
        db,
        case_id,
        db.execute(
            select(*_OF_EVENTS).where(
                tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.number.in_(numbers),
                tasks.c.closed_at.is_(None),
            )
        ).all(),
        at,
    )  # fmt: skip


def complete(
    db: Connection, task: Row[*tuple[Any, ...]], person_id: int, at: datetime, receipt: bytes | None, external: bool
) -> None:
    """It was answered: the locked, open task is done by this person."""
    db.execute(
        update(tasks)
        .where(tasks.c.office_id == OFFICE, tasks.c.case_id == task.case_id, tasks.c.number == task.number)
        .values(
            closed_at=at,
            closed_how=Closed.COMPLETED,
            person_id=person_id,
            receipt=kept_of(receipt),
            changes=tasks.c.changes + 1,
        )
    )
    note_changes(
        db,
        [
            change_row(
                task.case_id, task.number, task.changes + 1, Change.COMPLETED, at, task.post_id, person_id, external
            )
        ],
    )
