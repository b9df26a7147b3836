"""Interests declared and withdrawn (回避)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from engine.base import clock
from engine.base.database import OFFICE, new_id
from engine.base.errors import NotFound
from engine.cases.acts.moving import CASE, Note, keep_note, locked
from engine.cases.acts.work import locked_task
from engine.cases.duties import rules
from engine.cases.duties.reads import INTEREST, must_watch, watches_over
from engine.cases.duties.reassigning import claimed_in, reassign, step_of
from engine.cases.duties.rules import Interest
from engine.cases.duties.tables import interests
from engine.cases.listing import visible_to
from engine.cases.tables import cases
from engine.organisation.kept import on_person
from engine.organisation.reads import person_name
from engine.organisation.rules import Actor


def declare_interest(
    db: Connection,
    *,
    by: Actor,
    person_id: int,
    kind: Interest,
    words: str,
    case_id: int | None = None,
    applicant: str | None = None,
) -> int:
    """In one case, or in an applicant for every case of theirs. What the person had claimed there is released.

    By the person, or noted by whoever supervises them. Raises InterestUnfit, InterestThere, NotTheirSupervisor.
    """
    name = person_name(db, person_id)
    must_watch(db, by, person_id, name)
    said = rules.fit_words(words)
    keys = rules.keys_of(applicant or "")
    if (case_id is None) == (not keys):
        raise rules.InterestUnfit(most=rules.MOST_WORDS)
    if case_id is not None and db.scalar(select(cases.c.id).where(cases.c.id == case_id, visible_to(db, by))) is None:
        raise NotFound(what=CASE)
    made = new_id()
    row = {
        "office_id": OFFICE, "id": made, "person_id": person_id, "kind": kind, "words": said, "case_id": case_id,
        "applicant": " ".join((applicant or "").split()) or None, "keys": _written(keys), "declared_by": by.person_id,
        "declared_at": clock.now(), "asked_why": "", "standing_id": None,
    }  # fmt: skip
    _must_be_new(db, row, name)
    if case_id is not None:
        _bind(db, case_id, row, by)
        return made
    db.execute(insert(interests).values(**row))
    facts = {"interest": made, "kind": kind, "applicant": row["applicant"], "words": said}
    on_person(db, person_id, by, "declare_interest", facts)
    for one in db.execute(
        select(cases.c.id, cases.c.applicant).where(cases.c.office_id == OFFICE, cases.c.ended_at.is_(None))
    ).all():
        if keys & rules.keys_of(one.applicant):
            _bind(db, one.id, {**row, "id": new_id(), "case_id": one.id, "standing_id": made}, by)
    return made


def _written(keys: frozenset[str]) -> str:
    return f" {' '.join(sorted(keys))} " if keys else ""


def _must_be_new(db: Connection, row: dict[str, Any], name: Any) -> None:
    same = interests.c.case_id == row["case_id"]
    if row["case_id"] is None:
        same = interests.c.case_id.is_(None) & (interests.c["keys"] == row["keys"])
    at = db.scalar(
        select(interests.c.declared_at).where(
            interests.c.office_id == OFFICE, interests.c.person_id == row["person_id"], same,
            interests.c.withdrawn_at.is_(None),
        )
    )  # fmt: skip
    if at is not None:
        raise rules.InterestThere(person=name, at=at)


def _bind(db: Connection, case_id: int, row: dict[str, Any], by: Actor) -> None:
    case = locked(db, case_id)
    db.execute(insert(interests).values(**row))
    facts = {"interest": row["id"], "person": row["person_id"], "kind": row["kind"], "words": row["words"]}
    keep_note(db, case, Note("declare_interest", by, None, facts))
    for one in claimed_in(db, case_id):
        task = locked_task(db, case_id, one.number)
        if row["person_id"] in (task.person_id, task.stood_for):
            reassign(db, task, step_of(db, task), None, by, "release_unfit", {"rule": rules.InterestDeclared.__name__})


def ask_withdrawal(db: Connection, *, by: Actor, interest_id: int, why: str) -> None:
    """The person asks that their declaration be withdrawn; it stands until a supervisor consents."""
    row = _standing(db, interest_id)
    if row.person_id != by.person_id:
        raise rules.ConsentMissing()
    asked = rules.fit_words(why)
    db.execute(
        update(interests)
        .where(interests.c.office_id == OFFICE, interests.c.id == interest_id)
        .values(asked_at=clock.now(), asked_why=asked)
    )
    on_person(db, row.person_id, by, "ask_withdrawal", {"interest": interest_id, "why": asked})


def withdraw_interest(db: Connection, *, by: Actor, interest_id: int) -> None:
    """By a supervisor of the person, never by the person. With it goes what it bound in each case. Raises ConsentMissing."""
    row = _standing(db, interest_id)
    if row.person_id == by.person_id or not watches_over(db, by, row.person_id):
        raise rules.ConsentMissing()
    mine = or_(interests.c.id == interest_id, interests.c.standing_id == interest_id)
    bound = db.execute(
        select(interests.c.case_id)
        .join(cases, cases.c.id == interests.c.case_id)
        .where(interests.c.office_id == OFFICE, mine, interests.c.withdrawn_at.is_(None), cases.c.ended_at.is_(None))
        .order_by(interests.c.case_id)
    ).all()
    db.execute(
        update(interests)
        .where(interests.c.office_id == OFFICE, mine, interests.c.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now(), withdrawn_by=by.person_id)
    )
    facts = {"interest": interest_id, "person": row.person_id}
    for one in bound:
        keep_note(db, locked(db, one.case_id), Note("withdraw_interest", by, None, facts))
    on_person(db, row.person_id, by, "withdraw_interest", {"interest": interest_id})


def _standing(db: Connection, interest_id: int) -> Row[*tuple[Any, ...]]:
    row = db.execute(
        select(interests).where(interests.c.office_id == OFFICE, interests.c.id == interest_id).with_for_update()
    ).first()
    if row is None:
        raise NotFound(what=INTEREST)
    if row.withdrawn_at is not None:
        raise rules.InterestNotOpen()
    return row
