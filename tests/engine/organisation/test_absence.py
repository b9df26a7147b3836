"""Absences: planned by who may, refused in words, and whoever is the deputy stands in on those days and in that scope."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from engine.base.database import Database
from engine.organisation import acts as organisation
from engine.organisation import sign_in
from engine.organisation.absence import acts, reads, rules
from engine.organisation.rules import PersonLeft
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.counting import counting
from tests.worlds import every_head

TODAY = date(2026, 3, 2)


def _plan(db: Connection, office: SmallOffice, who: str, deputy: str, *, by: str | None = None, **more: Any) -> int:
    days = {"from_day": TODAY, "until_day": TODAY + timedelta(days=4)} | more
    return acts.plan_absence(
        db, by=office.actor(db, by or who), person_id=office.persons[who], deputy_id=office.persons[deputy], **days
    )


def test_the_deputy_stands_in_from_the_first_day_to_the_last(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        _plan(db, office, "li", "wang", from_day=TODAY + timedelta(days=1), until_day=TODAY + timedelta(days=2))
    seen = []
    for _day in range(4):
        with database.reading() as db:
            seen.append([one.person_id for one in office.actor(db, "wang").stands_in])
        clock.advance(days=1)
    assert seen == [[], [office.persons["li"]], [office.persons["li"]], []]


def test_a_session_knows_of_it_in_one_statement(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        sign_in.set_password(db, by=None, person_id=office.persons["wang"], password="a long enough sentence")
        secret, _ = sign_in.sign_in(db, login="wang", password="a long enough sentence")
        _plan(db, office, "li", "wang", post_ids=[office.posts["clerk"]], procedure_ids=[7])
    with counting(database) as counted, database.reading() as db:
        actor = sign_in.actor_of(db, secret)
    assert actor is not None
    assert len(counted.statements) == 1
    (one,) = actor.stands_in
    assert one.covers(office.posts["clerk"], 7)
    assert not one.covers(office.posts["clerk"], 8)
    assert not one.covers(office.posts["reviewer"], 7)
    assert actor.post_ids == {office.posts["reviewer"]}


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"from_day": TODAY - timedelta(days=1)}, rules.AbsenceInThePast),
        ({"from_day": TODAY + timedelta(days=9)}, rules.AbsenceInverted),
        ({"until_day": TODAY + timedelta(days=900)}, rules.AbsenceTooLong),
        ({"deputy": "li"}, rules.OwnDeputy),
        ({"by": "chen"}, rules.NotYoursToPlan),
        ({"by": "sun"}, rules.NotYoursToPlan),
        ({"why": "x" * 300}, rules.WhyTooLong),
    ],
)
def test_what_cannot_be_is_refused(
    database: Database, office: SmallOffice, more: dict[str, Any], refusal: type[Exception]
) -> None:
    with database.writing() as db, pytest.raises(refusal):
        _plan(db, office, "li", **({"deputy": "wang"} | more))


def test_a_post_that_is_not_held_has_no_deputy(database: Database, office: SmallOffice) -> None:
    with database.writing() as db, pytest.raises(rules.PostNotHeld) as refused:
        _plan(db, office, "li", "wang", post_ids=[office.posts["head"]])
    assert "Head of review" in refused.value.say("en")


@pytest.mark.parametrize("by", ["li", "zhou", "guo"])
def test_oneself_a_supervisor_above_and_an_administrator_may(database: Database, office: SmallOffice, by: str) -> None:
    with database.writing() as db:
        made = _plan(db, office, "li", "wang", by=by, why="a course")
    with database.reading() as db:
        assert reads.absence(db, made).why == "a course"
        assert reads.absence(db, made).now
        assert first_broken(db, every_head(db)) is None


def test_two_of_the_same_scope_overlap_and_two_of_different_posts_do_not(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        organisation.give_post(db, by=None, person_id=office.persons["li"], post_id=office.posts["reviewer"])
        _plan(db, office, "li", "wang", post_ids=[office.posts["clerk"]])
        _plan(db, office, "li", "zhao", post_ids=[office.posts["reviewer"]])
        with pytest.raises(rules.AbsenceOverlaps) as refused:
            _plan(db, office, "li", "chen")
    assert "Wang Lei" in refused.value.say("en")


def test_a_deputy_who_is_absent_leaves_or_holds_nothing_is_refused(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        _plan(db, office, "wang", "zhao")
        with pytest.raises(rules.DeputyAbsent):
            _plan(db, office, "li", "wang")
        organisation.person_leaves(db, by=None, person_id=office.persons["chen"], on=TODAY + timedelta(days=2))
        with pytest.raises(rules.DeputyLeft):
            _plan(db, office, "li", "chen")
        with pytest.raises(PersonLeft):
            _plan(db, office, "chen", "li")
        idle = organisation.add_person(db, by=None, login="idle", name_en="Idle", name_zh="闲")
        with pytest.raises(rules.DeputyWithoutPost):
            acts.plan_absence(
                db, by=office.actor(db, "li"), person_id=office.persons["li"], deputy_id=idle, from_day=TODAY,
                until_day=TODAY,
            )  # fmt: skip


def test_a_chain_of_deputies_is_not_followed(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        _plan(db, office, "li", "wang")
        _plan(db, office, "wang", "zhao")
        assert [one.person_id for one in office.actor(db, "zhao").stands_in] == [office.persons["wang"]]
        assert {one.post_id for held in office.actor(db, "zhao").stands_in for one in held.posts} == {
            office.posts["reviewer"]
        }


def test_it_is_changed_and_then_over(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        made = _plan(db, office, "li", "wang")
    clock.advance(days=2)
    with database.writing() as db:
        last = TODAY + timedelta(days=2)
        acts.change_absence(
            db, by=office.actor(db, "li"), absence_id=made, deputy_id=office.persons["zhao"], until_day=last,
            goes_back=False, why="",
        )  # fmt: skip
        assert office.actor(db, "wang").stands_in == ()
        assert len(office.actor(db, "zhao").stands_in) == 1
        assert acts.close_absence(db, by=None, absence_id=made) is None
        assert reads.over(db) == ()
    clock.advance(days=1)
    with database.writing() as db:
        assert reads.over(db) == (made,)
        with pytest.raises(rules.AbsenceOver):
            acts.change_absence(
                db, by=office.actor(db, "li"), absence_id=made, deputy_id=office.persons["zhao"], until_day=last,
                goes_back=False, why="",
            )  # fmt: skip
        assert acts.close_absence(db, by=None, absence_id=made) is not None
        assert acts.close_absence(db, by=None, absence_id=made) is None
