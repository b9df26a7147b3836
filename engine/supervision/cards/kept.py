"""Rows of the cards: the table in use, what was given already, the occasion of a look. For the acts alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.dialects import upserting
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.cases.accountable import Facts, Held, Lying, accountable_of
from engine.cases.acts.moving import CASE_COLUMNS
from engine.cases.handing.reads import accountable
from engine.cases.rules import NO_DUE, Closed, Mark
from engine.cases.tables import cases, marks, task_events, tasks
from engine.organisation.tables import departments, persons, posts
from engine.supervision.cards.facts import Subject
from engine.supervision.cards.firing import Thing
from engine.supervision.cards.kinds import Kind
from engine.supervision.cards.ready_made import READY_MADE
from engine.supervision.cards.rules import Rule, read_rules, written
from engine.supervision.cards.seen import Looked
from engine.supervision.cards.tables import card_looks, card_tables, cards
from engine.supervision.cards.words import Done, change_code, mark_code

CARD: Final = Text(en="card", zh="黄红牌")


@frozen
class InUse:
    version: int
    rules: tuple[Rule, ...]

    @property
    def on(self) -> tuple[Rule, ...]:
        return tuple(one for one in self.rules if one.on)


_kept: dict[str, tuple[Rule, ...]] = {}


def rules_kept(written_down: str) -> tuple[Rule, ...]:
    """Read once: a version never changes."""
    found = _kept.get(written_down)
    if found is None:
        if len(_kept) > 8:
            _kept.clear()
        found = _kept[written_down] = read_rules(written_down)
    return found


def newest(db: Connection) -> InUse | None:
    row = db.execute(
        select(card_tables.c.version, card_tables.c.rules)
        .where(card_tables.c.office_id == OFFICE)
        .order_by(card_tables.c.version.desc())
        .limit(1)
    ).first()
    return None if row is None else InUse(row.version, rules_kept(row.rules))


def in_use(db: Connection) -> InUse:
    """The newest table; where nobody has saved one yet, the one that was delivered becomes version 1."""
    found = newest(db)
    if found is None:
        first = upserting(db.dialect.name)(card_tables).values(
            office_id=OFFICE, version=1, saved_at=clock.now(), saved_by=None, why="", rules=written(READY_MADE)
        )
        db.execute(first.on_conflict_do_nothing())
        found = newest(db)
    if found is None:
        raise NotFound(what=CARD)
    return found


def case_row(db: Connection, case_id: int) -> Row[*tuple[Any, ...]] | None:
    """Locked until the transaction ends; also of a case that has ended."""
    return db.execute(
        select(*CASE_COLUMNS).where(cases.c.office_id == OFFICE, cases.c.id == case_id).with_for_update()
    ).first()


def given_in(db: Connection, case_id: int) -> frozenset[tuple[str, str]]:
    """Rule and occasion of every card of the case."""
    rows = db.execute(
        select(cards.c.rule, cards.c.occasion).where(cards.c.office_id == OFFICE, cards.c.case_id == case_id)
    )
    return frozenset((row.rule, row.occasion) for row in rows)


def sent_up(db: Connection, case_id: int) -> dict[Thing, datetime]:
    """When each thing of the case was last escalated."""
    rows = db.execute(
        select(cards.c.occasion, cards.c.task_number, cards.c.given_at)
        .where(cards.c.office_id == OFFICE, cards.c.case_id == case_id, cards.c.kind == Kind.ESCALATION)
        .order_by(cards.c.given_at)
    )
    return {(Subject(row.occasion.partition(";")[0]), row.task_number): row.given_at for row in rows}


def is_due(db: Connection, case_id: int, at: datetime) -> bool:
    found = db.scalar(
        select(card_looks.c.next_at).where(card_looks.c.office_id == OFFICE, card_looks.c.case_id == case_id)
    )
    return found is not None and found <= at


def look_next(db: Connection, case_id: int, at: datetime | None) -> None:
    """None: never again, unless something happens."""
    here = card_looks.c.office_id == OFFICE, card_looks.c.case_id == case_id
    if at is None:
        db.execute(delete(card_looks).where(*here))
    else:
        db.execute(update(card_looks).where(*here).values(next_at=at))


@frozen
class Addressed:
    """The accountable post of the moment, with its names; `person_id`: who has it in hand."""

    post_id: int
    person_id: int | None
    post: Name
    department_id: int
    department: Name


def addressed(db: Connection, one: Looked) -> Addressed:
    """Of a hand-over the post that is to answer; else who is accountable by the one rule there is for that."""
    held = _held(db, one)
    row = db.execute(
        select(
            posts.c.name_en, posts.c.name_zh, posts.c.department_id, departments.c.name_en.label("department_en"),
            departments.c.name_zh.label("department_zh"),
        )
        .join(departments, departments.c.id == posts.c.department_id)
        .where(posts.c.id == held.post_id)
    ).one()  # fmt: skip
    return Addressed(
        held.post_id, held.person_id, Name(row.name_en, row.name_zh), row.department_id,
        Name(row.department_en, row.department_zh),
    )  # fmt: skip


def _held(db: Connection, one: Looked) -> Held:
    step = one.step
    if step is not None and one.about is Subject.HAND_OVER:
        return step.held
    if step is not None:
        sender = None if step.handed is None else step.handed.sender
        silent = step.handed is not None and step.handed.silent
        lying = Lying(step.number, step.held, step.due_at or NO_DUE, step.opened_at, sender, silent)
        return accountable_of(Facts(Held(0), steps=(lying,))).held
    found = accountable(db, one.case.case_id)
    return _last(db, one.case.case_id) if found is None else Held(found.post_id, found.person_id)


def _last(db: Connection, case_id: int) -> Held:
    """Of a case that has ended: whoever completed its last step."""
    row = db.execute(
        select(tasks.c.post_id, tasks.c.person_id)
        .where(tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.kind.is_(None))
        .order_by(tasks.c.closed_how != Closed.COMPLETED, tasks.c.closed_at.desc(), tasks.c.number.desc())
        .limit(1)
    ).first()
    if row is None:
        raise NotFound(what=CARD)
    return Held(row.post_id, row.person_id)


def lead(one: Looked) -> int | None:
    """The task that shows a card: its own, or of a card about the case the step that is due first."""
    if one.step is not None:
        return one.step.number
    order = sorted(one.case.steps, key=lambda step: (step.due_at or NO_DUE, step.opened_at, step.number))
    return order[0].number if order else None


def done_so_far(db: Connection, case_id: int, number: int) -> tuple[Done, ...]:
    """What happened to a step, in order."""
    changes = db.execute(
        select(task_events.c.at, task_events.c.change, persons.c.name_en, persons.c.name_zh)
        .outerjoin(persons, persons.c.id == task_events.c.person_id)
        .where(
            task_events.c.office_id == OFFICE, task_events.c.case_id == case_id, task_events.c.task_number == number
        )
        .order_by(task_events.c.number)
    )  # fmt: skip
    marked = db.execute(
        select(marks.c.at, marks.c.kind, persons.c.name_en, persons.c.name_zh)
        .outerjoin(persons, persons.c.id == marks.c.person_id)
        .where(marks.c.office_id == OFFICE, marks.c.case_id == case_id, marks.c.task_number == number)
        .order_by(marks.c.number)
    )
    told: list[Done] = []
    for row, what in [(row, change_code(row.change)) for row in changes] + [
        (row, mark_code(row.kind)) for row in marked
    ]:
        if what is not None:
            told.append(Done(row.at, what, Name(row.name_en, row.name_zh) if row.name_en else None))
    return tuple(sorted(told, key=lambda one: one.at))


def card_row(db: Connection, card_id: int) -> Row[*tuple[Any, ...]]:
    """Raises NotFound."""
    row = db.execute(select(cards).where(cards.c.office_id == OFFICE, cards.c.id == card_id)).first()
    if row is None:
        raise NotFound(what=CARD)
    return row


def add_card(db: Connection, values: Mapping[str, Any]) -> None:
    db.execute(insert(cards).values(office_id=OFFICE, **values))


def change_card(db: Connection, row: Row[*tuple[Any, ...]], **values: Any) -> None:
    db.execute(
        update(cards)
        .where(cards.c.office_id == OFFICE, cards.c.case_id == row.case_id, cards.c.id == row.id)
        .values(**values)
    )


def take_mark_off(db: Connection, row: Row[*tuple[Any, ...]], kind: Mark) -> None:
    """What was lifted does not stand in anybody's list any more."""
    db.execute(
        delete(marks).where(
            marks.c.office_id == OFFICE, marks.c.case_id == row.case_id, marks.c.kind == kind,
            marks.c.at == row.given_at,
        )
    )  # fmt: skip
