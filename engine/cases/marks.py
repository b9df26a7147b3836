"""Why a task lies where it lies: one row for each time that somebody did something with it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Connection, Integer, SmallInteger, func, insert, literal, select
from sqlalchemy import Text as Words

from engine.base.database import OFFICE
from engine.cases.rules import Mark
from engine.cases.tables import marks


def mark(
    db: Connection,
    *,
    case_id: int,
    number: int,
    kind: Mark,
    at: datetime,
    person_id: int | None,
    department_id: int | None = None,
    words: str = "",
) -> None:
    """`words`: the reason as it was given. The case must be locked."""
    of_task = marks.c.office_id == OFFICE, marks.c.case_id == case_id, marks.c.task_number == number
    last = select(func.coalesce(func.max(marks.c.number), 0) + 1).where(*of_task).scalar_subquery()
    values = (
        literal(OFFICE), literal(number), literal(case_id, BigInteger), last, literal(int(kind), SmallInteger),
        literal(at, marks.c.at.type), literal(person_id, Integer), literal(department_id, Integer),
        literal(words, Words),
    )  # fmt: skip
    db.execute(
        insert(marks).from_select(
            ["office_id", "task_number", "case_id", "number", "kind", "at", "person_id", "department_id", "words"],
            select(*values),
        )
    )
