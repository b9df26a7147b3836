"""How what is left of a due date is told: in working days, working hours, or by the clock."""

from __future__ import annotations

from typing import Any, TypedDict

from sqlalchemy import Connection

from engine.cases.due.rules import is_working
from engine.procedures.reads import standard_times
from engine.worktime.periods import Unit


class CountsBy(TypedDict):
    working: bool
    in_hours: bool


def counts_by(db: Connection, row: Any) -> CountsBy:
    """`row`: one of `tasks`. Whoever is asked beside the diagram answers in the office's hours."""
    if row.kind is not None:
        return {"working": True, "in_hours": False}
    span = standard_times(db, row.edition_id).get(row.element)
    return {"working": is_working(span), "in_hours": span is not None and span.unit is Unit.WORKING_HOURS}
