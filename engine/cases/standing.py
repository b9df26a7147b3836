"""What a case waits for now. For the engine's own use: nobody is asked whether they may see the case."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Connection,
    Integer,
    Text,
    bindparam,
    func,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.cases.tables import awaited, cases, tasks, timers


@frozen
class StandingTask:
    number: int
    token: str
    element: str
    edition_id: int
    post_id: int


@frozen
class Standing:
    """What a case waits for now: tasks, timers as token and due time, awaited messages as token and element."""

    ended: bool
    tasks: tuple[StandingTask, ...]
    timers: tuple[tuple[str, datetime], ...]
    awaited: tuple[tuple[str, str], ...]


_NOTHING: Final = type_coerce(null(), Integer)
_NO_TEXT: Final = type_coerce(null(), Text)
_CASE: Final[BindParameter[int]] = bindparam("of_case", type_=BigInteger)

_STANDING: Final = union_all(
    select(
        literal("case").label("kind"), _NOTHING.label("number"), _NO_TEXT.label("token"), _NO_TEXT.label("element"),
        _NOTHING.label("edition_id"), _NOTHING.label("post_id"), cases.c.ended_at.label("at"),
    ).where(cases.c.office_id == OFFICE, cases.c.id == _CASE),
    select(
        literal("task"), tasks.c.number, tasks.c.token, tasks.c.element, tasks.c.edition_id, tasks.c.post_id,
        tasks.c.opened_at,
    ).where(
        tasks.c.office_id == OFFICE, tasks.c.case_id == _CASE, tasks.c.closed_at.is_(None), tasks.c.kind.is_(None)
    ),
    select(
        literal("timer"), _NOTHING, timers.c.token, timers.c.element, _NOTHING, _NOTHING, timers.c.due_at
    ).where(timers.c.office_id == OFFICE, timers.c.case_id == _CASE, timers.c.closed_at.is_(None)),
    select(
        literal("message"), _NOTHING, awaited.c.token, awaited.c.element, _NOTHING, _NOTHING, awaited.c.opened_at
    ).where(awaited.c.office_id == OFFICE, awaited.c.case_id == _CASE, awaited.c.closed_at.is_(None)),
)  # fmt: skip

_OPEN: Final = select(tasks.c.number).where(
    tasks.c.office_id == OFFICE,
    tasks.c.case_id == _CASE,
    tasks.c.number == bindparam("of_number"),
    tasks.c.closed_at.is_(None),
)


def standing(db: Connection, *, case_id: int) -> Standing:
    """The case must exist."""
    rows = db.execute(_STANDING, {"of_case": case_id}).all()
    found = sorted((row for row in rows if row.kind == "task"), key=lambda row: row.number)
    return Standing(
        ended=any(row.kind == "case" and row.at is not None for row in rows),
        tasks=tuple(StandingTask(row.number, row.token, row.element, row.edition_id, row.post_id) for row in found),
        timers=tuple((row.token, row.at) for row in rows if row.kind == "timer"),
        awaited=tuple((row.token, row.element) for row in rows if row.kind == "message"),
    )


def is_open(db: Connection, *, case_id: int, number: int) -> bool:
    return db.execute(_OPEN, {"of_case": case_id, "of_number": number}).first() is not None


def latest_case(db: Connection, procedure_id: int) -> int:
    """The case that was begun last. Ids grow with time."""
    return int(
        db.execute(
            select(func.max(cases.c.id)).where(cases.c.office_id == OFFICE, cases.c.procedure_id == procedure_id)
        ).scalar_one()
    )
