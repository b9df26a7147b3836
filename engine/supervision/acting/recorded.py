"""An entry of the record on the office's chain, also of what nobody but the office itself does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, update

from engine.base.database import OFFICE
from engine.organisation.rules import Actor
from engine.organisation.tables import offices
from engine.records.journal import Chain, write


def lock_office(db: Connection) -> None:
    """Until the transaction ends; `on_office` does so too."""
    db.execute(select(offices.c.id).where(offices.c.id == OFFICE).with_for_update())


def on_office(db: Connection, by: Actor | None, act: str, facts: Mapping[str, Any]) -> None:
    """Locks the office's row until the transaction ends."""
    row = db.execute(
        select(offices.c.chain, offices.c.chain_length, offices.c.chain_head)
        .where(offices.c.id == OFFICE)
        .with_for_update()
    ).one()
    chain = write(
        db, Chain(row.chain, row.chain_length, row.chain_head), act=act, by=None if by is None else by.person_id,
        facts=facts,
    )  # fmt: skip
    db.execute(update(offices).where(offices.c.id == OFFICE).values(chain_length=chain.length, chain_head=chain.head))
