"""What can be asked at the counter: what is mine to answer, one enquiry, a receipt, where a case stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, exists, false, func, or_, select

from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.cases.acts.moving import CASE
from engine.cases.clocks.explained import CaseClock, clocks_told
from engine.cases.tables import awaited, cases, incidents, tasks, timers
from engine.counter import rules
from engine.counter.papers import read_papers
from engine.counter.rules import Channel, Paper
from engine.counter.tables import enquiries, handings, receptions
from engine.organisation.reads import today
from engine.organisation.rules import Actor
from engine.organisation.tables import departments, holdings, persons, posts
from engine.procedures.reads import supervised_departments
from engine.procedures.tables import procedures
from engine.records.journal import Chain

ENQUIRY: Final = Text(en="enquiry", zh="咨询")
_LATEST: Final = 20
_MOST_FOUND: Final = 20


@frozen
class EnquiryLine:
    enquiry_id: int
    number: str
    caller: str
    matter: str
    opened_at: datetime
    closed_at: datetime | None
    owner: Text
    department: Text
    handed_to: Text | None  # the post it waits at to be accepted


@frozen
class Handing:
    number: int
    giver: Text
    post: Text
    department: Text
    at: datetime
    reason: str
    answered_at: datetime | None
    answered_by: Text | None
    accepted: bool
    words: str


@frozen
class EnquiryPage:
    line: EnquiryLine
    channel: Text
    contact: str
    opened_by: Text
    post: Text
    outcome: str | None
    case_id: int | None
    case_number: str | None
    handings: tuple[Handing, ...]  # oldest first
    mine: bool
    offered: bool  # it waits for one of the person's posts to accept it


@frozen
class Counter:
    """What waits for the person: theirs to answer, and what others hand to their posts."""

    mine: tuple[EnquiryLine, ...]
    offered: tuple[EnquiryLine, ...]
    closed: tuple[EnquiryLine, ...]  # the latest that they answered


@frozen
class Receipt:
    case_id: int
    number: str
    procedure: str
    matter: str
    applicant: str
    contact: str
    channel: Text
    received_at: datetime
    received_by: Text
    post: Text | None
    due_on: date | None
    papers: tuple[Paper, ...]
    notice_at: datetime | None
    notice_by: Text | None
    told: tuple[Paper, ...]  # what the notice named
    ended_at: datetime | None

    @property
    def missing(self) -> tuple[Text, ...]:
        return rules.missing(self.papers)


@frozen
class CaseStands:
    """What may be told to whoever asks: nothing of the answers, and no person's name but the applicant's own."""

    case_id: int
    number: str
    applicant: str
    matter: str
    procedure: str
    started_at: datetime
    ended_at: datetime | None
    cancelled: bool
    at: tuple[Text, ...]  # departments it lies with; none where it waits for a date, a message or has ended
    waits: bool
    due_on: date | None
    received_here: bool
    clock: CaseClock | None = None  # what is promised, or set by law, as it stands and why


def counter(db: Connection, *, actor: Actor) -> Counter:
    """Oldest first: who has waited longest is answered first."""
    mine = _lines(db, _listed().where(enquiries.c.person_id == actor.person_id, enquiries.c.closed_at.is_(None)))
    closed = _listed(newest=True).where(enquiries.c.person_id == actor.person_id, enquiries.c.closed_at.is_not(None))
    return Counter(mine=mine, offered=_offered(db, actor), closed=_lines(db, closed.limit(_LATEST)))


def _offered(db: Connection, actor: Actor) -> tuple[EnquiryLine, ...]:
    if not actor.post_ids:
        return ()
    return _lines(db, _listed().where(handings.c.to_post_id.in_(actor.post_ids)))


def enquiry(db: Connection, *, actor: Actor, enquiry_id: int) -> EnquiryPage:
    """For its owner, whoever took part, and supervisors of the owner's department; NotFound for everybody else."""
    opener = persons.alias("opener")
    row = db.execute(
        _listed()
        .add_columns(
            enquiries.c.contact, enquiries.c.channel, enquiries.c.outcome, enquiries.c.case_id, enquiries.c.person_id,
            enquiries.c.opened_by, posts.c.name_en.label("own_en"), posts.c.name_zh.label("own_zh"),
            opener.c.name_en.label("opener_en"), opener.c.name_zh.label("opener_zh"),
            cases.c.number.label("case_number"), handings.c.to_post_id,
        )
        .join(posts, posts.c.id == enquiries.c.post_id)
        .join(opener, opener.c.id == enquiries.c.opened_by)
        .outerjoin(cases, (cases.c.office_id == OFFICE) & (cases.c.id == enquiries.c.case_id))
        .where(enquiries.c.id == enquiry_id, _visible_to(db, actor))
    ).first()  # fmt: skip
    if row is None:
        raise NotFound(what=ENQUIRY)
    return EnquiryPage(
        line=_line(row),
        channel=rules.CHANNELS[Channel(row.channel)],
        contact=row.contact,
        opened_by=Name(row.opener_en, row.opener_zh),
        post=Name(row.own_en, row.own_zh),
        outcome=row.outcome,
        case_id=row.case_id,
        case_number=row.case_number,
        handings=_handings(db, enquiry_id),
        mine=row.closed_at is None and row.person_id == actor.person_id,
        offered=row.to_post_id is not None and row.to_post_id in actor.post_ids,
    )


def _visible_to(db: Connection, actor: Actor) -> ColumnElement[bool]:
    took_part = exists().where(
        handings.c.office_id == OFFICE,
        handings.c.enquiry_id == enquiries.c.id,
        or_(
            handings.c.from_person_id == actor.person_id,
            handings.c.answered_by == actor.person_id,
            handings.c.to_post_id.in_(actor.post_ids),
        ),
    ).correlate(enquiries)  # fmt: skip
    watched = supervised_departments(db, actor)
    return or_(
        enquiries.c.person_id == actor.person_id,
        enquiries.c.opened_by == actor.person_id,
        took_part,
        enquiries.c.department_id.in_(watched) if watched else false(),
    )


def _listed(*, newest: bool = False) -> Select[Any]:
    """Each with the handing-on that is open, where one is."""
    to = posts.alias("handed_to")
    order = enquiries.c.closed_at.desc() if newest else enquiries.c.opened_at
    return (
        select(
            enquiries.c.id, enquiries.c.number, enquiries.c.caller, enquiries.c.matter, enquiries.c.opened_at,
            enquiries.c.closed_at, persons.c.name_en, persons.c.name_zh,
            departments.c.name_en.label("department_en"), departments.c.name_zh.label("department_zh"),
            to.c.name_en.label("to_en"), to.c.name_zh.label("to_zh"),
        )
        .join(persons, persons.c.id == enquiries.c.person_id)
        .join(departments, departments.c.id == enquiries.c.department_id)
        .outerjoin(
            handings,
            (handings.c.office_id == OFFICE)
            & (handings.c.enquiry_id == enquiries.c.id)
            & handings.c.answered_at.is_(None),
        )
        .outerjoin(to, to.c.id == handings.c.to_post_id)
        .where(enquiries.c.office_id == OFFICE)
        .order_by(order, enquiries.c.id)
        .limit(200)
    )  # fmt: skip


def _lines(db: Connection, query: Select[Any]) -> tuple[EnquiryLine, ...]:
    return tuple(_line(row) for row in db.execute(query))


def _line(row: Row[*tuple[Any, ...]]) -> EnquiryLine:
    return EnquiryLine(
        enquiry_id=row.id, number=row.number, caller=row.caller, matter=row.matter, opened_at=row.opened_at,
        closed_at=row.closed_at, owner=Name(row.name_en, row.name_zh),
        department=Name(row.department_en, row.department_zh),
        handed_to=Name(row.to_en, row.to_zh) if row.to_en else None,
    )  # fmt: skip


def _handings(db: Connection, enquiry_id: int) -> tuple[Handing, ...]:
    giver, taker = persons.alias("giver"), persons.alias("taker")
    rows = db.execute(
        select(
            handings, giver.c.name_en.label("giver_en"), giver.c.name_zh.label("giver_zh"),
            taker.c.name_en.label("taker_en"), taker.c.name_zh.label("taker_zh"),
            posts.c.name_en.label("post_en"), posts.c.name_zh.label("post_zh"),
            departments.c.name_en.label("department_en"), departments.c.name_zh.label("department_zh"),
        )
        .join(giver, giver.c.id == handings.c.from_person_id)
        .outerjoin(taker, taker.c.id == handings.c.answered_by)
        .join(posts, posts.c.id == handings.c.to_post_id)
        .join(departments, departments.c.id == posts.c.department_id)
        .where(handings.c.office_id == OFFICE, handings.c.enquiry_id == enquiry_id)
        .order_by(handings.c.number)
    )  # fmt: skip
    return tuple(
        Handing(
            row.number, Name(row.giver_en, row.giver_zh), Name(row.post_en, row.post_zh),
            Name(row.department_en, row.department_zh), row.at, row.reason, row.answered_at,
            Name(row.taker_en, row.taker_zh) if row.taker_en else None, bool(row.accepted), row.words or "",
        )
        for row in rows
    )  # fmt: skip


def holds_today(db: Connection, post_id: int) -> bool:
    """Whether anybody holds the post today."""
    day = today(db)
    found = db.execute(
        select(holdings.c.id)
        .join(persons, persons.c.id == holdings.c.person_id)
        .where(
            holdings.c.post_id == post_id,
            holdings.c.from_day <= day,
            or_(holdings.c.until_day.is_(None), holdings.c.until_day >= day),
            or_(persons.c.left_on.is_(None), persons.c.left_on > day),
        )
        .limit(1)
    )
    return found.first() is not None


def receipt(db: Connection, *, actor: Actor, case_id: int) -> Receipt:
    """For those who receive applications. Raises ReceivedElsewhere."""
    rules.must_receive(actor)
    clerk, noticed = persons.alias("clerk"), persons.alias("noticed")
    row = db.execute(
        select(
            receptions, cases.c.number, cases.c.matter, cases.c.applicant, cases.c.started_at, cases.c.ended_at,
            procedures.c.name.label("procedure"), clerk.c.name_en, clerk.c.name_zh,
            noticed.c.name_en.label("noticed_en"), noticed.c.name_zh.label("noticed_zh"),
        )
        .select_from(cases)
        .join(procedures, procedures.c.id == cases.c.procedure_id)
        .outerjoin(receptions, (receptions.c.office_id == OFFICE) & (receptions.c.case_id == cases.c.id))
        .outerjoin(clerk, clerk.c.id == receptions.c.received_by)
        .outerjoin(noticed, noticed.c.id == receptions.c.notice_by)
        .where(cases.c.office_id == OFFICE, cases.c.id == case_id)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound(what=CASE)
    if row.received_by is None:
        raise rules.ReceivedElsewhere(case=row.number)
    own = next((post.name for post in actor.posts if row.received_by == actor.person_id), None)
    return Receipt(
        case_id=case_id, number=row.number, procedure=row.procedure, matter=row.matter, applicant=row.applicant,
        contact=row.contact, channel=rules.CHANNELS[Channel(row.channel)], received_at=row.started_at,
        received_by=Name(row.name_en, row.name_zh), post=own, due_on=row.due_on, papers=read_papers(row.papers),
        notice_at=row.notice_at, notice_by=Name(row.noticed_en, row.noticed_zh) if row.noticed_en else None,
        told=read_papers(row.notice) if row.notice else (),
        ended_at=row.ended_at,
    )  # fmt: skip


def where_cases_stand(db: Connection, *, actor: Actor, words: str) -> tuple[CaseStands, ...]:
    """By a whole case number, or a part of the applicant's name or the matter; newest first. Raises TooShort."""
    rules.must_receive(actor)
    looked_for = rules.fit_looked_for(words)
    rows = _cases_by(db, cases.c.number == looked_for.upper())
    if not rows:
        pattern = "%" + looked_for.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        rows = _cases_by(
            db, or_(cases.c.applicant.ilike(pattern, escape="\\"), cases.c.matter.ilike(pattern, escape="\\"))
        )
    ids = [row.id for row in rows]
    lies, waits, told = _departments_of(db, ids), _waiting_of(db, ids), clocks_told(db, ids)
    return tuple(
        CaseStands(
            case_id=row.id, number=row.number, applicant=row.applicant, matter=row.matter, procedure=row.procedure,
            started_at=row.started_at, ended_at=row.ended_at, cancelled=row.ended_how is not None,
            at=tuple(lies.get(row.id, ())), waits=row.id in waits, due_on=row.due_on,
            received_here=row.received_by is not None, clock=told.get(row.id),
        )
        for row in rows
    )  # fmt: skip


def _cases_by(db: Connection, condition: ColumnElement[bool]) -> Sequence[Row[*tuple[Any, ...]]]:
    return db.execute(
        select(
            cases.c.id, cases.c.number, cases.c.applicant, cases.c.matter, cases.c.started_at, cases.c.ended_at,
            cases.c.ended_how, procedures.c.name.label("procedure"), receptions.c.due_on, receptions.c.received_by,
        )
        .join(procedures, procedures.c.id == cases.c.procedure_id)
        .outerjoin(receptions, (receptions.c.office_id == OFFICE) & (receptions.c.case_id == cases.c.id))
        .where(cases.c.office_id == OFFICE, condition)
        .order_by(cases.c.id.desc())
        .limit(_MOST_FOUND)
    ).all()  # fmt: skip


def _departments_of(db: Connection, ids: Sequence[int]) -> dict[int, list[Text]]:
    rows = db.execute(
        select(tasks.c.case_id, departments.c.name_en, departments.c.name_zh, func.min(tasks.c.opened_at).label("since"))
        .join(departments, departments.c.id == tasks.c.department_id)
        .where(tasks.c.office_id == OFFICE, tasks.c.case_id.in_(ids), tasks.c.closed_at.is_(None), tasks.c.kind.is_(None))
        .group_by(tasks.c.case_id, departments.c.id, departments.c.name_en, departments.c.name_zh)
        .order_by("since")
    )  # fmt: skip
    found: dict[int, list[Text]] = {}
    for row in rows:
        found.setdefault(row.case_id, []).append(Name(row.name_en, row.name_zh))
    return found


def _waiting_of(db: Connection, ids: Sequence[int]) -> frozenset[int]:
    """Cases that wait for a date, a message or the end of an incident."""
    looks = [
        select(table.c.case_id).where(
            table.c.office_id == OFFICE, table.c.case_id.in_(ids), table.c.closed_at.is_(None)
        )
        for table in (timers, awaited, incidents)
    ]
    return frozenset(db.scalars(looks[0].union_all(*looks[1:])))


def heads(db: Connection) -> Iterator[Chain]:
    """The heads of all chains of enquiries, for the verifier."""
    rows = db.execute(
        select(enquiries.c.id, enquiries.c.chain_length, enquiries.c.chain_head),
        execution_options={"yield_per": 5000},
    )
    for row in rows:
        yield Chain(row.id, row.chain_length, row.chain_head)
