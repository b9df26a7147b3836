"""What the moves of a case have in common: each is made once, and none leads where no way goes on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from engine.base.database import OFFICE
from engine.base.dialects import upserting
from engine.base.text import Name
from engine.cases import moves
from engine.cases.events import change_row, note_changes
from engine.cases.rules import Change, Closed
from engine.cases.tables import tasks
from engine.cases.tables_of_moves import moves_made
from engine.diagram import run
from engine.diagram.position import Position, TroubleKind
from engine.organisation.rules import Actor
from engine.organisation.tables import posts
from engine.procedures.likely import likely
from engine.procedures.runnable import Runnable, Step

BY_HAND: Final = frozenset({TroubleKind.SERVICE, TroubleKind.UNDO})
"""What goes wrong wherever no machine does a step: somebody sees to it, and the case goes on."""


def is_new(db: Connection, case_id: int, receipt: bytes | None) -> bool:
    """False where the same move was sent before: it is made once. The case must be locked."""
    if receipt is None:
        return True
    insert_into = upserting(db.dialect.name)
    written = db.execute(
        insert_into(moves_made)
        .values(office_id=OFFICE, case_id=case_id, receipt=receipt)
        .on_conflict_do_nothing()
        .returning(moves_made.c.case_id)
    )
    return written.first() is not None


def must_lead_on(db: Connection, made_ready: Runnable, position: Position, now: datetime) -> None:
    """Raises WayUnproved where no way to an end is found from there."""
    if position.ended:
        return
    give = likely(db, made_ready).give
    if not run.can_finish(made_ready.model, position.state, now=now, give=give, seen_to=BY_HAND):
        raise moves.WayUnproved()


def told(by: Actor, task: str, why: str, post_id: int | None = None) -> dict[str, Any]:
    """The facts of a notice."""
    held = next((post for post in by.posts if post.post_id == post_id), None)
    facts: dict[str, Any] = {"who": by.name, "task": Name(task, task), "why": why}
    return facts if held is None else {**facts, "department": held.department}


def assign(
    db: Connection,
    case_id: int,
    number: int,
    *,
    person_id: int | None,
    at: datetime,
    step: Step,
    clock: Row[*tuple[Any, ...]] | None = None,
    post_id: int | None = None,
) -> None:
    """A task that was just opened is given to whoever had it; `clock`: the task whose clock it goes on with."""
    row = db.execute(select(tasks.c.changes, tasks.c.post_id).where(*_of(case_id, number))).one()
    values: dict[str, Any] = {}
    if clock is not None:
        values |= {"due_at": clock.due_at, "provisional": clock.provisional, "clock_of": clock.clock_of or clock.number}
    if post_id is not None and post_id != row.post_id:
        values |= of_post(db, post_id)
    owner = post_id or row.post_id
    if person_id is not None:
        values |= {"person_id": person_id, "claimed_at": at, "changes": row.changes + 1}
        claimed = change_row(case_id, number, row.changes + 1, Change.CLAIMED, at, owner, person_id, step.external)
        note_changes(db, [claimed])
    if values:
        db.execute(update(tasks).where(*_of(case_id, number)).values(**values))


def of_post(db: Connection, post_id: int) -> dict[str, Any]:
    department = db.scalar(select(posts.c.department_id).where(posts.c.id == post_id))
    return {"post_id": post_id, "department_id": department}


def done_by(db: Connection, case_id: int, edition_id: int, element: str) -> list[Row[*tuple[Any, ...]]]:
    """Who completed a step in this case, the last one first."""
    return list(
        db.execute(
            select(tasks.c.person_id, tasks.c.item, tasks.c.post_id, tasks.c.closed_at)
            .where(
                tasks.c.office_id == OFFICE,
                tasks.c.case_id == case_id,
                tasks.c.edition_id == edition_id,
                tasks.c.element == element,
                tasks.c.kind.is_(None),
                tasks.c.closed_how == Closed.COMPLETED,
            )
            .order_by(tasks.c.number.desc())
        )
    )


def open_rows(db: Connection, case_id: int, tokens: Collection[str]) -> list[Row[*tuple[Any, ...]]]:
    """Tasks of these tokens that are open."""
    return list(
        db.execute(
            select(
                tasks.c.number, tasks.c.person_id, tasks.c.post_id, tasks.c.token, tasks.c.element, tasks.c.edition_id,
                tasks.c.asks, tasks.c.due_at,
            ).where(
                tasks.c.office_id == OFFICE,
                tasks.c.case_id == case_id,
                tasks.c.token.in_(tokens),
                tasks.c.kind.is_(None),
                tasks.c.closed_at.is_(None),
            )
        )
    )  # fmt: skip


def _of(case_id: int, number: int) -> tuple[Any, ...]:
    return tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.number == number
