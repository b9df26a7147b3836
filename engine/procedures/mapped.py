"""What the steps in force keep of a connector's answer: for whoever tries the connector."""

from __future__ import annotations

from sqlalchemy import Connection, select

from engine.base.frozen import frozen
from engine.procedures.editions import contents
from engine.procedures.rules import EditionState
from engine.procedures.tables import editions, procedures


@frozen
class Keeps:
    """`outputs`: variables, and the expressions by which they are taken from the answer."""

    procedure: str
    step: str
    outputs: tuple[tuple[str, str], ...]


def keeps_of(db: Connection, code: str) -> tuple[Keeps, ...]:
    rows = db.execute(
        select(editions.c.id, procedures.c.name)
        .join(procedures, procedures.c.id == editions.c.procedure_id)
        .where(editions.c.state == EditionState.IN_FORCE)
        .order_by(procedures.c.name, editions.c.id)
    )
    return tuple(
        Keeps(row.name, one.name or one.id, one.outputs)
        for row in rows
        for one in contents(db, row.id).diagram.elements.values()
        if one.connector == code
    )
