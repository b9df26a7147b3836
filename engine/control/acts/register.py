"""The register: how often a procedure is reviewed, and that it was."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, insert, select

from engine.base import clock
from engine.control import rules
from engine.control.tables import periodic_reviews, review_intervals
from engine.organisation.rules import Actor
from engine.procedures.kept import locked_procedure, note
from engine.procedures.rules import EditionState, NothingInForce
from engine.procedures.tables import editions


def set_review_interval(db: Connection, *, by: Actor, procedure_id: int, months: int) -> None:
    rules.must_keep_register(by)
    procedure = locked_procedure(db, procedure_id)
    fitted = rules.fit_months(months)
    db.execute(delete(review_intervals).where(review_intervals.c.procedure_id == procedure_id))
    db.execute(insert(review_intervals).values(procedure_id=procedure_id, months=fitted))
    note(db, procedure, by, "set_review_interval", {"months": fitted})


def note_periodic_review(db: Connection, *, by: Actor, procedure_id: int, finding: str) -> None:
    """The edition in force was looked at and is still fit; the next review is counted from today."""
    rules.must_keep_register(by)
    procedure = locked_procedure(db, procedure_id)
    said = rules.fit_reasons(finding)
    in_force = db.scalar(
        select(editions.c.number).where(
            editions.c.procedure_id == procedure_id, editions.c.state == EditionState.IN_FORCE
        )
    )
    if in_force is None:
        raise NothingInForce(procedure=procedure.name)
    last = db.scalar(select(func.max(periodic_reviews.c.number)).where(periodic_reviews.c.procedure_id == procedure_id))
    db.execute(
        insert(periodic_reviews).values(
            procedure_id=procedure_id, number=(last or 0) + 1, at=clock.now(), by=by.person_id, note=said
        )
    )
    note(db, procedure, by, "note_periodic_review", {"reviewed": in_force, "finding": said})
