"""The entries of the record about notices: on a person's own chain, or on the office's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, select, update

from engine.base.database import OFFICE
from engine.organisation.rules import Actor
from engine.organisation.tables import offices, persons
from engine.records.journal import Chain, write


def on_account(db: Connection, by: Actor, act: str, facts: Mapping[str, Any]) -> None:
    _write(db, persons, by.person_id, by, act, {"person": by.person_id, **facts})


def on_office(db: Connection, by: Actor, act: str, facts: Mapping[str, Any]) -> None:
    _write(db, offices, OFFICE, by, act, facts)


def _write(db: Connection, table: Table, key: int, by: Actor, act: str, facts: Mapping[str, Any]) -> None:
    row = db.execute(
        select(table.c.chain, table.c.chain_length, table.c.chain_head).where(table.c.id == key).with_for_update()
    ).one()
    chain = write(
        db, Chain(row.chain, row.chain_length, row.chain_head), act=act, by=by.person_id,
        facts=facts,
    )  # fmt: skip
    db.execute(update(table).where(table.c.id == key).values(chain_length=chain.length, chain_head=chain.head))
