"""What can be asked of duties: declared interests, and what somebody who leaves would hand over."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, select

from engine.base.database import OFFICE
from engine.base.errors import NotAllowed
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.cases.asked.tables import asked
from engine.cases.duties.rules import KINDS, Interest, NotTheirSupervisor
from engine.cases.duties.tables import interests
from engine.cases.rules import Kind
from engine.cases.tables import cases, tasks
from engine.organisation.absence.reads import AbsenceLine, supervises_person
from engine.organisation.reads import department_and_below
from engine.organisation.rules import Actor, Right
from engine.organisation.tables import holdings, persons, posts
from engine.procedures.reads import element_names

INTEREST: Final = Text(en="declaration", zh="申报")


@frozen
class Claimed:
    """An open task that somebody has. `in_person`: asked of them and nobody else."""

    case_id: int
    number: int
    case_number: str
    matter: str
    step: str
    post_id: int
    post: Name
    in_person: bool


@frozen
class Left:
    """What was not handed over, and what kept it; None: it was asked of the person alone, and stays with them."""

    task: Claimed
    why: NotAllowed | None


@frozen
class Kept:
    given: int
    released: int
    left: tuple[Left, ...]
    lapsed: int = 0  # was asked of them in person, and whoever asked was told
    alone: tuple[AbsenceLine, ...] = ()  # as they were: they stood in for these, and now nobody does


@frozen
class InterestLine:
    """`applicant`: for every case of theirs. `asked_at`: it waits for consent to be withdrawn."""

    id: int
    person_id: int
    person: Name
    kind: Text
    words: str
    case_id: int | None
    case_number: str | None
    applicant: str | None
    declared_at: datetime
    declared_by: Name
    asked_at: datetime | None
    asked_why: str


def watches_over(db: Connection, actor: Actor, person_id: int) -> bool:
    """Supervises the person's department, or administers the office."""
    return actor.may(Right.ADMINISTER) or supervises_person(db, actor, person_id)


def must_watch(db: Connection, by: Actor, person_id: int, name: Name) -> None:
    """The person themselves too. Raises NotTheirSupervisor."""
    if by.person_id != person_id and not watches_over(db, by, person_id):
        raise NotTheirSupervisor(person=name)


def claimed_by(db: Connection, person_id: int) -> tuple[Claimed, ...]:
    """Everything the person has on their desk, oldest case first."""
    rows = db.execute(
        select(
            tasks.c.case_id, tasks.c.number, tasks.c.edition_id, tasks.c.element, tasks.c.kind, tasks.c.post_id,
            posts.c.name_en, posts.c.name_zh, cases.c.number.label("case_number"), cases.c.matter,
            asked.c.person_id.label("asked_person"),
        )
        .join(cases, and_(cases.c.office_id == tasks.c.office_id, cases.c.id == tasks.c.case_id))
        .join(posts, posts.c.id == tasks.c.post_id)
        .outerjoin(
            asked,
            and_(
                asked.c.office_id == tasks.c.office_id, asked.c.case_id == tasks.c.case_id,
                asked.c.task_number == tasks.c.number,
            ),
        )
        .where(
            tasks.c.office_id == OFFICE, tasks.c.person_id == person_id, tasks.c.person_id.is_not(None),
            tasks.c.closed_at.is_(None),
        )
        .order_by(tasks.c.case_id, tasks.c.number)
    )  # fmt: skip
    return tuple(
        Claimed(
            row.case_id, row.number, row.case_number, row.matter,
            element_names(db, row.edition_id).get(row.element, row.element), row.post_id,
            Name(row.name_en, row.name_zh), row.kind == Kind.VOTE or row.asked_person is not None,
        )
        for row in rows
    )  # fmt: skip


def interests_of(db: Connection, person_id: int) -> tuple[InterestLine, ...]:
    """What stands; those in an applicant once, not once more for each case."""
    return _lines(db, interests.c.person_id == person_id, interests.c.standing_id.is_(None))


def interests_in(db: Connection, case_id: int) -> tuple[InterestLine, ...]:
    return _lines(db, interests.c.case_id == case_id)


def interests_watched(db: Connection, actor: Actor) -> tuple[InterestLine, ...]:
    """Of those whom the actor supervises; everybody's for an administrator. Never one's own."""
    where = [interests.c.standing_id.is_(None), interests.c.person_id != actor.person_id]
    if not actor.may(Right.ADMINISTER):
        own = [post.department_id for post in actor.posts if Right.SUPERVISE in post.rights]
        watched = department_and_below(db, own)
        held = (
            select(holdings.c.person_id)
            .join(posts, posts.c.id == holdings.c.post_id)
            .where(posts.c.department_id.in_(watched))
        )
        where.append(interests.c.person_id.in_(held))
    return _lines(db, *where)


def _lines(db: Connection, *where: Any) -> tuple[InterestLine, ...]:
    declarer = persons.alias("declarer")
    rows = db.execute(
        select(
            interests, persons.c.name_en, persons.c.name_zh, declarer.c.name_en.label("by_en"),
            declarer.c.name_zh.label("by_zh"), cases.c.number.label("case_number"),
        )
        .join(persons, persons.c.id == interests.c.person_id)
        .join(declarer, declarer.c.id == interests.c.declared_by)
        .outerjoin(cases, and_(cases.c.office_id == interests.c.office_id, cases.c.id == interests.c.case_id))
        .where(interests.c.office_id == OFFICE, interests.c.withdrawn_at.is_(None), *where)
        .order_by(interests.c.declared_at.desc(), interests.c.id)
        .limit(200)
    )  # fmt: skip
    return tuple(
        InterestLine(
            row.id, row.person_id, Name(row.name_en, row.name_zh), KINDS[Interest(row.kind)], row.words, row.case_id,
            row.case_number, row.applicant, row.declared_at, Name(row.by_en, row.by_zh), row.asked_at, row.asked_why,
        )
        for row in rows
    )  # fmt: skip
