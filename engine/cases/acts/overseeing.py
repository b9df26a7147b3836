"""What a supervisor does in a case where it stands: accepts for somebody, notes what is wrong, says that it is seen to."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import Connection, Row, func, insert, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.cases import moves, rules
from engine.cases.acts.made import is_new, told
from engine.cases.acts.moving import Note, keep_note, ready
from engine.cases.acts.work import locked_task
from engine.cases.asked.step import must_be_a_step
from engine.cases.entitled import standing
from engine.cases.handing import rows
from engine.cases.marks import mark
from engine.cases.rules import BY_HAND, Mark
from engine.cases.tables import incidents, tasks
from engine.notices import acts as notices
from engine.organisation.rules import Actor
from engine.procedures.overseeing import oversees
from engine.procedures.reads import must_supervise, supervised_departments
from engine.procedures.runnable import place


def accept_on_behalf(
    db: Connection, *, by: Actor, case_id: int, number: int, reason: str, receipt: bytes | None = None
) -> None:
    """By a supervisor of the receiving department, where its people do not answer: from now on it is accountable.

    Raises NotYoursToAccept, NotHandedOver, AlreadyAccepted, CaseRests.
    """
    task = locked_task(db, case_id, number)
    if not is_new(db, case_id, receipt):
        return
    step = place(db, ready(db, task), task.edition_id, task.element)
    must_be_a_step(task, step)
    rules.must_be_open(standing(db, task, step, by))
    if task.department_id not in supervised_departments(db, by):
        raise moves.NotYoursToAccept(task=step.name)
    moves.must_not_rest(task)
    why = moves.reason(reason, rules.ReasonMissing)
    at = clock.now()
    if not rows.accept(db, task, by.person_id, at):
        raise rows.why_not_accepted(db, task, step.name)
    mark(
        db, case_id=case_id, number=number, kind=Mark.ACCEPTED_FOR, at=at, person_id=by.person_id,
        department_id=task.department_id, words=why,
    )  # fmt: skip
    facts = {"task": number, "element": task.element, "reason": why}
    keep_note(db, task, Note("accept_on_behalf", by, None, facts))
    _tell(db, task, "accepted_for", told(by, step.name, why), by)


def open_incident(
    db: Connection, *, by: Actor, case_id: int, number: int, words: str, receipt: bytes | None = None
) -> int | None:
    """Something is wrong at this task, as somebody saw it: visible to all who watch until it is settled. Its number.

    None where the same was sent before. Raises NotYoursToReport.
    """
    task = locked_task(db, case_id, number)
    if not is_new(db, case_id, receipt):
        return None
    step = place(db, ready(db, task), task.edition_id, task.element)
    rules.must_be_open(standing(db, task, step, by))
    if not oversees(db, by, task.procedure_id, task.department_id):
        raise moves.NotYoursToReport(task=step.name)
    said = moves.reason(words, rules.ReasonMissing)
    last = db.scalar(
        select(func.max(incidents.c.number)).where(incidents.c.office_id == OFFICE, incidents.c.case_id == case_id)
    )
    made = (last or 0) + 1
    db.execute(
        insert(incidents).values(
            office_id=OFFICE, case_id=case_id, number=made, token=f"{BY_HAND} {made}", element=task.element,
            kind=BY_HAND, facts=orjson.dumps({"words": said, "task": number}).decode(), opened_at=clock.now(),
        )
    )  # fmt: skip
    facts = {"incident": made, "task": number, "element": task.element, "note": said}
    keep_note(db, task, Note("open_incident", by, None, facts))
    _tell(db, task, "incident_opened", told(by, step.name, said), by)
    return made


def close_by_hand(db: Connection, case: Row[*tuple[Any, ...]], by: Actor, number: int, note: str) -> None:
    """What somebody opened is settled by whoever supervises; the case, which must be locked, does not move."""
    lies_in = db.scalars(
        select(tasks.c.department_id).where(tasks.c.office_id == OFFICE, tasks.c.case_id == case.case_id).distinct()
    ).all()
    watched = supervised_departments(db, by)
    if watched.isdisjoint(lies_in):
        must_supervise(db, by, case.procedure_id)
    said = moves.reason(note, rules.ReasonMissing)
    db.execute(
        update(incidents)
        .where(incidents.c.office_id == OFFICE, incidents.c.case_id == case.case_id, incidents.c.number == number)
        .values(closed_at=clock.now(), closed_by=by.person_id)
    )
    keep_note(db, case, Note("settle_incident", by, None, {"incident": number, "note": said}))


def _tell(db: Connection, task: Row[*tuple[Any, ...]], kind: str, facts: dict[str, Any], by: Actor) -> None:
    about: dict[str, Any] = {
        "kind": kind, "facts": facts, "case_id": task.case_id, "task_number": task.number, "except_for": by.person_id,
    }  # fmt: skip
    if task.person_id is None:
        notices.tell_post(db, post_id=task.post_id, **about)
    else:
        notices.tell(db, persons=[task.person_id], **about)
