"""What has moved a due date: told by the record of its case, and counted anew from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, or_, select

from engine.base.database import OFFICE
from engine.base.text import Text
from engine.cases.due.counting import Kept, begun
from engine.cases.due.rules import Later, More, Rest
from engine.cases.moves import GROUNDS, Ground
from engine.cases.tables import tasks
from engine.organisation.reads import person_name
from engine.records.journal import entries
from engine.worktime.spans import Span

MOVES_IT: Final = frozenset({"suspend", "resume", "decide_extension"})


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of the record, as far as due dates go."""

    at: datetime
    act: str
    facts: Mapping[str, Any]
    person: Text | None


def later(record: Iterable[Told], numbers: Collection[int]) -> Iterator[Later]:
    """`numbers`: of the tasks that went on with one clock. A rest that is not over has moved nothing yet."""
    ground: Text | None = None
    for one in record:
        if one.act == "suspend":
            ground = GROUNDS[Ground(one.facts["ground"])]
        elif one.act == "resume":
            yield Rest(datetime.fromisoformat(one.facts["since"]), one.at, ground)
        elif one.act == "decide_extension" and one.facts["approve"] and one.facts["task"] in numbers:
            yield More(one.at, one.facts["days"], one.person)


def suspended(record: Iterable[Told]) -> datetime | None:
    """Since when the case rests, where it does."""
    since: datetime | None = None
    for one in record:
        if one.act in ("suspend", "resume"):
            since = one.at if one.act == "suspend" else None
    return since


def counted_anew(
    db: Connection, case_id: int, task: Any, span: Span | None, department_id: int, *, version: int | None = None
) -> Kept:
    """`task`: a row with `number`, `opened_at` and `clock_of`. From the day it began, by the calendar of today."""
    if span is None:
        return begun(db, None, department_id, task.opened_at)
    root = task.clock_of or task.number
    began, numbers = task.opened_at, {task.number}
    if task.clock_of is not None:
        rows = clock_rows(db, case_id, root)
        numbers |= {row.number for row in rows}
        began = next((row.opened_at for row in rows if row.number == root), began)
    return begun(
        db, span, department_id, began, version=version, later=tuple(later(told(db, case_id, named=False), numbers))
    )


def clock_rows(db: Connection, case_id: int, root: int) -> list[Any]:
    """The tasks that went on with the clock of the first of them."""
    return list(
        db.execute(
            select(tasks.c.number, tasks.c.opened_at)
            .where(
                tasks.c.office_id == OFFICE, tasks.c.case_id == case_id,
                or_(tasks.c.number == root, tasks.c.clock_of == root),
            )
            .order_by(tasks.c.number)
        )
    )  # fmt: skip


def told(db: Connection, case_id: int, *, named: bool = True) -> Iterator[Told]:
    for entry in entries(db, case_id):
        if entry.act in MOVES_IT:
            person = None if entry.person_id is None or not named else person_name(db, entry.person_id)
            yield Told(entry.at, entry.act, orjson.loads(entry.facts), person)
