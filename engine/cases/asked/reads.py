"""What can be asked of what was asked: beside a step, on somebody's desk, of a vote, of copies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, exists, func, or_, select

from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.cases.asked import kept, rules
from engine.cases.asked.rules import Outcome
from engine.cases.asked.tables import asked, ballots, copies, copies_read
from engine.cases.rules import Kind
from engine.cases.tables import cases
from engine.diagram import voting
from engine.organisation.rules import Actor
from engine.organisation.tables import departments, persons, posts
from engine.procedures.tables import procedures

VOTE: Final = Text("vote", "表决")
_MOST_COUNTED: Final = 1000


@frozen
class AskedLine:
    """One thing asked of one. `person` where it was asked in person; `answered_for` where somebody stood in."""

    number: int
    round: int
    kind: Kind
    of_task: int
    task_number: int | None
    behind: int | None
    after: bool
    post: Text
    department: Text
    department_id: int
    person: Text | None
    person_id: int | None
    asked_by: Text
    asked_by_id: int
    at: datetime
    due_at: datetime | None
    words: str
    outcome: Outcome | None
    answer: str
    answered_by: Text | None
    answered_for: Text | None
    answered_at: datetime | None
    again: int | None

    @property
    def whom(self) -> Text:
        return self.person or self.post

    @property
    def waiting(self) -> bool:
        """Nobody has answered, and nobody has taken it back."""
        return self.outcome is None and self.again is None

    @property
    def refused(self) -> bool:
        """Stands in the way of the step until whoever asked does something about it."""
        return self.outcome is Outcome.REFUSED and self.again is None


@frozen
class Ballot:
    """A vote. Before it is closed nobody is shown who voted how; `votes` are in the order of the members."""

    case_id: int
    round: int
    of_task: int
    committee: Text
    question: str
    quorum: Text
    majority: Text
    opened_by: Text
    opened_at: datetime
    closed_by: Text | None
    closed_at: datetime | None
    adopted: bool | None
    why: str
    count: rules.Count
    needed: int
    votes: tuple[AskedLine, ...]

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def given_up(self) -> bool:
        return self.closed_at is not None and self.adopted is None

    @property
    def missing(self) -> int:
        return max(0, self.needed - self.count.present)


def asked_in(db: Connection, case_id: int, *, of_task: int | None = None) -> tuple[AskedLine, ...]:
    """Of a case that the person may see, in the order asked: one statement."""
    asker, answerer, absent = persons.alias("asker"), persons.alias("answerer"), persons.alias("absent")
    found = (
        select(
            asked, posts.c.name_en.label("post_en"), posts.c.name_zh.label("post_zh"),
            departments.c.name_en.label("department_en"), departments.c.name_zh.label("department_zh"),
            persons.c.name_en.label("person_en"), persons.c.name_zh.label("person_zh"),
            asker.c.name_en.label("asker_en"), asker.c.name_zh.label("asker_zh"),
            answerer.c.name_en.label("answerer_en"), answerer.c.name_zh.label("answerer_zh"),
            absent.c.name_en.label("absent_en"), absent.c.name_zh.label("absent_zh"),
        )
        .join(posts, posts.c.id == asked.c.post_id)
        .join(departments, departments.c.id == asked.c.department_id)
        .join(asker, asker.c.id == asked.c.asked_by)
        .outerjoin(persons, persons.c.id == asked.c.person_id)
        .outerjoin(answerer, answerer.c.id == asked.c.answered_by)
        .outerjoin(absent, absent.c.id == asked.c.answered_for)
        .where(kept.of_case(case_id))
        .order_by(asked.c.number)
    )  # fmt: skip
    if of_task is not None:
        found = found.where(asked.c.of_task == of_task)
    return tuple(_line(row) for row in db.execute(found))


def _line(row: Any) -> AskedLine:
    return AskedLine(
        number=row.number, round=row.round, kind=Kind(row.kind), of_task=row.of_task, task_number=row.task_number,
        behind=row.behind, after=bool(row.after), post=Name(row.post_en, row.post_zh),
        department=Name(row.department_en, row.department_zh), department_id=row.department_id,
        person=_name(row.person_en, row.person_zh),
        person_id=row.person_id, asked_by=Name(row.asker_en, row.asker_zh),
        asked_by_id=row.asked_by, at=row.at, due_at=row.due_at, words=row.words,
        outcome=None if row.outcome is None else Outcome(row.outcome), answer=row.answer,
        answered_by=_name(row.answerer_en, row.answerer_zh), answered_for=_name(row.absent_en, row.absent_zh),
        answered_at=row.answered_at, again=row.again,
    )  # fmt: skip


def _name(en: str | None, zh: str | None) -> Text | None:
    return None if en is None or zh is None else Name(en, zh)


def ballots_in(db: Connection, case_id: int, lines: Sequence[AskedLine]) -> tuple[Ballot, ...]:
    """The votes of a case whose lines are known, in the order opened. No statement where there are none."""
    if not any(one.kind is Kind.VOTE for one in lines):
        return ()
    opener, closer = persons.alias("opener"), persons.alias("closer")
    rows = db.execute(
        select(
            ballots, posts.c.name_en.label("post_en"), posts.c.name_zh.label("post_zh"),
            opener.c.name_en.label("opener_en"), opener.c.name_zh.label("opener_zh"),
            closer.c.name_en.label("closer_en"), closer.c.name_zh.label("closer_zh"),
        )
        .join(posts, posts.c.id == ballots.c.post_id)
        .join(opener, opener.c.id == ballots.c.opened_by)
        .outerjoin(closer, closer.c.id == ballots.c.closed_by)
        .where(ballots.c.office_id == OFFICE, ballots.c.case_id == case_id)
        .order_by(ballots.c.round)
    )  # fmt: skip
    return tuple(_ballot(row, [one for one in lines if one.round == row.round]) for row in rows)


def _ballot(row: Any, votes: Sequence[AskedLine]) -> Ballot:
    quorum, majority = voting.quorum_or_usual(row.quorum), voting.majority_or_usual(row.majority)
    count = rules.counted([one.outcome for one in votes])
    return Ballot(
        case_id=row.case_id, round=row.round, of_task=row.of_task, committee=Name(row.post_en, row.post_zh),
        question=row.question, quorum=voting.quorum_in_words(quorum), majority=voting.majority_in_words(majority),
        opened_by=Name(row.opener_en, row.opener_zh), opened_at=row.opened_at,
        closed_by=_name(row.closer_en, row.closer_zh), closed_at=row.closed_at,
        adopted=None if row.adopted is None else bool(row.adopted), why=row.why, count=count,
        needed=voting.needed_present(quorum, count.members), votes=tuple(votes),
    )  # fmt: skip


def ballot(db: Connection, case_id: int, round_number: int) -> Ballot:
    """Of a case that the person may see. Raises NotFound."""
    found = next((one for one in ballots_in(db, case_id, asked_in(db, case_id)) if one.round == round_number), None)
    if found is None:
        raise NotFound(what=VOTE)
    return found


@frozen
class CopyLine:
    """A copy as listed. `to_post` where it went to everybody of a post."""

    case_id: int
    number: int
    case_number: str
    matter: str
    applicant: str
    procedure: str
    sent_by: Text
    to_post: Text | None
    at: datetime
    words: str
    read_at: datetime | None


def _mine(actor: Actor) -> Any:
    return and_(
        copies.c.office_id == OFFICE, or_(copies.c.person_id == actor.person_id, copies.c.post_id.in_(actor.post_ids))
    )


def _read_by(actor: Actor) -> Any:
    return and_(
        copies_read.c.office_id == copies.c.office_id, copies_read.c.person_id == actor.person_id,
        copies_read.c.case_id == copies.c.case_id, copies_read.c.number == copies.c.number,
    )  # fmt: skip


def copies_for(
    db: Connection, *, actor: Actor, unread: bool = False, before: datetime | None = None, limit: int = 50
) -> tuple[CopyLine, ...]:
    """Sent to me or to one of my posts, newest first; `before` continues behind the last one shown."""
    found = (
        select(
            copies.c.case_id, copies.c.number, copies.c.at, copies.c.words, cases.c.number.label("case_number"),
            cases.c.matter, cases.c.applicant, procedures.c.name.label("procedure"),
            persons.c.name_en, persons.c.name_zh, posts.c.name_en.label("post_en"), posts.c.name_zh.label("post_zh"),
            copies_read.c.at.label("read_at"),
        )
        .join(cases, and_(cases.c.office_id == copies.c.office_id, cases.c.id == copies.c.case_id))
        .join(procedures, procedures.c.id == cases.c.procedure_id)
        .join(persons, persons.c.id == copies.c.sent_by)
        .outerjoin(posts, posts.c.id == copies.c.post_id)
        .outerjoin(copies_read, _read_by(actor))
        .where(_mine(actor))
        .order_by(copies.c.at.desc(), copies.c.case_id.desc(), copies.c.number)
        .limit(limit)
    )  # fmt: skip
    if unread:
        found = found.where(copies_read.c.at.is_(None))
    if before is not None:
        found = found.where(copies.c.at < before)
    return tuple(
        CopyLine(
            row.case_id, row.number, row.case_number, row.matter, row.applicant, row.procedure,
            Name(row.name_en, row.name_zh), _name(row.post_en, row.post_zh), row.at, row.words, row.read_at,
        )
        for row in db.execute(found)
    )  # fmt: skip


def count_unread(db: Connection, *, actor: Actor) -> int:
    """Capped at 1000."""
    return db.scalar(select(unread_copies(actor))) or 0


def unread_copies(actor: Actor) -> Any:
    """The same, as part of another statement."""
    unread = select(copies.c.number).where(_mine(actor), ~exists().where(_read_by(actor))).limit(_MOST_COUNTED)
    return select(func.count()).select_from(unread.subquery()).scalar_subquery()


def copies_in(db: Connection, case_id: int) -> tuple[tuple[Text, Text, datetime, str], ...]:
    """To whom, from whom, when and with what words, of a case that the person may see."""
    receiver = persons.alias("receiver")
    rows = db.execute(
        select(
            copies.c.at, copies.c.words, persons.c.name_en, persons.c.name_zh, posts.c.name_en.label("post_en"),
            posts.c.name_zh.label("post_zh"), receiver.c.name_en.label("person_en"),
            receiver.c.name_zh.label("person_zh"),
        )
        .join(persons, persons.c.id == copies.c.sent_by)
        .outerjoin(posts, posts.c.id == copies.c.post_id)
        .outerjoin(receiver, receiver.c.id == copies.c.person_id)
        .where(copies.c.office_id == OFFICE, copies.c.case_id == case_id)
        .order_by(copies.c.number)
    )  # fmt: skip
    return tuple(
        (
            _name(row.person_en, row.person_zh) or Name(row.post_en, row.post_zh), Name(row.name_en, row.name_zh),
            row.at, row.words,
        )
        for row in rows
    )  # fmt: skip


def unread_in(db: Connection, *, actor: Actor, case_id: int) -> tuple[int, ...]:
    """Numbers of the copies of one case that the person has not marked as read."""
    return tuple(
        db.scalars(
            select(copies.c.number).where(_mine(actor), copies.c.case_id == case_id, ~exists().where(_read_by(actor)))
        )
    )
