"""Rows of `task_events`: every change of a task, from which all figures come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from engine.base.database import OFFICE
from engine.base.prepared import Given, PreparedRows
from engine.cases.rules import Change
from engine.cases.tables import task_events
from engine.organisation.tables import posts


def of_post(given: Given, *names: str) -> dict[str, Any]:
    """Columns of a row whose department is the one that its post belongs to now."""
    post = given("post_id")
    department = select(posts.c.department_id).where(posts.c.id == post).scalar_subquery()
    return {"office_id": OFFICE, "post_id": post, "department_id": department} | {name: given(name) for name in names}


NEW_EVENTS: Final = PreparedRows(
    task_events,
    lambda given: of_post(given, "case_id", "task_number", "number", "change", "at", "person_id", "external"),
)


def note_changes(db: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Rows of `task_events` without office and department, which follow from the post."""
    NEW_EVENTS.add(db, rows)


def change_row(
    case_id: int,
    task: int,
    number: int,
    change: Change,
    at: datetime,
    post_id: int,
    person_id: int | None,
    external: bool,
) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "task_number": task,
        "number": number,
        "change": change,
        "at": at,
        "post_id": post_id,
        "person_id": person_id,
        "external": external,
    }
