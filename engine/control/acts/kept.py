"""What the acts of document control share: the edition locked, its state changed, who was first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from engine.base.errors import NotFound
from engine.control import rules
from engine.control.parties import posts_of
from engine.control.rules import Act
from engine.control.tables import consents, decisions
from engine.organisation.reads import person_name
from engine.organisation.rules import Actor
from engine.procedures.kept import EDITION, forget, locked_procedure
from engine.procedures.rules import EditionState
from engine.procedures.tables import editions


def locked_edition(db: Connection, edition_id: int) -> tuple[Row[*tuple[Any, ...]], Row[*tuple[Any, ...]]]:
    """The edition and its procedure, whose row is locked: acts on one procedure follow one another."""
    owner = db.scalar(select(editions.c.procedure_id).where(editions.c.id == edition_id))
    if owner is None:
        raise NotFound(what=EDITION)
    procedure = locked_procedure(db, owner)
    return db.execute(select(editions).where(editions.c.id == edition_id)).one(), procedure


def to_state(db: Connection, edition_id: int, state: EditionState) -> None:
    forget(db, edition_id)
    db.execute(update(editions).where(editions.c.id == edition_id).values(state=state))


def decided_before(db: Connection, round_: Row[*tuple[Any, ...]], act: Act, by: Actor | None) -> None:
    """Raises AlreadyDecided where somebody was first in this round: the same step, or a consent of one's posts."""
    if act is Act.CONSENT:
        posts = posts_of(by) if by is not None else frozenset[int]()
        mine = db.execute(
            select(consents.c.decided_by, consents.c.decided_at).where(
                consents.c.edition_id == round_.edition_id,
                consents.c.round == round_.round,
                consents.c.post_id.in_(posts),
            )
        ).all()
        if not mine or any(row.decided_by is None for row in mine):
            return
        first = mine[0]
    else:
        found = db.execute(
            select(decisions.c.decided_by, decisions.c.decided_at).where(
                decisions.c.edition_id == round_.edition_id,
                decisions.c.round == round_.round,
                decisions.c.act == act,
            )
        ).first()
        if found is None:
            return
        first = found
    raise rules.AlreadyDecided(person=person_name(db, first.decided_by), at=first.decided_at)
