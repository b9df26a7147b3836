"""What can be asked of the clocks of cases: how one stands and why, what is due, what is late, what waits for somebody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select, union_all

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.cases.clocks import rules
from engine.cases.clocks.tables import clocks, extensions, stops
from engine.cases.handing.reads import accountable
from engine.cases.tables import cases
from engine.diagram.rule_sets import EXPIRIES, Clock
from engine.organisation.calendars.reads import calendars_version
from engine.organisation.rules import Actor
from engine.procedures.editions import contents
from engine.procedures.reads import supervised_departments
from engine.procedures.tables import procedures
from engine.worktime.periods import Unit

_MOST: Final = 200


def has_periods(db: Connection, edition_id: int) -> bool:
    """Whether a period is set for the cases of any of its processes."""
    return any(one.periods is not None for one in contents(db, edition_id).diagram.processes.values())


def is_standing(db: Connection, case_id: int, at: datetime) -> bool:
    """Whether a stop held its clock, or the case rested, at that moment."""
    row = db.execute(
        select(stops.c.number)
        .where(
            stops.c.office_id == OFFICE, stops.c.case_id == case_id, stops.c.begin_at <= at,
            stops.c.end_at.is_(None) | (stops.c.end_at > at),
        )
        .limit(1)
    ).first()  # fmt: skip
    if row is not None:
        return True
    since = db.scalar(select(cases.c.suspended_at).where(cases.c.office_id == OFFICE, cases.c.id == case_id))
    return since is not None and since <= at


@frozen
class ClockLine:
    """A clock of a case, as listed. `due_at`: of what is asked for, it may stand. `working`: counted in what that department works."""

    case_id: int
    number: str
    matter: str
    procedure_id: int
    procedure: str
    kind: Clock
    name: Text
    due_at: datetime
    department_id: int
    working: bool
    provisional: bool
    standing: bool
    ground: Text | None = None  # on which it stands
    since: datetime | None = None  # since when it stands, was asked for or waits to be confirmed
    amount: Text | None = None  # that is asked for
    effect: Text | None = None  # that waits to be confirmed


_LINE: Final = (
    clocks.c.case_id, clocks.c.kind, clocks.c.due_at, clocks.c.department_id, clocks.c.unit, clocks.c.provisional, clocks.c.stands, clocks.c.effect,
    clocks.c.unsettled_since, cases.c.number, cases.c.matter, cases.c.procedure_id,
    procedures.c.name.label("procedure"),
)  # fmt: skip


def late_cases(
    db: Connection, *, at: datetime, departments: Iterable[int] | None = None, limit: int = _MOST
) -> tuple[ClockLine, ...]:
    """Clocks that are over and run on, the latest first. None that stands. `departments`: that answer for the procedure."""
    rows = db.execute(
        _lines(departments)
        .where(clocks.c.ended_at.is_(None), clocks.c.stands == 0, clocks.c.due_at <= at)
        .order_by(clocks.c.due_at, clocks.c.case_id, clocks.c.kind)
        .limit(limit)
    )
    return tuple(_line(row) for row in rows)


def ending_cases(
    db: Connection, *, at: datetime, until: datetime, departments: Iterable[int] | None = None, limit: int = _MOST
) -> tuple[ClockLine, ...]:
    """Clocks that are over between two instants, the next first. None that stands."""
    rows = db.execute(
        _lines(departments)
        .where(clocks.c.ended_at.is_(None), clocks.c.stands == 0, clocks.c.due_at > at, clocks.c.due_at <= until)
        .order_by(clocks.c.due_at, clocks.c.case_id, clocks.c.kind)
        .limit(limit)
    )
    return tuple(_line(row) for row in rows)


def standing_cases(
    db: Connection, *, departments: Iterable[int] | None = None, limit: int = _MOST
) -> tuple[ClockLine, ...]:
    """Cases whose clock stands, the longest first; once for each ground."""
    held = stops.alias("held")
    rows = db.execute(
        _lines(departments)
        .add_columns(held.c.ground, held.c.begin_at)
        .join(
            held,
            (held.c.office_id == clocks.c.office_id) & (held.c.case_id == clocks.c.case_id) & held.c.end_at.is_(None),
        )
        .where(clocks.c.ended_at.is_(None), clocks.c.stands > 0)
        .order_by(held.c.begin_at, clocks.c.case_id, clocks.c.kind)
        .limit(limit)
    ).all()
    found = {(row.case_id, row.ground): row for row in reversed(rows)}
    return tuple(
        _line(row, ground=rules.ground_name(row.ground), since=row.begin_at)
        for row in rows
        if found[row.case_id, row.ground] is row
    )


def asked_cases(
    db: Connection, *, departments: Iterable[int] | None = None, limit: int = _MOST
) -> tuple[ClockLine, ...]:
    """Extensions that wait to be decided, oldest first."""
    rows = db.execute(
        _lines(departments)
        .add_columns(extensions.c.asked_at, extensions.c.amount, extensions.c.unit)
        .join(
            extensions,
            (extensions.c.office_id == clocks.c.office_id)
            & (extensions.c.case_id == clocks.c.case_id)
            & extensions.c.decided_at.is_(None),
        )
        .where(clocks.c.ended_at.is_(None), clocks.c.extension > 0)
        .order_by(extensions.c.asked_at, clocks.c.case_id, clocks.c.kind)
        .limit(limit)
    ).all()
    first = {row.case_id: row for row in reversed(rows)}
    return tuple(
        _line(row, since=row.asked_at, amount=rules.in_words(row.amount, row.unit))
        for row in rows
        if first[row.case_id] is row
    )


def unsettled_cases(
    db: Connection, *, departments: Iterable[int] | None = None, limit: int = _MOST
) -> tuple[ClockLine, ...]:
    """Periods that are over and whose effect a person is to confirm."""
    rows = db.execute(
        _lines(departments)
        .where(clocks.c.unsettled_since.is_not(None), clocks.c.ended_at.is_(None))
        .order_by(clocks.c.unsettled_since, clocks.c.case_id)
        .limit(limit)
    )
    return tuple(_line(row, since=row.unsettled_since, effect=EXPIRIES[rules.EFFECTS[row.effect]]) for row in rows)


@frozen
class Watch:
    """The clocks of the procedures that somebody supervises."""

    late: tuple[ClockLine, ...]
    to_confirm: tuple[ClockLine, ...]
    asked: tuple[ClockLine, ...]
    ending: tuple[ClockLine, ...]
    standing: tuple[ClockLine, ...]


def watch(db: Connection, *, actor: Actor, at: datetime, until: datetime) -> Watch:
    """Nothing for somebody who supervises nothing."""
    theirs = supervised_departments(db, actor)
    if not theirs:
        return Watch((), (), (), (), ())
    return Watch(
        late=late_cases(db, at=at, departments=theirs),
        to_confirm=unsettled_cases(db, departments=theirs),
        asked=asked_cases(db, departments=theirs),
        ending=ending_cases(db, at=at, until=until, departments=theirs),
        standing=standing_cases(db, departments=theirs),
    )


def clocks_to_warn(db: Connection, *, at: datetime, limit: int = 100) -> tuple[tuple[int, int], ...]:
    """Case and kind of clocks whose alarm is due, for `acts.warn_of_expiry`."""
    return _due_pairs(db, clocks.c.warn_at, at, limit, clocks.c.warn_at.is_not(None))


def clocks_expired(db: Connection, *, at: datetime, limit: int = 100) -> tuple[tuple[int, int], ...]:
    """Case and kind of clocks that are over without anybody having noted it, for `acts.note_expiry`."""
    return _due_pairs(db, clocks.c.due_at, at, limit, clocks.c.expired_at.is_(None))


def _due_pairs(db: Connection, when: Any, at: datetime, limit: int, condition: Any) -> tuple[tuple[int, int], ...]:
    rows = db.execute(
        select(clocks.c.case_id, clocks.c.kind)
        .where(clocks.c.ended_at.is_(None), clocks.c.stands == 0, condition, when <= at)
        .order_by(when)
        .limit(limit)
    )
    return tuple((row.case_id, row.kind) for row in rows)


def clocks_to_recompute(db: Connection, *, limit: int = 100) -> tuple[int, ...]:
    """Cases with a clock that runs and was counted by calendars that have changed since, for `acts.recompute_case`."""
    version = calendars_version(db)
    # Two ranges of an index, where "other than" would read all of it.
    older, newer = (
        select(clocks.c.case_id).where(clocks.c.ended_at.is_(None), condition).limit(limit).subquery()
        for condition in (clocks.c.counted_by < version, clocks.c.counted_by > version)
    )
    found = db.scalars(union_all(select(older.c.case_id), select(newer.c.case_id))).all()
    return tuple(dict.fromkeys(found))[:limit]


def accountable_post(db: Connection, case_id: int) -> int | None:
    held = accountable(db, case_id)
    return None if held is None else held.post_id


def _lines(departments: Iterable[int] | None) -> Any:
    query = (
        select(*_LINE)
        .select_from(clocks)
        .join(cases, (cases.c.office_id == clocks.c.office_id) & (cases.c.id == clocks.c.case_id))
        .join(procedures, procedures.c.id == cases.c.procedure_id)
        .where(clocks.c.office_id == OFFICE)
    )
    return query if departments is None else query.where(procedures.c.department_id.in_(sorted(departments)))


def _line(row: Row[*tuple[Any, ...]], **more: Any) -> ClockLine:
    return ClockLine(
        case_id=row.case_id, number=row.number, matter=row.matter, procedure_id=row.procedure_id,
        procedure=row.procedure, kind=rules.KINDS[row.kind], name=rules.kind_name(row.kind), due_at=row.due_at,
        department_id=row.department_id, working=Unit(row.unit) in (Unit.WORKING_DAYS, Unit.WORKING_HOURS),
        provisional=row.provisional, standing=row.stands > 0, **more,
    )  # fmt: skip
