"""What can be asked of background work: by administrators, by whoever watches over the installation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, func, select

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.working import rules
from engine.working.rules import Kind
from engine.working.tables import handlers, processes, troubles


@frozen
class Told:
    """What one handler has done, over all processes."""

    name: str
    rounds: int = 0
    done: int = 0
    milliseconds: int = 0
    faults: int = 0
    last_at: datetime | None = None
    last_done: int = 0
    next_at: datetime | None = None


@frozen
class Trouble:
    handler: str
    key: str
    since: datetime
    last_at: datetime
    next_at: datetime
    tries: int
    fault: Text

    @property
    def owner(self) -> int | str:
        """Whose it is: the id of a case, an edition."""
        found: Any = orjson.loads(self.key)
        return found[0] if isinstance(found, list) else found  # type: ignore[no-any-return]


@frozen
class AtWork:
    """A process that was seen of late. `ahead`: seconds by which its clock is before the database's."""

    kind: Kind
    host: str
    pid: int
    started_at: datetime
    seen_at: datetime
    ahead: float


def told(db: Connection) -> Mapping[str, Told]:
    """By name; of a handler that never had anything to do, nothing."""
    rows = db.execute(
        select(
            handlers.c.name, handlers.c.rounds, handlers.c.done, handlers.c.milliseconds, handlers.c.faults,
            handlers.c.last_at, handlers.c.last_done, handlers.c.next_at,
        ).where(handlers.c.office_id == OFFICE)
    )  # fmt: skip
    return {row.name: Told(*row) for row in rows}


def in_trouble(db: Connection, *, limit: int = 200) -> tuple[Trouble, ...]:
    """What could not be done, the oldest first."""
    rows = db.execute(
        select(troubles).where(troubles.c.office_id == OFFICE).order_by(troubles.c.since, troubles.c.key).limit(limit)
    )
    return tuple(
        Trouble(row.handler, row.key, row.since, row.last_at, row.next_at, row.tries, _fault(row.fault)) for row in rows
    )


def troubles_by_handler(db: Connection) -> Mapping[str, int]:
    rows = db.execute(
        select(troubles.c.handler, func.count()).where(troubles.c.office_id == OFFICE).group_by(troubles.c.handler)
    )
    return {row[0]: row[1] for row in rows}


def _fault(written: str) -> Name:
    words = orjson.loads(written)
    return Name(words["en"], words["zh"])


def at_work(db: Connection) -> tuple[AtWork, ...]:
    """Processes that were heard of within the last minute and a half."""
    rows = db.execute(
        select(processes)
        .where(processes.c.office_id == OFFICE, processes.c.seen_at >= clock.now() - rules.GONE_AFTER)
        .order_by(processes.c.started_at, processes.c.id)
    )
    return tuple(
        AtWork(Kind(row.kind), row.host, row.pid, row.started_at, row.seen_at, row.ahead / 1000) for row in rows
    )


def last_seen(db: Connection) -> datetime | None:
    """When any process was last at it."""
    found: datetime | None = db.scalar(select(func.max(processes.c.seen_at)).where(processes.c.office_id == OFFICE))
    return found
