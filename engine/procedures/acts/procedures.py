"""Opening procedures."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from engine.base.database import new_id
from engine.base.errors import NotFound
from engine.base.text import Text, one_line
from engine.organisation.rules import Actor
from engine.organisation.tables import departments
from engine.procedures import rules
from engine.procedures.kept import made_id
from engine.procedures.tables import procedures
from engine.records.journal import Chain, write

DEPARTMENT = Text(en="department", zh="部门")


def open_procedure(db: Connection, *, by: Actor, name: str, prefix: str, department_id: int) -> int:
    """An empty procedure; editions are deposited in it."""
    rules.must_design(by)
    prefix = rules.fit_prefix(prefix)
    name = one_line(name)
    if not name:
        raise rules.NameMissing()
    holder = db.scalar(select(procedures.c.name).where(procedures.c.prefix == prefix))
    if holder is not None:
        raise rules.PrefixTaken(prefix=prefix, procedure=holder)
    if db.scalar(select(departments.c.id).where(departments.c.id == department_id)) is None:
        raise NotFound(what=DEPARTMENT)
    chain = write(
        db,
        Chain(new_id(), 0, b""),
        act="open_procedure",
        by=by.person_id,
        facts={"name": name, "prefix": prefix, "department": department_id},
    )
    made = db.execute(
        insert(procedures).values(
            name=name, prefix=prefix, department_id=department_id,
            chain=chain.id, chain_length=chain.length, chain_head=chain.head,
        )
    )  # fmt: skip
    return made_id(made)
