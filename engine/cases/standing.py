"""What a case waits for now. For the engine's own use: nobody is asked whether they may see the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from engine.base.database import OFFICE
from engine.cases.tables import awaited, cases, tasks, timers


@dataclass(frozen=True, slots=True)
class StandingTask:
    number: int
    token: str
    element: str
    edition_id: int
    post_id: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What a case waits for now: tasks, timers as token and due time, awaited messages as token and element."""

    ended: bool
    tasks: tuple[StandingTask, ...]
    timers: tuple[tuple[str, datetime], ...]
    awaited: tuple[tuple[str, str], ...]


def standing(db: Connection, *, case_id: int) -> Standing:
    ended_at = db.execute(
        select(cases.c.ended_at).where(cases.c.office_id == OFFICE, cases.c.id == case_id)
    ).scalar_one()
    if ended_at is not None:
        return Standing(True, (), (), ())
    open_tasks = db.execute(
        select(tasks.c.number, tasks.c.token, tasks.c.element, tasks.c.edition_id, tasks.c.post_id)
        .where(tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.closed_at.is_(None))
        .order_by(tasks.c.number)
    )
    armed = db.execute(
        select(timers.c.token, timers.c.due_at).where(
            timers.c.office_id == OFFICE, timers.c.case_id == case_id, timers.c.closed_at.is_(None)
        )
    )
    expected = db.execute(
        select(awaited.c.token, awaited.c.element).where(
            awaited.c.office_id == OFFICE, awaited.c.case_id == case_id, awaited.c.closed_at.is_(None)
        )
    )
    return Standing(
        ended=False,
        tasks=tuple(StandingTask(*row) for row in open_tasks),
        timers=tuple((row.token, row.due_at) for row in armed),
        awaited=tuple((row.token, row.element) for row in expected),
    )


def is_open(db: Connection, *, case_id: int, number: int) -> bool:
    found = db.scalar(
        select(tasks.c.number).where(
            tasks.c.office_id == OFFICE,
            tasks.c.case_id == case_id,
            tasks.c.number == number,
            tasks.c.closed_at.is_(None),
        )
    )
    return found is not None
