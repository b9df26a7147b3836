"""What the engine has to do by itself: found without all that reviews are told with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, select

from engine.control.tables import approvals
from engine.procedures.rules import EditionState
from engine.procedures.tables import editions


def due_editions(db: Connection, *, at: datetime) -> tuple[int, ...]:
    """Approved editions whose day has come, earliest first."""
    return tuple(
        db.scalars(
            select(approvals.c.edition_id)
            .join(editions, and_(editions.c.id == approvals.c.edition_id, editions.c.state == EditionState.APPROVED))
            .where(approvals.c.due_at <= at)
            .order_by(approvals.c.due_at, approvals.c.edition_id)
        )
    )
