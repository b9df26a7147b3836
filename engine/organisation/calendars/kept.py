"""What every act on calendars shares: the office's row locked, the entry in its record, the new version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from engine.base.database import OFFICE, new_id
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name
from engine.organisation import reads as organisation
from engine.organisation.calendars import rules
from engine.organisation.calendars.tables import calendars
from engine.organisation.rules import Actor, NotFounded, must_administer
from engine.organisation.tables import departments, offices
from engine.records.journal import Chain, write


@frozen
class Held:
    """The office's row, locked: one change of its calendars follows another."""

    office: Row[*tuple[Any, ...]]
    by: Actor | None

    @property
    def person_id(self) -> int | None:
        return None if self.by is None else self.by.person_id


def held(db: Connection, by: Actor | None) -> Held:
    """`by` None is the founding. Raises NotAllowed, NotFounded."""
    must_administer(by)
    row = db.execute(select(offices).where(offices.c.id == OFFICE).with_for_update()).first()
    if row is None:
        raise NotFounded()
    return Held(row, by)


def calendar_row(db: Connection, department_id: int | None) -> Row[*tuple[Any, ...]]:
    """The calendar of its own; the office's is made where there is none yet. Raises NotFound, CalendarAbove."""
    found = db.execute(select(calendars).where(calendars.c.department_id == department_id)).first()
    if found is not None:
        return found
    if department_id is not None:
        raise rules.CalendarAbove(department=department_name(db, department_id))
    db.execute(insert(calendars).values(week=rules.kept_week(rules.PLAIN_WEEK)))
    return db.execute(select(calendars).where(calendars.c.department_id.is_(None))).one()


def department_name(db: Connection, department_id: int) -> Name:
    row = db.execute(
        select(departments.c.name_en, departments.c.name_zh).where(departments.c.id == department_id)
    ).first()
    if row is None:
        raise NotFound(what=organisation.DEPARTMENT)
    return Name(row.name_en, row.name_zh)


def changed(db: Connection, office: Held, act: str, facts: Mapping[str, Any], *, department_id: int | None) -> None:
    """Writes the entry; with the new version whatever was counted by another is due to be counted anew."""
    chain = write(
        db, Chain(office.office.chain, office.office.chain_length, office.office.chain_head), act=act,
        by=office.person_id, facts={"department": department_id, **facts},
    )  # fmt: skip
    db.execute(update(offices).where(offices.c.id == OFFICE).values(chain_length=chain.length, chain_head=chain.head))
    renumbered(db, office.office.calendars_version)


def moved(db: Connection, version: int) -> None:
    """A department stands under another one: where departments have calendars it may go by another from now on."""
    if db.scalar(select(calendars.c.id).where(calendars.c.department_id.is_not(None)).limit(1)) is not None:
        renumbered(db, version)


def renumbered(db: Connection, before: int) -> None:
    """A number of no other database and no other transaction: what is kept under one is never something else."""
    version = max(new_id(), before + 1)
    db.execute(update(offices).where(offices.c.id == OFFICE).values(calendars_version=version))
