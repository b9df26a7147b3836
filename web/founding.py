"""Founds an office from its plan: departments, posts, persons and what they hold. All of it by acts."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import date

from sqlalchemy import Connection

from engine.base.frozen import frozen
from engine.organisation import acts as organisation
from engine.organisation.calendars import acts as calendars
from engine.organisation.calendars import rules as calendar_rules
from engine.organisation.rules import Right
from processes.shape import OfficePlan


@frozen
class Founded:
    """Ids by the codes and logins of the plan, and everybody's first password by login."""

    departments: Mapping[str, int]
    posts: Mapping[str, int]
    persons: Mapping[str, int]
    passwords: Mapping[str, str]


def first_password(_login: str) -> str:
    """To be handed over once and changed: about 96 bits, in groups that can be read out."""
    drawn = secrets.token_hex(12)
    return "-".join(drawn[at : at + 6] for at in range(0, len(drawn), 6))


def found(db: Connection, plan: OfficePlan, today: date, password: Callable[[str], str] = first_password) -> Founded:
    """Holdings count back from `today`. Raises what the acts raise; nothing is kept then."""
    organisation.found_office(db, name_en=plan.name_en, name_zh=plan.name_zh, zone=plan.zone)
    departments: dict[str, int] = {}
    for one in plan.departments:
        departments[one.code] = organisation.add_department(
            db,
            by=None,
            code=one.code,
            name_en=one.name_en,
            name_zh=one.name_zh,
            parent_id=departments[one.parent] if one.parent else None,
        )
    _set_calendars(db, plan, departments)
    posts: dict[str, int] = {}
    for post in plan.posts:
        posts[post.code] = organisation.add_post(
            db,
            by=None,
            department_id=departments[post.department],
            code=post.code,
            name_en=post.name_en,
            name_zh=post.name_zh,
            reports_to=posts[post.reports_to] if post.reports_to else None,
            rights=[Right(word) for word in post.rights],
        )
    passwords = {one.login: password(one.login) for one in plan.persons}
    return Founded(departments, posts, _staff(db, plan, posts, passwords, today), passwords)


def _set_calendars(db: Connection, plan: OfficePlan, departments: Mapping[str, int]) -> None:
    for one in plan.calendars:
        of = departments[one.department] if one.department else None
        if of is not None:
            calendars.give_calendar(db, by=None, department_id=of)
        if one.hours:
            week = [calendar_rules.read_hours(hours) for hours in one.hours]
            calendars.set_hours(db, by=None, week=week, department_id=of)
        if one.country:
            calendars.choose_country(db, by=None, country=one.country, department_id=of)
        for year in one.years:
            calendars.take_in_year(db, by=None, year=year, department_id=of)
        for day in one.days:
            calendars.set_day(
                db, by=None, day=day.day, works=bool(day.hours), name_en=day.name_en, name_zh=day.name_zh,
                hours=calendar_rules.read_hours(day.hours), department_id=of,
            )  # fmt: skip


def _staff(
    db: Connection, plan: OfficePlan, posts: Mapping[str, int], passwords: Mapping[str, str], today: date
) -> dict[str, int]:
    persons: dict[str, int] = {}
    for one in plan.persons:
        persons[one.login] = organisation.add_person(
            db,
            by=None,
            login=one.login,
            name_en=one.name_en,
            name_zh=one.name_zh,
            password=passwords[one.login],
            language="zh" if one.language == "zh" else "en",
        )
        for held in one.holdings:
            begin, end = held.period(today)
            organisation.give_post(
                db, by=None, person_id=persons[one.login], post_id=posts[held.post], from_day=begin, until_day=end
            )
    return persons
