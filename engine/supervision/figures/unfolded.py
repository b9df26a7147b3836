"""What was closed and is not folded yet, as it will change the sums."""

from __future__ import annotations

from collections.abc import Set
from typing import Final

from sqlalchemy import Connection, func, select

from engine.base.frozen import frozen
from engine.base.once import once
from engine.supervision.figures import kept
from engine.supervision.figures.contributions import Contributions, Key, found
from engine.supervision.figures.folding import changed, difference
from engine.supervision.figures.sums import Adds
from engine.supervision.figures.tables import notes

MOST_PENDING: Final = 2_000
"""So many are added while somebody reads. While more wait, as after an upgrade, figures lag: `waiting` tells how many."""


def waiting(db: Connection) -> int:
    """How many notes are not folded yet."""
    return db.scalar(select(func.count()).select_from(notes)) or 0


def pending(db: Connection) -> Adds:
    """What was closed and is not folded yet."""
    return once(db, "figures not folded", lambda: _pending(db))


def _pending(db: Connection) -> Adds:
    one = noted(db)
    return difference(changed(one.told, one.was), changed(one.was, one.told))


@frozen
class Noted:
    """`keys`: what the notes name; `told`: of those, what they come to now; `was`: what is kept of them."""

    keys: Set[Key]
    told: Contributions
    was: Contributions


def noted(db: Connection) -> Noted:
    return once(db, "notes of figures", lambda: _noted(db))


def _noted(db: Connection) -> Noted:
    rows = db.execute(
        select(notes.c.id, notes.c.case_id, notes.c.task_number).order_by(notes.c.id.desc()).limit(MOST_PENDING)
    ).all()
    keys: set[Key] = {(row.case_id, row.task_number) for row in rows}
    told, was = (found(db, keys), kept.kept(db, keys)) if keys else (Contributions(), Contributions())
    return Noted(keys, told, was)
