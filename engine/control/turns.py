"""Where the review of an edition stands: the open tasks of its case that decide something."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from engine.base.database import OFFICE
from engine.cases.tables import awaited, cases, tasks
from engine.control.rules import Act
from engine.procedures.editions import contents


@dataclass(frozen=True, slots=True)
class Turn:
    """An open task that decides. `item` is the code of the post whose consent it is."""

    act: Act
    number: int
    name: str
    post_id: int
    item: str | None
    person_id: int | None


def subject_of(edition_id: int) -> str:
    return f"edition:{edition_id}"


def turns(db: Connection, case_id: int) -> tuple[Turn, ...]:
    """In the order they were opened. Steps that decide nothing on the edition are left out."""
    rows = db.execute(
        select(
            tasks.c.number, tasks.c.edition_id, tasks.c.element, tasks.c.post_id, tasks.c.item, tasks.c.person_id
        )
        .where(
            tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.closed_at.is_(None), tasks.c.kind.is_(None)
        )
        .order_by(tasks.c.number)
    ).all()  # fmt: skip
    found = []
    for row in rows:
        drawn = contents(db, row.edition_id).diagram.elements.get(row.element)
        if drawn is not None and drawn.act in set(Act):
            name = drawn.name or drawn.id
            found.append(Turn(Act(drawn.act or ""), row.number, name, row.post_id, row.item, row.person_id))
    return tuple(found)


def awaits_force(db: Connection, case_id: int) -> tuple[str, ...]:
    """Tokens of what the case awaits: that the edition it approved is in force."""
    runs = db.scalar(select(cases.c.edition_id).where(cases.c.office_id == OFFICE, cases.c.id == case_id))
    drawn = {} if runs is None else contents(db, runs).diagram.elements
    rows = db.execute(
        select(awaited.c.token, awaited.c.element).where(
            awaited.c.office_id == OFFICE, awaited.c.case_id == case_id, awaited.c.closed_at.is_(None)
        )
    )
    return tuple(row.token for row in rows if row.element in drawn and drawn[row.element].act == Act.IN_FORCE)
