"""Start events that wait for a time: armed with the edition that comes into force, carried over to the next, disarmed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from engine.base.database import OFFICE
from engine.diagram import run
from engine.organisation.tables import offices
from engine.procedures.runnable import Runnable
from engine.procedures.tables import start_timers
from engine.procedures.turns import PENDING, columns

_t = start_timers


def must_tell_times(made_ready: Runnable, now: datetime) -> None:
    """Raises CannotRun where a start event's timer gives no time."""
    for element in _waiting(made_ready):
        run.first_turn(made_ready.model, element, now=now)


def arm(db: Connection, made_ready: Runnable, now: datetime) -> dict[str, datetime | None]:
    """Of the edition that has come into force: when each is due first.

    A timer that is drawn as before goes on as if nothing had happened. One that is drawn otherwise is reckoned anew;
    a turn that is due already is not lost by that, and none that a case was begun for comes again.
    """
    locked = select(_t).where(*_of(made_ready.procedure_id)).with_for_update()  # one may be beginning a case right now
    before = {row.element: row for row in db.execute(locked)}
    written = _waiting(made_ready)
    found: dict[str, datetime | None] = {}
    for element in written:
        row = before.get(element)
        values = _kept(row, written[element], now) if row is not None else None
        if values is None:
            behind = None if row is None else row.last_at
            turn = run.first_turn(made_ready.model, element, now=now, behind=behind)
            values = columns(turn, _version(db, made_ready, element))
        _write(db, made_ready, element, {**values, "written": written[element]}, is_new=row is None)
        found[element] = values["due_at"]
    gone = [element for element in before if element not in written]
    if gone:
        db.execute(update(_t).where(*_of(made_ready.procedure_id), _t.c.element.in_(gone)).values(**_NOTHING))
    return found


_NOTHING: dict[str, Any] = {"due_at": None, "wake_at": None}


def disarm(db: Connection, procedure_id: int) -> None:
    """It is out of force: nothing begins any more. What was begun is remembered, should it come back."""
    db.execute(update(_t).where(*_of(procedure_id)).values(**_NOTHING))


def _waiting(made_ready: Runnable) -> dict[str, str]:
    """Each start event that waits for a time, with what is drawn there."""
    return run.start_timers(made_ready.model)


def _kept(row: Row[*tuple[Any, ...]], written: str, now: datetime) -> dict[str, Any] | None:
    """What stands of a turn, where it goes on; None where it is reckoned anew."""
    if row.wake_at is None:
        return None
    if row.written == written:
        return {"due_at": row.due_at}
    if row.due_at <= now:
        return {"due_at": row.due_at, "left": PENDING, "every": ""}
    return None


def _write(db: Connection, made_ready: Runnable, element: str, values: dict[str, Any], *, is_new: bool) -> None:
    values["edition_id"] = made_ready.edition_id
    if is_new:
        key = {"office_id": OFFICE, "procedure_id": made_ready.procedure_id, "element": element}
        db.execute(insert(_t).values(**key, turns=0, **values))
    else:
        db.execute(update(_t).where(*_of(made_ready.procedure_id), _t.c.element == element).values(**values))


def _version(db: Connection, made_ready: Runnable, element: str) -> int | None:
    """Of the calendars, where the timer counts working time."""
    if (made_ready.process, element) not in made_ready.counted:
        return None
    version: int | None = db.scalar(select(offices.c.calendars_version).where(offices.c.id == OFFICE))
    return version


def _of(procedure_id: int) -> tuple[Any, ...]:
    return _t.c.office_id == OFFICE, _t.c.procedure_id == procedure_id
