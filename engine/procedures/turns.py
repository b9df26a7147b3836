"""The turns at which a procedure begins cases by itself: which are due, and how one is kept."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.diagram.run import Turn
from engine.procedures.editions import contents
from engine.procedures.tables import start_timers as _t

PENDING: Final = -1
"""In the place of how many are left: this turn was due when its timer was drawn anew, which tells all that come after it."""


@frozen
class TurnLine:
    """A start event that waits for a time, as an edition draws it. `due_at` None: it comes no more."""

    element: str
    name: str
    value: str
    due_at: datetime | None
    last_at: datetime | None
    turns: int
    working: bool


def due_turns(db: Connection, *, at: datetime, limit: int = 100) -> tuple[tuple[int, str], ...]:
    """Procedure and start event of those that are due, the earliest first."""
    rows = db.execute(
        select(_t.c.procedure_id, _t.c.element)
        .where(_t.c.wake_at.is_not(None), _t.c.wake_at <= at)
        .order_by(_t.c.wake_at, _t.c.procedure_id, _t.c.element)
        .limit(limit)
    )
    return tuple((row.procedure_id, row.element) for row in rows)


def turns_of(db: Connection, procedure_id: int) -> tuple[TurnLine, ...]:
    """Of the edition in force, those still to come first."""
    rows = db.execute(
        select(_t)
        .where(_t.c.office_id == OFFICE, _t.c.procedure_id == procedure_id, _t.c.wake_at.is_not(None))
        .order_by(_t.c.due_at, _t.c.element)
    ).all()
    return tuple(
        TurnLine(
            row.element, contents(db, row.edition_id).names.get(row.element, row.element), row.value, row.due_at,
            row.last_at, row.turns, row.counted_by is not None,
        )
        for row in rows
    )  # fmt: skip


def columns(turn: Turn | None, version: int | None) -> dict[str, Any]:
    """`version`: of the calendars it was counted by, where it counts working time."""
    if turn is None:
        return {"due_at": None, "wake_at": None, "left": 0, "every": "", "value": "", "counted_by": None}
    length, since, times = turn.counted or (None, None, None)
    return {
        "due_at": turn.due, "wake_at": turn.due, "left": turn.left, "every": turn.every, "value": turn.value,
        "length": length, "since_at": since, "times": times, "counted_by": version,
    }  # fmt: skip


def turn_of(row: Any) -> Turn:
    """As `columns` kept it."""
    counted = None if row.length is None else (row.length, row.since_at, row.times)
    return Turn(row.due_at, row.left, row.every, row.value, counted)


def named(due: datetime) -> dict[str, str]:
    """What a matter may name of its turn, whose time is that of the office: a report of the first is about the month before."""
    day = due.date()
    yesterday, last_week = day - timedelta(days=1), day - timedelta(days=7)
    last_month = day.replace(day=1) - timedelta(days=1)
    last_quarter = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1) - timedelta(days=1)
    return {
        "day": day.isoformat(),
        "week": f"{day:%G-W%V}",
        "month": f"{day:%Y-%m}",
        "quarter": _quarter(day),
        "year": str(day.year),
        "day_before": yesterday.isoformat(),
        "week_before": f"{last_week:%G-W%V}",
        "month_before": f"{last_month:%Y-%m}",
        "quarter_before": _quarter(last_quarter),
        "year_before": str(day.year - 1),
    }


def _quarter(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


def said(words: str, due: datetime) -> str:
    """A matter as it is drawn, with what is known of the turn put in its place; anything else in braces stays as it is."""
    for name, value in named(due).items():
        words = words.replace(f"{{{name}}}", value)
    return words
