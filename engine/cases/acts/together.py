"""Completing one of several tasks that were chosen in a list, where the procedure allows that."""

from __future__ import annotations

from sqlalchemy import Connection

from engine.base.text import Name
from engine.cases import rules
from engine.cases.acts.moving import ready
from engine.cases.acts.work import Completed, complete_task, locked_task
from engine.organisation.rules import Actor
from engine.procedures.runnable import place


def complete_together(db: Connection, *, by: Actor, case_id: int, number: int) -> Completed:
    """Nothing is filled in. Raises NotTogether where the procedure does not allow it, and all that `complete_task` raises."""
    task = locked_task(db, case_id, number)
    if task.closed_at is None:  # else it is told what became of it
        step = place(db, ready(db, task), task.edition_id, task.element)
        if not step.together:
            raise rules.NotTogether(task=Name(step.name, step.name))
    return complete_task(db, by=by, case_id=case_id, number=number, submitted={})
