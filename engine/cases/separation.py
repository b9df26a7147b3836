"""Separation of duties: who did one step of a case does not do another (ISO 9001:2015, 5.3)."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from engine.base.database import OFFICE
from engine.base.text import Name
from engine.cases import rules
from engine.cases.rules import Closed
from engine.cases.tables import tasks
from engine.organisation.reads import department_name
from engine.organisation.rules import Actor
from engine.procedures.reads import element_names
from engine.procedures.runnable import Step


def must_be_apart(db: Connection, case_id: int, step: Step, actor: Actor) -> None:
    """Whoever completed the other step in this case, in any turn of it. Raises DutiesApart, DepartmentsApart."""
    by_person = {one.source for one in step.separations if one.by == "person"}
    by_department = {one.source for one in step.separations if one.by == "department"}
    departments = {post.department_id for post in actor.posts}
    met = db.execute(
        select(tasks.c.element, tasks.c.person_id, tasks.c.department_id)
        .where(
            tasks.c.office_id == OFFICE,
            tasks.c.case_id == case_id,
            tasks.c.edition_id == step.edition_id,
            tasks.c.closed_how == Closed.COMPLETED,
            tasks.c.element.in_(by_person | by_department),
            or_(tasks.c.person_id == actor.person_id, tasks.c.department_id.in_(departments)),
        )
        .order_by(tasks.c.number)
    )
    for row in met:
        other = element_names(db, step.edition_id).get(row.element, row.element)
        if row.element in by_person and row.person_id == actor.person_id:
            raise rules.DutiesApart(task=step.name, other=Name(other, other))
        if row.element in by_department and row.department_id in departments:
            department = department_name(db, row.department_id)
            raise rules.DepartmentsApart(task=step.name, other=Name(other, other), department=department)
