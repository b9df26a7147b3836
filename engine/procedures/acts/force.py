"""Putting editions in force and taking them out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from engine.base import clock
from engine.base.text import Name
from engine.organisation.rules import Actor
from engine.procedures import rules
from engine.procedures.acts import turns
from engine.procedures.approving import approving, must_serve
from engine.procedures.editions import Contents, contents
from engine.procedures.kept import forget, locked_draft, locked_procedure, note, process_names
from engine.procedures.rules import EditionState
from engine.procedures.runnable import make, runnable
from engine.procedures.tables import calls, editions, owners, procedures, questions


def put_in_force(db: Connection, *, by: Actor, edition_id: int) -> None:
    """The edition in force before goes out of force; its running cases stay on it.

    Raises ApprovalNeeded where editions are approved here.
    """
    rules.must_design(by)
    edition, procedure = locked_draft(db, edition_id)
    if approving(db) is not None:
        raise rules.ApprovalNeeded(edition=edition.number)
    bring_into_force(db, edition, procedure, by, by.person_id)


def bring_into_force(
    db: Connection,
    edition: Row[*tuple[Any, ...]],
    procedure: Row[*tuple[Any, ...]],
    by: Actor | None,
    answers_for: int,
) -> None:
    """Of a draft or of an approved edition, whose procedure is locked. `by` None: its day has come."""
    held = made_fit(db, edition, procedure)
    now = clock.now()
    db.execute(
        update(editions)
        .where(editions.c.procedure_id == procedure.id, editions.c.state == EditionState.IN_FORCE)
        .values(state=EditionState.OUT_OF_FORCE, out_of_force_at=now)
    )
    db.execute(
        update(editions)
        .where(editions.c.id == edition.id)
        .values(state=EditionState.IN_FORCE, in_force_at=now, in_force_by=answers_for,
                process=rules.main_process(held.diagram, edition.process))
    )  # fmt: skip
    begins = turns.arm(db, runnable(db, edition.id), now)
    facts: dict[str, Any] = {"edition": edition.number, "digest": edition.digest.hex()}
    note(db, procedure, by, "put_in_force", facts | ({"begins": begins} if begins else {}))


def made_fit(db: Connection, edition: Row[*tuple[Any, ...]], procedure: Row[*tuple[Any, ...]]) -> Contents:
    """Whether it may come into force, looked at as if it were to do so now: it is put together once for the try."""
    held = contents(db, edition.id)
    _must_be_fit(db, edition.id, edition.number, edition.process, held)
    if rules.main_process(held.diagram, edition.process) == rules.APPROVAL:
        mapped = {row.owner: row.post_id for row in db.execute(select(owners).where(owners.c.edition_id == edition.id))}
        must_serve(db, procedure.id, held.diagram, held.owner_of, mapped)
    _pin_calls(db, edition.id, held)
    forget(db, edition.id)
    ready = make(db, edition.id)  # raises CannotRun where it cannot be run right
    for process, element in ready.model.questions:
        if (process, element) not in ready.steps:
            raise rules.OwnerMissing(owner=held.names.get(element, element))
    turns.must_tell_times(ready, clock.now())
    return held


def _must_be_fit(db: Connection, edition_id: int, number: int, process: str | None, held: Contents) -> None:
    asked = set(db.scalars(select(questions.c.flow).where(questions.c.edition_id == edition_id)))
    kept_out = rules.keeping_out(held.findings, asked)
    if kept_out:
        first = Name(en=kept_out[0].sentence("en"), zh=kept_out[0].sentence("zh"))
        raise rules.KeptOutOfForce(edition=number, count=len(kept_out), first=first)
    mapped = set(db.scalars(select(owners.c.owner).where(owners.c.edition_id == edition_id)))
    missing = rules.unmapped(held.owners, mapped)
    if missing:
        raise rules.OwnerMissing(owner=missing[0].name)
    if rules.main_process(held.diagram, process) is None:
        raise rules.ProcessNotChosen(processes=process_names(held.diagram.processes.values()))


def take_out_of_force(db: Connection, *, by: Actor, procedure_id: int) -> None:
    """No new case can be started; running cases go on."""
    rules.must_retire(by, approved=approving(db) is not None)
    procedure = locked_procedure(db, procedure_id)
    edition = db.execute(
        select(editions.c.id, editions.c.number).where(
            editions.c.procedure_id == procedure_id, editions.c.state == EditionState.IN_FORCE
        )
    ).first()
    if edition is None:
        raise rules.NothingInForce(procedure=procedure.name)
    db.execute(
        update(editions)
        .where(editions.c.id == edition.id)
        .values(state=EditionState.OUT_OF_FORCE, out_of_force_at=clock.now())
    )
    turns.disarm(db, procedure_id)
    note(db, procedure, by, "take_out_of_force", {"edition": edition.number})


def withdraw(db: Connection, *, by: Actor, edition_id: int) -> None:
    """A draft that will not come into force. It stays to be seen."""
    rules.must_design(by)
    edition, procedure = locked_draft(db, edition_id)
    db.execute(update(editions).where(editions.c.id == edition_id).values(state=EditionState.WITHDRAWN))
    note(db, procedure, by, "withdraw", {"edition": edition.number})


def _pin_calls(db: Connection, edition_id: int, held: Contents) -> None:
    """A called procedure's edition in force now is the one this edition calls, for good."""
    for step in held.diagram.elements.values():
        if step.kind != "callActivity" or not step.called or step.called in held.diagram.processes:
            continue
        name = step.name or step.id
        in_force = db.execute(
            select(editions.c.id, procedures.c.name)
            .join(procedures, procedures.c.id == editions.c.procedure_id)
            .where(editions.c.process == step.called, editions.c.state == EditionState.IN_FORCE)
            .order_by(procedures.c.name)
        ).all()
        if not in_force:
            raise rules.CallUnresolved(step=name, called=step.called)
        if len(in_force) > 1:
            claimed = ", ".join(one.name for one in in_force)
            raise rules.CallAmbiguous(step=name, called=step.called, procedures=claimed)
        target = in_force[0].id
        db.execute(delete(calls).where(calls.c.edition_id == edition_id, calls.c.called == step.called))
        db.execute(insert(calls).values(edition_id=edition_id, called=step.called, called_edition_id=target))
