"""Which reports there are, one of them, which are due, and who is told of those of a department."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Connection, or_, select, true

from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name
from engine.organisation.calendars.reads import calendar_of, calendars_version
from engine.organisation.reads import actor as actor_of
from engine.organisation.reads import office, today
from engine.organisation.rules import Actor, Right, rights_of
from engine.organisation.tables import departments, holdings, persons, posts
from engine.procedures.reads import supervised_departments
from engine.supervision.reads import must_watch
from engine.supervision.reports import rules
from engine.supervision.reports.rules import Report
from engine.supervision.reports.tables import report_wishes, weekly_reports


@frozen
class ReportLine:
    department_id: int
    department: Name
    week: date
    made_at: datetime


@frozen
class Kept:
    report: Report
    made_at: datetime
    office: Name


@frozen
class Subscription:
    """A department whose report the person may see. `usual`: they get it unless they say no."""

    department_id: int
    department: Name
    usual: bool
    gets: bool


def must_see_report(db: Connection, actor: Actor, department_id: int) -> None:
    """Whoever supervises the department, and the supervision office."""
    must_watch_or_inspect(actor)
    if not actor.may(Right.INSPECT) and department_id not in supervised_departments(db, actor):
        raise rules.NotYourReport()


def must_watch_or_inspect(actor: Actor) -> None:
    if not actor.may(Right.INSPECT):
        must_watch(actor)


def report_list(
    db: Connection, *, actor: Actor, department_id: int | None = None, before: date | None = None, limit: int = 50
) -> tuple[ReportLine, ...]:
    """The newest week first; those that say nothing are left out."""
    must_watch_or_inspect(actor)
    seen = true() if actor.may(Right.INSPECT) else weekly_reports.c.department_id.in_(supervised_departments(db, actor))
    query = (
        select(
            weekly_reports.c.department_id, weekly_reports.c.week, weekly_reports.c.made_at, departments.c.name_en,
            departments.c.name_zh,
        )
        .join(departments, departments.c.id == weekly_reports.c.department_id)
        .where(weekly_reports.c.office_id == OFFICE, seen, weekly_reports.c.contents != "")
        .order_by(weekly_reports.c.week.desc(), departments.c.code)
        .limit(limit)
    )  # fmt: skip
    if department_id is not None:
        query = query.where(weekly_reports.c.department_id == department_id)
    if before is not None:
        query = query.where(weekly_reports.c.week < before)
    return tuple(
        ReportLine(row.department_id, Name(row.name_en, row.name_zh), row.week, row.made_at)
        for row in db.execute(query)
    )


def report(db: Connection, *, actor: Actor, department_id: int, week: date) -> Kept:
    """Raises NotYourReport, NotFound."""
    must_see_report(db, actor, department_id)
    row = db.execute(
        select(weekly_reports.c.contents, weekly_reports.c.made_at).where(
            weekly_reports.c.office_id == OFFICE, weekly_reports.c.department_id == department_id,
            weekly_reports.c.week == week, weekly_reports.c.contents != "",
        )
    ).first()  # fmt: skip
    if row is None:
        raise NotFound(what=rules.REPORT)
    return Kept(rules.read(row.contents), row.made_at, office(db).name)


def due_reports(db: Connection, *, at: datetime, limit: int = 100) -> tuple[tuple[int, date], ...]:
    """Departments with the week whose report is to be made. Two statements where there is none to make."""
    version = calendars_version(db)
    ids = db.scalars(select(departments.c.id).order_by(departments.c.id)).all()
    wanted = [(one, week) for one in ids for week in rules.weeks_due(calendar_of(db, one, version), at)]
    if not wanted:
        return ()
    earliest = min(week for _one, week in wanted)
    made = {
        (row.department_id, row.week)
        for row in db.execute(
            select(weekly_reports.c.department_id, weekly_reports.c.week).where(
                weekly_reports.c.office_id == OFFICE, weekly_reports.c.week >= earliest
            )
        )
    }
    return tuple(one for one in wanted if one not in made)[:limit]


def receivers(db: Connection, department_id: int) -> tuple[int, ...]:
    """Its superiors but for who said no, and whoever asked for it and may still see it."""
    said = {
        row.person_id: row.wanted
        for row in db.execute(
            select(report_wishes.c.person_id, report_wishes.c.wanted).where(
                report_wishes.c.office_id == OFFICE, report_wishes.c.department_id == department_id
            )
        )
    }
    usual = {one for one in superiors(db, department_id) if said.get(one, True)}
    asked = {one for one, wanted in said.items() if wanted and _may_see(db, one, department_id)}
    return tuple(sorted(usual | asked))


def superiors(db: Connection, department_id: int) -> frozenset[int]:
    """Who holds a supervising post of the department today; where it has none, of the nearest one above that has."""
    above = {row.id: row.parent_id for row in db.execute(select(departments.c.id, departments.c.parent_id))}
    return frozenset(_nearest(department_id, above, _supervising(db)))


def subscriptions(db: Connection, *, actor: Actor) -> tuple[Subscription, ...]:
    must_watch_or_inspect(actor)
    said = {
        row.department_id: row.wanted
        for row in db.execute(
            select(report_wishes.c.department_id, report_wishes.c.wanted).where(
                report_wishes.c.office_id == OFFICE, report_wishes.c.person_id == actor.person_id
            )
        )
    }
    every = db.execute(select(departments).order_by(departments.c.code)).all()
    seen = None if actor.may(Right.INSPECT) else supervised_departments(db, actor)
    above, holders = {row.id: row.parent_id for row in every}, _supervising(db)
    return tuple(
        Subscription(row.id, Name(row.name_en, row.name_zh), usual, said.get(row.id, usual))
        for row in every
        if seen is None or row.id in seen
        for usual in [actor.person_id in _nearest(row.id, above, holders)]
    )


def _nearest(department_id: int, above: dict[int, int | None], holders: dict[int, set[int]]) -> Iterable[int]:
    here: int | None = department_id
    while here is not None and not holders.get(here):
        here = above.get(here)
    return holders.get(here, ()) if here is not None else ()


def _supervising(db: Connection) -> dict[int, set[int]]:
    """By department, who holds a supervising post of it today."""
    on = today(db)
    rows = db.execute(
        select(posts.c.department_id, posts.c.rights, holdings.c.person_id)
        .join(holdings, holdings.c.post_id == posts.c.id)
        .join(persons, persons.c.id == holdings.c.person_id)
        .where(
            posts.c.rights.contains(Right.SUPERVISE.value),
            holdings.c.from_day <= on,
            or_(holdings.c.until_day.is_(None), holdings.c.until_day >= on),
            or_(persons.c.left_on.is_(None), persons.c.left_on > on),
        )
    )
    found: dict[int, set[int]] = {}
    for row in rows:
        if Right.SUPERVISE in rights_of(row.rights):
            found.setdefault(row.department_id, set()).add(row.person_id)
    return found


def _may_see(db: Connection, person_id: int, department_id: int) -> bool:
    who = actor_of(db, person_id)
    return who.may(Right.INSPECT) or department_id in supervised_departments(db, who)
