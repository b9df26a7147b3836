"""Which cases are to be looked at, and how a new table of rules reaches them all without stopping anybody."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.supervision.cards import kept
from engine.supervision.cards.ready_made import READY_MADE
from engine.supervision.cards.tables import card_looks, card_tables

_AT_ONCE: Final = 500


def make_ready(db: Connection) -> None:
    """Reads the conditions in use, which takes a while the first time: before anybody is kept from writing."""
    found = kept.newest(db)
    for rule in READY_MADE if found is None else found.rules:
        rule.read()


def due_looks(db: Connection, *, at: datetime, limit: int = 100) -> tuple[int, ...]:
    """Cases whose look is due, the longest first: read from one index, whatever the number of open tasks."""
    rows = db.scalars(
        select(card_looks.c.case_id)
        .where(card_looks.c.next_at <= at)
        .order_by(card_looks.c.next_at, card_looks.c.case_id)
        .limit(limit)
    )
    return tuple(rows)


def due_sweeps(db: Connection, *, at: datetime, limit: int = 1) -> tuple[int, ...]:
    """Versions of the rules of which not every case was told yet."""
    rows = db.scalars(
        select(card_tables.c.version)
        .where(card_tables.c.office_id == OFFICE, card_tables.c.swept_to.is_not(None), card_tables.c.saved_at <= at)
        .order_by(card_tables.c.version)
        .limit(limit)
    )
    return tuple(rows)


def sweep(db: Connection, *, version: int) -> bool:
    """The next few hundred cases are due to be looked at. False where all of them were told."""
    here = card_tables.c.office_id == OFFICE, card_tables.c.version == version
    reached = db.execute(select(card_tables.c.swept_to).where(*here).with_for_update()).scalar()
    if reached is None:
        return False
    ids = db.scalars(
        select(card_looks.c.case_id)
        .where(card_looks.c.office_id == OFFICE, card_looks.c.case_id > reached)
        .order_by(card_looks.c.case_id)
        .limit(_AT_ONCE)
    ).all()
    now = clock.now()
    # What somebody is at this moment doing something to is looked at for that within a minute: nobody waits here.
    free = db.scalars(
        select(card_looks.c.case_id)
        .where(card_looks.c.office_id == OFFICE, card_looks.c.case_id.in_(ids), card_looks.c.next_at > now)
        .with_for_update(skip_locked=True)
    ).all()
    if free:
        db.execute(
            update(card_looks)
            .where(card_looks.c.office_id == OFFICE, card_looks.c.case_id.in_(free))
            .values(next_at=now)
        )
    done = len(ids) < _AT_ONCE
    db.execute(update(card_tables).where(*here).values(swept_to=None if done else ids[-1]))
    return bool(ids)
