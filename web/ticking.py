"""Work that goes on while nobody is looking: timers that are due take effect, editions whose day has come are in force."""

from __future__ import annotations

import logging
import threading
from typing import Final

from sqlalchemy.exc import DBAPIError

from engine.base import clock
from engine.base.database import Database
from engine.base.errors import Refusal
from engine.base.text import LANGUAGES
from engine.cases import acts, reads
from engine.control import reads as control
from engine.control.acts import come_into_force, hold_up

_log: Final = logging.getLogger("officium.ticking")
_EVERY: Final = 5.0  # seconds
_AT_ONCE: Final = 100


def tick(database: Database) -> int:
    """Everything that is due now, each in a transaction of its own; how much took effect."""
    return _editions(database) + _timers(database)


def _editions(database: Database) -> int:
    """Before the timers: a case that begins with one of them begins on the edition of the day."""
    with database.reading() as db:
        due = control.due_editions(db, at=clock.now())
    return sum(_bring_into_force(database, one) for one in due)


def _bring_into_force(database: Database, edition_id: int) -> bool:
    try:
        with database.writing() as db:
            return come_into_force(db, edition_id=edition_id)
    except Refusal as refusal:
        with database.writing() as db:
            hold_up(db, edition_id=edition_id, why={one: refusal.say(one) for one in LANGUAGES})
    except Exception:
        # As below: it is due still and is tried again.
        _log.exception("Edition %s could not come into force", edition_id)
    return False


def _timers(database: Database) -> int:
    fired, passed_over = 0, set[tuple[int, str]]()
    while True:
        with database.reading() as db:
            due = reads.due_timers(db, at=clock.now(), limit=_AT_ONCE + len(passed_over))
        waiting = [one for one in due if one not in passed_over]
        if not waiting:
            return fired
        for case_id, token in waiting:
            if _fire(database, case_id, token):
                fired += 1
            else:
                passed_over.add((case_id, token))


def _fire(database: Database, case_id: int, token: str) -> bool:
    try:
        with database.writing() as db:
            return acts.fire_timer(db, case_id=case_id, token=token)
    except Exception:
        # Whatever is wrong with one case must not keep the others waiting; it is due still and is tried again.
        _log.exception("The timer %s of case %s could not take effect", token, case_id)
        return False


class Ticking:
    """Ticks every few seconds in a thread of its own until it is stopped."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ticking", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.wait(_EVERY):
            try:
                tick(self._database)
            except DBAPIError:
                _log.exception("Due timers could not be looked up; trying again in %s seconds", _EVERY)
