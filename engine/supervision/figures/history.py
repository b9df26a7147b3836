"""The past, streamed: tasks and cases of a procedure one after the other, whatever their number. For who learns from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection, select

from engine.base import clock
from engine.base.database import OFFICE
from engine.cases.tables import cases
from engine.organisation.calendars.reads import calendar_of
from engine.supervision.figures.rules import CaseSpan, Spell
from engine.supervision.figures.sight import midnight
from engine.supervision.figures.spells import case_spans, spells

_TOGETHER: Final = 500
_DAY: Final = timedelta(days=1)


def finished(db: Connection, *, procedure_id: int, since: date, until: date) -> Iterator[Spell]:
    """Every task of a step of the cases that ended in the period, cancelled cases too. A case's lie together, by number.

    No actor is asked: it is for background work, whoever shows what comes of it asks.
    """
    for some in _ended(db, procedure_id, since, until):
        yield from spells(db, cases.c.id.in_(some), now=clock.now())


def cases_between(
    db: Connection, *, procedure_id: int, since: date, until: date, open_too: bool = False
) -> Iterator[CaseSpan]:
    """Those that ended in the period; with `open_too` also those that have not ended yet, whenever they began."""
    for some in _ended(db, procedure_id, since, until):
        yield from case_spans(db, cases.c.id.in_(some))
    if open_too:
        yield from case_spans(db, cases.c.procedure_id == procedure_id, cases.c.ended_at.is_(None))


def standing(db: Connection, *, procedure_id: int) -> Iterator[Spell]:
    """Every task of a step of the cases that are open now, closed ones too."""
    last = 0
    while True:
        found = list(
            db.scalars(
                select(cases.c.id)
                .where(
                    cases.c.office_id == OFFICE, cases.c.procedure_id == procedure_id, cases.c.ended_at.is_(None),
                    cases.c.id > last,
                )
                .order_by(cases.c.id)
                .limit(_TOGETHER)
            )
        )  # fmt: skip
        if not found:
            return
        yield from spells(db, cases.c.id.in_(found), now=clock.now())
        last = found[-1]


def _ended(db: Connection, procedure_id: int, since: date, until: date) -> Iterator[list[int]]:
    """Ids of cases by when they ended, so many at a time."""
    zone = calendar_of(db).zone
    begin, end = midnight(since, zone), midnight(until + _DAY, zone)
    last = 0
    while True:
        rows = db.execute(
            select(cases.c.id, cases.c.ended_at)
            .where(
                cases.c.office_id == OFFICE, cases.c.procedure_id == procedure_id, cases.c.ended_at.is_not(None),
                cases.c.ended_at >= begin, cases.c.ended_at < end,
                (cases.c.ended_at > begin) | (cases.c.id > last),
            )
            .order_by(cases.c.ended_at, cases.c.id)
            .limit(_TOGETHER)
        ).all()  # fmt: skip
        if not rows:
            return
        yield [row.id for row in rows]
        begin, last = rows[-1].ended_at, rows[-1].id
