"""Where the review of an edition stands: the open tasks of its case that decide something."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, and_, select

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.cases.duties.standing_in import Hand, hand_of, standing_columns
from engine.cases.tables import awaited, cases, tasks
from engine.control.rules import Act
from engine.organisation.rules import Actor
from engine.procedures.editions import contents


@frozen
class Turn:
    """An open task that decides, with what says in whose name it is done. `item`: the post whose consent it is."""

    act: Act
    number: int
    name: str
    post_id: int
    item: str | None
    person_id: int | None
    procedure_id: int  # of the approval
    stood_for: int | None
    stays: bool | None


def subject_of(edition_id: int) -> str:
    return f"edition:{edition_id}"


def turns(db: Connection, case_id: int) -> tuple[Turn, ...]:
    """In the order they were opened. Steps that decide nothing on the edition are left out."""
    rows = db.execute(
        select(
            tasks.c.number, tasks.c.edition_id, tasks.c.element, tasks.c.post_id, tasks.c.item, tasks.c.person_id,
            cases.c.procedure_id, *standing_columns(),
        )
        .join(cases, and_(cases.c.office_id == tasks.c.office_id, cases.c.id == tasks.c.case_id))
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
            found.append(
                Turn(
                    Act(drawn.act or ""), row.number, name, row.post_id, row.item, row.person_id, row.procedure_id,
                    row.stood_for, row.stays,
                )
            )  # fmt: skip
    return tuple(found)


def turns_of(open_: Iterable[Turn], by: Actor) -> list[tuple[Turn, Hand]]:
    """Those that lie with the person, their own before those of whom they stand in for."""
    found = [(one, hand) for one in open_ if (hand := hand_of(one, by)) is not None]
    return sorted(found, key=lambda pair: pair[1].behalf is not None)


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
