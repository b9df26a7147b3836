"""What can be asked of cases that run on earlier editions. Nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, func, select

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.cases.tables import cases
from engine.control.moving import rules
from engine.control.moving.judging import Judge
from engine.control.moving.rules import Kind, Verdict
from engine.control.tables import moved_cases
from engine.diagram.differ import side
from engine.diagram.owners import flows_out_of
from engine.diagram.shape import Diagram
from engine.organisation.rules import Actor
from engine.organisation.tables import persons
from engine.procedures import rules as procedure_rules
from engine.procedures.editions import contents
from engine.procedures.rules import EditionState
from engine.procedures.tables import editions

EDITION: Final = Text(en="edition", zh="版本")
PAGE: Final = 50


@frozen
class CaseLine:
    """A case that runs on an earlier edition."""

    case_id: int
    number: str
    matter: str
    edition_id: int
    edition_number: int
    started_at: datetime
    verdict: Verdict


@frozen
class Choice:
    """Somebody must say where the cases that stand at `element` go on. `waiting`: how many ask for it.

    `suggested`: the first element after it that the new edition has. `is_there`: the new edition has it, too.
    """

    element: str
    name: Text
    waiting: int
    chosen: str | None
    suggested: str | None
    is_there: bool


@frozen
class Place:
    """Where a case may go on."""

    element: str
    name: Text
    kind: str
    named: bool  # it has a name of its own


@frozen
class Group:
    """Cases that are judged alike, in the words they are judged with."""

    kind: Kind
    reasons: tuple[Text, ...]
    count: int


@frozen
class Moving:
    """`counts` by kind; `lines` only those of one page and kind. `unproved` counts within those that move."""

    counts: Mapping[Kind, int]
    unproved: int
    groups: tuple[Group, ...]
    choices: tuple[Choice, ...]
    places: tuple[Place, ...]
    lines: tuple[CaseLine, ...]
    more: bool
    here: int  # cases that run on the edition itself


@frozen
class Undoable:
    """Cases that were moved to the edition within the last day. `until`: when the first of them can no longer be."""

    count: int
    until: datetime | None


@frozen
class MovedLine:
    """A case that was moved to the edition within the last day. `as_left`: nothing was done in it since."""

    case_id: int
    number: str
    matter: str
    from_number: int
    at: datetime
    by: Text
    as_left: bool


CASE: Final = (
    cases.c.id.label("case_id"),
    cases.c.edition_id,
    cases.c.process,
    cases.c.state,
    cases.c.version,
    cases.c.chain_length,
)


def earlier(procedure_id: int, edition_id: int) -> Select[Any]:
    """Running cases of the procedure on other editions than this one, oldest first."""
    return (
        select(*CASE, cases.c.number, cases.c.matter, cases.c.started_at)
        .where(
            cases.c.office_id == OFFICE,
            cases.c.procedure_id == procedure_id,
            cases.c.ended_at.is_(None),
            cases.c.edition_id != edition_id,
        )
        .order_by(cases.c.started_at, cases.c.id)
    )


def edition_of(db: Connection, edition_id: int) -> Row[*tuple[Any, ...]]:
    """Raises NotFound."""
    row = db.execute(
        select(editions.c.id, editions.c.number, editions.c.state, editions.c.procedure_id).where(
            editions.c.id == edition_id
        )
    ).first()
    if row is None:
        raise NotFound(what=EDITION)
    return row


def is_open(db: Connection, edition_id: int) -> bool:
    """Whether cases can be moved to it: it is the edition in force."""
    return bool(edition_of(db, edition_id).state == EditionState.IN_FORCE)


def to_move(
    db: Connection,
    *,
    actor: Actor,
    edition_id: int,
    to: Mapping[str, str],
    kind: Kind | None = None,
    page: int = 0,
) -> Moving:
    """Every running case of an earlier edition, judged. `to`: where they go on, by the element they stand at.

    Raises NotTheOneInForce.
    """
    procedure_rules.must_design(actor)
    edition = edition_of(db, edition_id)
    rules.must_be_in_force(edition.number, edition.state)
    rows = db.execute(earlier(edition.procedure_id, edition_id)).all()
    judge = Judge(db, edition_id, to)
    verdicts = judge.verdicts(rows)
    numbers = {row.id: row.number for row in db.execute(_numbers(edition.procedure_id))}
    judged = [(row, verdict) for row, verdict in zip(rows, verdicts, strict=True)]
    wanted = [one for one in judged if kind is None or one[1].kind is kind]
    shown = wanted[page * PAGE : (page + 1) * PAGE]
    return Moving(
        counts=Counter(verdict.kind for verdict in verdicts),
        unproved=sum(verdict.proved is False for verdict in verdicts),
        groups=_groups(verdicts),
        choices=_choices(db, edition_id, judged, judge.to),
        places=_places(contents(db, edition_id).diagram),
        lines=tuple(
            CaseLine(
                row.case_id, row.number, row.matter, row.edition_id, numbers[row.edition_id], row.started_at, verdict
            )
            for row, verdict in shown
        ),
        more=len(wanted) > (page + 1) * PAGE,
        here=_running_on(db, edition.procedure_id, edition_id),
    )


def _numbers(procedure_id: int) -> Select[Any]:
    return select(editions.c.id, editions.c.number).where(editions.c.procedure_id == procedure_id)


def _running_on(db: Connection, procedure_id: int, edition_id: int) -> int:
    return (
        db.scalar(
            select(func.count())
            .select_from(cases)
            .where(
                cases.c.office_id == OFFICE,
                cases.c.procedure_id == procedure_id,
                cases.c.ended_at.is_(None),
                cases.c.edition_id == edition_id,
            )
        )
        or 0
    )


def _groups(verdicts: Sequence[Verdict]) -> tuple[Group, ...]:
    counted = Counter((one.kind, one.reasons) for one in verdicts)
    order = list(Kind)
    found = sorted(counted.items(), key=lambda one: (order.index(one[0][0]), -one[1], one[0][1][0].en))
    return tuple(Group(kind, reasons, count) for (kind, reasons), count in found)


def _choices(
    db: Connection, edition_id: int, judged: Sequence[tuple[Row[*tuple[Any, ...]], Verdict]], to: Mapping[str, str]
) -> tuple[Choice, ...]:
    """What was chosen stays to be seen, beside what is still to be chosen."""
    needed: Counter[str] = Counter(element for _row, verdict in judged for element in verdict.needs)
    new = contents(db, edition_id).diagram
    former: dict[str, Diagram] = {}
    for row, _verdict in judged:
        for element in contents(db, row.edition_id).diagram.elements:
            former.setdefault(element, contents(db, row.edition_id).diagram)
    found = []
    for element in sorted({*needed, *to}):
        old = former.get(element)
        if old is not None:
            name = side(old).label(element)
            suggested = element if element in new.elements else following(old, new, element)
            found.append(Choice(element, name, needed[element], to.get(element), suggested, element in new.elements))
    return tuple(sorted(found, key=lambda one: (-one.waiting, one.name.en)))


def following(old: Diagram, new: Diagram, element: str) -> str | None:
    """The nearest element after it, in the old diagram, that the new one has in the same scope or around it."""
    leaving = flows_out_of(old)
    waiting, seen = [element], {element}
    while waiting:
        at = waiting.pop(0)
        targets = [flow.target for flow in leaving.get(at, ())]
        if not targets and old.elements[at].scope in old.elements:
            targets = [flow.target for flow in leaving.get(old.elements[at].scope, ())]
        for target in targets:
            if target in new.elements and rules.is_place(new.elements[target]):
                return target
            if target not in seen and target in old.elements:
                seen.add(target)
                waiting.append(target)
    return None


def _places(new: Diagram) -> tuple[Place, ...]:
    label = side(new).label
    return tuple(
        Place(one.id, label(one.id), one.kind, one.name is not None)
        for one in new.elements.values()
        if rules.is_place(one)
    )


def undoable(db: Connection, *, edition_id: int) -> Undoable:
    """Of the cases moved to the edition, those that can still be moved back, unless they have gone on."""
    row = db.execute(
        select(func.count().label("moved"), func.min(moved_cases.c.at).label("first"))
        .select_from(moved_cases.join(cases, cases.c.id == moved_cases.c.case_id))
        .where(recent(edition_id, clock.now()), as_left())
    ).one()
    return Undoable(row.moved, row.first + rules.UNDO if row.first else None)


def moved_lately(db: Connection, *, edition_id: int) -> tuple[MovedLine, ...]:
    """Those moved last, at most a page of them."""
    rows = db.execute(
        select(
            cases.c.id, cases.c.number, cases.c.matter, editions.c.number.label("from_number"), moved_cases.c.at,
            persons.c.name_en, persons.c.name_zh, as_left().label("as_left"),
        )
        .select_from(moved_cases)
        .join(cases, and_(cases.c.office_id == moved_cases.c.office_id, cases.c.id == moved_cases.c.case_id))
        .join(editions, editions.c.id == moved_cases.c.from_edition_id)
        .join(persons, persons.c.id == moved_cases.c.by)
        .where(recent(edition_id, clock.now()))
        .order_by(moved_cases.c.at.desc(), cases.c.number)
        .limit(PAGE)
    )  # fmt: skip
    return tuple(
        MovedLine(
            row.id, row.number, row.matter, row.from_number, row.at, Name(row.name_en, row.name_zh), bool(row.as_left)
        )
        for row in rows
    )


def recent(edition_id: int, now: datetime) -> Any:
    """Moved to the edition within the last day, and not back."""
    return and_(
        moved_cases.c.office_id == OFFICE,
        moved_cases.c.to_edition_id == edition_id,
        moved_cases.c.undone_at.is_(None),
        moved_cases.c.at >= now - rules.UNDO,
    )


def as_left() -> Any:
    """The case is as it was left by being moved: nothing was done in it since."""
    return and_(
        cases.c.office_id == OFFICE,
        cases.c.edition_id == moved_cases.c.to_edition_id,
        cases.c.version == moved_cases.c.version,
        cases.c.chain_length == moved_cases.c.chain_length,
    )
