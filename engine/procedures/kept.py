"""What every act on procedures shares: rows locked, the entry written, what was read before forgotten."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, CursorResult, Row, select, update

from engine.base.errors import NotFound
from engine.base.text import Text
from engine.organisation.rules import Actor
from engine.procedures import editions as edition_contents
from engine.procedures import rules, runnable
from engine.procedures.tables import editions, procedures
from engine.records.journal import Chain, write

PROCEDURE = Text(en="procedure", zh="程序")
EDITION = Text(en="edition", zh="版本")


def made_id(made: CursorResult[Any]) -> int:
    key = made.inserted_primary_key
    if key is None:  # pragma: no cover  both databases tell it
        raise RuntimeError("the database did not say which row it made")
    return int(key[0])


def forget(db: Connection, edition_id: int) -> None:
    runnable.forget(db, edition_id)
    edition_contents.forget(db, edition_id)


def locked_procedure(db: Connection, procedure_id: int) -> Row[*tuple[Any, ...]]:
    """Locked: whoever changes a procedure waits for whoever is changing it."""
    row = db.execute(select(procedures).where(procedures.c.id == procedure_id).with_for_update()).first()
    if row is None:
        raise NotFound(what=PROCEDURE)
    return row


def locked_draft(db: Connection, edition_id: int) -> tuple[Row[*tuple[Any, ...]], Row[*tuple[Any, ...]]]:
    owner = db.scalar(select(editions.c.procedure_id).where(editions.c.id == edition_id))
    if owner is None:
        raise NotFound(what=EDITION)
    procedure = locked_procedure(db, owner)
    edition = db.execute(select(editions).where(editions.c.id == edition_id)).one()
    rules.must_be_draft(edition.number, edition.state)
    return edition, procedure


def note(
    db: Connection, procedure: Row[*tuple[Any, ...]], by: Actor | None, act: str, facts: Mapping[str, Any]
) -> None:
    """`by` None is the engine itself, as when the day comes."""
    chain = Chain(procedure.chain, procedure.chain_length, procedure.chain_head)
    chain = write(db, chain, act=act, by=None if by is None else by.person_id, facts=facts)
    db.execute(
        update(procedures)
        .where(procedures.c.id == procedure.id)
        .values(chain_length=chain.length, chain_head=chain.head)
    )


def process_names(processes: Collection[Any]) -> str:
    return ", ".join(one.pool or one.name or one.id for one in processes if one.has_content)
