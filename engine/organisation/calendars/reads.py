"""What can be asked of calendars: by which one somebody works, which years are missing.

A calendar is read whole and kept in the process by `offices.calendars_version`: every change gives it another number,
one that no other database has, so a change counts at once in every process, and whatever was counted by another
version than today's is to be counted anew: whoever keeps due dates keeps the version beside them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Table, select

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.once import once
from engine.base.prepared import Prepared
from engine.base.text import Name, Text
from engine.organisation.calendars import rules
from engine.organisation.calendars.tables import calendar_days, calendar_warnings, calendar_years
from engine.organisation.calendars.tables import calendars as table
from engine.organisation.rules import NotFounded
from engine.organisation.tables import departments, offices
from engine.worktime.calendar import Exceptional, WorkCalendar

CALENDAR: Final = Text(en="calendar", zh="日历")
_MOST_KEPT: Final = 8

Rows = list[Row[*tuple[Any, ...]]]


@frozen
class House:
    """Every calendar of the office as it stood at a version. The same version is the same object."""

    version: int
    office: WorkCalendar
    of: Mapping[int, WorkCalendar]  # of every department, whether its own or another's


@frozen
class MissingYear:
    """A year that is here or near and whose notice has not been taken in."""

    calendar_id: int
    department_id: int | None
    of: Name
    country: str
    year: int


_kept: dict[int, House] = {}


def calendar_of(db: Connection, department_id: int | None = None, version: int | None = None) -> WorkCalendar:
    """By which a department works, or the office: its own, else that of the department above, else the office's.

    No statement where `version` is given, as `offices.calendars_version` was read in this transaction, and is known.
    Raises NotFounded.
    """
    house = _house(db, version)
    if department_id is None:
        return house.office
    found = house.of.get(department_id)
    if found is None:  # a department that was added since
        _kept.pop(house.version, None)
        house = _house(db, None)
        found = house.of.get(department_id, house.office)
    return found


_VERSION: Final = Prepared(select(offices.c.calendars_version).where(offices.c.id == OFFICE))


def calendars_version(db: Connection) -> int:
    """Raises NotFounded."""
    return once(db, "calendars' version", lambda: _version_now(db))


def _version_now(db: Connection) -> int:
    row = _VERSION.first(db, {})
    if row is None:
        raise NotFounded()
    return int(row.calendars_version)


def _house(db: Connection, version: int | None) -> House:
    asked = calendars_version(db) if version is None else version
    known = _kept.get(asked)
    while known is None:
        known = _loaded(db, asked)
        # Read committed: somebody may have changed a calendar between two of these statements.
        now = calendars_version(db)
        if now != asked:
            asked, known = now, _kept.get(now)
        elif asked:  # 0: an office that never had a calendar, which may be any
            while len(_kept) >= _MOST_KEPT:
                _kept.pop(next(iter(_kept)), None)
            _kept[asked] = known
    return known


def _loaded(db: Connection, version: int) -> House:
    zone = db.scalar(select(offices.c.zone).where(offices.c.id == OFFICE))
    if zone is None:
        raise NotFounded()
    own = {row.department_id: row for row in db.execute(select(table))}
    days: dict[tuple[int, str], dict[date, Exceptional]] = defaultdict(dict)
    for row in db.execute(select(calendar_days)):
        days[row.calendar_id, row.country][row.day] = exceptional(row)
    years: dict[tuple[int, str], set[int]] = defaultdict(set)
    for row in db.execute(select(calendar_years)):
        years[row.calendar_id, row.country].add(row.year)
    plain = WorkCalendar(ZoneInfo(zone), rules.PLAIN_WEEK)
    office = _built(own[None], plain, days, years) if None in own else plain
    above = {row.id: row.parent_id for row in db.execute(select(departments.c.id, departments.c.parent_id))}
    found: dict[int, WorkCalendar] = {}
    for department in above:
        _find(department, above, own, office, found, days, years)
    return House(version, office, found)


Days = Mapping[tuple[int, str], Mapping[date, Exceptional]]
Years = Mapping[tuple[int, str], set[int]]


def _find(
    department: int,
    above: Mapping[int, int | None],
    own: Mapping[int | None, Row[*tuple[Any, ...]]],
    office: WorkCalendar,
    found: dict[int, WorkCalendar],
    days: Days,
    years: Years,
) -> WorkCalendar:
    if department not in found:
        parent = above[department]
        higher = office if parent is None else _find(parent, above, own, office, found, days, years)
        row = own.get(department)
        found[department] = higher if row is None else _built(row, higher, days, years)
    return found[department]


def _built(row: Row[*tuple[Any, ...]], above: WorkCalendar, days: Days, years: Years) -> WorkCalendar:
    """Its own days over its country's; where it has no country of its own, over those of the calendar above."""
    zone = ZoneInfo(row.zone) if row.zone else above.zone
    week = rules.week_kept(row.week) if row.week else above.week
    if row.country:
        key = (row.id, row.country)
        above = WorkCalendar(zone, week, days.get(key, {}), published=frozenset(years.get(key, ())))
    return WorkCalendar(zone, week, days.get((row.id, rules.OWN), {}), above=above)


def exceptional(row: Row[*tuple[Any, ...]]) -> Exceptional:
    return Exceptional(row.works, Name(row.name_en, row.name_zh), row.source, rules.hours_kept(row.hours))


def years_missing(db: Connection, at: datetime) -> tuple[MissingYear, ...]:
    """Of each calendar that goes by a country: the year it is, and the next one from three months ahead."""
    zone = calendar_of(db).zone
    wanted = rules.years_wanted(at.astimezone(zone).date())
    rows = db.execute(
        select(table, departments.c.name_en, departments.c.name_zh)
        .join_from(table, departments, departments.c.id == table.c.department_id, isouter=True)
        .where(table.c.country.is_not(None))
        .order_by(table.c.department_id.is_not(None), table.c.id)
    ).all()
    if not rows:
        return ()
    taken = _keys(db, calendar_years, wanted)  # fmt: skip
    return tuple(_missing(db, row, year) for row in rows for year in wanted if (row.id, row.country, year) not in taken)


def _missing(db: Connection, row: Row[*tuple[Any, ...]], year: int) -> MissingYear:
    if row.department_id is None:
        office = db.execute(select(offices.c.name_en, offices.c.name_zh).where(offices.c.id == OFFICE)).one()
        name = Name(office.name_en, office.name_zh)
    else:
        name = Name(row.name_en, row.name_zh)
    return MissingYear(row.id, row.department_id, name, row.country, year)


def years_to_tell(db: Connection, at: datetime) -> tuple[MissingYear, ...]:
    """Those missing that nobody was warned of yet."""
    missing = years_missing(db, at)
    if not missing:
        return ()
    told = _keys(db, calendar_warnings, {one.year for one in missing})
    return tuple(one for one in missing if (one.calendar_id, one.country, one.year) not in told)


def _keys(db: Connection, of: Table, years: Iterable[int]) -> set[tuple[int, str, int]]:
    rows = db.execute(select(of.c.calendar_id, of.c.country, of.c.year).where(of.c.year.in_(tuple(years))))
    return {(row.calendar_id, row.country, row.year) for row in rows}
