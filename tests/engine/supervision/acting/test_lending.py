"""Somebody is added to a post for a time, by whoever supervises it, and it ends by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.base.database import Database
from engine.base.errors import NotAllowed
from engine.notices.tables import notices
from engine.organisation import acts as organisation
from engine.organisation import reads as organisation_reads
from engine.organisation.lending import rules
from engine.organisation.lending.reads import lendable_posts, loans_of
from engine.organisation.rules import AlreadyHeld, Right
from engine.records.verify import first_broken
from engine.supervision.acting import acts
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.worlds import every_head

WHY = "Two of three are ill."


def _lend(database: Database, office: SmallOffice, by: str, who: str, post: str, days: int | None = 6) -> int:
    with database.writing() as db:
        until = None if days is None else organisation_reads.today(db) + timedelta(days=days)
        return acts.lend(
            db, by=office.actor(db, by), person_id=office.persons[who], post_id=office.posts[post], until_day=until,
            reason=WHY,
        )  # fmt: skip


def test_it_is_held_until_the_last_day_and_not_after(database: Database, office: SmallOffice, clock: Clock) -> None:
    _lend(database, office, "sun", "li", "reviewer", 6)
    with database.reading() as db:
        assert office.posts["reviewer"] in office.actor(db, "li").post_ids
        (loan,) = loans_of(db, actor=office.actor(db, "zhou"))
        assert (loan.person_id, loan.reason) == (office.persons["li"], WHY)
        told = db.scalars(select(notices.c.kind).where(notices.c.person_id == office.persons["li"])).all()
        assert told == ["post_lent"]
        assert first_broken(db, every_head(db)) is None
    clock.advance(days=6)
    with database.reading() as db:
        assert office.posts["reviewer"] in office.actor(db, "li").post_ids
    clock.advance(days=1)
    with database.reading() as db:
        assert office.posts["reviewer"] not in office.actor(db, "li").post_ids
        assert loans_of(db, actor=office.actor(db, "zhou")) == ()


def test_sent_twice_it_is_one(database: Database, office: SmallOffice) -> None:
    assert _lend(database, office, "sun", "li", "reviewer") == _lend(database, office, "sun", "li", "reviewer")
    with database.reading() as db:
        assert len(db.scalars(select(notices.c.id)).all()) == 1


_NOT_LENT = (
    ("sun", "li", "clerk", 6, rules.NotYoursToLend),  # of another department
    ("li", "wang", "clerk", 6, rules.NotYoursToLend),  # supervises nothing
    ("sun", "sun", "reviewer", 6, rules.NotToYourself),
    ("zhou", "li", "administrator", 6, rules.RightsNotLent),
    ("zhou", "li", "designer", 6, rules.RightsNotLent),  # a right the lender has not
    ("sun", "li", "head", 6, rules.SupervisionNotLent),  # nobody makes a second of themselves
    ("sun", "li", "reviewer", None, rules.LendUntil),
    ("sun", "li", "reviewer", 93, rules.LendUntil),
    ("sun", "wang", "reviewer", 6, AlreadyHeld),
)


def test_what_is_not_lent(database: Database, office: SmallOffice) -> None:
    for by, who, post, days, why in _NOT_LENT:
        with pytest.raises(why):
            _lend(database, office, by, who, post, days)


def test_supervising_is_handed_on_from_above_alone(database: Database, office: SmallOffice) -> None:
    """And what was handed on from above is ended there."""
    holding = _lend(database, office, "zhou", "li", "head")
    with database.reading() as db:
        assert office.posts["head"] in office.actor(db, "li").post_ids
        assert [one.may_end for one in loans_of(db, actor=office.actor(db, "zhou"))] == [True]
        assert [one.may_end for one in loans_of(db, actor=office.actor(db, "sun"))] == [False]
        assert {one.name.en for one in lendable_posts(db, actor=office.actor(db, "sun"))} == {"Reviewer"}
    with database.writing() as db, pytest.raises(rules.SupervisionNotLent):
        acts.end_loan(db, by=office.actor(db, "sun"), holding_id=holding, reason=WHY)
    with database.writing() as db:
        assert acts.end_loan(db, by=office.actor(db, "zhou"), holding_id=holding, reason="He is back.")


def test_a_right_held_elsewhere_is_not_handed_on(database: Database, office: SmallOffice) -> None:
    """Whoever designs in one department and supervises another makes nobody a designer there."""
    with database.writing() as db:
        drawing = organisation.add_post(
            db, by=None, department_id=office.departments["review"], code="drawing", name_en="Drawing",
            name_zh="绘图岗", rights={Right.DESIGN},
        )  # fmt: skip
        elsewhere = organisation.add_post(
            db, by=None, department_id=office.departments["counter"], code="elsewhere", name_en="Elsewhere",
            name_zh="别处", rights={Right.DESIGN},
        )  # fmt: skip
        organisation.give_post(db, by=None, person_id=office.persons["sun"], post_id=elsewhere)
        names = {one.post_id for one in lendable_posts(db, actor=office.actor(db, "sun"))}
        assert drawing not in names
        organisation.give_post(db, by=None, person_id=office.persons["sun"], post_id=office.posts["designer"])
        assert drawing in {one.post_id for one in lendable_posts(db, actor=office.actor(db, "sun"))}


def test_a_post_that_approves_is_lent_by_nobody(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        organisation.add_post(
            db, by=None, department_id=office.departments["review"], code="approver", name_en="Approver",
            name_zh="批准岗", rights={Right.APPROVE},
        )  # fmt: skip
    with database.reading() as db:
        names = {one.name.en for one in lendable_posts(db, actor=office.actor(db, "zhou"))}
        assert names == {"Director", "Head of review", "Counter clerk", "Reviewer"} - {"Director"}


def test_it_is_ended_early_with_a_reason(database: Database, office: SmallOffice, clock: Clock) -> None:
    holding = _lend(database, office, "sun", "li", "reviewer")
    clock.advance(days=2)
    with database.writing() as db:
        with pytest.raises(NotAllowed):
            acts.end_loan(db, by=office.actor(db, "li"), holding_id=holding, reason=WHY)
        acts.end_loan(db, by=office.actor(db, "zhou"), holding_id=holding, reason="All are back.")
        assert office.posts["reviewer"] not in office.actor(db, "li").post_ids


def test_a_holding_that_an_administrator_gave_is_not_ended_here(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        held = organisation.give_post(db, by=None, person_id=office.persons["li"], post_id=office.posts["reviewer"])
        with pytest.raises(rules.NotLent):
            acts.end_loan(db, by=office.actor(db, "sun"), holding_id=held, reason=WHY)
