"""What is done at the counter: an application is received, an enquiry is noted, handed on, answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from engine.base import clock
from engine.base.database import OFFICE, new_id
from engine.base.dialects import upserting
from engine.base.errors import NotFound
from engine.cases.acts import Started, start_case
from engine.cases.acts.moving import CASE, Note, keep_note, locked
from engine.cases.clocks.kept import told_what_is_missing
from engine.cases.rules import Applicant
from engine.counter import rules
from engine.counter.papers import asked_for, promised_on, read_papers, written_papers
from engine.counter.reads import ENQUIRY, holds_today
from engine.counter.tables import enquiries, handings, receptions, years
from engine.notices.acts import tell_post
from engine.organisation.reads import office, person_name, post_name
from engine.organisation.rules import Actor
from engine.organisation.tables import posts
from engine.papers.uploads import Uploads
from engine.procedures.reads import in_force
from engine.records.journal import EMPTY, Chain, write


def receive_application(
    db: Connection,
    *,
    by: Actor,
    procedure_id: int,
    matter: str,
    applicant: str,
    contact: str,
    channel: str,
    brought: Collection[int],
    submitted: Mapping[str, Sequence[str]],
    receipt: bytes | None = None,
    uploads: Uploads | None = None,
    applicant_kind: Applicant | None = None,
) -> Started:
    """A case for somebody who came or called. `brought`: places in what `papers.asked_for` lists.

    Raises what start_case raises, and ContactTooLong. The same `receipt` sent twice starts one case.
    """
    rules.must_receive(by)
    reached, came = rules.fit_contact(contact), rules.fit_channel(channel)
    started = start_case(
        db, by=by, procedure_id=procedure_id, matter=matter, applicant=applicant, submitted=submitted, receipt=receipt,
        uploads=uploads, applicant_kind=applicant_kind,
    )  # fmt: skip
    if _received(db, started.case_id):
        return started
    made_ready, _prefix = in_force(db, procedure_id)
    at = clock.now()
    papers = rules.checked(asked_for(db, made_ready), brought)
    due = promised_on(db, made_ready, at)
    db.execute(
        insert(receptions).values(
            office_id=OFFICE, case_id=started.case_id, received_by=by.person_id, contact=reached, channel=came,
            due_on=due, papers=written_papers(papers),
        )
    )  # fmt: skip
    _note_on_case(
        db,
        by,
        started.case_id,
        "receive_application",
        {"channel": came.name.lower(), "missing": [one.en for one in rules.missing(papers)]},
    )
    return started


def note_papers(db: Connection, *, by: Actor, case_id: int, brought: Collection[int]) -> None:
    """Papers that were brought later; what was brought before stays so. `brought`: places in the reception's list."""
    rules.must_receive(by)
    row = _reception(db, case_id)
    before = read_papers(row.papers)
    after = tuple(rules.Paper(one.name, one.brought or place in brought) for place, one in enumerate(before))
    if after == before:
        return
    came = [new.name.en for old, new in zip(before, after, strict=True) if new.brought and not old.brought]
    _change_reception(db, case_id, papers=written_papers(after))
    _note_on_case(db, by, case_id, "note_papers", {"note": "; ".join(came)})


def give_notice(db: Connection, *, by: Actor, case_id: int) -> None:
    """Tells once all that is missing (一次性告知; Administrative Licensing Law, article 32). Raises NoticeGiven, NothingMissing."""
    rules.must_receive(by)
    row = _reception(db, case_id)
    if row.notice_at is not None:
        raise rules.NoticeGiven(at=row.notice_at)
    missing = rules.missing(read_papers(row.papers))
    if not missing:
        raise rules.NothingMissing()
    named = written_papers([rules.Paper(one, False) for one in missing])
    _change_reception(db, case_id, notice_at=clock.now(), notice_by=by.person_id, notice=named)
    told_what_is_missing(db, case_id, clock.now())
    _note_on_case(db, by, case_id, "give_notice", {"note": "; ".join(one.en for one in missing)})


def _received(db: Connection, case_id: int) -> bool:
    found = db.scalar(
        select(receptions.c.case_id).where(receptions.c.office_id == OFFICE, receptions.c.case_id == case_id)
    )
    return found is not None


def _reception(db: Connection, case_id: int) -> Row[*tuple[Any, ...]]:
    locked(db, case_id)
    row = db.execute(
        select(receptions).where(receptions.c.office_id == OFFICE, receptions.c.case_id == case_id)
    ).first()
    if row is None:
        raise NotFound(what=CASE)
    return row


def _change_reception(db: Connection, case_id: int, **values: Any) -> None:
    of_case = receptions.c.office_id == OFFICE, receptions.c.case_id == case_id
    db.execute(update(receptions).where(*of_case).values(**values))


def _note_on_case(db: Connection, by: Actor, case_id: int, act: str, facts: Mapping[str, Any]) -> None:
    keep_note(db, locked(db, case_id), Note(act, by, None, facts))


def note_enquiry(
    db: Connection,
    *,
    by: Actor,
    caller: str,
    contact: str,
    channel: str,
    matter: str,
    receipt: bytes | None = None,
) -> int:
    """Whoever is asked first owns it (首问负责制) until somebody else has accepted it. The same `receipt` notes it once.

    Raises CallerMissing, EnquiryMissing, ContactTooLong, and NotFound where the person holds no post.
    """
    twin = _noted_with(db, receipt)
    if twin is not None:
        return twin
    if not by.posts:
        raise NotFound(what=ENQUIRY)
    who, reached, asked = rules.fit_caller(caller), rules.fit_contact(contact), rules.fit_matter(matter)
    came = rules.fit_channel(channel)
    at = clock.now()
    enquiry_id = new_id()
    number = _next_number(db, at.astimezone(office(db).zone_info).year)
    post = by.posts[0]
    facts = {"number": number, "channel": came.name.lower(), "matter": asked}
    chain = write(db, Chain(enquiry_id, 0, EMPTY), act="note_enquiry", by=by.person_id, post=post.post_id, facts=facts)
    db.execute(
        insert(enquiries).values(
            office_id=OFFICE, id=enquiry_id, number=number, caller=who, contact=reached, channel=came, matter=asked,
            person_id=by.person_id, post_id=post.post_id, department_id=post.department_id, opened_by=by.person_id,
            opened_at=at, receipt=receipt, chain_length=chain.length, chain_head=chain.head,
        )
    )  # fmt: skip
    return enquiry_id


def answer_enquiry(db: Connection, *, by: Actor, enquiry_id: int, answer: str, case_id: int | None = None) -> None:
    """Closes it. An open handing-on ends with it. Raises NotYourEnquiry, EnquiryClosed, AnswerMissing."""
    row = _mine(db, by, enquiry_id)
    said = rules.fit_answer(answer)
    at = clock.now()
    _close_handing(db, row.id, at, None, accepted=False, words="")
    _keep(db, row, by, "answer_enquiry", {"answer": said}, closed_at=at, outcome=said, case_id=case_id)


def hand_on(db: Connection, *, by: Actor, enquiry_id: int, post_id: int, reason: str) -> None:
    """Offers it to a post. It stays the giver's until somebody there accepts it.

    Raises NotYourEnquiry, EnquiryClosed, HandedOnAlready, HandedToOneself, NobodyThere, WhyMissing.
    """
    row = _mine(db, by, enquiry_id)
    why = rules.fit_reason(reason)
    waiting = _waiting(db, enquiry_id)
    if waiting is not None:
        raise rules.HandedOnAlready(number=row.number, post=post_name(db, waiting.to_post_id))
    if db.scalar(select(posts.c.id).where(posts.c.id == post_id)) is None:
        raise NotFound(what=ENQUIRY)
    if post_id in by.post_ids:
        raise rules.HandedToOneself(post=post_name(db, post_id))
    if not holds_today(db, post_id):
        raise rules.NobodyThere(post=post_name(db, post_id))
    last = db.scalar(
        select(func.max(handings.c.number)).where(handings.c.office_id == OFFICE, handings.c.enquiry_id == enquiry_id)
    )
    db.execute(
        insert(handings).values(
            office_id=OFFICE, enquiry_id=enquiry_id, number=(last or 0) + 1, from_person_id=by.person_id,
            to_post_id=post_id, at=clock.now(), reason=why,
        )
    )  # fmt: skip
    _keep(db, row, by, "hand_on_enquiry", {"post": post_id, "reason": why})
    told = {"who": by.name, "number": row.number, "enquiry": enquiry_id, "why": why}
    tell_post(db, post_id=post_id, kind="enquiry_handed", facts=told, except_for=by.person_id)


def accept_enquiry(db: Connection, *, by: Actor, enquiry_id: int) -> None:
    """From now on it is theirs who accepts it. Raises NotHandedToYou."""
    row, waiting = _offered(db, by, enquiry_id)
    post = next(one for one in by.posts if one.post_id == waiting.to_post_id)
    _close_handing(db, enquiry_id, clock.now(), by.person_id, accepted=True, words="")
    _keep(
        db, row, by, "accept_enquiry", {"post": post.post_id},
        person_id=by.person_id, post_id=post.post_id, department_id=post.department_id,
    )  # fmt: skip


def give_back(db: Connection, *, by: Actor, enquiry_id: int, reason: str) -> None:
    """It stays with whoever owns it, who is told why. Raises NotHandedToYou, WhyMissing."""
    row, _waiting_for = _offered(db, by, enquiry_id)
    why = rules.fit_reason(reason)
    _close_handing(db, enquiry_id, clock.now(), by.person_id, accepted=False, words=why)
    _keep(db, row, by, "give_back_enquiry", {"reason": why})


def _locked(db: Connection, enquiry_id: int) -> Row[*tuple[Any, ...]]:
    row = db.execute(
        select(enquiries).where(enquiries.c.office_id == OFFICE, enquiries.c.id == enquiry_id).with_for_update()
    ).first()
    if row is None:
        raise NotFound(what=ENQUIRY)
    return row


def _mine(db: Connection, by: Actor, enquiry_id: int) -> Row[*tuple[Any, ...]]:
    row = _locked(db, enquiry_id)
    if row.closed_at is not None:
        raise rules.EnquiryClosed(number=row.number, person=person_name(db, row.person_id), at=row.closed_at)
    if row.person_id != by.person_id:
        raise rules.NotYourEnquiry(number=row.number, person=person_name(db, row.person_id))
    return row


def _waiting(db: Connection, enquiry_id: int) -> Row[*tuple[Any, ...]] | None:
    return db.execute(
        select(handings.c.to_post_id).where(
            handings.c.office_id == OFFICE, handings.c.enquiry_id == enquiry_id, handings.c.answered_at.is_(None)
        )
    ).first()


def _offered(db: Connection, by: Actor, enquiry_id: int) -> tuple[Row[*tuple[Any, ...]], Row[*tuple[Any, ...]]]:
    row = _locked(db, enquiry_id)
    waiting = _waiting(db, enquiry_id)
    if waiting is None or waiting.to_post_id not in by.post_ids:
        raise rules.NotHandedToYou(number=row.number)
    return row, waiting


def _close_handing(
    db: Connection, enquiry_id: int, at: Any, person_id: int | None, *, accepted: bool, words: str
) -> None:
    db.execute(
        update(handings)
        .where(handings.c.office_id == OFFICE, handings.c.enquiry_id == enquiry_id, handings.c.answered_at.is_(None))
        .values(answered_at=at, answered_by=person_id, accepted=accepted, words=words)
    )


def _keep(
    db: Connection, row: Row[*tuple[Any, ...]], by: Actor, act: str, facts: Mapping[str, Any], **changed: Any
) -> None:
    chain = write(
        db, Chain(row.id, row.chain_length, row.chain_head), act=act, by=by.person_id, post=row.post_id, facts=facts
    )
    db.execute(
        update(enquiries)
        .where(enquiries.c.office_id == OFFICE, enquiries.c.id == row.id)
        .values(chain_length=chain.length, chain_head=chain.head, **changed)
    )


def _next_number(db: Connection, year: int) -> str:
    """EN-2026-0418: the year's row is locked until the enquiry is kept, so no number is lost."""
    insert_into = upserting(db.dialect.name)
    counted = db.execute(
        insert_into(years)
        .values(office_id=OFFICE, year=year, last=1)
        .on_conflict_do_update(index_elements=["office_id", "year"], set_={"last": years.c.last + 1})
        .returning(years.c.last)
    ).scalar_one()
    return f"EN-{year}-{counted:04d}"


def _noted_with(db: Connection, receipt: bytes | None) -> int | None:
    if receipt is None:
        return None
    return db.scalar(select(enquiries.c.id).where(enquiries.c.office_id == OFFICE, enquiries.c.receipt == receipt))
