"""One round of everything, and the thread that goes round and round until it is stopped."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from engine.base import clock
from engine.base.database import Database, from_stored
from engine.working import kept, rules
from engine.working.kept import Done, Process
from engine.working.rules import Kind
from web.working.draining import drain
from web.working.kinds import Errand, GoingOn, Handler, Tools, always
from web.working.registry import ERRANDS, HANDLERS
from web.working.waking import Bell, hang, take_down

_log: Final = logging.getLogger("officium.working")
_EVERY: Final = 5.0  # seconds
_GATHERS: Final = 0.3
"""Seconds after an act: what several people do at a time is looked at together."""
_COMING: Final = 0.8
"""Seconds between two looks where something falls due before the next round."""
_A_FEW: Final = 20
_TURN: Final = 0.0003  # seconds
_LEASE: Final = rules.GONE_AFTER


def tick(database: Database, going_on: GoingOn = always, tools: Tools | None = None) -> int:
    """Everything that is due now and needs nobody outside; how much took effect."""
    done = handle(database, going_on)
    run_nearby(database, tools or Tools(), going_on)
    return done


def handle(database: Database, going_on: GoingOn = always) -> int:
    """What is due now, of every handler; how much took effect."""
    rounds = [_guarded(database, one, going_on) for one in HANDLERS]
    add_up(database, rounds)
    return sum(one.done for one in rounds)


def run_nearby(database: Database, tools: Tools, going_on: GoingOn = always) -> None:
    """The errands that lead to nobody outside."""
    add_up(database, [run_errand(database, one, tools, going_on) for one in ERRANDS if not one.apart])


def _guarded(database: Database, handler: Handler, going_on: GoingOn) -> Done:
    try:
        return drain(database, handler, going_on)
    except DBAPIError:
        raise
    except Exception:
        # A fault of one handler must not keep the others from their work.
        _log.exception("%s could not be looked up", handler.name)
        return Done(handler.name, 0, 0, 1)


def run_errand(
    database: Database, errand: Errand, tools: Tools, going_on: GoingOn = always, process: str | None = None
) -> Done:
    """Raises DBAPIError where the database does not answer; any other fault is noted and told."""
    begun, faults, done = time.monotonic(), 0, 0
    holder = process or f"{os.getpid()}"
    if errand.every is not None and not _turn(database, errand.name, errand.every, holder):
        return Done(errand.name, 0, 0)
    try:
        done = errand.run(tools, database, going_on)
    except DBAPIError:
        raise
    except Exception:
        # As above.
        _log.exception("%s could not be done", errand.name)
        faults = 1
    finally:
        if errand.every is not None:
            with database.writing() as db:
                kept.end_turn(db, name=errand.name, process=holder)
    return Done(errand.name, done, int((time.monotonic() - begun) * 1000), faults)


def _turn(database: Database, name: str, every: timedelta, holder: str) -> bool:
    with database.reading() as db:
        if not kept.its_turn(db, name):
            return False
    with database.writing() as db:
        return kept.take_turn(db, name=name, process=holder, every=every, lease=_LEASE)


def add_up(database: Database, rounds: list[Done]) -> None:
    """Keeps what was done. Nothing is written where nothing was done."""
    found = [one for one in rounds if one.done or one.faults]
    if found:
        with database.writing() as db:
            kept.add_up(db, found)


def this_process(kind: Kind) -> Process:
    host = socket.gethostname()
    return Process(f"{host}:{os.getpid()}:{secrets.token_hex(4)}", kind, host, os.getpid(), clock.now())


class Pulse:
    """Says now and then that this process is there, and finds out how far its clock is before the database's."""

    def __init__(self, database: Database, kind: Kind) -> None:
        self._database = database
        self.process = this_process(kind)
        self._next = 0.0
        self.is_early = False

    def beat(self) -> None:
        if time.monotonic() < self._next:
            return
        with self._database.writing() as db:
            ahead = 0
            if not self._database.is_sqlite:
                milliseconds = db.scalar(text("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"))
                ahead = int((clock.now() - from_stored(milliseconds or 0)).total_seconds() * 1000)
            kept.seen(db, self.process, ahead=ahead)
        self.is_early = ahead > rules.MOST_AHEAD.total_seconds() * 1000
        if self.is_early:
            _log.error("This machine's clock is %.1f seconds before the database's: nothing is done here", ahead / 1000)
        self._next = time.monotonic() + rules.HEARTBEAT.total_seconds()

    def stop(self) -> None:
        try:
            with self._database.writing() as db:
                kept.goodbye(db, self.process)
        except SQLAlchemyError as fault:
            _log.warning("The database was not told that this process ends: %s", fault)


Work = Callable[[bool], None]
"""True: called for by what is due, between two rounds."""
Due = Callable[[Connection, datetime], int]
"""How much will be due then, or a few: cheap enough to be asked after acts."""


class Poller:
    """Does everything that is due every few seconds, in threads of this process, until it is stopped; what an act of
    this process put out, and what falls due meanwhile, within a second.

    What only looks after the house has a thread of its own, and what talks to others one each, so that no long reading
    and no slow mail server keeps a timer waiting.
    """

    def __init__(self, database: Database, tools: Tools | None = None) -> None:
        self._database = database
        self._tools = tools or Tools()
        self._stop = threading.Event()
        self._bell = Bell()
        self._pulse = Pulse(database, Kind.EMBEDDED)
        self._threads = [
            threading.Thread(target=self._run, args=(self._tick, _due_now), name="working", daemon=True),
            threading.Thread(target=self._run, args=(self._aside, _due_aside), name="working aside", daemon=True),
        ]
        self._threads += [
            threading.Thread(
                target=self._run, args=(self._errand(one), one.due), name=f"working: {one.name}", daemon=True
            )
            for one in ERRANDS
            if one.apart
        ]

    def start(self) -> None:
        # Each statement of a request lets go of the interpreter: with the usual 5 ms of whoever reckons beside it, a
        # step of ten statements would take 50 ms longer.
        sys.setswitchinterval(_TURN)
        hang(self._bell)
        for thread in self._threads:
            thread.start()

    def leave(self) -> None:
        """Takes nothing more. Whoever waits goes on."""
        self._stop.set()
        take_down(self._bell)
        self._bell.ring()

    def stop(self) -> None:
        """What is begun is finished; nothing more is taken. Harmless where it was never started."""
        self.leave()
        begun = [one for one in self._threads if one.ident is not None]
        for thread in begun:
            thread.join(timeout=30)
        if begun:
            self._pulse.stop()

    def wait(self) -> None:
        """Until it is stopped."""
        self._stop.wait()

    def _going_on(self) -> bool:
        return not self._stop.is_set()

    def _tick(self, _called: bool) -> None:
        self._pulse.beat()
        if not self._pulse.is_early and handle(self._database, self._going_on):
            self._bell.ring()  # a timer may have put out a letter or a call

    def _aside(self, called: bool) -> None:
        if called:
            found = [one for one in ERRANDS if not one.apart and one.due is not None]
            add_up(self._database, [run_errand(self._database, one, self._tools, self._going_on) for one in found])
        else:
            run_nearby(self._database, self._tools, self._going_on)

    def _errand(self, errand: Errand) -> Work:
        def run(_called: bool) -> None:
            done = run_errand(self._database, errand, self._tools, self._going_on, self._pulse.process.id)
            add_up(self._database, [done])

        return run

    def _run(self, work: Work, due: Due | None) -> None:
        while self._going_on():
            heard = self._bell.times
            self._guarded(work, called=False)
            self._rest(work, due, heard)

    def _guarded(self, work: Work, *, called: bool) -> None:
        try:
            work(called)
        except DBAPIError as fault:
            _log.error("The database does not answer (%s); trying again in %s seconds", _line(fault), _EVERY)
        except Exception:
            # A fault of the program: without the thread nothing at all would be done any more.
            _log.exception("What is due could not be done; trying again in %s seconds", _EVERY)

    def _rest(self, work: Work, due: Due | None, heard: int) -> None:
        """Until the next round. Meanwhile what acts put out, and what falls due, is done as it comes."""
        until = time.monotonic() + _EVERY
        coming = self._is_coming(due)
        while self._going_on() and (left := until - time.monotonic()) > 0:
            rung = self._bell.wait(heard, min(left, _COMING) if coming else left)
            if due is None or (rung == heard and not coming):
                heard = rung
                continue
            if rung != heard and self._stop.wait(_GATHERS):
                return
            heard = self._bell.times
            if self._how_much(due, timedelta(0)):
                self._guarded(work, called=True)
            coming = self._is_coming(due)

    def _is_coming(self, due: Due | None) -> bool:
        soon = timedelta(seconds=_EVERY)
        return due is not None and self._how_much(due, soon) > self._how_much(due, timedelta(0))

    def _how_much(self, due: Due, ahead: timedelta) -> int:
        """Nothing where the database is away: the next round tells of that."""
        try:
            with self._database.reading() as db:
                return due(db, clock.now() + ahead)
        except Exception:
            # Nor where the program is at fault: without the thread nothing at all would be done any more.
            return 0


def _due_now(db: Connection, at: datetime) -> int:
    return sum(len(one.due(db, at, _A_FEW)) for one in HANDLERS)


def _due_aside(db: Connection, at: datetime) -> int:
    return sum(one.due(db, at) for one in ERRANDS if not one.apart and one.due is not None)


def _line(fault: DBAPIError) -> str:
    return str(fault.orig).partition("\n")[0]
