"""The handlers' own book-keeping. None of it is an act of anybody: what they do is on the record where it takes effect."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import orjson
from sqlalchemy import BigInteger, Connection, and_, delete, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.dialects import upserting
from engine.base.frozen import frozen
from engine.base.text import LANGUAGES, Language
from engine.working import rules
from engine.working.rules import Kind
from engine.working.tables import handlers, processes, troubles


@frozen
class Done:
    """Of one round of a handler."""

    handler: str
    done: int
    milliseconds: int
    faults: int = 0


def add_up(db: Connection, rounds: Collection[Done]) -> None:
    at = clock.now()
    for one in rounds:
        _know(db, one.handler)
        db.execute(
            update(handlers)
            .where(handlers.c.office_id == OFFICE, handlers.c.name == one.handler)
            .values(
                rounds=handlers.c.rounds + 1,
                done=handlers.c.done + one.done,
                milliseconds=handlers.c.milliseconds + one.milliseconds,
                faults=handlers.c.faults + one.faults,
                **({"last_at": at, "last_done": one.done} if one.done else {}),
            )
        )


def _know(db: Connection, name: str) -> None:
    values = {
        "office_id": OFFICE, "name": name, "rounds": 0, "done": 0, "milliseconds": 0, "faults": 0, "last_done": 0,
    }  # fmt: skip
    db.execute(_insert(db, handlers).values(values).on_conflict_do_nothing())


def _insert(db: Connection, table: Any) -> Any:
    return upserting(db.dialect.name)(table)


def take_turn(db: Connection, *, name: str, process: str, every: timedelta, lease: timedelta) -> bool:
    """Whether this process is the one to run the errand now: its time has come, and nobody else is at it."""
    _know(db, name)
    at = clock.now()
    taken = db.execute(
        update(handlers)
        .where(
            handlers.c.office_id == OFFICE,
            handlers.c.name == name,
            or_(handlers.c.next_at.is_(None), handlers.c.next_at <= at),
            or_(handlers.c.held_until.is_(None), handlers.c.held_until <= at),
        )
        .values(held_by=process, held_until=at + lease, next_at=at + every)
    )
    return taken.rowcount == 1


def its_turn(db: Connection, name: str) -> bool:
    """Looks only: whether `take_turn` is worth a try."""
    at = clock.now()
    row = db.execute(
        select(handlers.c.next_at, handlers.c.held_until).where(handlers.c.office_id == OFFICE, handlers.c.name == name)
    ).first()
    return row is None or all(moment is None or moment <= at for moment in row)


def end_turn(db: Connection, *, name: str, process: str) -> None:
    db.execute(
        update(handlers)
        .where(handlers.c.office_id == OFFICE, handlers.c.name == name, handlers.c.held_by == process)
        .values(held_by=None, held_until=None)
    )


@frozen
class Troubles:
    """Of one handler: what rests still, and what may be tried again."""

    resting: frozenset[str]
    again: frozenset[str]


def troubles_of(db: Connection, handler: str) -> Troubles:
    at = clock.now()
    rows = db.execute(
        select(troubles.c.key, troubles.c.next_at).where(troubles.c.office_id == OFFICE, troubles.c.handler == handler)
    ).all()
    resting = frozenset(row.key for row in rows if row.next_at > at)
    return Troubles(resting, frozenset(row.key for row in rows) - resting)


def note_trouble(db: Connection, *, handler: str, key: str, fault: Mapping[Language, str]) -> None:
    at = clock.now()
    told = orjson.dumps({one: fault.get(one, "")[:500] for one in LANGUAGES}).decode()
    where = troubles.c.office_id == OFFICE, troubles.c.handler == handler, troubles.c.key == key
    tries = db.scalar(select(troubles.c.tries).where(*where))
    if tries is None:
        db.execute(
            insert(troubles).values(
                office_id=OFFICE, handler=handler, key=key, since=at, last_at=at, next_at=at + rules.rest_after(1),
                tries=1, fault=told,
            )
        )  # fmt: skip
        return
    again = at + rules.rest_after(tries + 1)
    db.execute(update(troubles).where(*where).values(tries=tries + 1, last_at=at, next_at=again, fault=told))


def forget_troubles(db: Connection, *, handler: str, keys: Collection[str]) -> None:
    """They were done, or need not be done any more."""
    db.execute(
        delete(troubles).where(
            troubles.c.office_id == OFFICE, troubles.c.handler == handler, troubles.c.key.in_(sorted(keys))
        )
    )


def mine_alone(db: Connection, *, handler: str, owners: Collection[int | str], most: int) -> frozenset[int | str]:
    """Of these, in their order, the first few that no other process is at: until this transaction ends they are ours.

    Only on PostgreSQL. On SQLite there is one writer at a time.
    """
    by_number = {_number(handler, one): one for one in owners}
    asked = func.unnest(literal(list(by_number), ARRAY(BigInteger))).column_valued("number")
    free = select(asked).where(func.pg_try_advisory_xact_lock(asked)).limit(most)
    return frozenset(by_number[number] for number in db.scalars(free))


def _number(handler: str, owner: int | str) -> int:
    digest = blake2b(f"{handler} {owner}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@frozen
class Process:
    id: str
    kind: Kind
    host: str
    pid: int
    started_at: datetime


def seen(db: Connection, process: Process, *, ahead: int = 0) -> None:
    """It is there still; what has long been silent is forgotten."""
    at = clock.now()
    values = {
        "office_id": OFFICE, "id": process.id, "kind": process.kind, "host": process.host, "pid": process.pid,
        "ahead": ahead, "started_at": process.started_at, "seen_at": at,
    }  # fmt: skip
    added = _insert(db, processes).values(values)
    db.execute(
        added.on_conflict_do_update(
            index_elements=["office_id", "id"], set_={"seen_at": at, "ahead": ahead, "kind": process.kind}
        )
    )
    db.execute(
        delete(processes).where(and_(processes.c.office_id == OFFICE, processes.c.seen_at < at - 10 * rules.GONE_AFTER))
    )


def goodbye(db: Connection, process: Process) -> None:
    db.execute(delete(processes).where(processes.c.office_id == OFFICE, processes.c.id == process.id))
