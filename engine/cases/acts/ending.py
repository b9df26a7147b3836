"""A case is cancelled (撤销): whatever is open in it is closed, and it has ended by that."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.cases import beside, moves, rules
from engine.cases.acts.made import is_new
from engine.cases.acts.moving import CASE, CASE_COLUMNS, Note, keep, locked, move_of, ready
from engine.cases.acts.resting import must_be_allowed_everywhere, tell_all_at_work
from engine.cases.rules import Closed, Ended
from engine.cases.tables import awaited, cases, incidents, tasks, timers
from engine.diagram import run
from engine.organisation.rules import Actor
from engine.procedures.reads import supervises


def cancel_case(db: Connection, *, by: Actor, case_id: int, reason: str, receipt: bytes | None = None) -> None:
    """By a supervisor of the procedure, or by whoever started it while nothing is completed in it.

    Raises NotYoursToCancel, MoveSwitchedOff, CaseEnded.
    """
    if _was_sent_before(db, case_id, receipt):
        return
    case = locked(db, case_id)
    if not is_new(db, case_id, receipt):
        return
    made_ready = ready(db, case)
    if not may_cancel(db, case_id, case.procedure_id, case.started_by, by):
        raise moves.NotYoursToCancel(case=case.case_number)
    must_be_allowed_everywhere(db, case, made_ready, "cancel")
    why = moves.reason(reason, rules.ReasonMissing)
    at = clock.now()
    tell_all_at_work(db, case_id, by, "cancelled", {"who": by.name, "why": why})
    _close_beside(db, case)
    position = run.broken_off(made_ready.model, case.state, now=at)
    db.execute(
        update(cases)
        .where(cases.c.office_id == OFFICE, cases.c.id == case_id)
        .values(ended_how=Ended.CANCELLED, suspended_at=None)
    )
    keep(db, case, position, move_of(case, at), Note("cancel_case", by, None, {"reason": why}), made_ready)
    for table in (timers, awaited, incidents):  # whatever else was open: the case waits for nothing any more
        db.execute(
            update(table)
            .where(table.c.office_id == OFFICE, table.c.case_id == case_id, table.c.closed_at.is_(None))
            .values(closed_at=at)
        )


def may_cancel(db: Connection, case_id: int, procedure_id: int, started_by: int | None, by: Actor) -> bool:
    if started_by == by.person_id and not _is_anything_done(db, case_id):
        return True
    return supervises(db, by, procedure_id)


def _is_anything_done(db: Connection, case_id: int) -> bool:
    return (
        db.scalar(
            select(tasks.c.number)
            .where(
                tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.closed_how == Closed.COMPLETED
            )
            .limit(1)
        )
        is not None
    )  # fmt: skip


def _close_beside(db: Connection, case: Row[*tuple[Any, ...]]) -> None:
    steps = db.scalars(
        select(tasks.c.of_task)
        .where(
            tasks.c.office_id == OFFICE, tasks.c.case_id == case.case_id, tasks.c.closed_at.is_(None),
            tasks.c.of_task.is_not(None),
        )
        .distinct()
    ).all()  # fmt: skip
    if steps:
        beside.close(db, case.case_id, steps, clock.now())


def _was_sent_before(db: Connection, case_id: int, receipt: bytes | None) -> bool:
    """The second time the case has ended, by the first."""
    if receipt is None:
        return False
    row = db.execute(
        select(*CASE_COLUMNS).where(cases.c.office_id == OFFICE, cases.c.id == case_id).with_for_update()
    ).first()
    if row is None:
        raise NotFound(what=CASE)
    return row.ended_at is not None and not is_new(db, case_id, receipt)
