"""Which cases a person may see, and the list of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, false, literal, or_, select, tuple_

from engine.base.database import OFFICE
from engine.cases.tables import cases, tasks
from engine.organisation.rules import Actor
from engine.procedures.reads import supervised_departments
from engine.procedures.tables import procedures


def visible_to(db: Connection, actor: Actor) -> ColumnElement[bool]:
    """A condition on `cases`: those the person started, has or had a task in by a post, or supervises."""
    took_part = exists().where(
        tasks.c.office_id == cases.c.office_id, tasks.c.case_id == cases.c.id, tasks.c.post_id.in_(actor.post_ids)
    )
    watched = supervised_departments(db, actor)
    return or_(
        cases.c.started_by == actor.person_id,
        took_part if actor.post_ids else false(),
        _supervised(watched) if watched else false(),
    )


def _supervised(watched: frozenset[int]) -> ColumnElement[bool]:
    answered_for = select(procedures.c.id).where(procedures.c.department_id.in_(watched))
    in_hand = exists().where(
        tasks.c.office_id == cases.c.office_id, tasks.c.case_id == cases.c.id, tasks.c.department_id.in_(watched)
    )
    return or_(cases.c.procedure_id.in_(answered_for), in_hand)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case as listed. `open_tasks` are the names of the steps it stands at."""

    case_id: int
    number: str
    matter: str
    applicant: str
    procedure: str
    started_at: datetime
    ended_at: datetime | None


def case_list(
    db: Connection,
    *,
    actor: Actor,
    words: str = "",
    procedure_id: int | None = None,
    ended: bool | None = None,
    before: datetime | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> tuple[CaseLine, ...]:
    """Newest first; `before` and `before_id` continue behind the last one shown: many may have begun together.

    `words`: in number, matter, applicant.
    """
    query = (
        select(
            cases.c.id, cases.c.number, cases.c.matter, cases.c.applicant, cases.c.started_at, cases.c.ended_at,
            procedures.c.name,
        )
        .join(procedures, procedures.c.id == cases.c.procedure_id)
        .where(cases.c.office_id == OFFICE, visible_to(db, actor))
        .order_by(cases.c.started_at.desc(), cases.c.id.desc())
        .limit(limit)
    )  # fmt: skip
    for word in words.replace("\0", " ").split()[:5]:
        pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.where(
            or_(*(column.ilike(pattern, escape="\\") for column in (cases.c.number, cases.c.matter, cases.c.applicant)))
        )
    if procedure_id is not None:
        query = query.where(cases.c.procedure_id == procedure_id)
    if ended is not None:
        query = query.where(cases.c.ended_at.is_not(None) if ended else cases.c.ended_at.is_(None))
    if before is not None and before_id is not None:
        shown = tuple_(literal(before, cases.c.started_at.type), literal(before_id, cases.c.id.type))
        query = query.where(tuple_(cases.c.started_at, cases.c.id) < shown)
    elif before is not None:
        query = query.where(cases.c.started_at < before)
    return tuple(
        CaseLine(row.id, row.number, row.matter, row.applicant, row.name, row.started_at, row.ended_at)
        for row in db.execute(query)
    )
