"""What was asked for is done: a slice after the other."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.base.database import Database
from engine.base.giving_way import give_way
from engine.supervision.figures.folding import fold_all
from engine.supervision.recounting.acts import recount_slice
from engine.supervision.recounting.reads import running


def recount(database: Database, going_on: Callable[[], bool]) -> int:
    """Each slice is folded before the next is noted. How much was counted again."""
    with database.reading() as db:
        if running(db) is None:
            return 0
    done = 0
    while going_on():
        since = time.monotonic()
        with database.writing() as db:
            noted = recount_slice(db)
        if noted is None:
            break
        if noted:
            done += noted
            fold_all(database, going_on)
        give_way(database, since)
    return done
