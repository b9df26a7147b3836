"""A weekly report is kept, once for a department and a week, and told to those who get it; somebody wants it or does not."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.dialects import upserting
from engine.base.text import Name
from engine.notices.acts import tell
from engine.organisation.kept import on_person
from engine.organisation.rules import Actor
from engine.supervision.acting.recorded import on_office
from engine.supervision.reports import rules
from engine.supervision.reports.reads import must_see_report, receivers
from engine.supervision.reports.rules import Report
from engine.supervision.reports.tables import report_wishes, weekly_reports


def keep_report(db: Connection, *, report: Report, by: Actor | None = None) -> bool:
    """False where there is one already. One that says nothing is kept too, so that it is not made again; nobody is told."""
    contents = rules.written(report)
    told = () if report.is_empty else receivers(db, report.department_id)
    kept = db.execute(
        upserting(db.dialect.name)(weekly_reports)
        .values(
            office_id=OFFICE, department_id=report.department_id, week=report.week, made_at=clock.now(),
            told=len(told), contents="" if report.is_empty else contents,
        )
        .on_conflict_do_nothing()
        .returning(weekly_reports.c.department_id)
    ).first()  # fmt: skip
    if kept is None:
        return False
    facts = {
        "department": report.department_id, "week": report.week, "digest": sha256(contents.encode()).hexdigest(),
        "told": sorted(told), "empty": report.is_empty,
    }  # fmt: skip
    on_office(db, by, "make_weekly_report", facts)
    tell(
        db, persons=told, kind="weekly_report",
        facts={
            "of": report.department, "outcome": _days(report.week, report.until),
            "department_id": report.department_id, "week": report.week.isoformat(),
        },
    )  # fmt: skip
    return True


def want_report(db: Connection, *, by: Actor, department_id: int, wanted: bool) -> None:
    """Whether the person is told of each new one. Raises NotYourReport."""
    must_see_report(db, by, department_id)
    keys = [report_wishes.c.office_id, report_wishes.c.department_id, report_wishes.c.person_id]
    values = {"wanted": wanted, "at": clock.now()}
    wished = (
        upserting(db.dialect.name)(report_wishes)
        .values(office_id=OFFICE, department_id=department_id, person_id=by.person_id, **values)
        .on_conflict_do_update(index_elements=keys, set_=values, where=report_wishes.c.wanted.is_not(wanted))
        .returning(report_wishes.c.person_id)
    )
    if db.execute(wished).first() is not None:  # not the same sent again
        on_person(db, by.person_id, by, "want_report", {"department": department_id, "wanted": wanted})


def _days(since: date, until: date) -> Name:
    same_month = since.month == until.month
    english = f"{since.day}–{until.day} {_MONTHS[until.month - 1]} {until.year}" if same_month else (
        f"{since.day} {_MONTHS[since.month - 1]} – {until.day} {_MONTHS[until.month - 1]} {until.year}"
    )  # fmt: skip
    chinese = f"{since.year}年{since.month}月{since.day}日至{until.month}月{until.day}日"
    return Name(english, chinese)


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
