"""What can be asked of cards: the lists, one card, the figures of departments, the versions of the rules, a rule tried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, false, func, or_, select, true

from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.cases.listing import visible_to
from engine.cases.tables import cases, tasks
from engine.organisation.rules import Actor, Right
from engine.organisation.tables import departments, persons, posts
from engine.procedures.reads import element_names, supervised_departments
from engine.supervision.cards.door import own_posts
from engine.supervision.cards.kept import CARD, InUse, newest, rules_kept
from engine.supervision.cards.kinds import Kind
from engine.supervision.cards.ready_made import READY_MADE
from engine.supervision.cards.rules import Difference, Rule, differences, may_answer, must_inspect
from engine.supervision.cards.tables import card_tables, cards
from engine.supervision.cards.words import Done, because, read_done, said

_superior = posts.alias("superior")
_task = tasks.alias("card_task")
_answerer, _lifter = persons.alias("answerer"), persons.alias("lifter")


class Which(StrEnum):
    MINE = "mine"
    DEPARTMENTS = "departments"
    ALL = "all"


class State(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    LIFTED = "lifted"


@frozen
class CardLine:
    """`to_answer`: the person who asks may answer it now. `person`: who had it in hand."""

    card_id: int
    kind: Kind
    level: int
    rule: Name
    because: Text
    state: State
    case_id: int
    case_number: str
    matter: str
    task_number: int | None
    step: str | None
    post: Text
    department: Text
    person: Text | None
    superior: Text | None
    given_at: datetime
    to_answer: bool


@frozen
class CardPage:
    """One card with all that is known of it. `rule_then`: the row of the table that gave it; `rule_now`: None where it is gone."""

    line: CardLine
    facts: tuple[tuple[str, Text], ...]
    done: tuple[Done, ...]
    version: int
    newest: int
    rule_then: Rule | None
    rule_now: Rule | None
    answered_at: datetime | None
    answered_by: Text | None
    answer: str | None
    lifted_at: datetime | None
    lifted_by: Text | None
    lifted_why: str | None
    may_lift: bool
    sees_case: bool


@frozen
class Count:
    """Of one department or person, since a day. `unanswered`: neither answered nor lifted."""

    id: int
    name: Text
    yellow: int
    red: int
    sent_up: int
    unanswered: int
    lifted: int


@frozen
class Version:
    version: int
    saved_at: datetime
    saved_by: Text | None
    why: str
    rules: tuple[Rule, ...]


def card_list(
    db: Connection,
    *,
    actor: Actor,
    which: Which,
    state: State | None = None,
    kind: Kind | None = None,
    department_id: int | None = None,
    person_id: int | None = None,
    since: datetime | None = None,
    standing: bool = False,
    before: int | None = None,
    limit: int = 50,
) -> tuple[CardLine, ...]:
    """The newest first, of those not lifted where `standing`; `before` continues behind the last one shown. Nothing the person may not see is among them."""
    query = _every().where(_among(db, actor, which)).order_by(cards.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(_in_state(state))
    if kind is not None:
        query = query.where(cards.c.kind == kind)
    if department_id is not None:
        query = query.where(cards.c.department_id == department_id)
    if person_id is not None:
        query = query.where(cards.c.person_id == person_id)
    if since is not None:
        query = query.where(cards.c.given_at >= since)
    if standing:
        query = query.where(cards.c.lifted_at.is_(None))
    if before is not None:
        query = query.where(cards.c.id < before)
    return tuple(_line(db, actor, row) for row in db.execute(query).all())


def _among(db: Connection, actor: Actor, which: Which) -> ColumnElement[bool]:
    own = own_posts(actor)
    mine = or_(
        and_(cards.c.post_id.in_(own), cards.c.kind != Kind.ESCALATION),
        and_(cards.c.superior_id.in_(own), cards.c.kind == Kind.ESCALATION),
    )
    if which is Which.MINE:
        return mine
    if which is Which.ALL and actor.may(Right.INSPECT):
        return true()
    watched = supervised_departments(db, actor)
    theirs = cards.c.department_id.in_(watched) if watched else false()
    return theirs if which is Which.DEPARTMENTS else or_(theirs, cards.c.post_id.in_(own), cards.c.superior_id.in_(own))


def _in_state(state: State) -> ColumnElement[bool]:
    if state is State.LIFTED:
        return cards.c.lifted_at.is_not(None)
    answered = cards.c.answered_at.is_not(None) if state is State.ANSWERED else cards.c.answered_at.is_(None)
    return and_(answered, cards.c.lifted_at.is_(None))


def _every() -> Select[Any]:
    return (
        select(
            cards, cases.c.number.label("case_number"), cases.c.matter, cases.c.procedure_id, _task.c.edition_id,
            _task.c.element, *_named(
                post=posts, department=departments, person=persons, superior=_superior, answerer=_answerer, lifter=_lifter
            ),
        )
        .join(cases, and_(cases.c.office_id == cards.c.office_id, cases.c.id == cards.c.case_id))
        .join(posts, posts.c.id == cards.c.post_id)
        .join(departments, departments.c.id == cards.c.department_id)
        .outerjoin(persons, persons.c.id == cards.c.person_id)
        .outerjoin(_superior, _superior.c.id == cards.c.superior_id)
        .outerjoin(_answerer, _answerer.c.id == cards.c.answered_by)
        .outerjoin(_lifter, _lifter.c.id == cards.c.lifted_by)
        .outerjoin(
            _task,
            and_(
                _task.c.office_id == cards.c.office_id, _task.c.case_id == cards.c.case_id,
                _task.c.number == cards.c.task_number,
            ),
        )
        .where(cards.c.office_id == OFFICE)
    )  # fmt: skip


def _named(**tables: Any) -> list[Any]:
    return [table.c[f"name_{one}"].label(f"{name}_{one}") for name, table in tables.items() for one in ("en", "zh")]


def _name(row: Row[*tuple[Any, ...]], what: str) -> Name | None:
    en = getattr(row, f"{what}_en")
    return None if en is None else Name(en, getattr(row, f"{what}_zh"))


def _line(db: Connection, actor: Actor, row: Row[*tuple[Any, ...]]) -> CardLine:
    kept = orjson.loads(row.facts)
    state = State.LIFTED if row.lifted_at else State.ANSWERED if row.answered_at else State.OPEN
    kind = Kind(row.kind)
    answers = row.superior_id if kind is Kind.ESCALATION and row.superior_id is not None else row.post_id
    step = None if row.element is None else element_names(db, row.edition_id).get(row.element, row.element)
    return CardLine(
        card_id=row.id, kind=kind, level=row.level, rule=Name(kept["rule"]["en"], kept["rule"]["zh"]),
        because=because(kept["facts"]), state=state, case_id=row.case_id, case_number=row.case_number,
        matter=row.matter, task_number=row.task_number, step=step, post=Name(row.post_en, row.post_zh),
        department=Name(row.department_en, row.department_zh), person=_name(row, "person"),
        superior=_name(row, "superior"), given_at=row.given_at,
        to_answer=state is State.OPEN and may_answer(actor, answers, row.procedure_id),
    )  # fmt: skip


def card(db: Connection, *, actor: Actor, card_id: int) -> CardPage:
    """For whoever it is listed for, and whoever may see the case. Raises NotFound for all others."""
    seen = or_(_among(db, actor, Which.ALL), visible_to(db, actor))
    row = db.execute(_every().where(cards.c.id == card_id, seen)).first()
    if row is None:
        raise NotFound(what=CARD)
    then = db.scalar(
        select(card_tables.c.rules).where(card_tables.c.office_id == OFFICE, card_tables.c.version == row.version)
    )
    now = table_in_use(db)
    kept = orjson.loads(row.facts)
    line = _line(db, actor, row)
    inspects = actor.may(Right.INSPECT) and line.kind is not Kind.ESCALATION and line.state is not State.LIFTED
    concerned = own_posts(actor) & {row.post_id, row.superior_id} or row.person_id == actor.person_id
    return CardPage(
        line=line, facts=tuple((name, said(name, value)) for name, value in kept["facts"].items()),
        done=read_done(kept["done"]), version=row.version, newest=now.version,
        rule_then=_of_key(() if then is None else rules_kept(then), row.rule), rule_now=_of_key(now.rules, row.rule),
        answered_at=row.answered_at, answered_by=_name(row, "answerer"), answer=row.answer,
        lifted_at=row.lifted_at, lifted_by=_name(row, "lifter"), lifted_why=row.lifted_why,
        may_lift=inspects and not concerned, sees_case=_sees(db, actor, row.case_id),
    )  # fmt: skip


def _sees(db: Connection, actor: Actor, case_id: int) -> bool:
    """A card opens no case to anybody: whoever supervises may judge by what the card says."""
    seen = select(cases.c.id).where(cases.c.office_id == OFFICE, cases.c.id == case_id, visible_to(db, actor))
    return db.scalar(seen) is not None


def _of_key(rules: Sequence[Rule], key: str) -> Rule | None:
    return next((one for one in rules if one.key == key), None)


def figures(db: Connection, *, actor: Actor, since: datetime) -> tuple[Count, ...]:
    """Per department: all of them for the supervision office, else those the person supervises."""
    query = _counted(cards.c.department_id, departments, since)
    if not actor.may(Right.INSPECT):
        query = query.where(cards.c.department_id.in_(supervised_departments(db, actor)))
    return tuple(_count(row) for row in db.execute(query))


def figures_of_persons(
    db: Connection, *, actor: Actor, department_id: int, since: datetime
) -> tuple[Count, ...] | None:
    """Who had in hand what got a card. None where the person is not entitled to figures of persons there."""
    if not (actor.may(Right.INSPECT) or department_id in supervised_departments(db, actor)):
        return None
    query = _counted(cards.c.person_id, persons, since).where(cards.c.department_id == department_id)
    return tuple(_count(row) for row in db.execute(query))


def _counted(of: Any, named: Any, since: datetime) -> Select[Any]:
    def times(*when: ColumnElement[bool]) -> Any:
        return func.sum(case((and_(*when), 1), else_=0))

    stands = cards.c.lifted_at.is_(None)
    red = times(cards.c.kind == Kind.RED, stands)
    return (
        select(
            named.c.id, named.c.name_en, named.c.name_zh, times(cards.c.kind == Kind.YELLOW, stands).label("yellow"),
            red.label("red"), times(cards.c.kind == Kind.ESCALATION).label("sent_up"),
            times(cards.c.answered_at.is_(None), stands).label("unanswered"),
            times(cards.c.lifted_at.is_not(None)).label("lifted"),
        )
        .join(named, named.c.id == of)
        .where(cards.c.office_id == OFFICE, cards.c.given_at >= since)
        .group_by(named.c.id, named.c.name_en, named.c.name_zh)
        .order_by(red.desc(), named.c.id)
    )  # fmt: skip


def _count(row: Row[*tuple[Any, ...]]) -> Count:
    numbers = (int(one or 0) for one in (row.yellow, row.red, row.sent_up, row.unanswered, row.lifted))
    return Count(row.id, Name(row.name_en, row.name_zh), *numbers)


def table_in_use(db: Connection) -> InUse:
    """As it was delivered, where nobody has saved one and none has given a card yet."""
    return newest(db) or InUse(1, READY_MADE)


def versions(db: Connection, *, actor: Actor) -> tuple[Version, ...]:
    """The newest first."""
    must_inspect(actor)
    rows = db.execute(
        select(card_tables, persons.c.name_en.label("by_en"), persons.c.name_zh.label("by_zh"))
        .outerjoin(persons, persons.c.id == card_tables.c.saved_by)
        .where(card_tables.c.office_id == OFFICE)
        .order_by(card_tables.c.version.desc())
        .limit(200)
    )
    return tuple(Version(row.version, row.saved_at, _name(row, "by"), row.why, rules_kept(row.rules)) for row in rows)


def changed_in(of: Sequence[Version]) -> Mapping[int, tuple[Difference, ...]]:
    """What each version changed in the one before it; nothing of the first."""
    before = {one.version: one.rules for one in of}
    return {
        one.version: differences(before[one.version - 1], one.rules) if one.version - 1 in before else () for one in of
    }
