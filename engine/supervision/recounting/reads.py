"""How often history was counted again, why, and how far one that runs has come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.text import Name
from engine.organisation.rules import Actor
from engine.organisation.tables import persons
from engine.supervision.recounting import rules
from engine.supervision.recounting.tables import recounts

_t = recounts.c
_SHOWN = 20


@frozen
class Recount:
    recount_id: int
    asked_by: Name
    asked_at: datetime
    ended_at: datetime | None
    cases: int
    looked_at: int
    recounted: int
    """Steps and ends of cases."""
    reason: str

    @property
    def done(self) -> float:
        """A part of 1; cases that began since are not counted among all of them."""
        return 1.0 if self.ended_at else min(self.looked_at / self.cases, 1.0) if self.cases else 0.0


def running(db: Connection) -> int | None:
    return db.scalar(select(_t.id).where(_t.office_id == OFFICE, _t.ended_at.is_(None)).order_by(_t.id).limit(1))


def recount_list(db: Connection, *, actor: Actor) -> tuple[Recount, ...]:
    """The newest first. Raises NotYoursToRecount."""
    rules.must_recount(actor)
    rows = db.execute(
        select(recounts, persons.c.name_en, persons.c.name_zh)
        .join(persons, persons.c.id == _t.asked_by)
        .where(_t.office_id == OFFICE)
        .order_by(_t.id.desc())
        .limit(_SHOWN)
    )
    return tuple(
        Recount(
            row.id, Name(row.name_en, row.name_zh), row.asked_at, row.ended_at, row.cases, row.looked_at,
            row.recounted, row.reason,
        )
        for row in rows
    )  # fmt: skip
