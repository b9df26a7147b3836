"""Which cases stand still, as conditions of a question: nothing of them is late, whatever was due."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, select, union_all

from engine.base.database import OFFICE
from engine.cases.clocks.tables import stops
from engine.cases.tables import cases, tasks


def cases_still() -> tuple[Select[tuple[int]], Select[tuple[int]]]:
    """Those that rest, and those whose clocks a stop holds: few, and each has an index of its own."""
    return (
        select(cases.c.id).where(cases.c.office_id == OFFICE, cases.c.suspended_at.is_not(None)),
        clock_stands(),
    )


def clock_stands() -> Select[tuple[int]]:
    return select(stops.c.case_id).where(stops.c.office_id == OFFICE, stops.c.end_at.is_(None))


def stands_still() -> ColumnElement[bool]:
    """Of `tasks`."""
    return tasks.c.case_id.in_(union_all(*cases_still()))
