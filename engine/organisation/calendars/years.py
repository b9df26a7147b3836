"""A year of one calendar as it is looked at: each day with what it is, and who says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name
from engine.organisation.calendars import rules
from engine.organisation.calendars.reads import calendar_of, exceptional
from engine.organisation.calendars.rules import Week
from engine.organisation.calendars.tables import calendar_days, calendar_years, calendars
from engine.organisation.reads import DEPARTMENT, office
from engine.organisation.tables import departments, persons
from engine.worktime.calendar import Hours, WorkCalendar

_DAY: Final = timedelta(days=1)


class Kind(StrEnum):
    WORKS = "works"
    RESTS = "rests"
    """Weekly rest."""
    HOLIDAY = "holiday"
    """Other than its weekday: rested."""
    MADE_UP = "made up"
    """Worked though its weekday rests (调休)."""
    OTHER_HOURS = "other hours"


@frozen
class Day:
    """`by` and `at`: who entered it; `source`: the notice or the libraries, "" where it is somebody's own word."""

    day: date
    kind: Kind
    hours: tuple[Hours, ...]
    name: Name | None = None
    source: str = ""
    by: Name | None = None
    at: datetime | None = None
    of: Name | None = None  # the office or department whose calendar says so
    own: bool = False  # this calendar's own, and can be removed from it

    @property
    def works(self) -> bool:
        return bool(self.hours)


@frozen
class TakenYear:
    year: int
    source: str
    at: datetime
    by: Name | None


@frozen
class YearOf:
    """`own`: it is a calendar of its own, else another's that it goes by. `country`: whose notices count, if any."""

    department_id: int | None
    name: Name
    own: bool
    calendar: WorkCalendar
    zone: str
    own_zone: bool
    week: Week
    own_week: bool
    country: str | None
    own_country: bool
    taken: tuple[TakenYear, ...]
    year: int
    certain: bool
    days: tuple[Day, ...]

    @property
    def exceptions(self) -> tuple[Day, ...]:
        return tuple(one for one in self.days if one.name is not None)

    @property
    def months(self) -> tuple[tuple[Day, ...], ...]:
        return tuple(tuple(one for one in self.days if one.day.month == month) for month in range(1, 13))

    @property
    def working_days(self) -> int:
        return sum(one.works for one in self.days)


@frozen
class OwnCalendar:
    """A department that has a calendar of its own."""

    department_id: int
    name: Name


@frozen
class _Layer:
    """A calendar that counts for the one looked at, from itself up to the office's."""

    row: Row[*tuple[Any, ...]]
    name: Name
    own: bool


def own_calendars(db: Connection) -> tuple[OwnCalendar, ...]:
    rows = db.execute(
        select(departments.c.id, departments.c.name_en, departments.c.name_zh)
        .join(calendars, calendars.c.department_id == departments.c.id)
        .order_by(departments.c.code)
    )
    return tuple(OwnCalendar(row.id, Name(row.name_en, row.name_zh)) for row in rows)


def year_of(db: Connection, department_id: int | None, year: int, version: int | None = None) -> YearOf:
    """Raises NotFound, YearUnfit."""
    rules.fit_year(year)
    calendar = calendar_of(db, department_id, version)
    name, layers = _layers(db, department_id)
    country = next((one for one in layers if one.row.country), None)
    said = _said(db, layers, country, year)
    taken = _taken(db, country)
    own = layers[0].own if layers else False
    return YearOf(
        department_id=department_id,
        name=name,
        own=own,
        calendar=calendar,
        zone=str(calendar.zone),
        own_zone=own and layers[0].row.zone is not None,
        week=calendar.week,
        own_week=own and layers[0].row.week is not None,
        country=country.row.country if country else None,
        own_country=country is not None and country.own,
        taken=taken,
        year=year,
        certain=calendar.is_certain(year),
        days=tuple(_days(calendar, year, said)),
    )


def _layers(db: Connection, department_id: int | None) -> tuple[Name, list[_Layer]]:
    """The name of whose calendar it is, and the calendars that count, the nearest first."""
    rows = {row.department_id: row for row in db.execute(select(calendars))}
    known = office(db)
    found: list[_Layer] = []
    names: list[Name] = []
    if department_id is not None:
        above = {row.id: row for row in db.execute(select(departments))}
        if department_id not in above:
            raise NotFound(what=DEPARTMENT)
        at: int | None = department_id
        while at is not None:
            names.append(Name(above[at].name_en, above[at].name_zh))
            if at in rows:
                found.append(_Layer(rows[at], names[-1], own=at == department_id))
            at = above[at].parent_id
    if None in rows:
        found.append(_Layer(rows[None], known.name, own=department_id is None))
    return (names or [known.name])[0], found


Said = dict[date, Day]


def _said(db: Connection, layers: list[_Layer], country: _Layer | None, year: int) -> Said:
    """What each exceptional day is by the nearest layer that speaks of it: own days over those of the country."""
    wanted: list[tuple[_Layer, str]] = []
    for layer in layers:
        wanted.append((layer, rules.OWN))
        if country is not None and layer is country:
            wanted.append((layer, layer.row.country))
            break  # a country of its own counts in the place of all above
    rows = db.execute(
        select(calendar_days, persons.c.name_en.label("by_en"), persons.c.name_zh.label("by_zh"))
        .join_from(calendar_days, persons, persons.c.id == calendar_days.c.person_id, isouter=True)
        .where(
            calendar_days.c.calendar_id.in_([layer.row.id for layer in layers]),
            calendar_days.c.day >= date(year, 1, 1), calendar_days.c.day <= date(year, 12, 31),
        )
    ).all()  # fmt: skip
    found: Said = {}
    for layer, of in reversed(wanted):
        for row in rows:
            if (row.calendar_id, row.country) == (layer.row.id, of):
                found[row.day] = _spoken(row, layer, own=layer.own and of == rules.OWN)
    return found


def _spoken(row: Row[*tuple[Any, ...]], layer: _Layer, *, own: bool) -> Day:
    told = exceptional(row)
    kind = Kind.MADE_UP if told.works else Kind.HOLIDAY
    by = Name(row.by_en, row.by_zh) if row.by_en else None
    return Day(row.day, kind, told.hours, told.name, row.source, by, row.at, layer.name, own)


def _days(calendar: WorkCalendar, year: int, said: Said) -> Iterator[Day]:
    day = date(year, 1, 1)
    while day.year == year:
        hours, usual = calendar.hours_of(day), calendar.week[day.weekday()]
        told = said.get(day)
        if told is None:
            yield Day(day, Kind.WORKS if hours else Kind.RESTS, hours)
        else:
            kind = _kind(hours, usual, by_its_own=bool(told.hours))
            yield Day(day, kind, hours, told.name, told.source, told.by, told.at, told.of, told.own)
        day += _DAY


def _kind(hours: tuple[Hours, ...], usual: tuple[Hours, ...], *, by_its_own: bool) -> Kind:
    if not hours:
        return Kind.HOLIDAY
    if hours == usual:
        return Kind.WORKS
    return Kind.OTHER_HOURS if usual and by_its_own else Kind.MADE_UP


def _taken(db: Connection, country: _Layer | None) -> tuple[TakenYear, ...]:
    if country is None:
        return ()
    rows = db.execute(
        select(calendar_years, persons.c.name_en, persons.c.name_zh)
        .join_from(calendar_years, persons, persons.c.id == calendar_years.c.person_id, isouter=True)
        .where(calendar_years.c.calendar_id == country.row.id, calendar_years.c.country == country.row.country)
        .order_by(calendar_years.c.year.desc())
    )
    return tuple(
        TakenYear(row.year, row.source, row.at, Name(row.name_en, row.name_zh) if row.name_en else None) for row in rows
    )
