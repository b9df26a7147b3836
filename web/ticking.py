"""Work that goes on while nobody is looking: timers that are due take effect, editions whose day has come are in force."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import DBAPIError

from engine.base import clock
from engine.base.database import Database
from engine.base.errors import Refusal
from engine.base.text import LANGUAGES
from engine.cases import acts, drafts, reads
from engine.cases.duties.acts import absence_over
from engine.cases.handing.acts import escalate_hand_over
from engine.cases.handing.reads import silent_hand_overs
from engine.control import reads as control
from engine.control.acts import come_into_force, hold_up
from engine.organisation.absence.reads import over
from web.outbox.means import Means
from web.outbox.sending import send_due
from web.searching import bring_up

_log: Final = logging.getLogger("officium.ticking")
_EVERY: Final = 5.0  # seconds
_AT_ONCE: Final = 100


def tick(database: Database) -> int:
    """Everything that is due now, each in a transaction of its own; how much took effect."""
    fired = _editions(database) + _timers(database) + _hand_overs(database) + _absences(database)
    bring_up(database)
    _drafts(database)
    return fired


def _drafts(database: Database) -> None:
    """Of what was sent. Completing a task is not to wait for it, nor is anything locked where there is nothing."""
    with database.reading() as db:
        found = drafts.to_sweep(db)
    if found:
        with database.writing() as db:
            drafts.sweep(db)


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


def _hand_overs(database: Database) -> int:
    """Those that nobody has answered in time, each by itself: it is told of once, whoever ticks besides."""
    told, passed_over = 0, set[tuple[int, int]]()
    while True:
        with database.reading() as db:
            silent = silent_hand_overs(db, at=clock.now(), limit=_AT_ONCE + len(passed_over))
        waiting = [one for one in silent if one not in passed_over]
        if not waiting:
            return told
        for case_id, number in waiting:
            if _escalate(database, case_id, number):
                told += 1
            else:
                passed_over.add((case_id, number))


def _escalate(database: Database, case_id: int, number: int) -> bool:
    try:
        with database.writing() as db:
            return escalate_hand_over(db, case_id=case_id, number=number)
    except Exception:
        # As above: one case must not keep the others waiting.
        _log.exception("The hand-over of task %s of case %s could not be escalated", number, case_id)
        return False


def _absences(database: Database) -> int:
    """Whose last day is past: what their deputies have begun goes back or stays, as was chosen."""
    with database.reading() as db:
        past = over(db)
    return sum(_come_back(database, one) for one in past)


def _come_back(database: Database, absence_id: int) -> bool:
    try:
        with database.writing() as db:
            return absence_over(db, absence_id=absence_id)
    except Exception:
        # As above: it is over still and is tried again.
        _log.exception("The end of absence %s could not be seen to", absence_id)
        return False


class Ticking:
    """Ticks every few seconds in a thread of its own until it is stopped; sends in another, so that no slow mail server keeps a timer waiting."""

    def __init__(
        self, database: Database, means: Means | None = None, scan: Callable[[Database], int] | None = None
    ) -> None:
        self._database = database
        self._means = means
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(tick,), name="ticking", daemon=True)]
        if means is not None:
            self._threads.append(threading.Thread(target=self._run, args=(self._send,), name="sending", daemon=True))
        if scan is not None:
            self._threads.append(threading.Thread(target=self._run, args=(scan,), name="scanning", daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=10)

    def _send(self, database: Database) -> int:
        return send_due(database, self._means or Means(), lambda: not self._stop.is_set())

    def _run(self, work: Callable[[Database], int]) -> None:
        while not self._stop.wait(_EVERY):
            try:
                work(self._database)
            except DBAPIError:
                _log.exception("What is due could not be looked up; trying again in %s seconds", _EVERY)
            except Exception:
                # A fault of the program: without the thread nothing at all would be done any more.
                _log.exception("What is due could not be done; trying again in %s seconds", _EVERY)
