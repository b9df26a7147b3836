"""Administrators are warned, once, of a year that comes near and whose holidays nobody has taken in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, or_, select

from engine.base import clock
from engine.base.database import OFFICE
from engine.notices.acts import tell
from engine.organisation.calendars.reads import MissingYear, years_to_tell
from engine.organisation.calendars.tables import calendar_warnings
from engine.organisation.reads import today
from engine.organisation.rules import Right, rights_of
from engine.organisation.tables import holdings, offices, persons, posts

Key = tuple[int, str, int]


def years_due(db: Connection, *, at: datetime, limit: int) -> tuple[Key, ...]:
    """Years nobody was warned of yet, each with its calendar and country."""
    return tuple(_key(one) for one in years_to_tell(db, at)[:limit])


def warn_of_year(db: Connection, *, calendar_id: int, country: str, year: int) -> bool:
    """False where it was told already, or the year has been taken in since.

    The office's row is locked: of two who see to it at once the second finds it told.
    """
    db.execute(select(offices.c.id).where(offices.c.id == OFFICE).with_for_update()).one()
    found = next((one for one in years_to_tell(db, clock.now()) if _key(one) == (calendar_id, country, year)), None)
    if found is None:
        return False
    db.execute(
        insert(calendar_warnings).values(calendar_id=calendar_id, country=country, year=year, told_at=clock.now())
    )
    tell(db, persons=administrators(db), kind="year_missing", facts={"year": str(year), "of": found.of})
    return True


def _key(one: MissingYear) -> Key:
    return one.calendar_id, one.country, one.year


def administrators(db: Connection) -> frozenset[int]:
    """Whoever holds a post today that administers the office."""
    on = today(db)
    rows = db.execute(
        select(holdings.c.person_id, posts.c.rights)
        .join(posts, posts.c.id == holdings.c.post_id)
        .join(persons, persons.c.id == holdings.c.person_id)
        .where(
            posts.c.rights.contains(Right.ADMINISTER.value), holdings.c.from_day <= on,
            or_(holdings.c.until_day.is_(None), holdings.c.until_day >= on),
            or_(persons.c.left_on.is_(None), persons.c.left_on > on),
        )
    )  # fmt: skip
    return frozenset(row.person_id for row in rows if Right.ADMINISTER in rights_of(row.rights))
