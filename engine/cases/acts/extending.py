"""More time for a task (延期): asked for once, decided by the post above."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.text import Text
from engine.cases import beside, moves, rules
from engine.cases.acts.made import is_new, told
from engine.cases.acts.moving import Note, keep_note, ready
from engine.cases.acts.work import locked_task
from engine.cases.asked.step import must_be_a_step
from engine.cases.beside import Beside, StepAt
from engine.cases.due.counting import Clock, granted
from engine.cases.entitled import must_be_workable
from engine.cases.marks import mark
from engine.cases.rules import NO_DUE, Kind, Mark
from engine.cases.tables import tasks
from engine.cases.tables_of_moves import extensions
from engine.notices import acts as notices
from engine.organisation.rules import Actor, Right, rights_of
from engine.organisation.tables import departments, posts
from engine.procedures.runnable import Step, place
from engine.procedures.tables import procedures

_OUTCOME = {True: Text("granted", "同意"), False: Text("declined", "不同意")}


def ask_extension(
    db: Connection, *, by: Actor, case_id: int, number: int, days: int, reason: str, receipt: bytes | None = None
) -> int:
    """The number of the task that it is decided in: of the post that this one reports to, else of the procedure's
    supervisors. Raises ExtensionAsked, ExtensionDays, NothingPromised, NobodyDecides, MoveSwitchedOff."""
    task = locked_task(db, case_id, number)
    asked = extension_of(db, case_id, number)
    if not is_new(db, case_id, receipt) and asked is not None:
        return int(asked.asked_task)
    step = place(db, ready(db, task), task.edition_id, task.element)
    must_be_a_step(task, step)
    must_be_workable(db, task, step, by)
    rules.must_be_switched_on(step.name, step.without, "extend")
    moves.must_not_rest(task)
    if asked is not None:
        raise moves.ExtensionAsked(task=step.name, at=asked.asked_at)
    if task.due_at >= NO_DUE:
        raise moves.NothingPromised(task=step.name)
    moves.must_be_days(days)
    why = moves.reason(reason, rules.ReasonMissing)
    post_id = decides(db, task.post_id, task.procedure_id)
    if post_id is None:
        raise moves.NobodyDecides(task=step.name)
    at = clock.now()
    given = [Beside(Kind.EXTENSION, post_id, None, max(task.due_at, at))]
    (asked_task,) = beside.open_tasks(db, task, StepAt(number, task.edition_id, task.element), at, given)
    db.execute(
        insert(extensions).values(
            office_id=OFFICE, case_id=case_id, task_number=number, asked_task=asked_task, asked_at=at, days=days,
            asked_by=by.person_id, reason=why,
        )
    )  # fmt: skip
    facts = {"task": number, "element": task.element, "days": days, "reason": why, "asked": asked_task}
    keep_note(db, task, Note("ask_extension", by, task.post_id, facts), opened=1)
    notices.tell_post(
        db, post_id=post_id, kind="extension_asked", facts=told(by, step.name, why, task.post_id), case_id=case_id,
        task_number=asked_task, except_for=by.person_id,
    )  # fmt: skip
    return asked_task


def decide_extension(
    db: Connection, *, by: Actor, case_id: int, number: int, approve: bool, words: str, receipt: bytes | None = None
) -> None:
    """`number`: of the task that asks for it. Where it is granted, what is due moves by so many days:
    working days where the step is counted in them.

    Words are needed to decline. Raises NotAnExtension, OwnExtension, and all that keeps somebody from the task.
    """
    task = locked_task(db, case_id, number)
    if not is_new(db, case_id, receipt):
        return
    step = place(db, ready(db, task), task.edition_id, task.element)
    if task.kind != Kind.EXTENSION:
        raise moves.NotAnExtension()
    must_be_workable(db, task, step, by)
    asked = extension_of(db, case_id, task.of_task)
    if asked is None:
        raise moves.NotAnExtension()
    if asked.asked_by == by.person_id:
        raise moves.OwnExtension()
    said = words.strip() if approve else moves.reason(words, rules.ReasonMissing)
    at = clock.now()
    db.execute(
        update(extensions)
        .where(
            extensions.c.office_id == OFFICE, extensions.c.case_id == case_id,
            extensions.c.task_number == task.of_task,
        )
        .values(decided_at=at, decided_by=by.person_id, approved=approve, words=said)
    )  # fmt: skip
    beside.complete(db, task, by.person_id, at, receipt, external=False)
    if approve:
        _move_due(db, task, step, asked, by, said)
    facts: dict[str, Any] = {
        "task": task.of_task, "asked": number, "element": task.element, "approve": approve, "days": asked.days,
    }  # fmt: skip
    keep_note(db, task, Note("decide_extension", by, task.post_id, facts | ({"reason": said} if said else {})))
    facts = {**told(by, step.name, said, task.post_id), "outcome": _OUTCOME[approve]}
    notices.tell(
        db, persons=[asked.asked_by], kind="extension_decided", facts=facts, case_id=case_id,
        task_number=task.of_task, except_for=by.person_id,
    )  # fmt: skip


def _move_due(
    db: Connection, task: Row[*tuple[Any, ...]], step: Step, asked: Row[*tuple[Any, ...]], by: Actor, said: str
) -> None:
    of_step = tasks.c.office_id == OFFICE, tasks.c.case_id == task.case_id, tasks.c.number == task.of_task
    row = db.execute(
        select(tasks.c.due_at, tasks.c.opened_at, tasks.c.department_id, tasks.c.kind).where(
            *of_step, tasks.c.closed_at.is_(None)
        )
    ).first()
    if row is None:
        return
    kept = granted(db, Clock.of(row, step.standard_time), asked.days, version=task.calendars_version)
    db.execute(update(tasks).where(*of_step).values(**kept.columns))
    mark(
        db, case_id=task.case_id, number=task.of_task, kind=Mark.EXTENDED, at=clock.now(), person_id=by.person_id,
        department_id=task.department_id, words=said,
    )  # fmt: skip


def extension_of(db: Connection, case_id: int, number: int | None) -> Row[*tuple[Any, ...]] | None:
    """What was asked for at a step."""
    return db.execute(
        select(extensions).where(
            extensions.c.office_id == OFFICE, extensions.c.case_id == case_id, extensions.c.task_number == number
        )
    ).first()


def decides(db: Connection, post_id: int, procedure_id: int) -> int | None:
    """The post above; where there is none, a supervising one of the department that answers for the procedure, or of
    one above that."""
    above = db.scalar(select(posts.c.reports_to).where(posts.c.id == post_id))
    if above is not None:
        return int(above)
    department = db.scalar(select(procedures.c.department_id).where(procedures.c.id == procedure_id))
    while department is not None:
        for row in db.execute(
            select(posts.c.id, posts.c.rights).where(posts.c.department_id == department).order_by(posts.c.id)
        ):
            if Right.SUPERVISE in rights_of(row.rights) and row.id != post_id:
                return int(row.id)
        department = db.scalar(select(departments.c.parent_id).where(departments.c.id == department))
    return None
