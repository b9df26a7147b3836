"""What administrators do about work that could not be done."""

from __future__ import annotations

from sqlalchemy import Connection, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.notices.kept import on_office
from engine.organisation.rules import Actor, must_administer
from engine.working.tables import troubles


def work_again(db: Connection, *, by: Actor, handler: str | None = None, key: str | None = None) -> int:
    """What rests after it failed is tried with the next round: the one named, all of a handler, or all; how many."""
    must_administer(by)
    chosen = [troubles.c.office_id == OFFICE]
    if handler is not None:
        chosen.append(troubles.c.handler == handler)
    if key is not None:
        chosen.append(troubles.c.key == key)
    found = db.execute(update(troubles).where(*chosen).values(next_at=clock.now())).rowcount
    on_office(db, by, "work_again", {"handler": handler, "key": key, "found": found})
    return found
