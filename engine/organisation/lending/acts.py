"""A supervisor lends somebody to a post for a time, and ends it early."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.text import Name
from engine.organisation import reads
from engine.organisation.lending import rules
from engine.organisation.lending.reads import lendable_in, must_be_lendable
from engine.organisation.rules import Actor, AlreadyHeld, Period, PersonLeft, rights_of
from engine.organisation.tables import departments, holdings, loans, offices, persons, posts
from engine.records.journal import Chain, write


def lend_post(
    db: Connection, *, by: Actor, person_id: int, post_id: int, until_day: date | None, reason: str,
    from_day: date | None = None,
) -> int:  # fmt: skip
    """A holding like any other, that ends by itself after `until_day`. Given again for the same days, it is the one there is.

    Raises PostMissing, NotYoursToLend, RightsNotLent, SupervisionNotLent, NotToYourself, PersonMissing, LendFrom,
    LendUntil, LendReason, PersonLeft, AlreadyHeld.
    """
    office = _office(db)
    post = _post(db, by, post_id)
    if person_id == by.person_id:
        raise rules.NotToYourself()
    first = rules.fit_from(from_day, reads.today(db))
    until, why = rules.fit_until(first, until_day), rules.fit_reason(reason)
    person = db.execute(select(persons).where(persons.c.id == person_id)).first()
    if person is None:
        raise rules.PersonMissing()
    if person.left_on is not None and until > person.left_on:
        raise PersonLeft(person=Name(person.name_en, person.name_zh), day=person.left_on)
    there = _must_be_free(db, person, post, Period(first, until))
    if there is not None:
        return there
    made: int = db.execute(
        insert(holdings)
        .values(person_id=person_id, post_id=post_id, from_day=first, until_day=until)
        .returning(holdings.c.id)
    ).scalar_one()
    db.execute(insert(loans).values(holding_id=made, lent_by=by.person_id, lent_at=clock.now(), reason=why))
    facts = {"holding": made, "person": person_id, "post": post_id, "from": first, "until": until, "reason": why}
    _note(db, office, by, "lend_post", facts)
    return made


def end_loan(db: Connection, *, by: Actor, holding_id: int, reason: str) -> date | None:
    """Yesterday was its last day; of one that begins today it is today, and one that would only begin is taken back.

    That day; None where it had been ended so already. Raises NotLent, NotYoursToLend, SupervisionNotLent, LoanEndReason.
    """
    office = _office(db)
    held = db.execute(
        select(holdings).join(loans, loans.c.holding_id == holdings.c.id).where(holdings.c.id == holding_id)
    ).first()
    if held is None:
        if db.scalar(select(holdings.c.id).where(holdings.c.id == holding_id)) is None:
            return None  # taken back before it began
        raise rules.NotLent()
    _post(db, by, held.post_id)
    why = rules.fit_reason(reason, rules.LoanEndReason)
    today = reads.today(db)
    last = rules.last_day(held.from_day, today)
    if held.from_day <= today and held.until_day is not None and held.until_day <= last:
        return None
    if held.from_day > today:
        db.execute(delete(loans).where(loans.c.holding_id == holding_id))
        db.execute(delete(holdings).where(holdings.c.id == holding_id))
    else:
        db.execute(update(holdings).where(holdings.c.id == holding_id).values(until_day=last))
    facts = {"holding": holding_id, "person": held.person_id, "post": held.post_id, "until": last,
             "until_before": held.until_day, "reason": why}  # fmt: skip
    _note(db, office, by, "end_loan", facts)
    return last


def _must_be_free(
    db: Connection, person: Row[*tuple[Any, ...]], post: Row[*tuple[Any, ...]], period: Period
) -> int | None:
    """The same loan, where it was given already."""
    rows = db.execute(
        select(holdings, loans.c.lent_by)
        .outerjoin(loans, loans.c.holding_id == holdings.c.id)
        .where(holdings.c.person_id == person.id, holdings.c.post_id == post.id)
    )
    for held in rows:
        there = Period(held.from_day, held.until_day)
        if there == period and held.lent_by is not None:
            found: int = held.id
            return found
        if period.overlaps(there):
            raise AlreadyHeld(
                person=Name(person.name_en, person.name_zh), post=Name(post.name_en, post.name_zh),
                from_day=held.from_day,
            )  # fmt: skip
    return None


def _post(db: Connection, by: Actor, post_id: int) -> Row[*tuple[Any, ...]]:
    post = db.execute(
        select(posts, departments.c.parent_id)
        .join(departments, departments.c.id == posts.c.department_id)
        .where(posts.c.id == post_id)
    ).first()
    if post is None:
        raise rules.PostMissing()
    name = Name(post.name_en, post.name_zh)
    if post.department_id not in lendable_in(db, by):
        raise rules.NotYoursToLend(post=name)
    must_be_lendable(
        db, by, post=name, rights=rights_of(post.rights), department_id=post.department_id, parent_id=post.parent_id
    )
    return post


def _office(db: Connection) -> Row[*tuple[Any, ...]]:
    """Locked: one change of the organisation follows another."""
    return db.execute(select(offices).where(offices.c.id == OFFICE).with_for_update()).one()


def _note(db: Connection, office: Row[*tuple[Any, ...]], by: Actor, act: str, facts: dict[str, Any]) -> None:
    chain = write(
        db, Chain(office.chain, office.chain_length, office.chain_head), act=act, by=by.person_id, facts=facts
    )
    db.execute(update(offices).where(offices.c.id == OFFICE).values(chain_length=chain.length, chain_head=chain.head))
