"""Keeps search up with the cases: a few at a time, so that whoever works waits for none of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from engine.base.database import Database
from engine.base.giving_way import give_way
from engine.cases import search

_log: Final = logging.getLogger("officium.searching")
_AT_ONCE: Final = 25
"""How many cases are written down together while the office works: nobody waits long for that."""
_MOST_ROUNDS: Final = 80
"""Of one tick: timers that fall due meanwhile do not wait for a whole office being read in."""


def bring_up(database: Database) -> int:
    """Reads in what has changed; how many cases that were."""
    cases, last = 0, 0
    try:
        for _ in range(_MOST_ROUNDS):
            since = time.monotonic()
            with database.reading() as db:
                read = search.changed(db, behind=last, most=_AT_ONCE)
            if read is None:
                break
            with database.writing() as db:
                search.keep(db, read)
            last, cases = read.last, cases + len(read.rows)
            give_way(database, since)
    except Exception:
        # Whatever is wrong with one case must not stop the clock of all: it is tried again with the next tick.
        _log.exception("Search could not be brought up to date")
    return cases


def reindex(database: Database, progress: Callable[[int], None] = lambda _cases: None) -> int:
    """Everything anew, while the office works; how many cases there are."""
    with database.writing() as db:
        search.forget_all(db)
    cases, last = 0, 0
    while True:
        with database.reading() as db:
            read = search.after(db, last)
        if read is None:
            return cases
        with database.writing() as db:
            search.keep(db, read)
        last, cases = read.last, cases + len(read.rows)
        progress(cases)
