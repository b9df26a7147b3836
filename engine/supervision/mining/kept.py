"""The rows of foreign logs: written in pieces, taken away in pieces, found again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, Table, bindparam, delete, func, insert, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.errors import NotFound, Refusal
from engine.supervision.mining import rules
from engine.supervision.mining.events import Fact, Step, Trace
from engine.supervision.mining.figures import VariantFigures
from engine.supervision.mining.rules import State
from engine.supervision.mining.tables import (
    log_aligned,
    log_cases,
    log_checks,
    log_events,
    log_ways,
    log_words,
    logs,
)
from engine.supervision.mining.unpacking import LIMITS, RESOURCES, too_much

AT_ONCE: Final = 2_000
"""Events that are written in one transaction: nobody else waits for long."""


class Words(IntEnum):
    """Numbers are stored: never renumber."""

    ACTIVITY = 1
    RESOURCE = 2
    UNIT = 3


@dataclass(slots=True)
class Writing:
    """A log on its way in: rows that wait to be written, and what its words are called by."""

    log_id: int
    words: Mapping[Words, dict[str, int]] = field(default_factory=lambda: {one: {} for one in Words})
    cases: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0

    def add(self, number: int, way: int, steps: Sequence[Step], trace: Trace) -> None:
        before: dict[int, int] = {}
        earlier = -1
        for step in steps:
            before[step.number] = earlier
            earlier = self._word(Words.ACTIVITY, step.activity)
        self.count += len(trace.events)
        self.cases.append(
            {
                "office_id": OFFICE, "log_id": self.log_id, "number": number, "way": way, "steps": len(steps),
                "began_at": trace.events[0].at, "ended_at": trace.events[-1].at, "name": trace.case,
                "facts": orjson.dumps(_plain(trace.facts)).decode(),
            }
        )  # fmt: skip
        for place, one in enumerate(trace.events):
            self.events.append(
                {
                    "office_id": OFFICE, "log_id": self.log_id, "case_number": number, "number": place,
                    "activity": self._word(Words.ACTIVITY, one.activity), "lifecycle": int(one.lifecycle),
                    "before": before.get(place), "resource": self._of(Words.RESOURCE, one.resource),
                    "unit": self._of(Words.UNIT, one.group), "at": one.at, "cost": one.cost,
                }
            )  # fmt: skip

    def _of(self, kind: Words, word: str | None) -> int | None:
        return None if word is None else self._word(kind, word)

    def _word(self, kind: Words, word: str) -> int:
        known = self.words[kind]
        if word not in known and len(known) >= LIMITS.words:
            raise too_much(RESOURCES, LIMITS.words, 0)
        return known.setdefault(word, len(known))


def _plain(facts: Mapping[str, Fact]) -> dict[str, Any]:
    return {key: one.isoformat() if isinstance(one, datetime) else one for key, one in facts.items()}


def facts_kept(written: str) -> dict[str, Fact]:
    """What was written of the facts of a case; instants stay as text."""
    found: dict[str, Fact] = orjson.loads(written)
    return found


def flush(db: Connection, writing: Writing) -> bool:
    """False where the log was deleted meanwhile: nothing more is to be written."""
    if not touch(db, logs, writing.log_id, events=writing.count):
        return False
    if writing.cases:
        db.execute(insert(log_cases), writing.cases)
    if writing.events:
        db.execute(insert(log_events), writing.events)
    writing.cases, writing.events = [], []
    return True


def touch(db: Connection, table: Table, row_id: int, **values: Any) -> bool:
    changed = db.execute(
        update(table)
        .where(table.c.office_id == OFFICE, table.c.id == row_id, table.c.state == State.READING)
        .values(touched_at=clock.now(), **values)
    )
    return changed.rowcount > 0


def finish(db: Connection, writing: Writing, variants: Sequence[VariantFigures], figures: Mapping[str, Any]) -> None:
    for kind, known in writing.words.items():
        rows = [
            {"office_id": OFFICE, "log_id": writing.log_id, "kind": int(kind), "number": number, "word": word}
            for word, number in known.items()
        ]
        if rows:
            db.execute(insert(log_words), rows)
    activities = writing.words[Words.ACTIVITY]
    ranked = sorted(range(len(variants)), key=lambda number: -variants[number].n)
    _renumber(db, writing.log_id, ranked)
    db.execute(
        insert(log_ways),
        [
            {
                "office_id": OFFICE, "log_id": writing.log_id, "number": number, "cases": one.n,
                "median": round(one.cycle.median), "worked": round(one.cycle_worked.median),
                "steps": orjson.dumps([activities[step] for step in one.steps]).decode(),
            }
            for number, one in enumerate(variants[found] for found in ranked)
        ],
    )  # fmt: skip
    touch(db, logs, writing.log_id, state=State.READY, events=writing.count, figures=orjson.dumps(figures).decode())


def _renumber(db: Connection, log_id: int, ranked: Sequence[int]) -> None:
    """Ways were numbered as they were met; from now on the way that most cases went is the first."""
    of_log = (log_cases.c.office_id == OFFICE, log_cases.c.log_id == log_id)
    moved = [{"met": met, "put_by": -1 - rank} for rank, met in enumerate(ranked) if rank != met]
    if moved:
        put_by = update(log_cases).where(*of_log, log_cases.c.way == bindparam("met")).values(way=bindparam("put_by"))
        db.execute(put_by, moved)
        db.execute(update(log_cases).where(*of_log, log_cases.c.way < 0).values(way=-1 - log_cases.c.way))


def claim(db: Connection, table: Table, stale: datetime) -> Row[*tuple[Any, ...]] | None:
    """The first that waits, or that somebody began and let lie; it is the caller's then."""
    free = (table.c.state == State.WAITING) | ((table.c.state == State.READING) & (table.c.touched_at < stale))
    row = db.execute(
        select(table)
        .where(table.c.office_id == OFFICE, table.c.state < 10, free)
        .order_by(table.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is not None:
        db.execute(
            update(table)
            .where(table.c.office_id == OFFICE, table.c.id == row.id)
            .values(state=State.READING, touched_at=clock.now())
        )
    return row


def waiting(db: Connection) -> int:
    """How many logs and comparisons there is something to do for, over two small indexes."""
    counts = [
        db.scalar(select(func.count()).select_from(one).where(one.c.office_id == OFFICE, one.c.state < 10)) or 0
        for one in (logs, log_checks)
    ]
    return sum(counts)


def give_up(db: Connection, table: Table, row_id: int, refusal: Refusal) -> None:
    said = {"code": refusal.code, "en": refusal.say("en"), "zh": refusal.say("zh")}
    touch(db, table, row_id, state=State.FAILED, problem=orjson.dumps(said).decode())


def give_back(db: Connection, table: Table, row_id: int) -> None:
    """It was begun and is to be done by somebody else."""
    touch(db, table, row_id, state=State.WAITING)


def clear(db: Connection, log_id: int) -> bool:
    """Takes away some of what a log consists of; whether there may be more."""
    found = db.scalars(
        select(log_cases.c.number)
        .where(log_cases.c.office_id == OFFICE, log_cases.c.log_id == log_id)
        .order_by(log_cases.c.number)
        .limit(500)
    ).all()
    if found:
        for table, column in ((log_events, log_events.c.case_number), (log_cases, log_cases.c.number)):
            db.execute(delete(table).where(table.c.office_id == OFFICE, table.c.log_id == log_id, column <= found[-1]))
        return True
    for table in (log_words, log_ways):
        db.execute(delete(table).where(table.c.office_id == OFFICE, table.c.log_id == log_id))
    mine = select(log_checks.c.id).where(log_checks.c.office_id == OFFICE, log_checks.c.log_id == log_id)
    db.execute(delete(log_aligned).where(log_aligned.c.office_id == OFFICE, log_aligned.c.check_id.in_(mine)))
    db.execute(delete(log_checks).where(log_checks.c.office_id == OFFICE, log_checks.c.log_id == log_id))
    return False


def deleted(db: Connection) -> tuple[int, ...]:
    return tuple(
        db.scalars(
            select(logs.c.id).where(logs.c.office_id == OFFICE, logs.c.state < 10, logs.c.state == State.DELETED)
        )
    )


def forget(db: Connection, log_id: int) -> None:
    db.execute(delete(logs).where(logs.c.office_id == OFFICE, logs.c.id == log_id, logs.c.state == State.DELETED))


def log_row(db: Connection, log_id: int, *, lock: bool = False) -> Row[*tuple[Any, ...]]:
    """Raises NotFound, also where it was deleted."""
    query = select(logs).where(logs.c.office_id == OFFICE, logs.c.id == log_id, logs.c.state != State.DELETED)
    row = db.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(what=rules.LOG)
    return row


def mentioned(db: Connection) -> set[str]:
    """Files of logs, by which they lie in the store: they stay as long as their log does."""
    return {one.hex() for one in db.scalars(select(logs.c.digest).where(logs.c.office_id == OFFICE))}
