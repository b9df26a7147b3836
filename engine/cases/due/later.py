"""What has moved a due date: told by the record of its case, and counted anew from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, or_, select

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.cases.clocks import rules as stop_grounds
from engine.cases.due.counting import Kept, begun
from engine.cases.due.rules import Later, More, Rest
from engine.cases.moves import GROUNDS, Ground
from engine.cases.tables import tasks
from engine.organisation.reads import person_name
from engine.records.journal import entries
from engine.worktime.spans import Span

_MOVES_IT: Final = frozenset({"suspend", "resume", "decide_extension", "stop_clock", "resume_clock"})
_CLOCKS: Final = '"clocks"'


@frozen
class Told:
    """An entry of the record, as far as due dates go."""

    at: datetime
    act: str
    facts: Mapping[str, Any]
    person: Text | None


def of_clocks(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an entry says that its move meant to the clocks; some acts say of them something else by that name."""
    found = facts.get("clocks")
    return found if isinstance(found, dict) else {}


def moves_it(act: str, facts: Mapping[str, Any]) -> bool:
    """Whether an entry of the record may tell something of due dates."""
    return act in _MOVES_IT or "clocks" in facts


def later(record: Iterable[Told], numbers: Set[int]) -> Iterator[Later]:
    """`numbers`: of the tasks that went on with one clock. A rest that is not over has moved nothing yet."""
    ground: Text | None = None
    for one in record:
        if one.act == "suspend":
            ground = GROUNDS[Ground(one.facts["ground"])]
        elif one.act == "resume":
            yield Rest(datetime.fromisoformat(one.facts["since"]), one.at, ground)
        elif one.act == "decide_extension" and one.facts["approve"] and one.facts["task"] in numbers:
            yield More(one.at, one.facts["days"], one.person)
        given = of_clocks(one.facts).get("gave_back")
        if given is not None and not numbers.isdisjoint(given["tasks"]):
            for begin, end, number in given["spells"]:
                stood = datetime.fromisoformat(begin), datetime.fromisoformat(end)
                yield Rest(*stood, stop_grounds.ground_name(number), clock=True)


def suspended(record: Iterable[Told]) -> datetime | None:
    """Since when the case rests, where it does."""
    since: datetime | None = None
    for one in record:
        if one.act in ("suspend", "resume"):
            since = one.at if one.act == "suspend" else None
    return since


def standing(record: Iterable[Told]) -> datetime | None:
    """Since when the clock of the case stands although the case does not rest, where it does."""
    held: dict[int, datetime] = {}
    for one in record:
        told = of_clocks(one.facts)
        begun = [one.facts["stop"]] if one.act == "stop_clock" else told.get("stops_begun", ())
        over = [one.facts["stop"]] if one.act == "resume_clock" else told.get("stops_ended", ())
        held |= dict.fromkeys(begun, one.at)
        for number in over:
            held.pop(number, None)
    return min(held.values(), default=None)


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
        if entry.act in _MOVES_IT or _CLOCKS in entry.facts:
            person = None if entry.person_id is None or not named else person_name(db, entry.person_id)
            yield Told(entry.at, entry.act, orjson.loads(entry.facts), person)
