"""What can be asked of reviews: where one stands, who has decided what, what a person may do in it, what was said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, and_, func, select

from engine.base.database import OFFICE
from engine.base.errors import NotFound, Refusal
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.cases.duties.standing_in import hand_of, has_stood_in
from engine.cases.duties.tables import stood_in
from engine.cases.tables import cases, tasks
from engine.control import rules
from engine.control.parties import authors, consenting_posts, must_take_part
from engine.control.rules import Act, CommentState
from engine.control.tables import approvals, comments, consents, decisions, replies, reviews
from engine.control.turns import Turn, turns
from engine.organisation.reads import chart, person_name
from engine.organisation.rules import Actor
from engine.organisation.tables import departments, persons
from engine.procedures.approving import approving
from engine.procedures.editions import contents
from engine.procedures.kept import EDITION
from engine.procedures.rules import EditionState
from engine.procedures.tables import editions, procedures


@frozen
class DecisionLine:
    """A check or an approval; `passed` False: returned to the author."""

    passed: bool
    remarks: str
    person: Name
    post: Name
    at: datetime
    on_behalf: Name | None


@frozen
class ConsentLine:
    """A department that is asked. `agreed` None until it has answered."""

    department: Name
    post_id: int
    post: Name
    holders: tuple[Name, ...]
    agreed: bool | None
    remarks: str
    person: Name | None
    at: datetime | None
    on_behalf: Name | None = None


@frozen
class RoundLine:
    number: int
    case_id: int
    case_number: str
    submitted_at: datetime
    submitted_by: Name
    note: str
    outcome: str | None
    closed_at: datetime | None
    check: DecisionLine | None
    consents: tuple[ConsentLine, ...]
    approval: DecisionLine | None


@frozen
class ReplyLine:
    person: Name
    at: datetime
    text: str


@frozen
class CommentLine:
    number: int
    element: str | None
    name: str | None
    text: str
    state: str
    person: Name
    at: datetime
    replies: tuple[ReplyLine, ...]
    may_close: bool


@frozen
class TurnLine:
    """Something that is to be decided now. `why` says what keeps this person from deciding it.

    `on_behalf`: it is theirs as the deputy of this person.
    """

    act: str
    step: str
    number: int
    post: Name
    department: Name
    holders: tuple[Name, ...]
    mine: bool
    why: Text | None
    on_behalf: Name | None


@frozen
class Effective:
    """From which day an approved edition is in force; `held_up`: what kept it out when the day came."""

    from_day: date
    approved_at: datetime
    approved_by: Name
    held_up: Mapping[str, str] | None


@frozen
class ReviewPage:
    edition_id: int
    number: int
    state: str
    procedure_id: int
    procedure: str
    rounds: tuple[RoundLine, ...]  # the latest first
    comments: tuple[CommentLine, ...]
    turns: tuple[TurnLine, ...]
    to_ask: tuple[ConsentLine, ...]  # of a draft: whose consent it will need
    authors: tuple[Name, ...]
    is_author: bool
    effective: Effective | None
    approved_here: bool  # whether editions come into force by approval in this office
    in_force_id: int | None
    places: tuple[tuple[str, str], ...]  # what can be commented on: id and name, in the order drawn

    @property
    def open_comments(self) -> int:
        return sum(one.state != CommentState.CLOSED for one in self.comments)


def review(db: Connection, *, actor: Actor, edition_id: int) -> ReviewPage:
    """Raises NotAllowed for whoever takes no part in it."""
    row = db.execute(
        select(editions.c.number, editions.c.state, editions.c.procedure_id, procedures.c.name)
        .join(procedures, procedures.c.id == editions.c.procedure_id)
        .where(editions.c.id == edition_id)
    ).first()
    if row is None:
        raise NotFound(what=EDITION)
    must_take_part(db, actor, edition_id)
    wrote = authors(db, edition_id)
    who = _People(db)
    rounds = _rounds(db, edition_id, who)
    drawn = contents(db, edition_id).diagram
    waiting = turns(db, rounds[0].case_id) if rounds and row.state == EditionState.IN_REVIEW else ()
    return ReviewPage(
        edition_id=edition_id,
        number=row.number,
        state=row.state,
        procedure_id=row.procedure_id,
        procedure=row.name,
        rounds=rounds,
        comments=_comments(db, actor, edition_id, contents(db, edition_id).names),
        turns=tuple(_turn(db, one, actor, wrote, row.number, who) for one in waiting),
        to_ask=_to_ask(db, edition_id, who) if row.state == EditionState.DRAFT else (),
        authors=tuple(_names(db, wrote).values()),
        is_author=actor.person_id in wrote,
        effective=_effective(db, edition_id),
        approved_here=approving(db) is not None,
        in_force_id=db.scalar(
            select(editions.c.id).where(
                editions.c.procedure_id == row.procedure_id, editions.c.state == EditionState.IN_FORCE
            )
        ),
        places=tuple((one.id, one.name) for one in drawn.elements.values() if one.name),
    )


class _People:
    """Posts, their departments and today's holders, asked for once a page."""

    def __init__(self, db: Connection) -> None:
        self.posts: Final = {
            post.id: (post.name, department.name, tuple(holder.name for holder in post.holders))
            for _depth, department in chart(db).walk()
            for post in department.posts
        }
        self.departments: Final = {department.id: department.name for _depth, department in chart(db).walk()}


def _turn(db: Connection, one: Turn, actor: Actor, wrote: frozenset[int], number: int, who: _People) -> TurnLine:
    post, department, holders = who.posts[one.post_id]
    hand = hand_of(one, actor)
    absent = None if hand is None or hand.behalf is None else person_name(db, hand.behalf)
    why: Text | None = None
    if hand is None:
        why = _said(rules.NotYourDecision(step=one.name, post=post))
    elif actor.person_id in wrote:
        why = _said(rules.AuthorDecides(edition=number))
    elif hand.behalf in wrote:
        why = _said(rules.AuthorDecidesFor(edition=number, person=absent))
    elif one.act is Act.APPROVE and not rules.may_approve(actor, hand.behalf):
        why = rules.APPROVERS
    return TurnLine(one.act, one.name, one.number, post, department, holders, hand is not None, why, absent)


def _said(refusal: Refusal) -> Text:
    return Name(refusal.say("en"), refusal.say("zh"))


def _rounds(db: Connection, edition_id: int, who: _People) -> tuple[RoundLine, ...]:
    rows = db.execute(
        select(reviews, persons.c.name_en, persons.c.name_zh, cases.c.number.label("case_number"))
        .join(persons, persons.c.id == reviews.c.submitted_by)
        .join(cases, and_(cases.c.office_id == OFFICE, cases.c.id == reviews.c.case_id))
        .where(reviews.c.edition_id == edition_id)
        .order_by(reviews.c.round.desc())
    ).all()
    stead = _Stead(db, {row.round: row.case_id for row in rows})
    made = _decisions(db, edition_id, who, stead)
    asked = _consents(db, edition_id, who, stead)
    return tuple(
        RoundLine(
            number=row.round, case_id=row.case_id, case_number=row.case_number, submitted_at=row.submitted_at,
            submitted_by=Name(row.name_en, row.name_zh), note=row.note, outcome=row.outcome, closed_at=row.closed_at,
            check=made.get((row.round, Act.CHECK)), consents=tuple(asked.get(row.round, ())),
            approval=made.get((row.round, Act.APPROVE)),
        )
        for row in rows
    )  # fmt: skip


class _Stead:
    """For whom a deputy decided: told by the task of the review's case that was done with the decision."""

    def __init__(self, db: Connection, cases_of: Mapping[int, int]) -> None:
        self._cases = cases_of
        rows = db.execute(
            select(
                tasks.c.case_id, tasks.c.post_id, tasks.c.person_id, tasks.c.closed_at, persons.c.name_en,
                persons.c.name_zh,
            )
            .outerjoin(stood_in, has_stood_in())
            .outerjoin(persons, persons.c.id == stood_in.c.for_person_id)
            .where(
                tasks.c.office_id == OFFICE, tasks.c.case_id.in_(set(cases_of.values())), tasks.c.closed_at.is_not(None),
                tasks.c.person_id.is_not(None),
            )
            .order_by(tasks.c.closed_at)
        )  # fmt: skip
        self._done: dict[tuple[int, int, int], list[tuple[datetime, Name | None]]] = {}
        for row in rows:
            absent = None if row.name_en is None else Name(row.name_en, row.name_zh)
            self._done.setdefault((row.case_id, row.post_id, row.person_id), []).append((row.closed_at, absent))

    def of(self, row: Row[*tuple[Any, ...]]) -> Name | None:
        done = self._done.get((self._cases[row.round], row.post_id, row.decided_by), [])
        return next((absent for at, absent in done if at >= row.decided_at), None)


def _decisions(db: Connection, edition_id: int, who: _People, stead: _Stead) -> dict[tuple[int, str], DecisionLine]:
    rows = db.execute(
        select(decisions, persons.c.name_en, persons.c.name_zh)
        .join(persons, persons.c.id == decisions.c.decided_by)
        .where(decisions.c.edition_id == edition_id)
    )
    return {
        (row.round, row.act): DecisionLine(
            row.passed, row.remarks, Name(row.name_en, row.name_zh), who.posts[row.post_id][0], row.decided_at,
            stead.of(row),
        )
        for row in rows
    }  # fmt: skip


def _consents(db: Connection, edition_id: int, who: _People, stead: _Stead) -> dict[int, list[ConsentLine]]:
    rows = db.execute(
        select(
            consents, departments.c.name_en, departments.c.name_zh, persons.c.name_en.label("person_en"),
            persons.c.name_zh.label("person_zh"),
        )
        .join(departments, departments.c.id == consents.c.department_id)
        .outerjoin(persons, persons.c.id == consents.c.decided_by)
        .where(consents.c.edition_id == edition_id)
        .order_by(departments.c.code)
    )  # fmt: skip
    found: dict[int, list[ConsentLine]] = {}
    for row in rows:
        post, _department, holders = who.posts[row.post_id]
        found.setdefault(row.round, []).append(
            ConsentLine(
                Name(row.name_en, row.name_zh), row.post_id, post, holders, row.agreed, row.remarks,
                Name(row.person_en, row.person_zh) if row.person_en else None, row.decided_at,
                stead.of(row) if row.person_en else None,
            )
        )  # fmt: skip
    return found


def _to_ask(db: Connection, edition_id: int, who: _People) -> tuple[ConsentLine, ...]:
    return tuple(
        ConsentLine(who.departments[department], post, who.posts[post][0], who.posts[post][2], None, "", None, None)
        for department, post in consenting_posts(db, edition_id).items()
    )


def _comments(db: Connection, actor: Actor, edition_id: int, names: Mapping[str, str]) -> tuple[CommentLine, ...]:
    said = db.execute(
        select(replies, persons.c.name_en, persons.c.name_zh)
        .join(persons, persons.c.id == replies.c.by)
        .join(comments, comments.c.id == replies.c.comment_id)
        .where(comments.c.edition_id == edition_id)
        .order_by(replies.c.number)
    ).all()
    answers: dict[int, list[ReplyLine]] = {}
    for row in said:
        answers.setdefault(row.comment_id, []).append(ReplyLine(Name(row.name_en, row.name_zh), row.at, row.text))
    rows = db.execute(
        select(comments, persons.c.name_en, persons.c.name_zh)
        .join(persons, persons.c.id == comments.c.by)
        .where(comments.c.edition_id == edition_id)
        .order_by(comments.c.number)
    )
    return tuple(
        CommentLine(
            row.number, row.element, names.get(row.element, row.element) if row.element else None, row.text, row.state,
            Name(row.name_en, row.name_zh), row.at, tuple(answers.get(row.id, ())), rules.may_close(actor, row.by),
        )
        for row in rows
    )  # fmt: skip


def _effective(db: Connection, edition_id: int) -> Effective | None:
    row = db.execute(
        select(approvals, persons.c.name_en, persons.c.name_zh)
        .join(persons, persons.c.id == approvals.c.approved_by)
        .where(approvals.c.edition_id == edition_id)
    ).first()
    return None if row is None else _effective_of(row)


def _effective_of(row: Row[*tuple[Any, ...]]) -> Effective:
    held_up = None if row.held_up is None else orjson.loads(row.held_up)
    return Effective(row.from_day, row.approved_at, Name(row.name_en, row.name_zh), held_up)


def _names(db: Connection, ids: frozenset[int]) -> dict[int, Name]:
    rows = db.execute(
        select(persons.c.id, persons.c.name_en, persons.c.name_zh).where(persons.c.id.in_(ids)).order_by(persons.c.id)
    )
    return {row.id: Name(row.name_en, row.name_zh) for row in rows}


def reviews_under_way(db: Connection) -> int:
    """How many editions are in review now."""
    found: int = (
        db.scalar(select(func.count()).select_from(editions).where(editions.c.state == EditionState.IN_REVIEW)) or 0
    )
    return found
