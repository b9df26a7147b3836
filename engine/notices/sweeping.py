"""Notices that were read long ago are not kept for ever; what is unread, or waits to be sent, is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from engine.base.database import OFFICE
from engine.notices.tables import notices
from engine.organisation.tables import persons

AT_ONCE = 500
"""How many go in one transaction: others write meanwhile."""


def told_persons(db: Connection) -> tuple[int, ...]:
    """Everybody who may have been told anything."""
    return tuple(db.scalars(select(persons.c.id).order_by(persons.c.id)))


def to_sweep(db: Connection, *, person_id: int, before: datetime) -> tuple[int, ...]:
    """What one person read before that moment and nothing waits for, the oldest first."""
    return tuple(
        db.scalars(
            select(notices.c.id)
            .where(
                notices.c.office_id == OFFICE, notices.c.person_id == person_id, notices.c.read_at < before,
                notices.c.sort_at.is_(None),
            )
            .order_by(notices.c.id)
            .limit(AT_ONCE)
        )
    )  # fmt: skip


def sweep(db: Connection, *, person_id: int, before: datetime) -> int:
    """The next of them; how many are gone now. What was told stands in the record of its case all the same."""
    found = to_sweep(db, person_id=person_id, before=before)
    if found:
        db.execute(
            delete(notices).where(
                notices.c.office_id == OFFICE, notices.c.person_id == person_id, notices.c.id.in_(found)
            )
        )
    return len(found)
