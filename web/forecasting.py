"""Learns each procedure anew when enough has ended, and keeps what is foretold up with the cases."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import DBAPIError

from engine.base import clock
from engine.base.database import Database
from engine.supervision.forecast import foretelling, past
from engine.supervision.forecast.apart import grown_apart

_log: Final = logging.getLogger("officium.forecasting")

GoingOn = Callable[[], bool]


def learn(database: Database, going_on: GoingOn, *, trees: bool = True) -> int:
    """What is due to be learned; of a procedure of which nothing is known survival alone first, which takes no time."""
    with database.reading() as db:
        due = foretelling.procedures_to_learn(db, at=clock.now())
        known = set(foretelling.learned_procedures(db))
    done = 0
    for procedure_id in (one for one in due if one not in known):
        done += _guarded(database, procedure_id, None)
        foretell(database, going_on, only=procedure_id)
    for procedure_id in due if trees else ():
        if going_on():
            done += _guarded(database, procedure_id, grown_apart)
    with database.reading() as db:
        behind = past.procedures_to_look_back(db, at=clock.now())
    for procedure_id in sorted({*due, *behind}):
        if going_on():
            with database.writing() as db:
                past.look_back(db, procedure_id=procedure_id)
    return done


def _guarded(database: Database, procedure_id: int, trees: foretelling.Trees | None) -> int:
    """Nothing is locked while it is reckoned."""
    try:
        with database.reading() as db:
            lesson = foretelling.lesson(db, procedure_id=procedure_id, trees=trees)
        with database.writing() as db:
            return int(foretelling.learn(db, one=lesson))
    except DBAPIError:
        raise
    except Exception:
        # Whatever is wrong with the history of one procedure must not keep the others from being learned.
        _log.exception("Procedure %s could not be learned", procedure_id)
        return 0


def foretell(database: Database, going_on: GoingOn, *, only: int | None = None) -> int:
    """Open cases that have changed, or of which nothing was foretold for half a day."""
    with database.reading() as db:
        found = foretelling.learned_procedures(db)
    done = 0
    for procedure_id in found if only is None else (only,):
        if not going_on():
            break
        with database.reading() as db:
            case_ids = foretelling.cases_to_foretell(db, procedure_id=procedure_id, at=clock.now())
            rows = foretelling.foretell(db, procedure_id=procedure_id, case_ids=case_ids) if case_ids else []
        if case_ids:
            with database.writing() as db:
                damaged = not rows and foretelling.forget_damaged(db, procedure_id=procedure_id)
                done += 0 if damaged else foretelling.keep_forecasts(db, rows=rows)
    with database.reading() as db:
        ended = foretelling.ended_but_kept(db)
    if ended:
        with database.writing() as db:
            foretelling.forget(db, case_ids=ended)
    return done
