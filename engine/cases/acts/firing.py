"""Timers take effect: each once, in the order they are due, whoever looks; and are reckoned anew when a calendar changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Row,
    and_,
    bindparam,
    delete,
    select,
    union_all,
    update,
)

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.prepared import Prepared
from engine.cases.acts.journey import route
from engine.cases.acts.moving import CASE_COLUMNS, Note, keep, locked, move_of, ready
from engine.cases.settle import firing
from engine.cases.tables import cases, timers
from engine.diagram import run
from engine.organisation.tables import offices

Key: TypeAlias = tuple[int, str]
"""A timer: its case and token."""

# Whoever is at work on a case, or on this timer, is not waited for: what is due still is found at the next look. Both
# rows are locked: the one to write the case, the other so that what another has closed meanwhile is not seen as open.
_DUE: Final = Prepared(
    select(*CASE_COLUMNS, timers.c.element, timers.c.due_at, timers.c.value)
    .join(timers, and_(timers.c.office_id == cases.c.office_id, timers.c.case_id == cases.c.id))
    .where(
        cases.c.office_id == OFFICE,
        cases.c.id == bindparam("of_case", type_=BigInteger),
        cases.c.ended_at.is_(None),
        timers.c.token == bindparam("of_token"),
        timers.c.closed_at.is_(None),
        timers.c.wake_at.is_not(None),
        timers.c.due_at <= bindparam("at", type_=timers.c.due_at.type),
    )
    .with_for_update(of=[cases, timers], skip_locked=True)
)
_VERSION: Final = select(offices.c.calendars_version).where(offices.c.id == OFFICE).scalar_subquery()
_OUTDATED: Final = (
    timers.c.closed_at.is_(None),
    timers.c.wake_at.is_not(None),
    timers.c.counted_by.is_not(None),
)
# Two ranges of the index, where "not equal" would be all of it.
_STALE: Final = Prepared(
    union_all(
        select(timers.c.case_id).where(*_OUTDATED, timers.c.counted_by < _VERSION),
        select(timers.c.case_id).where(*_OUTDATED, timers.c.counted_by > _VERSION),
    ).limit(bindparam("most", type_=Integer))
)


def fire_timer(db: Connection, *, case_id: int, token: str) -> bool:
    """The timer takes effect, once. False where it was no longer armed, is not due yet, or the case rests."""
    locked(db, case_id)
    return _fire(db, (case_id, token))


def _fire(db: Connection, key: Key) -> bool:
    case_id, token = key
    at = clock.now()
    case: Any = _DUE.first(db, {"of_case": case_id, "of_token": token, "at": at})
    if case is None or case.suspended_at is not None:
        return False
    made_ready = ready(db, case)
    position = run.fire(made_ready.model, case.state, token, now=at)
    facts: dict[str, Any] = {"element": case.element, "due": case.due_at}
    if position.missed:
        facts["missed"] = position.missed
    move = replace(move_of(case, at), fires=firing(case_id, token, case.due_at, at))
    keep(db, case, position, move, Note("fire_timer", None, None, facts), made_ready)
    if position.sent:
        route(db, case, position.sent, made_ready)
    return True


def stale_timers(db: Connection, *, limit: int = 100) -> tuple[int, ...]:
    """Cases with a timer that was counted in working time by other calendars than those of now. Those that rest wait."""
    rows = _STALE.all(db, {"most": limit})
    return tuple(sorted({row.case_id for row in rows}))


def recount_timers(db: Connection, *, case_id: int) -> bool:
    """What counts working time is due by the calendars as they are now; on the record where that moves it.

    False where all are counted by them already.
    """
    case = locked(db, case_id)
    rows = _counted_otherwise(db, case)
    if not rows:
        return False
    at = clock.now()
    made_ready = ready(db, case)
    position = run.recount(made_ready.model, case.state, now=at)
    due: dict[str, datetime] = {one.token: one.due for one in position.opened if one.due is not None}
    moved = []
    for row in rows:
        now_due = due.get(row.token, row.due_at)
        values: dict[str, Any] = {"counted_by": case.calendars_version}
        if now_due != row.due_at:
            db.execute(delete(timers).where(*_place(case_id, row.token, now_due), timers.c.closed_at.is_not(None)))
            values |= {"due_at": now_due, "wake_at": now_due}
            moved.append({"element": row.element, "from": row.due_at, "to": now_due})
        db.execute(update(timers).where(*_place(case_id, row.token, row.due_at)).values(**values))
    if not moved:
        return True
    # The rows were changed where they stand: they may come back to a time that they had before.
    unmoved = replace(position, opened=(), closed=())
    facts = {"timers": moved, "element": moved[0]["element"]}
    keep(db, case, unmoved, move_of(case, at), Note("recount_timers", None, None, facts), made_ready)
    return True


def _counted_otherwise(db: Connection, case: Row[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
    rows: Sequence[Row[*tuple[Any, ...]]] = db.execute(
        select(timers.c.token, timers.c.element, timers.c.due_at).where(
            timers.c.office_id == OFFICE, timers.c.case_id == case.case_id, timers.c.closed_at.is_(None),
            timers.c.wake_at.is_not(None), timers.c.counted_by.is_not(None),
            timers.c.counted_by != case.calendars_version,
        )
    ).all()  # fmt: skip
    return rows


def _place(case_id: int, token: str, due: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        timers.c.office_id == OFFICE,
        timers.c.case_id == case_id,
        timers.c.token == token,
        timers.c.due_at == due,
    )
