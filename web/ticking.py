"""Work that goes on while nobody is looking: timers that are due take effect, once each, in due order."""

from __future__ import annotations

import logging
import threading
from typing import Final

from sqlalchemy.exc import DBAPIError

from engine.base import clock
from engine.base.database import Database
from engine.cases import acts, reads

_log: Final = logging.getLogger("officium.ticking")
_EVERY: Final = 5.0  # seconds
_AT_ONCE: Final = 100


def tick(database: Database) -> int:
    """Fires every timer that is due now; how many took effect. Each is a transaction of its own."""
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
