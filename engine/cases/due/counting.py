"""Due dates by the calendar of whoever owns a task, and as they are kept with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Label, select

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.cases.due import rules
from engine.cases.due.rules import Later
from engine.cases.rules import NO_DUE
from engine.organisation.calendars.reads import calendar_of
from engine.organisation.tables import offices
from engine.worktime.spans import Span


@frozen
class Kept:
    """`counted_by`: by which version of the calendars, where a holiday may be told yet that moves it; else None."""

    at: datetime
    counted_by: int | None = None

    @property
    def columns(self) -> dict[str, Any]:
        return {"due_at": self.at, "provisional": self.counted_by}


_NEVER: Final = Kept(NO_DUE)
_VERSION: Final = select(offices.c.calendars_version).where(offices.c.id == OFFICE)


def calendars_version() -> Label[Any]:
    """A column of each SELECT that locks a case: a calendar that is known in this version costs no statement."""
    return _VERSION.scalar_subquery().label("calendars_version")


def begun(
    db: Connection,
    span: Span | None,
    department_id: int | None,
    at: datetime,
    *,
    version: int | None = None,
    later: Iterable[Later] = (),
) -> Kept:
    """When it is due that a department begins at `at`, after all that has moved it. `version` where it is known."""
    if span is None:
        return _NEVER
    due = rules.counted(span, calendar_of(db, department_id, version=version), at, later)
    if not due.provisional:
        return Kept(due.at)
    return Kept(due.at, db.scalar(_VERSION) if version is None else version)


@frozen
class Clock:
    """An open task as far as its due date goes. `working`: it counts what its department works."""

    due_at: datetime
    opened_at: datetime
    department_id: int
    working: bool
    step: bool = True  # drawn in the diagram: what was asked beside it is due on a day that somebody named

    @classmethod
    def of(cls, row: Any, span: Span | None) -> Clock:
        """`row`: one of `tasks`. Whoever is asked beside the diagram answers in the office's hours."""
        working = row.kind is not None or rules.is_working(span)
        return cls(row.due_at, row.opened_at, row.department_id, working, row.kind is None)

    def due(self, at: datetime) -> Clock:
        return replace(self, due_at=at)


def rested(db: Connection, clock: Clock, begin: datetime, end: datetime, *, version: int | None = None) -> Kept:
    """What was opened while the case rested has waited only since then."""
    calendar = calendar_of(db, clock.department_id, version=version)
    since = max(begin, clock.opened_at)
    due = rules.moved_on(clock.due_at, calendar, since, end, working=clock.working)
    return _kept(db, clock, due, version)


def granted(db: Connection, clock: Clock, days: int, *, version: int | None = None) -> Kept:
    calendar = calendar_of(db, clock.department_id, version=version)
    return _kept(db, clock, rules.extended(clock.due_at, calendar, days, working=clock.working), version)


def _kept(db: Connection, clock: Clock, due: datetime, version: int | None) -> Kept:
    if due >= NO_DUE or not (clock.working and clock.step):
        return Kept(due)
    if not rules.runs_through_untold(calendar_of(db, clock.department_id, version=version), clock.opened_at, due):
        return Kept(due)
    return Kept(due, db.scalar(_VERSION) if version is None else version)
