"""What was asked of somebody in person, and nobody else can answer, lapses when they leave: whoever asked is told."""

from __future__ import annotations

from sqlalchemy import Connection, select

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.text import Name
from engine.cases import beside
from engine.cases.acts.moving import Note, keep_note, ready
from engine.cases.acts.work import locked_task
from engine.cases.asked import kept
from engine.cases.asked.rules import Outcome
from engine.cases.asked.tables import asked
from engine.cases.beside import StepAt
from engine.cases.rules import Kind
from engine.cases.tables import tasks
from engine.notices import acts as notices
from engine.organisation.rules import Actor
from engine.procedures.runnable import place


def lapse(db: Connection, *, by: Actor, person_id: int, name: Name) -> int:
    """Votes, signatures and opinions, also those whose turn has not come; whoever signs behind them is asked next."""
    found = db.execute(
        select(asked.c.case_id, asked.c.number, asked.c.kind, asked.c.of_task, asked.c.task_number, asked.c.asked_by)
        .join(
            tasks,
            (tasks.c.office_id == asked.c.office_id)
            & (tasks.c.case_id == asked.c.case_id)
            & (tasks.c.number == asked.c.of_task),
        )
        .where(
            asked.c.office_id == OFFICE, asked.c.person_id == person_id, asked.c.outcome.is_(None),
            asked.c.again.is_(None), tasks.c.closed_at.is_(None),
        )
        .order_by(asked.c.case_id, asked.c.number)
    ).all()  # fmt: skip
    at = clock.now()
    for row in found:
        task = locked_task(db, row.case_id, row.of_task)
        step = place(db, ready(db, task), task.edition_id, task.element)
        if row.task_number is not None:
            beside.close_open(db, row.case_id, [row.task_number], at)
        kept.set_row(db, row.case_id, row.number, outcome=Outcome.LEFT, answered_at=at)
        at_step = StepAt(task.number, task.edition_id, task.element)
        opened = kept.open_next(db, task, at_step, step, by, at) if row.kind == Kind.SIGNATURE else 0
        facts = {"task": task.number, "element": task.element, "asked": row.number, "person": person_id}
        keep_note(db, task, Note("lapse_asked", by, None, facts), opened=opened)
        notices.tell(
            db, persons=[row.asked_by], kind="asked_left", facts={"who": name, "task": Name(step.name, step.name)},
            case_id=row.case_id, task_number=task.number, except_for=by.person_id,
        )  # fmt: skip
    return len(found)
