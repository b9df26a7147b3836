"""Whoever stands in for somebody decides on an edition in their name, and what keeps the one from it keeps the other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from engine.base.database import Database
from engine.base.errors import NotAllowed
from engine.cases import acts as cases
from engine.cases import inbox
from engine.cases.narrowing import Which
from engine.cases.reads import case as case_page
from engine.control import acts, rules
from engine.organisation import acts as organisation
from engine.organisation.absence import acts as absence
from engine.organisation.reads import today
from engine.procedures.rules import EditionState
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.engine.control.world import Reviewed, drafted
from tests.worlds import every_head


@pytest.fixture
def world(database: Database, office: SmallOffice) -> Reviewed:
    with database.writing() as db:
        return drafted(db, office)


def _away(db: Connection, world: Reviewed, who: str, deputy: str) -> None:
    on = today(db)
    absence.plan_absence(
        db, by=world.by(db, who), person_id=world.office.persons[who], deputy_id=world.office.persons[deputy],
        from_day=on, until_day=on + timedelta(days=4),
    )  # fmt: skip


def test_a_deputy_claims_the_consent_and_gives_it_in_the_name_of_the_absent(
    database: Database, world: Reviewed
) -> None:
    with database.writing() as db:
        case_id = world.submitted(db)
        world.checked(db)
        _away(db, world, "sun", "wang")
        (line,) = inbox.inbox(db, actor=world.by(db, "wang"), which=Which.DEPUTISED)
        cases.claim(db, by=world.by(db, "wang"), case_id=line.case_id, number=line.number)
        (mine,) = [one for one in world.page(db, "wang").turns if one.mine]
        assert mine.why is None
        assert mine.on_behalf is not None
        assert mine.on_behalf.en == "Sun Wei"
        acts.consent(db, by=world.by(db, "wang"), edition_id=world.edition_id, agreed=True, remarks="Fine.")
        (round_,) = world.page(db).rounds
        given = next(one for one in round_.consents if one.department.en == "Review section")
        assert given.agreed
        assert given.person is not None
        assert given.on_behalf is not None
        assert (given.person.en, given.on_behalf.en) == ("Wang Lei", "Sun Wei")
        told = case_page(db, actor=world.by(db, "zhou"), case_id=case_id).record
        assert [one.on_behalf.en for one in told if one.act == "complete_task" and one.on_behalf] == ["Sun Wei"]
        world.consents(db, "zhou")
        (round_,) = world.page(db).rounds
        assert [one.on_behalf for one in round_.consents if one.department.en == "Bureau"] == [None]
        assert first_broken(db, every_head(db)) is None


def test_a_consent_given_for_the_absent_is_not_given_again_by_either(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        world.submitted(db)
        world.checked(db)
        _away(db, world, "sun", "wang")
        acts.consent(db, by=world.by(db, "wang"), edition_id=world.edition_id, agreed=True)
    for login in ("wang", "sun"):
        with database.writing() as db, pytest.raises(rules.AlreadyDecided):
            acts.consent(db, by=world.by(db, login), edition_id=world.edition_id, agreed=False, remarks="No.")


def test_whoever_wrote_in_it_decides_in_nobody_s_name(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        world.submitted(db)
        world.checked(db)
        _away(db, world, "sun", "he")
        assert any(one.mine and one.why for one in world.page(db, "he").turns)
    with database.writing() as db, pytest.raises(rules.AuthorDecides):
        acts.consent(db, by=world.by(db, "he"), edition_id=world.edition_id, agreed=True)


def test_nobody_decides_in_the_name_of_whoever_wrote_in_it(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        organisation.give_post(db, by=None, person_id=office.persons["he"], post_id=office.posts["head"])
        world = drafted(db, office)
        world.submitted(db)
        world.checked(db)
        _away(db, world, "he", "wang")
        (mine,) = [one for one in world.page(db, "wang").turns if one.mine]
        assert mine.why is not None
    with database.writing() as db, pytest.raises(rules.AuthorDecidesFor) as refused:
        acts.consent(db, by=world.by(db, "wang"), edition_id=world.edition_id, agreed=True)
    assert "He Jun" in refused.value.say("en")


def test_a_deputy_checks_and_approves_by_the_right_of_the_post_they_stand_in_for(
    database: Database, world: Reviewed
) -> None:
    with database.writing() as db:
        world.submitted(db)
        _away(db, world, "guo", "wang")
        acts.check(db, by=world.by(db, "wang"), edition_id=world.edition_id)
        world.consents(db)
        with pytest.raises(NotAllowed):
            acts.approve(db, by=world.by(db, "wang"), edition_id=world.edition_id)
        _away(db, world, "zhou", "sun")
        assert acts.approve(db, by=world.by(db, "sun"), edition_id=world.edition_id) is EditionState.IN_FORCE
        (round_,) = world.page(db).rounds
        assert round_.check is not None
        assert round_.check.on_behalf is not None
        assert round_.check.on_behalf.en == "Guo Fang"
        assert round_.approval is not None
        assert round_.approval.on_behalf is not None
        assert round_.approval.on_behalf.en == "Zhou Hong"
