"""An entry on the chain of a person, whoever acts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, update

from engine.organisation.rules import Actor
from engine.organisation.tables import persons
from engine.records.journal import Chain, write


def on_person(db: Connection, person_id: int, by: Actor | None, act: str, facts: Mapping[str, Any]) -> None:
    row = db.execute(
        select(persons.c.chain, persons.c.chain_length, persons.c.chain_head)
        .where(persons.c.id == person_id)
        .with_for_update()
    ).one()
    chain = write(
        db, Chain(row.chain, row.chain_length, row.chain_head), act=act, by=None if by is None else by.person_id,
        facts={"person": person_id, **facts},
    )  # fmt: skip
    db.execute(
        update(persons).where(persons.c.id == person_id).values(chain_length=chain.length, chain_head=chain.head)
    )
