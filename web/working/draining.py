"""Does what is due until nothing is, side by side with however many other processes do the same.

Nobody leads. On PostgreSQL whoever takes a few owners (cases) in hand holds a lock on each of them for as long as it
is at them; others pass them over. On SQLite there is one writer at a time. A few are done in one transaction, each
undone alone where it fails. What is killed half-way leaves nothing behind but what is due still.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from engine.base import clock
from engine.base.database import Database, apart
from engine.base.errors import Refusal
from engine.base.giving_way import give_way
from engine.base.text import LANGUAGES, Language
from engine.working import kept
from engine.working.kept import Done
from engine.working.rules import Key, owner_of, text_of
from web.working.kinds import GoingOn, Handler, always

_log: Final = logging.getLogger("officium.working")
_LOOK: Final = 200
"""How many of what is due are looked at together: enough for some to be left that no other process is at."""
_TOGETHER: Final = 20
_ON_FILE: Final = 0.012
"""Seconds for which what is done together may keep everybody else from writing."""
_ON_SERVER: Final = 0.1
"""The same, where it keeps others only from the few cases that are in hand."""

Step = Callable[[], AbstractContextManager[Connection]]
"""What is done within takes effect as a whole, or not at all."""


@dataclass(slots=True)
class _Round:
    """What this round has learnt: keys by their text."""

    handler: Handler
    going_on: GoingOn
    resting: set[str]
    again: frozenset[str]
    seen: set[str] = field(default_factory=set)
    healed: set[str] = field(default_factory=set)
    done: int = 0
    faults: int = 0

    def look(self, db: Connection) -> list[Key]:
        """What is due and not passed over. What has failed is looked beyond: it must keep nothing waiting."""
        found = self.handler.due(db, clock.now(), _LOOK + len(self.resting))
        fresh = []
        for key in found:
            told = text_of(key)
            self.seen.add(told)
            if told not in self.resting:
                fresh.append(key)
        return fresh


def drain(
    database: Database, handler: Handler, going_on: GoingOn = always, more: Callable[[], None] | None = None
) -> Done:
    """Raises OperationalError where the database is gone. `more` is called once where there is work for others too."""
    begun = time.monotonic()
    with database.reading() as db:
        known = kept.troubles_of(db, handler.name)
    round_ = _Round(handler, going_on, set(known.resting), known.again)
    while going_on():
        since = time.monotonic()
        found = _batch(database, round_)
        if not found:
            break
        if found >= _TOGETHER and more is not None:
            more()
            more = None
        give_way(database, since)
    over = (known.again - round_.seen) | round_.healed if going_on() else round_.healed
    if over:
        with database.writing() as db:
            kept.forget_troubles(db, handler=handler.name, keys=over)
    return Done(handler.name, round_.done, int((time.monotonic() - begun) * 1000), round_.faults)


def _batch(database: Database, round_: _Round) -> int:
    """How many were in hand: a few in one transaction, since keeping it costs more than what one of them does."""
    if database.is_sqlite:
        with database.reading() as db:  # nobody is kept from writing where there is nothing
            if not round_.look(db):
                return 0
    with database.writing() as db:

        @contextmanager
        def step() -> Iterator[Connection]:
            with apart(db):
                yield db

        fresh = round_.look(db)
        keys = fresh[:_TOGETHER] if database.is_sqlite else _mine(db, round_, fresh)
        _act(round_, keys, step, time.monotonic() + (_ON_FILE if database.is_sqlite else _ON_SERVER))
        return len(keys)


def _mine(db: Connection, round_: _Round, fresh: Sequence[Key]) -> list[Key]:
    if not fresh:
        return []
    owners = tuple(dict.fromkeys(owner_of(key) for key in fresh))
    ours = kept.mine_alone(db, handler=round_.handler.name, owners=owners, most=_TOGETHER)
    return [key for key in fresh if owner_of(key) in ours]


def _act(round_: _Round, keys: Sequence[Key], step: Step, until: float) -> None:
    for key in keys:
        if not round_.going_on() or time.monotonic() > until:
            return
        told = text_of(key)
        try:
            with step() as db:
                done = round_.handler.do(db, key)
        except Refusal as refusal:
            done = False
            _refused(round_, key, refusal, step)
        except OperationalError as fault:
            if fault.connection_invalidated or not _is_standing(fault):
                raise
            # Somebody else was in the way: the next round tries again.
            done = False
            _log.warning("%s %s was put off: %s", round_.handler.name, told, fault.orig)
        except Exception as fault:
            # Whatever is wrong with one of them must not keep the others waiting; it is due still and tried again.
            done = False
            _log.exception("%s %s could not be done", round_.handler.name, told)
            _note(round_, told, dict.fromkeys(LANGUAGES, _words(fault)), step)
        if done:
            round_.done += 1
            if told in round_.again:
                round_.healed.add(told)
        else:
            round_.resting.add(told)


def _is_standing(fault: OperationalError) -> bool:
    """A deadlock, a lock that was not to be had: the server itself is there."""
    state = getattr(fault.orig, "sqlstate", None)
    return state in {"40001", "40P01", "55P03"} or "locked" in str(fault.orig)


def _refused(round_: _Round, key: Key, refusal: Refusal, step: Step) -> None:
    own_way = round_.handler.refused
    if own_way is None:
        _log.error("%s %s was refused: %s", round_.handler.name, text_of(key), refusal)
        _note(round_, text_of(key), {one: refusal.say(one) for one in LANGUAGES}, step)
        return
    try:
        with step() as db:
            own_way(db, key, refusal)
    except Exception as fault:
        # As above.
        _log.exception("%s %s could not be held up", round_.handler.name, text_of(key))
        _note(round_, text_of(key), dict.fromkeys(LANGUAGES, _words(fault)), step)


def _note(round_: _Round, told: str, fault: dict[Language, str], step: Step) -> None:
    round_.faults += 1
    with step() as db:
        kept.note_trouble(db, handler=round_.handler.name, key=told, fault=fault)


def _words(fault: Exception) -> str:
    """The first line, without what was given to the database: that may be anything."""
    said = str(fault.orig) if isinstance(fault, DBAPIError) else str(fault)
    return f"{type(fault).__name__}: {said.partition(chr(10))[0]}"[:300]
