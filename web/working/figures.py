"""How background work stands, from rows alone: every process tells the same."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from engine.base import clock
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.working import reads, rules
from engine.working.reads import Told
from web.working.kinds import Errand, Handler
from web.working.registry import ERRANDS, HANDLERS

MOST: int = 1000
"""More than so many are not counted."""


@frozen
class Line:
    """One handler: what it has done, what is due now, and how much of that has been for long. None: it is not known."""

    name: str
    title: Text
    told: Told
    due: int | None
    late: int
    troubles: int


def lines(db: Connection) -> tuple[Line, ...]:
    told, troubles = reads.told(db), reads.troubles_by_handler(db)
    handlers = [_of_handler(db, one, told.get(one.name), troubles.get(one.name, 0)) for one in HANDLERS]
    return (*handlers, *(_of_errand(db, one, told.get(one.name)) for one in ERRANDS))


def _of_handler(db: Connection, handler: Handler, told: Told | None, troubles: int) -> Line:
    due = len(handler.due(db, clock.now(), MOST))
    late = _due_at(db, handler, clock.now() - rules.LATE_AFTER, MOST) if due else 0
    return Line(handler.name, handler.title, told or Told(handler.name), due, late, troubles)


def _of_errand(db: Connection, errand: Errand, told: Told | None) -> Line:
    waiting = None if errand.waiting is None else errand.waiting(db)
    return Line(errand.name, errand.title, told or Told(errand.name), waiting, 0, 0)


def _due_at(db: Connection, handler: Handler, moment: datetime, limit: int) -> int:
    """How much was due already then. What goes by the day and not by the moment is asked as of then."""
    with clock.reading(lambda: moment):
        return len(handler.due(db, moment, limit))


_SINCE: tuple[timedelta, ...] = (
    timedelta(days=7), timedelta(days=1), timedelta(hours=1), timedelta(minutes=15), rules.LATE_AFTER,
)  # fmt: skip


def late_for(db: Connection, handler: Handler) -> timedelta | None:
    """For how long, at least, the earliest of what is due has been late. None: nothing is."""
    now = clock.now()
    if not _due_at(db, handler, now - rules.LATE_AFTER, 1):
        return None
    return next(one for one in _SINCE if one == rules.LATE_AFTER or _due_at(db, handler, now - one, 1))
