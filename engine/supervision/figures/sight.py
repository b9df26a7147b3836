"""What an actor may see figures of, and the instants between which a period lies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.once import once
from engine.base.text import Name, Text
from engine.cases.tables import tasks
from engine.organisation.calendars.reads import calendar_of
from engine.organisation.rules import Actor
from engine.organisation.tables import departments, posts
from engine.procedures.reads import supervised_departments
from engine.procedures.tables import editions, owners, procedures
from engine.supervision.figures.rules import Scope
from engine.supervision.reads import must_watch

_PROCEDURE: Final = Text(en="procedure", zh="程序")
_DAY: Final = timedelta(days=1)


@frozen
class Window:
    """The days of a scope as instants: `begin` is in it, `end` is not."""

    begin: datetime
    end: datetime
    zone: ZoneInfo

    def holds(self, instant: datetime | None) -> bool:
        return instant is not None and self.begin <= instant < self.end

    def day_of(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()


@frozen
class Elsewhere:
    """A procedure somebody sees figures of, and the department that answers for it, which they do not supervise."""

    procedure_id: int
    name: str
    department: Text


def window(db: Connection, scope: Scope, version: int | None = None) -> Window:
    zone = calendar_of(db, version=version).zone
    return Window(midnight(scope.since, zone), midnight(scope.until + _DAY, zone), zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


def days_of(since: date, until: date) -> Iterator[date]:
    for number in range((until - since).days + 1):
        yield since + number * _DAY


def seen(db: Connection, actor: Actor, procedure_id: int | None = None) -> frozenset[int]:
    """The procedures that somebody sees figures of: answered for, or with a lane or open task, in a department they
    supervise. Raises NotAllowed for who supervises nothing, NotFound where `procedure_id` is none of them.
    """
    must_watch(actor)
    watched = supervised_departments(db, actor)
    found = once(db, ("procedures seen", watched), lambda: _seen(db, watched))
    if procedure_id is None:
        return found
    if procedure_id not in found:
        raise NotFound(what=_PROCEDURE)
    return frozenset({procedure_id})


def answered_for(db: Connection, department_ids: frozenset[int]) -> frozenset[int]:
    """The procedures that departments answer for."""
    asked = select(procedures.c.id).where(procedures.c.department_id.in_(sorted(department_ids)))
    return once(db, ("procedures answered for", department_ids), lambda: frozenset(db.scalars(asked)))


def answered_for_elsewhere(db: Connection, *, actor: Actor, procedure_id: int) -> Elsewhere | None:
    """None where the person supervises that department, and where they see nothing of the procedure."""
    if procedure_id not in seen(db, actor):
        return None
    row = db.execute(
        select(procedures.c.name, departments.c.id, departments.c.name_en, departments.c.name_zh)
        .join(departments, departments.c.id == procedures.c.department_id)
        .where(procedures.c.id == procedure_id)
    ).one()
    if row.id in supervised_departments(db, actor):
        return None
    return Elsewhere(procedure_id, row.name, Name(row.name_en, row.name_zh))


def _seen(db: Connection, watched: frozenset[int]) -> frozenset[int]:
    drawn = (
        select(editions.c.procedure_id)
        .join(owners, owners.c.edition_id == editions.c.id)
        .join(posts, posts.c.id == owners.c.post_id)
        .where(posts.c.department_id.in_(watched))
    )
    waits = select(tasks.c.procedure_id).where(
        tasks.c.office_id == OFFICE, tasks.c.closed_at.is_(None), tasks.c.department_id.in_(watched),
        tasks.c.kind.is_(None),
    )  # fmt: skip
    mine = procedures.c.department_id.in_(watched) | procedures.c.id.in_(drawn) | procedures.c.id.in_(waits)
    return frozenset(db.scalars(select(procedures.c.id).where(mine)))
