"""A due date is counted anew when holidays are told that it ran through."""

from __future__ import annotations

from sqlalchemy import Connection, update

from engine.base.database import OFFICE
from engine.cases.acts.moving import Note, keep_note, ready
from engine.cases.acts.work import locked_task
from engine.cases.due.later import counted_anew
from engine.cases.tables import tasks
from engine.procedures.runnable import place


def recount_task(db: Connection, *, case_id: int, number: int) -> bool:
    """By the calendars of now. On the record where the date changes; False where there is nothing to count any more.

    A case that rests is counted as it stands: what it rests is given back when it goes on.
    """
    task = locked_task(db, case_id, number)
    if task.closed_at is not None or task.provisional is None or task.provisional == task.calendars_version:
        return False
    step = place(db, ready(db, task), task.edition_id, task.element)
    kept = counted_anew(db, case_id, task, step.standard_time, task.department_id, version=task.calendars_version)
    db.execute(
        update(tasks)
        .where(tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.number == number)
        .values(**kept.columns)
    )
    if kept.at != task.due_at:
        facts = {
            "task": number, "element": task.element, "from": task.due_at, "to": kept.at,
            "provisional": kept.counted_by is not None,
        }  # fmt: skip
        keep_note(db, task, Note("recount_task", None, None, facts))
    return True
