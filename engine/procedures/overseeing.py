"""Who watches over a task: whoever supervises its procedure, and whoever supervises the department it lies in."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from engine.organisation.rules import Actor, Right
from engine.procedures.reads import supervised_departments
from engine.procedures.tables import procedures


def overseen(db: Connection, actor: Actor, of: Iterable[tuple[int, int | None]]) -> frozenset[tuple[int, int | None]]:
    """Of these, each a procedure and the department that the task lies in, those over which the actor watches."""
    wanted = frozenset(of)
    watched = supervised_departments(db, actor) if wanted and actor.may(Right.SUPERVISE) else frozenset[int]()
    if not watched:
        return frozenset()
    asked = procedures.c.id.in_({procedure_id for procedure_id, _department_id in wanted})
    mine = frozenset(db.scalars(select(procedures.c.id).where(asked, procedures.c.department_id.in_(watched))))
    return frozenset(one for one in wanted if one[0] in mine or one[1] in watched)


def oversees(db: Connection, actor: Actor, procedure_id: int, department_id: int) -> bool:
    """Two statements at most; none for who supervises nothing."""
    if not actor.may(Right.SUPERVISE):
        return False
    watched = supervised_departments(db, actor)
    if department_id in watched:
        return True
    return db.scalar(select(procedures.c.department_id).where(procedures.c.id == procedure_id)) in watched
