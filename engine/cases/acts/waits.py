"""What ends a wait that is neither a task nor a timer: a message that came, an incident that is mended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.cases import moves, rules
from engine.cases.acts.journey import deliver, route
from engine.cases.acts.moving import Note, as_it_stands, keep, locked, move_of, ready
from engine.cases.acts.overseeing import close_by_hand
from engine.cases.entitled import must_be_let
from engine.cases.tables import awaited, incidents
from engine.diagram import run
from engine.diagram.position import Position
from engine.organisation.reads import person_name
from engine.organisation.rules import Actor
from engine.procedures.editions import contents
from engine.procedures.reads import must_supervise, must_work_in


def deliver_message(db: Connection, *, by: Actor, case_id: int, token: str, note: str) -> None:
    """Somebody of the procedure notes that what the case awaits has come: a letter, an answer by telephone."""
    case = locked(db, case_id)
    moves.must_not_rest(case)
    if case.subject is not None:
        _must_not_decide(db, case, token)
    must_work_in(db, by, case.case_edition_id, case.procedure_id)
    for element in db.scalars(
        select(awaited.c.element).where(
            awaited.c.office_id == OFFICE, awaited.c.case_id == case_id, awaited.c.token == token,
            awaited.c.closed_at.is_(None),
        )
    ).all():  # fmt: skip
        must_be_let(db, case, token, element, by)
    payload = {"note": note.strip()} if note.strip() else {}
    deliver(db, case_id=case_id, token=token, payload=payload, by=by)


def _must_not_decide(db: Connection, case: Row[*tuple[Any, ...]], token: str) -> None:
    """What tells of the case's subject comes from whoever decides on it, not from anybody who takes part."""
    where = awaited.c.office_id == OFFICE, awaited.c.case_id == case.case_id, awaited.c.token == token
    drawn = contents(db, case.case_edition_id).diagram.elements
    for element in db.scalars(select(awaited.c.element).where(*where)):
        if element in drawn and drawn[element].act is not None:
            raise rules.DecidedElsewhere(task=drawn[element].name or element)


def retry_incident(
    db: Connection, *, by: Actor, case_id: int, number: int, corrected: Mapping[str, Any] | None = None
) -> bool:
    """Tries again what failed, with `corrected` answers where some are given. True where it went on."""
    return _mend(db, by, case_id, number, "retry_incident", corrected or {})


def settle_incident(
    db: Connection, *, by: Actor, case_id: int, number: int, note: str, outcome: Mapping[str, Any] | None = None
) -> bool:
    """Somebody did by hand what no machine could: the case goes on as if the step were done."""
    if not note.strip():
        raise rules.ReasonMissing()
    return _mend(db, by, case_id, number, "settle_incident", outcome or {}, note.strip())


def tried_already(
    db: Connection, case_id: int, case_number: str, number: int | None = None
) -> moves.TriedAlready | None:  # fmt: skip
    """Who mended it, or what failed last in the case, and when; None where nobody has."""
    found = db.execute(
        select(incidents.c.closed_by, incidents.c.closed_at)
        .where(
            incidents.c.office_id == OFFICE, incidents.c.case_id == case_id, incidents.c.closed_by.is_not(None),
            incidents.c.kind != rules.BY_HAND if number is None else incidents.c.number == number,
        )
        .order_by(incidents.c.closed_at.desc())
        .limit(1)
    ).first()  # fmt: skip
    if found is None:
        return None
    return moves.TriedAlready(case=case_number, person=person_name(db, found.closed_by), at=found.closed_at)


def _mend(
    db: Connection, by: Actor, case_id: int, number: int, act: str, answers: Mapping[str, Any], note: str = ""
) -> bool:
    case = as_it_stands(db, case_id)
    incident = db.execute(
        select(incidents.c.token, incidents.c.element, incidents.c.kind).where(
            incidents.c.office_id == OFFICE,
            incidents.c.case_id == case_id,
            incidents.c.number == number,
            incidents.c.closed_at.is_(None),
        )
    ).first()
    if incident is not None and incident.kind == rules.BY_HAND:
        close_by_hand(db, case, by, number, note)
        return True
    case = locked(db, case_id)
    must_supervise(db, by, case.procedure_id)
    if incident is None:
        raise tried_already(db, case_id, case.case_number, number) or rules.NotWaiting()
    must_be_let(db, case, incident.token, incident.element, by)
    at = clock.now()
    made_ready = ready(db, case)
    model = made_ready.model
    if act == "retry_incident":
        position: Position = run.retry(model, case.state, incident.token, now=at, answers=answers)
    else:
        position = run.finish(model, case.state, incident.token, answers, now=at)
    db.execute(
        update(incidents)
        .where(incidents.c.office_id == OFFICE, incidents.c.case_id == case_id, incidents.c.number == number)
        .values(closed_at=at, closed_by=by.person_id)
    )
    facts: dict[str, Any] = {"incident": number, "element": incident.element}
    if answers:
        facts["answers"] = dict(answers)
    if note:
        facts["note"] = note
    keep(db, case, position, move_of(case, at), Note(act, by, None, facts), made_ready)
    if position.sent:
        route(db, case, position.sent, made_ready)
    return not any(one.element == incident.element for one in position.troubles)
