"""Who watches over a task: whoever supervises its procedure, and whoever supervises the department it lies in."""

from __future__ import annotations

from sqlalchemy import Connection, select

from engine.organisation.rules import Actor, Right
from engine.procedures.reads import supervised_departments
from engine.procedures.tables import procedures


def oversees(db: Connection, actor: Actor, procedure_id: int, department_id: int) -> bool:
    """Two statements at most; none for who supervises nothing."""
    if not actor.may(Right.SUPERVISE):
        return False
    watched = supervised_departments(db, actor)
    if department_id in watched:
        return True
    return db.scalar(select(procedures.c.department_id).where(procedures.c.id == procedure_id)) in watched
