"""Who has a draft open just now. It is no act: it says nothing of what anybody did, and is forgotten by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from engine.base import clock
from engine.base.dialects import upserting
from engine.base.frozen import frozen
from engine.base.text import Name
from engine.organisation.tables import persons
from engine.procedures.tables import draft_presence

GONE_AFTER: Final = timedelta(seconds=35)
"""A page tells every ten seconds that it is open; one that was silent for so long is closed."""
_p: Final = draft_presence


@frozen
class Present:
    """Somebody else who has the draft open."""

    name: Name
    seen_at: datetime


def seen(db: Connection, *, edition_id: int, person_id: int) -> tuple[Present, ...]:
    """Notes that the person has it open, and tells who else has. The edition must exist."""
    now = clock.now()
    insert = upserting(db.dialect.name)
    mine = insert(_p).values(edition_id=edition_id, person_id=person_id, seen_at=now)
    db.execute(mine.on_conflict_do_update(index_elements=["edition_id", "person_id"], set_={"seen_at": now}))
    rows = db.execute(
        select(_p.c.seen_at, persons.c.name_en, persons.c.name_zh)
        .join(persons, persons.c.id == _p.c.person_id)
        .where(_p.c.edition_id == edition_id, _p.c.person_id != person_id, _p.c.seen_at > now - GONE_AFTER)
        .order_by(persons.c.name_en)
    )
    return tuple(Present(Name(row.name_en, row.name_zh), row.seen_at) for row in rows)
