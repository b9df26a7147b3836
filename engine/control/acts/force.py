"""The day an edition comes into force: set by whoever approves, kept by the engine when it comes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from engine.base import clock
from engine.base.text import LANGUAGES
from engine.cases.acts.journey import deliver
from engine.control import rules
from engine.control.acts.kept import locked_edition
from engine.control.parties import authors, latest_round
from engine.control.tables import approvals
from engine.control.turns import awaits_force
from engine.organisation.reads import office, today
from engine.organisation.rules import Actor
from engine.procedures.acts.force import bring_into_force
from engine.procedures.kept import note
from engine.procedures.rules import EditionState


def set_effective(db: Connection, *, by: Actor, edition_id: int, from_day: date) -> EditionState:
    """Another day for an approved edition; at once where it is today."""
    edition, procedure = locked_edition(db, edition_id)
    rules.must_be_approved(edition.number, edition.state)
    rules.must_approve(by)
    rules.must_not_be_author(edition.number, by, authors(db, edition_id))
    day = rules.fit_day(from_day, today(db))
    note(db, procedure, by, "set_effective", {"edition": edition.number, "from": day})
    note_day(db, edition_id, by, day)
    return come_in(db, edition_id, by) if day <= today(db) else EditionState.APPROVED


def come_into_force(db: Connection, *, edition_id: int) -> bool:
    """The engine's own act on an approved edition whose day has come. False where it has not, or is over."""
    edition, _procedure = locked_edition(db, edition_id)
    due = db.scalar(select(approvals.c.due_at).where(approvals.c.edition_id == edition_id))
    if edition.state != EditionState.APPROVED or due is None or due > clock.now():
        return False
    come_in(db, edition_id, None)
    return True


def hold_up(db: Connection, *, edition_id: int, why: Mapping[str, str]) -> None:
    """What keeps an edition from coming into force on its day, by language. Said once for as long as it is the same."""
    edition, procedure = locked_edition(db, edition_id)
    told = orjson.dumps({language: why.get(language, "") for language in LANGUAGES}).decode()
    changed = db.execute(
        update(approvals)
        .where(approvals.c.edition_id == edition_id, approvals.c.held_up.is_distinct_from(told))
        .values(held_up=told)
    )
    if changed.rowcount:
        note(db, procedure, None, "hold_up", {"edition": edition.number, "why": why.get("en", "")})


def note_day(db: Connection, edition_id: int, by: Actor, day: date) -> None:
    begins = datetime.combine(day, time(0), office(db).zone_info)
    approved = db.execute(select(approvals).where(approvals.c.edition_id == edition_id)).first()
    db.execute(delete(approvals).where(approvals.c.edition_id == edition_id))
    db.execute(
        insert(approvals).values(
            edition_id=edition_id,
            approved_at=approved.approved_at if approved else clock.now(),
            approved_by=approved.approved_by if approved else by.person_id,
            from_day=day,
            due_at=begins,
        )
    )


def come_in(db: Connection, edition_id: int, by: Actor | None) -> EditionState:
    """The approved edition is in force, and the case that approved it is told. Raises what keeps it out."""
    edition, procedure = locked_edition(db, edition_id)
    approval = db.execute(select(approvals).where(approvals.c.edition_id == edition_id)).one()
    bring_into_force(db, edition, procedure, by, approval.approved_by)
    db.execute(update(approvals).where(approvals.c.edition_id == edition_id).values(held_up=None))
    round_ = latest_round(db, edition_id)
    if round_ is not None:
        for token in awaits_force(db, round_.case_id):
            deliver(db, case_id=round_.case_id, token=token, payload={}, by=by)
    return EditionState.IN_FORCE
