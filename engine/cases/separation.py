"""Separation of duties: who did one step of a case does not do another (ISO 9001:2015, 5.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, or_, select

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.text import Name
from engine.cases import rules
from engine.cases.duties.rules import DutiesApartInFor
from engine.cases.duties.standing_in import Hand, has_stood_in
from engine.cases.duties.tables import stood_in
from engine.cases.rules import BY_HAND, Closed, Kind
from engine.cases.tables import incidents, tasks
from engine.diagram.duties import apart_from
from engine.diagram.shape import Separation
from engine.organisation.reads import department_name, person_name
from engine.organisation.rules import Actor
from engine.procedures.editions import contents
from engine.procedures.reads import element_names
from engine.procedures.runnable import Step
from engine.procedures.tables import editions
from engine.records.journal import entries

_DECIDED: Final = (Kind.SIGNATURE, Kind.COUNTERSIGNATURE, Kind.VOTE)
_AWAITING: Final = frozenset({"receiveTask", "intermediateCatchEvent"})


@frozen
class Place:
    """Where a case waits for no person, as far as separation of duties asks."""

    edition_id: int
    name: str
    apart: tuple[Separation, ...]


@frozen
class _Deed:
    """One of those asked about did another step: in person, in somebody's name, or by settling it by hand."""

    element: str
    persons: frozenset[int]
    department_id: int | None
    kind: int | None = None


def must_be_apart(db: Connection, case_id: int, step: Step | Place, by: Actor, hand: Hand) -> None:
    """From whoever did the other step in this case, in any turn of it. Raises DutiesApart, DepartmentsApart.

    A deputy is bound by what either did: they, and whoever they stand in for.
    """
    by_person = {one.source for one in step.apart if one.by == "person"}
    by_department = {one.source for one in step.apart if one.by == "department"}
    persons = {by.person_id} if hand.behalf is None else {by.person_id, hand.behalf}
    departments = {post.department_id for post in by.posts} | {
        post.department_id for one in by.stands_in if one.person_id == hand.behalf for post in one.posts
    }
    for deed in _deeds(db, case_id, step, persons, departments):
        other = Name(*(element_names(db, step.edition_id).get(deed.element, deed.element),) * 2)
        if deed.element in by_person and deed.persons & persons:
            if by.person_id in deed.persons:
                raise rules.DutiesApart(task=step.name, other=other)
            (absent,) = deed.persons & persons
            raise DutiesApartInFor(task=step.name, other=other, person=person_name(db, absent))
        if deed.kind is None and deed.element in by_department and deed.department_id in departments:
            department = department_name(db, deed.department_id)
            raise rules.DepartmentsApart(task=step.name, other=other, department=department)


def _deeds(
    db: Connection, case_id: int, step: Step | Place, persons: set[int], departments: set[int]
) -> Iterator[_Deed]:
    procedure = select(editions.c.procedure_id).where(editions.c.id == step.edition_id).scalar_subquery()
    met = db.execute(
        select(
            tasks.c.edition_id, tasks.c.element, tasks.c.person_id, tasks.c.department_id, tasks.c.kind,
            stood_in.c.for_person_id,
        )
        .join(editions, editions.c.id == tasks.c.edition_id)
        .outerjoin(
            stood_in,
            has_stood_in(),
        )
        .where(
            tasks.c.office_id == OFFICE,
            tasks.c.case_id == case_id,
            tasks.c.closed_how == Closed.COMPLETED,
            editions.c.procedure_id == procedure,
            or_(
                tasks.c.person_id.in_(persons), stood_in.c.for_person_id.in_(persons),
                tasks.c.department_id.in_(departments),
            ),
            # Whoever signed or voted at the other step has decided there too; an opinion decides nothing.
            or_(tasks.c.kind.is_(None), tasks.c.kind.in_(_DECIDED)),
        )
        .order_by(tasks.c.number)
    ).all()  # fmt: skip
    # What was done before the case was moved to another edition counts under the name the step has by now.
    known = _Lineage(db, case_id) if any(row.edition_id != step.edition_id for row in met) else None
    for row in met:
        element = row.element if known is None or row.edition_id == step.edition_id else known.now(row)
        who = frozenset(one for one in (row.person_id, row.for_person_id) if one is not None)
        yield _Deed(element, who, row.department_id, row.kind)
    yield from _by_hand(db, case_id, step, persons)


def _by_hand(db: Connection, case_id: int, step: Step | Place, persons: set[int]) -> Iterator[_Deed]:
    """A step that somebody settled for a machine was done by them; what came was noted by them."""
    rows = db.execute(
        select(incidents.c.element, incidents.c.closed_by).where(
            incidents.c.office_id == OFFICE, incidents.c.case_id == case_id, incidents.c.closed_by.in_(persons),
            incidents.c.kind != BY_HAND,
        )
    )  # fmt: skip
    for row in rows:
        yield _Deed(row.element, frozenset({row.closed_by}), None)
    drawn = contents(db, step.edition_id).diagram.elements
    if any(one.source in drawn and drawn[one.source].kind in _AWAITING for one in step.apart):
        for entry in entries(db, case_id):
            if entry.act == "deliver_message" and entry.person_id is not None and entry.person_id in persons:
                yield _Deed(orjson.loads(entry.facts).get("element", ""), frozenset({entry.person_id}), None)


def apart_at(db: Connection, edition_id: int, element: str) -> tuple[tuple[Separation, ...], str]:
    """What is kept apart from an element that need not be a step of a person, and its name."""
    diagram = contents(db, edition_id).diagram
    drawn = diagram.elements.get(element)
    return ((), element) if drawn is None else (apart_from(diagram, drawn), drawn.name or element)


class _Lineage:
    """What became of the steps of a case each time it was moved to another edition."""

    def __init__(self, db: Connection, case_id: int) -> None:
        self._moves: list[tuple[int, Mapping[str, str]]] = []
        for entry in entries(db, case_id):
            if entry.act == "move_case":
                facts = orjson.loads(entry.facts)
                self._moves.append((facts.get("from_id", 0), facts.get("to", {})))
            elif entry.act == "move_back" and self._moves:
                self._moves.pop()

    def now(self, row: Row[*tuple[Any, ...]]) -> str:
        element: str = row.element
        begun = False
        for from_id, to in self._moves:
            begun = begun or from_id == row.edition_id
            if begun:
                element = to.get(element, element)
        return element
