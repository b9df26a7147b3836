"""The register of all procedures: editions, who answers for them, since when in force, when reviewed next."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, func, select

from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.control import rules
from engine.control.tables import approvals, periodic_reviews, review_intervals
from engine.organisation.reads import office, today
from engine.organisation.tables import persons
from engine.procedures import reads as procedure_reads
from engine.procedures.rules import EditionState
from engine.procedures.tables import editions


@frozen
class Coming:
    """An edition on its way: a draft, in review, or approved for a day."""

    edition_id: int
    number: int
    state: str
    from_day: date | None


@frozen
class RegisterLine:
    """A procedure as registered. Without an edition in force nothing is to be reviewed."""

    procedure_id: int
    name: str
    prefix: str
    department: Text
    edition_id: int | None
    edition: int | None
    state: str | None
    in_force_since: datetime | None
    approved_by: Name | None
    months: int
    reviewed_at: datetime | None
    next_review: date | None
    overdue: bool
    editions: int
    coming: tuple[Coming, ...]


def register(db: Connection) -> tuple[RegisterLine, ...]:
    """By prefix; those without an edition in force too."""
    on, zone = today(db), office(db).zone_info
    months = {row.procedure_id: row.months for row in db.execute(select(review_intervals))}
    seen = {
        row.procedure_id: row.at
        for row in db.execute(
            select(periodic_reviews.c.procedure_id, func.max(periodic_reviews.c.at).label("at")).group_by(
                periodic_reviews.c.procedure_id
            )
        )
    }
    coming, counted = _coming(db)
    approvers = _approvers(db)
    found = []
    for line in procedure_reads.procedures(db):
        interval = months.get(line.id, rules.DEFAULT_MONTHS)
        reviewed = seen.get(line.id)
        last = max((one for one in (line.in_force_at, reviewed) if one is not None), default=None)
        due = None
        if line.in_force_at is not None and last is not None:
            due = rules.months_after(last.astimezone(zone).date(), interval)
        found.append(
            RegisterLine(
                procedure_id=line.id, name=line.name, prefix=line.prefix, department=line.department,
                edition_id=line.in_force_id, edition=line.in_force_number,
                state=EditionState.IN_FORCE if line.in_force_id else line.latest_state,
                in_force_since=line.in_force_at, approved_by=approvers.get(line.in_force_id or 0), months=interval,
                reviewed_at=reviewed, next_review=due, overdue=due is not None and due < on,
                editions=counted.get(line.id, 0), coming=tuple(coming.get(line.id, ())),
            )
        )  # fmt: skip
    return tuple(found)


def line_of(db: Connection, procedure_id: int) -> RegisterLine | None:
    return next((one for one in register(db) if one.procedure_id == procedure_id), None)


def _coming(db: Connection) -> tuple[dict[int, list[Coming]], dict[int, int]]:
    rows = db.execute(
        select(editions.c.procedure_id, editions.c.id, editions.c.number, editions.c.state, approvals.c.from_day)
        .outerjoin(approvals, approvals.c.edition_id == editions.c.id)
        .order_by(editions.c.procedure_id, editions.c.number)
    )
    found: dict[int, list[Coming]] = {}
    counted: dict[int, int] = {}
    for row in rows:
        counted[row.procedure_id] = counted.get(row.procedure_id, 0) + 1
        if row.state in (EditionState.DRAFT, EditionState.IN_REVIEW, EditionState.APPROVED):
            day = row.from_day if row.state == EditionState.APPROVED else None
            found.setdefault(row.procedure_id, []).append(Coming(row.id, row.number, row.state, day))
    return found, counted


def _approvers(db: Connection) -> dict[int, Name]:
    rows = db.execute(
        select(approvals.c.edition_id, persons.c.name_en, persons.c.name_zh).join(
            persons, persons.c.id == approvals.c.approved_by
        )
    )
    return {row.edition_id: Name(row.name_en, row.name_zh) for row in rows}
