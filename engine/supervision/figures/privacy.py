"""Who sees figures of persons. Only whom the office has allowed it to, and only of departments that they supervise."""

from __future__ import annotations

from typing import Final

import orjson
from sqlalchemy import Connection, select

from engine.base.database import OFFICE
from engine.organisation.rules import Actor
from engine.organisation.tables import offices
from engine.procedures.reads import supervised_departments
from engine.records.tables import entries
from engine.supervision.figures.rules import PeopleNotShown, PeopleNotYours
from engine.supervision.reads import must_watch

ALLOWING: Final = "allow_figures_of_persons"


def people_allowed(db: Connection) -> bool:
    """Whether the office lets supervisors see figures of persons: as the record says last; not, where it is silent."""
    said = db.scalar(
        select(entries.c.facts)
        .join(offices, offices.c.chain == entries.c.chain)
        .where(entries.c.office_id == OFFICE, offices.c.id == OFFICE, entries.c.act == ALLOWING)
        .order_by(entries.c.number.desc())
        .limit(1)
    )
    return said is not None and bool(orjson.loads(said)["allowed"])


def must_see_people(db: Connection, actor: Actor, department_ids: frozenset[int] | None) -> frozenset[int]:
    """The departments whose persons somebody may see figures of. Raises PeopleNotShown, PeopleNotYours."""
    must_watch(actor)
    if not people_allowed(db):
        raise PeopleNotShown()
    watched = supervised_departments(db, actor)
    if department_ids is None:
        return watched
    if not department_ids <= watched:
        raise PeopleNotYours()
    return department_ids


def is_entitled(db: Connection, actor: Actor) -> frozenset[int]:
    """The departments whose persons somebody may see figures of; none where the office has not allowed it."""
    return supervised_departments(db, actor) if people_allowed(db) else frozenset()
