"""What every part of supervision asks: who may watch, what cannot go on by itself, what is waited for from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import Connection, and_, func, select

from engine.base.database import OFFICE
from engine.base.errors import NotAllowed
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.cases.tables import cases, incidents
from engine.connectors.reads import Call, waiting_in
from engine.organisation.rules import Actor, Right
from engine.procedures.reads import element_names, supervised_departments
from engine.procedures.tables import procedures

_FOR_SUPERVISORS: Final = Text(
    en="the watch is for posts that supervise a department", zh="监督台限负有监督职责的岗位使用"
)


@frozen
class OpenIncident:
    case_id: int
    case_number: str
    number: int
    procedure: str
    element: str
    name: str
    kind: str
    facts: dict[str, str]
    opened_at: datetime


def must_watch(actor: Actor) -> None:
    if not actor.may(Right.SUPERVISE):
        raise NotAllowed(why=_FOR_SUPERVISORS)


def incidents_open(db: Connection) -> int:
    """How many there are in the whole office, for whoever watches over the installation."""
    return db.scalar(select(func.count()).select_from(incidents).where(incidents.c.closed_at.is_(None))) or 0


def open_incidents(db: Connection, *, actor: Actor, limit: int = 100) -> tuple[OpenIncident, ...]:
    """Oldest first, of the procedures the person supervises."""
    must_watch(actor)
    watched = supervised_departments(db, actor)
    rows = db.execute(
        select(incidents, cases.c.number.label("case_number"), cases.c.edition_id, procedures.c.name.label("procedure"))
        .join(cases, and_(cases.c.office_id == incidents.c.office_id, cases.c.id == incidents.c.case_id))
        .join(procedures, procedures.c.id == cases.c.procedure_id)
        .where(
            incidents.c.office_id == OFFICE, incidents.c.closed_at.is_(None), procedures.c.department_id.in_(watched)
        )
        .order_by(incidents.c.opened_at)
        .limit(limit)
    ).all()
    return tuple(
        OpenIncident(
            row.case_id, row.case_number, row.number, row.procedure, row.element,
            element_names(db, row.edition_id).get(row.element, row.element), row.kind, orjson.loads(row.facts),
            row.opened_at,
        )
        for row in rows
    )  # fmt: skip


def waiting_calls(db: Connection, *, actor: Actor, limit: int = 50) -> tuple[Call, ...]:
    """What the cases of supervised procedures wait for of connectors, the longest waiting first."""
    must_watch(actor)
    watched = supervised_departments(db, actor)
    mine = select(procedures.c.id).where(procedures.c.department_id.in_(watched))
    return waiting_in(db, mine, limit)
