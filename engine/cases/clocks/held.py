"""What the office's own steps are given back for the time its clock stood, when it goes on.

A case at rest gives its time back by itself (cases.acts.resting), whole; of what overlaps nothing is given twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, update

from engine.base.database import OFFICE
from engine.cases.clocks import rules
from engine.cases.clocks.rules import Spell
from engine.cases.clocks.tables import stops
from engine.cases.due.counting import Clock, rested
from engine.cases.handing.rows import put_off
from engine.cases.rules import NO_DUE
from engine.cases.tables import tasks
from engine.procedures.runnable import Runnable, place


def give_back(
    db: Connection,
    case: Row[*tuple[Any, ...]],
    made_ready: Runnable,
    ended: Collection[int],
    closed: Collection[str] = (),
) -> Mapping[str, Any]:
    """`ended`: the stops that are over now; `closed`: the tokens whose tasks are. For the record; the case must be locked.

    What waits for somebody outside keeps its day: the clock stands so that they may do just that.
    """
    rows = db.execute(
        select(stops.c.number, stops.c.ground, stops.c.begin_at, stops.c.end_at, stops.c.token)
        .where(stops.c.office_id == OFFICE, stops.c.case_id == case.case_id)
        .order_by(stops.c.number)
    ).all()
    held = [rules.Held(row.number, row.ground, row.begin_at, row.end_at) for row in rows]
    spells = rules.given_back(held, ended)
    if not spells:
        return {}
    keep = {*closed, *(row.token for row in rows if row.token is not None)}
    numbers = _put_off_steps(db, case, made_ready, spells, keep)
    put_off(db, case, made_ready, [(one.begin, one.end) for one in spells], closed)
    told = [[one.begin, one.end, one.ground] for one in spells]
    return {"gave_back": {"tasks": numbers, "spells": told}} if numbers else {}


def _put_off_steps(
    db: Connection,
    case: Row[*tuple[Any, ...]],
    made_ready: Runnable,
    spells: Sequence[Spell],
    keep: Collection[str],
) -> list[int]:
    found = []
    here = tasks.c.office_id == OFFICE, tasks.c.case_id == case.case_id
    for row in db.execute(
        select(
            tasks.c.number, tasks.c.due_at, tasks.c.opened_at, tasks.c.department_id, tasks.c.kind, tasks.c.edition_id,
            tasks.c.element, tasks.c.token, tasks.c.provisional,
        ).where(*here, tasks.c.closed_at.is_(None), tasks.c.kind.is_(None), tasks.c.due_at < NO_DUE)
        .order_by(tasks.c.number)
    ).all():  # fmt: skip
        step = place(db, made_ready, row.edition_id, row.element)
        if step.external or row.token in keep:
            continue
        clock = Clock.of(row, step.standard_time)
        for one in spells:
            clock = clock.due(rested(db, clock, one.begin, one.end, version=case.calendars_version).at)
        if clock.due_at != row.due_at:
            later = rested(db, clock, spells[-1].end, spells[-1].end, version=case.calendars_version)
            db.execute(update(tasks).where(*here, tasks.c.number == row.number).values(**later.columns))
            found.append(row.number)
    return found
