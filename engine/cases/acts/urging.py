"""Somebody who waits for a task says so (催办)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.text import Text
from engine.cases import moves, rules
from engine.cases.acts.made import is_new, told
from engine.cases.acts.moving import Note, keep_note, ready
from engine.cases.acts.work import locked_task
from engine.cases.entitled import standing
from engine.cases.marks import mark
from engine.cases.rules import Closed, Mark
from engine.cases.tables import marks, tasks
from engine.notices import acts as notices
from engine.organisation.reads import office, person_name, post_name
from engine.organisation.rules import Actor
from engine.procedures.overseeing import oversees
from engine.procedures.reads import supervises
from engine.procedures.runnable import place


def urge(db: Connection, *, by: Actor, case_id: int, number: int, words: str, receipt: bytes | None = None) -> None:
    """Once a day and person. Raises NotYoursToUrge, UrgedToday, MoveSwitchedOff, CaseRests."""
    task = locked_task(db, case_id, number)
    if not is_new(db, case_id, receipt):
        return
    step = place(db, ready(db, task), task.edition_id, task.element)
    rules.must_be_open(standing(db, task, step, by))
    watches = oversees(db, by, task.procedure_id, task.department_id)
    if not watches and not may_urge(db, by, case_id, task.procedure_id, task.started_by, task.opened_at):
        raise moves.NotYoursToUrge(task=step.name)
    rules.must_be_switched_on(step.name, step.without, "urge")
    moves.must_not_rest(task)
    at = clock.now()
    before = urged_at(db, by, case_id, number, at)
    if before is not None:
        raise moves.UrgedToday(task=step.name, at=before, whom=_whom(db, task))
    why = moves.reason(words, rules.ReasonMissing)
    mark(db, case_id=case_id, number=number, kind=Mark.URGED, at=at, person_id=by.person_id, words=why)
    keep_note(db, task, Note("urge", by, None, {"task": number, "element": task.element, "reason": why}))
    notice: dict[str, Any] = {
        "kind": "urged", "facts": told(by, step.name, why), "case_id": case_id, "task_number": number,
        "except_for": by.person_id,
    }  # fmt: skip
    if task.person_id is None:
        notices.tell_post(db, post_id=task.post_id, **notice)
    else:
        notices.tell(db, persons=[task.person_id], **notice)


def may_urge(
    db: Connection, by: Actor, case_id: int, procedure_id: int, started_by: int | None, opened_at: datetime
) -> bool:
    """Whoever completed a step at the moment when this one was opened, completed the one before it."""
    if started_by == by.person_id or supervises(db, by, procedure_id):
        return True
    before = select(tasks.c.number).where(
        tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.person_id == by.person_id,
        tasks.c.closed_at == opened_at, tasks.c.closed_how == Closed.COMPLETED,
    )  # fmt: skip
    return db.scalar(before.limit(1)) is not None


def urged_at(db: Connection, by: Actor, case_id: int, number: int, now: datetime) -> datetime | None:
    """When the person urged it on this day of the office, where they did."""
    last = db.scalar(
        select(marks.c.at)
        .where(
            marks.c.office_id == OFFICE, marks.c.case_id == case_id, marks.c.task_number == number,
            marks.c.kind == Mark.URGED, marks.c.person_id == by.person_id,
        )
        .order_by(marks.c.number.desc())
        .limit(1)
    )  # fmt: skip
    return last if last is not None and moves.is_same_day(last, now, office(db).zone_info) else None


def _whom(db: Connection, task: Row[*tuple[Any, ...]]) -> Text:
    return post_name(db, task.post_id) if task.person_id is None else person_name(db, task.person_id)
