"""A case that nobody begins: the time has come that a start event of a procedure in force waits for."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, select, update

from engine.base import clock
from engine.base.database import OFFICE, to_stored
from engine.base.text import one_line
from engine.cases import rules
from engine.cases.acts.journey import Beginning, begin
from engine.diagram import run
from engine.organisation.reads import office
from engine.organisation.tables import departments, offices
from engine.procedures.editions import contents
from engine.procedures.kept import locked_procedure, note
from engine.procedures.runnable import Runnable, runnable
from engine.procedures.tables import procedures, start_timers
from engine.procedures.turns import PENDING, columns, said, turn_of

_t = start_timers


def begin_by_timer(db: Connection, *, procedure_id: int, element: str) -> bool:
    """One case for the turn that is due, however many were missed. False where none is due, or another is at it.

    Turns that passed while nothing ran count as missed, and the record of the case says how many.
    """
    now = clock.now()
    row = _locked(db, procedure_id, element, now)
    if row is None:
        return False
    made_ready = runnable(db, row.edition_id, version=row.calendars_version)
    following, missed = _next(made_ready, element, row, now)
    working = (made_ready.process, element) in made_ready.counted
    moved = db.execute(
        update(_t)
        .where(*_of(procedure_id, element), _t.c.due_at == row.due_at)
        .values(
            **columns(following, row.calendars_version if working else None), last_at=row.due_at, turns=row.turns + 1
        )
    )
    if moved.rowcount != 1:
        return False
    facts: dict[str, Any] = {"element": element, "due": row.due_at}
    if missed:
        facts["missed"] = missed
    begin(db, _beginning(db, made_ready, element, row, facts))
    return True


def _locked(db: Connection, procedure_id: int, element: str, now: datetime) -> Row[*tuple[Any, ...]] | None:
    row: Row[*tuple[Any, ...]] | None = db.execute(
        select(_t, select(offices.c.calendars_version).where(offices.c.id == OFFICE).scalar_subquery()
               .label("calendars_version"))
        .where(*_of(procedure_id, element), _t.c.wake_at.is_not(None), _t.c.due_at <= now)
        .with_for_update(of=_t, skip_locked=True)
    ).first()  # fmt: skip
    return row


def _of(procedure_id: int, element: str) -> tuple[Any, ...]:
    return _t.c.office_id == OFFICE, _t.c.procedure_id == procedure_id, _t.c.element == element


def _next(made_ready: Runnable, element: str, row: Row[*tuple[Any, ...]], now: datetime) -> tuple[run.Turn | None, int]:
    if row.left == PENDING:
        return run.first_turn(made_ready.model, element, now=now, behind=row.due_at), 0
    return run.turn_after(made_ready.model, element, turn_of(row), now=now)


def _beginning(
    db: Connection, made_ready: Runnable, element: str, row: Row[*tuple[Any, ...]], facts: dict[str, Any]
) -> Beginning:
    procedure = db.execute(
        select(procedures.c.name, procedures.c.prefix, departments.c.name_en, departments.c.name_zh)
        .join(departments, departments.c.id == procedures.c.department_id)
        .where(procedures.c.id == row.procedure_id)
    ).one()
    drawn = contents(db, row.edition_id).diagram.elements[element]
    due = row.due_at.astimezone(office(db).zone_info)
    matter = said(drawn.matter or f"{drawn.name or procedure.name} {{day}}", due)
    applicant = drawn.applicant or f"{procedure.name_en} {procedure.name_zh}"
    # A second wall: no two cases are ever begun for one turn.
    turn = f"{row.procedure_id} {element} {to_stored(row.due_at)}"
    return Beginning(
        made_ready=made_ready,
        prefix=procedure.prefix,
        matter=one_line(matter)[: rules.MOST_MATTER],
        applicant=one_line(applicant)[: rules.MOST_MATTER],
        answers={},
        chosen={},
        by=None,
        parent=None,
        start=element,
        receipt=sha256(f"turn {turn}".encode()).digest()[:16],
        facts=facts,
    )


def recount_start_timers(db: Connection, *, procedure_id: int) -> bool:
    """Turns of working time are due by the calendars as they are now; on the record where that moves one.

    False where all are counted by them already.
    """
    procedure = locked_procedure(db, procedure_id)
    version = select(offices.c.calendars_version).where(offices.c.id == OFFICE).scalar_subquery()
    rows = db.execute(
        select(_t, version.label("calendars_version"))
        .where(
            _t.c.office_id == OFFICE, _t.c.procedure_id == procedure_id, _t.c.wake_at.is_not(None),
            _t.c.counted_by.is_not(None), _t.c.counted_by != version,
        )
        .with_for_update(of=_t)
    ).all()  # fmt: skip
    moved = []
    for row in rows:
        made_ready = runnable(db, row.edition_id, version=row.calendars_version)
        due = row.due_at if row.left == PENDING else run.turn_counted(made_ready.model, row.element, turn_of(row))
        values = {"counted_by": row.calendars_version, "due_at": due, "wake_at": due}
        db.execute(update(_t).where(*_of(procedure_id, row.element)).values(**values))
        if due != row.due_at:
            moved.append({"element": row.element, "from": row.due_at, "to": due})
    if moved:
        note(db, procedure, None, "recount_start_timers", {"timers": moved})
    return bool(rows)


def stale_start_timers(db: Connection, *, limit: int = 100) -> tuple[int, ...]:
    """Procedures with a start event that was counted by other calendars than those of now."""
    version = select(offices.c.calendars_version).where(offices.c.id == OFFICE).scalar_subquery()
    rows = db.scalars(
        select(_t.c.procedure_id)
        .where(_t.c.wake_at.is_not(None), _t.c.counted_by.is_not(None), _t.c.counted_by != version)
        .distinct()
        .order_by(_t.c.procedure_id)
        .limit(limit)
    )
    return tuple(rows)
