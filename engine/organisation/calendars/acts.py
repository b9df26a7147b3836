"""What administrators do with calendars. Each act is written on the office's chain and gives the calendars a new version.

`department_id` None is the office's calendar. `by` None is the founding, before anybody holds a post.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from engine.base import clock
from engine.organisation.calendars import rules
from engine.organisation.calendars.kept import Held, calendar_row, changed, department_name, held
from engine.organisation.calendars.notice import NoticeDay
from engine.organisation.calendars.sources import COUNTRIES, Comparison, compare
from engine.organisation.calendars.tables import (
    calendar_days,
    calendar_warnings,
    calendar_years,
    calendars,
)
from engine.organisation.rules import Actor, fit_zone
from engine.worktime.calendar import Hours, fit_hours, fit_week


def set_hours(
    db: Connection,
    *,
    by: Actor | None,
    week: Sequence[Sequence[Hours]],
    department_id: int | None = None,
    zone: str | None = None,
) -> None:
    """Hours of each weekday, Monday first; a `zone` of its own, or that of the office. Raises HoursUnfit, NeverWorks, ZoneUnknown."""
    office = held(db, by)
    row = calendar_row(db, department_id)
    fitted = fit_week(week)
    if zone is not None:
        fit_zone(zone)
    kept = rules.kept_week(fitted)
    if (row.week, row.zone) == (kept, zone):
        return
    db.execute(update(calendars).where(calendars.c.id == row.id).values(week=kept, zone=zone))
    facts = {"week": kept, "week_before": row.week, "zone": zone, "zone_before": row.zone}
    changed(db, office, "set_hours", facts, department_id=department_id)


def set_day(
    db: Connection,
    *,
    by: Actor | None,
    day: date,
    works: bool,
    name_en: str = "",
    name_zh: str = "",
    hours: Sequence[Hours] = (),
    until: date | None = None,
    department_id: int | None = None,
) -> None:
    """A day of its own, or all up to and with `until`: rested, or worked; by hours of its own where they are given.

    It counts over what the country's notice says. Raises DayUnnamed, DaysInverted, TooManyDays, YearUnfit, HoursUnfit.
    """
    office = held(db, by)
    row = calendar_row(db, department_id)
    days = rules.fit_days(day, until or day)
    name = rules.fit_day_name(name_en, name_zh)
    fitted = fit_hours(hours) if works else ()
    _forget(db, row.id, rules.OWN, calendar_days.c.day.in_(days))
    kept = [
        {"day": one, "year": one.year, "works": works, "name_en": name.en, "name_zh": name.zh,
         "hours": rules.kept_hours(fitted) if fitted else ""}
        for one in days
    ]  # fmt: skip
    _keep(db, office, row.id, rules.OWN, "", kept)
    facts = {"from": days[0], "until": days[-1], "works": works, "name_en": name.en, "name_zh": name.zh,
             "hours": rules.in_words(fitted)}  # fmt: skip
    changed(db, office, "set_day", facts, department_id=department_id)


def remove_day(db: Connection, *, by: Actor | None, day: date, department_id: int | None = None) -> None:
    """A day of its own: it is again what the calendar above, the notice or the week says. Raises DayNotThere."""
    office = held(db, by)
    row = calendar_row(db, department_id)
    found = db.execute(
        select(calendar_days).where(
            calendar_days.c.calendar_id == row.id, calendar_days.c.country == rules.OWN, calendar_days.c.day == day
        )
    ).first()
    if found is None:
        raise rules.DayNotThere(day=day)
    _forget(db, row.id, rules.OWN, calendar_days.c.day == day)
    facts = {"day": day, "works": found.works, "name_en": found.name_en, "name_zh": found.name_zh}
    changed(db, office, "remove_day", facts, department_id=department_id)


def choose_country(db: Connection, *, by: Actor | None, country: str | None, department_id: int | None = None) -> None:
    """Whose notices count. Years taken in of another country are kept and count again when it is chosen again.

    None: those of the calendar above; of the office's, none. Raises CountryUnknown.
    """
    office = held(db, by)
    row = calendar_row(db, department_id)
    if country is not None and country not in COUNTRIES:
        raise rules.CountryUnknown(country=country)
    if country == row.country:
        return
    db.execute(update(calendars).where(calendars.c.id == row.id).values(country=country))
    facts = {"country": country, "country_before": row.country}
    changed(db, office, "choose_country", facts, department_id=department_id)


def take_in_year(
    db: Connection,
    *,
    by: Actor | None,
    year: int,
    department_id: int | None = None,
    decided: Mapping[date, bool] | None = None,
) -> Comparison:
    """From the libraries. `decided`: of the days on which they disagree, whether each is worked.

    Raises NoCountry, CountryUnknown, NotPublished, SourcesDisagree, YearUnfit.
    """
    office = held(db, by)
    row = calendar_row(db, department_id)
    if row.country is None:
        raise rules.NoCountry()
    known = compare(row.country, year)
    given = decided or {}
    open_days = [one.day for one in known.disagreements if one.day not in given]
    if open_days:
        raise rules.SourcesDisagree(days=", ".join(map(str, open_days)))
    days = [
        NoticeDay(one.day, one.works if one.agreed else given[one.day], one.name)
        for one in known.days
        if one.agreed or given[one.day] != (one.day.weekday() < 5)
    ]
    decisions = {one.day.isoformat(): given[one.day] for one in known.disagreements}
    _take_in(db, office, row, year, days, known.source, {"decided": decisions})
    return known


def take_in_list(
    db: Connection,
    *,
    by: Actor | None,
    year: int,
    days: Sequence[NoticeDay],
    title: str,
    number: str = "",
    department_id: int | None = None,
) -> None:
    """By hand, from a notice with its title and number; in the place of what was taken in of that year before.

    Raises NoCountry, NoticeUntitled, NoticeEmpty, YearUnfit.
    """
    office = held(db, by)
    row = calendar_row(db, department_id)
    if row.country is None:
        raise rules.NoCountry()
    rules.fit_year(year)
    if not days:
        raise rules.NoticeEmpty()
    for one in days:
        if one.day.year != year and (one.day.year, one.day.month) != (year - 1, 12):
            raise rules.DayOfAnotherYear(day=one.day, year=year)
    source = rules.fit_title(f"{title} {number}" if title.strip() else "")
    _take_in(db, office, row, year, days, source, {})


def _take_in(
    db: Connection, office: Held, row: Row[*tuple[Any, ...]], year: int, days: Iterable[NoticeDay], source: str,
    facts: Mapping[str, Any],
) -> None:  # fmt: skip
    told = {one.day: one for one in days}
    before = db.scalar(
        select(calendar_years.c.source).where(
            calendar_years.c.calendar_id == row.id, calendar_years.c.country == row.country,
            calendar_years.c.year == year,
        )
    )  # fmt: skip
    _forget(db, row.id, row.country, (calendar_days.c.year == year) | calendar_days.c.day.in_(told))
    kept = [
        {"day": one.day, "year": year, "works": one.works, "name_en": one.name.en, "name_zh": one.name.zh, "hours": ""}
        for one in told.values()
    ]
    _keep(db, office, row.id, row.country, source, kept)
    of_year = (
        calendar_years.c.calendar_id == row.id, calendar_years.c.country == row.country, calendar_years.c.year == year,
    )  # fmt: skip
    db.execute(delete(calendar_years).where(*of_year))
    db.execute(
        insert(calendar_years).values(
            calendar_id=row.id, country=row.country, year=year, source=source, at=clock.now(),
            person_id=office.person_id,
        )
    )  # fmt: skip
    all_facts = {
        "country": row.country, "year": year, "source": source, "source_before": before,
        "rests": sorted(one.day.isoformat() for one in told.values() if not one.works),
        "works": sorted(one.day.isoformat() for one in told.values() if one.works), **facts,
    }  # fmt: skip
    changed(db, office, "take_in_year", all_facts, department_id=row.department_id)


def give_calendar(db: Connection, *, by: Actor | None, department_id: int) -> None:
    """A calendar of the department's own, for it and those below: at first as the one above. Raises CalendarThere."""
    office = held(db, by)
    name = department_name(db, department_id)
    if db.scalar(select(calendars.c.id).where(calendars.c.department_id == department_id)) is not None:
        raise rules.CalendarThere(department=name)
    db.execute(insert(calendars).values(department_id=department_id))
    changed(db, office, "give_calendar", {}, department_id=department_id)


def withdraw_calendar(db: Connection, *, by: Actor | None, department_id: int) -> None:
    """The department goes by the calendar above again; its own days and years are gone. Raises CalendarAbove."""
    office = held(db, by)
    row = calendar_row(db, department_id)
    days = db.execute(
        select(calendar_days.c.day, calendar_days.c.works).where(
            calendar_days.c.calendar_id == row.id, calendar_days.c.country == rules.OWN
        )
    )
    facts = {"week": row.week, "zone": row.zone, "country": row.country,
             "days": {one.day.isoformat(): one.works for one in days}}  # fmt: skip
    for table in (calendar_days, calendar_years, calendar_warnings):
        db.execute(delete(table).where(table.c.calendar_id == row.id))
    db.execute(delete(calendars).where(calendars.c.id == row.id))
    changed(db, office, "withdraw_calendar", facts, department_id=department_id)


def _forget(db: Connection, calendar_id: int, country: str, *where: Any) -> None:
    db.execute(
        delete(calendar_days).where(
            calendar_days.c.calendar_id == calendar_id, calendar_days.c.country == country, *where
        )
    )


def _keep(
    db: Connection, office: Held, calendar_id: int, country: str, source: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    common = {"calendar_id": calendar_id, "country": country, "source": source, "at": clock.now(),
              "person_id": office.person_id}  # fmt: skip
    if rows:
        db.execute(insert(calendar_days), [{**common, **row} for row in rows])
