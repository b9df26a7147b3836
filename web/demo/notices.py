"""Everybody in the demo office has read what they were told, but for the last days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from engine.base import clock
from engine.base.database import Database
from engine.notices.acts import mark_all_read
from engine.notices.reads import unread_before
from engine.organisation.reads import actor

UNREAD_FOR: Final = timedelta(days=3)


def catch_up(database: Database, end: datetime) -> None:
    with clock.reading(lambda: end), database.writing() as db:
        for person_id, last in unread_before(db, end - UNREAD_FOR).items():
            mark_all_read(db, by=actor(db, person_id), up_to=last)
