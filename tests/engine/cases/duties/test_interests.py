"""Whoever has declared an interest does nothing in the case, and nobody consents to withdrawing their own."""

from __future__ import annotations

import pytest

from engine.base.database import Database
from engine.base.errors import NotFound
from engine.cases import acts, rules
from engine.cases.duties import acts as duties
from engine.cases.duties.reads import interests_in, interests_of
from engine.cases.duties.rules import (
    ConsentMissing,
    Interest,
    InterestDeclared,
    InterestThere,
    InterestUnfit,
    NotTheirSupervisor,
    keys_of,
)
from engine.organisation.reads import person
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.engine.cases.duties.offices import away, proposal
from tests.worlds import begun, every_head


@pytest.mark.parametrize(
    ("declared", "written"),
    [("王芳", "Wang Fang 王芳"), ("ＷＡＮＧ fang", "Wang Fang 王芳"), ("wang-fang", "Wang Fang"), ("王 芳", "王芳")],
)
def test_one_name_is_known_however_it_is_written(declared: str, written: str) -> None:
    assert keys_of(declared) & keys_of(written)


@pytest.mark.parametrize(("declared", "written"), [("王芳", "王芳芳"), ("Wang Fan", "Wang Fang"), ("", "王芳")])
def test_another_name_is_another_person(declared: str, written: str) -> None:
    assert not keys_of(declared) & keys_of(written)


def test_in_one_case_it_releases_and_keeps_away(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = proposal(db, office)
        li = office.actor(db, "li")
        acts.claim(db, by=li, case_id=case_id, number=1)
        duties.declare_interest(
            db, by=li, person_id=li.person_id, kind=Interest.RELATIVE, words="my aunt", case_id=case_id
        )
        with pytest.raises(InterestDeclared) as refused:
            acts.claim(db, by=li, case_id=case_id, number=1)
        assert "Li Ming" in refused.value.say("en")
        acts.claim(db, by=office.actor(db, "chen"), case_id=case_id, number=1)
        with pytest.raises(InterestDeclared):
            acts.transfer(
                db, by=office.actor(db, "chen"), case_id=case_id, number=1, to_person=li.person_id, reason="busy"
            )
        (line,) = interests_in(db, case_id)
        assert line.person.en == "Li Ming"
        assert first_broken(db, every_head(db)) is None


def test_it_binds_whoever_is_stood_in_for_too(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = proposal(db, office)
        li = office.actor(db, "li")
        duties.declare_interest(
            db, by=li, person_id=li.person_id, kind=Interest.OTHER, words="neighbours", case_id=case_id
        )
        away(db, office, "li", "wang")
        with pytest.raises(InterestDeclared):
            acts.complete_task(db, by=office.actor(db, "wang"), case_id=case_id, number=1, submitted={})


def test_in_an_applicant_it_binds_every_case_now_and_later(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure_id = proposal(db, office, start=False)
        first = begun(db, office, procedure_id).case_id
        li = office.actor(db, "li")
        made = duties.declare_interest(
            db, by=li, person_id=li.person_id, kind=Interest.RELATIVE, words="my aunt", applicant="王芳"
        )
        second = begun(db, office, procedure_id).case_id
        for case_id in (first, second):
            with pytest.raises(InterestDeclared):
                acts.claim(db, by=li, case_id=case_id, number=1)
        assert len(interests_of(db, li.person_id)) == 1
        with pytest.raises(InterestThere):
            duties.declare_interest(
                db, by=li, person_id=li.person_id, kind=Interest.RELATIVE, words="again", applicant="王 芳"
            )
        duties.ask_withdrawal(db, by=li, interest_id=made, why="no longer")
        with pytest.raises(ConsentMissing):
            duties.withdraw_interest(db, by=li, interest_id=made)
        with pytest.raises(ConsentMissing):
            duties.withdraw_interest(db, by=office.actor(db, "sun"), interest_id=made)
        duties.withdraw_interest(db, by=office.actor(db, "zhou"), interest_id=made)
        for case_id in (first, second):
            acts.claim(db, by=li, case_id=case_id, number=1)
        assert first_broken(db, every_head(db)) is None


def test_a_supervisor_notes_it_and_a_colleague_does_not(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = proposal(db, office)
        facts = {"person_id": office.persons["li"], "kind": Interest.PARTY, "words": "seen", "case_id": case_id}
        with pytest.raises(NotTheirSupervisor):
            duties.declare_interest(db, by=office.actor(db, "chen"), **facts)  # type: ignore[arg-type]
        duties.declare_interest(db, by=office.actor(db, "zhou"), **facts)  # type: ignore[arg-type]
        with pytest.raises(InterestDeclared):
            acts.claim(db, by=office.actor(db, "li"), case_id=case_id, number=1)


def test_it_says_in_what_and_in_a_case_that_is_seen(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        li = office.actor(db, "li")
        for more in ({}, {"applicant": " - "}, {"applicant": "x", "case_id": 7}):
            with pytest.raises(InterestUnfit):
                duties.declare_interest(
                    db,
                    by=li,
                    person_id=li.person_id,
                    kind=Interest.OTHER,
                    words="so",
                    **more,
                )
        with pytest.raises(NotFound):
            duties.declare_interest(db, by=li, person_id=li.person_id, kind=Interest.OTHER, words="so", case_id=123_456)


def test_whoever_leaves_hands_over_all_but_what_is_kept_apart(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure_id = proposal(db, office, start=False)
        first = begun(db, office, procedure_id).case_id
        acts.complete_task(db, by=office.actor(db, "chen"), case_id=first, number=1, submitted={})
        acts.claim(db, by=office.actor(db, "li"), case_id=first, number=2)
        second = begun(db, office, procedure_id).case_id
        acts.claim(db, by=office.actor(db, "li"), case_id=second, number=1)
        away(db, office, "li", "wang")
        kept = duties.hand_over_work(
            db, by=office.actor(db, "guo"), person_id=office.persons["li"],
            to={office.posts["clerk"]: office.persons["chen"]},
        )  # fmt: skip
        assert (kept.given, kept.released) == (1, 1)
        (left,) = kept.left
        assert left.task.case_id == first
        assert isinstance(left.why, rules.DutiesApart)
        assert person(db, office.persons["li"]).left_on is not None
        assert office.actor(db, "wang").stands_in == ()
        acts.complete_task(db, by=office.actor(db, "chen"), case_id=second, number=1, submitted={})
        assert first_broken(db, every_head(db)) is None
