"""The rows of a case's clocks, as the acts look them up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from engine.base.database import OFFICE
from engine.cases.acts.moving import CASE_COLUMNS
from engine.cases.clocks import rules
from engine.cases.clocks.tables import clocks, extensions
from engine.cases.tables import cases, tasks

Found = Row[*tuple[Any, ...]]


def open_case(db: Connection, case_id: int) -> Found | None:
    """Locked; None where it has ended or never was: what time does to it is then over."""
    return db.execute(
        select(*CASE_COLUMNS)
        .where(cases.c.office_id == OFFICE, cases.c.id == case_id, cases.c.ended_at.is_(None))
        .with_for_update()
    ).first()


def clock_rows(db: Connection, case_id: int) -> list[Found]:
    return list(db.execute(select(clocks).where(*of_case(case_id)).order_by(clocks.c.kind)))


def deciding_rows(db: Connection, case: Found) -> list[Found]:
    """Those that run until it is decided, and have not ended. Raises NoClockRuns."""
    found = [one for one in clock_rows(db, case.case_id) if one.ended_at is None and rules.is_deciding(one.kind)]
    if not found:
        raise rules.NoClockRuns(case=case.case_number)
    return found


def must_not_be_over(found: list[Found], at: datetime) -> None:
    """Raises PeriodOver where each of them is."""
    last = max(one.due_at for one in found)
    if last <= at and not any(one.stands for one in found):
        raise rules.PeriodOver(at=last)


def asked_row(db: Connection, case_id: int) -> Found | None:
    """The extension that was asked for and is not decided."""
    return db.execute(
        select(extensions).where(
            extensions.c.office_id == OFFICE, extensions.c.case_id == case_id, extensions.c.decided_at.is_(None)
        )
    ).first()


def granted_at(db: Connection, case_id: int) -> datetime | None:
    found: datetime | None = db.scalar(
        select(extensions.c.decided_at).where(
            extensions.c.office_id == OFFICE, extensions.c.case_id == case_id, extensions.c.granted.is_(True)
        )
    )
    return found


def has_claimed(db: Connection, case_id: int, person_id: int) -> bool:
    found = db.scalar(
        select(tasks.c.number)
        .where(
            tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.person_id == person_id,
            tasks.c.closed_at.is_(None), tasks.c.kind.is_(None),
        )
        .limit(1)
    )  # fmt: skip
    return found is not None


def of_case(case_id: int) -> tuple[Any, ...]:
    return clocks.c.office_id == OFFICE, clocks.c.case_id == case_id
