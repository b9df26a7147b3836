"""What an administrator decides about figures."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from engine.base.database import OFFICE
from engine.cases import moves
from engine.organisation.rules import Actor, NotFounded, must_administer
from engine.organisation.tables import offices
from engine.records.journal import Chain, write
from engine.supervision.figures.privacy import ALLOWING
from engine.supervision.figures.rules import ReasonForPeople


def allow_people(db: Connection, *, by: Actor, allowed: bool, reason: str) -> None:
    """By an administrator, with the reason. Raises NotAllowed, ReasonForPeople."""
    must_administer(by)
    why = moves.reason(reason, ReasonForPeople)
    row = db.execute(select(offices).where(offices.c.id == OFFICE).with_for_update()).first()
    if row is None:
        raise NotFounded()
    chain = write(
        db, Chain(row.chain, row.chain_length, row.chain_head), act=ALLOWING, by=by.person_id,
        facts={"allowed": allowed, "reason": why},
    )  # fmt: skip
    db.execute(update(offices).where(offices.c.id == OFFICE).values(chain_length=chain.length, chain_head=chain.head))
