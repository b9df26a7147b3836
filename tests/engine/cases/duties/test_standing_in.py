"""A deputy does what lies with whoever is absent, in their name, and it goes back or stays as was chosen."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from engine.base.database import Database
from engine.cases import acts, inbox, reads, rules
from engine.cases.duties import acts as duties
from engine.cases.duties.rules import DutiesApartInFor
from engine.cases.narrowing import Which
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.cases.duties.offices import TODAY, away, proposal
from tests.worlds import every_head


def _claim(db: Connection, office: SmallOffice, who: str, case_id: int, number: int = 1) -> None:
    acts.claim(db, by=office.actor(db, who), case_id=case_id, number=number)


def _complete(db: Connection, office: SmallOffice, who: str, case_id: int, number: int = 1) -> None:
    acts.complete_task(db, by=office.actor(db, who), case_id=case_id, number=number, submitted={})


def _holder(db: Connection, office: SmallOffice, case_id: int, number: int = 1) -> str | None:
    page = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id)
    person = next(one.person_id for one in page.tasks if one.number == number)
    return next((login for login, known in office.persons.items() if known == person), None)


def test_free_work_reaches_the_deputy_who_does_it_in_their_name(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = proposal(db, office)
        with pytest.raises(rules.WrongPost):
            _claim(db, office, "wang", case_id)
        away(db, office, "li", "wang")
        (line,) = inbox.inbox(db, actor=office.actor(db, "wang"), which=Which.DEPUTISED)
        assert line.case_id == case_id
        assert reads.task(db, actor=office.actor(db, "wang"), case_id=case_id, number=1).may_work
        _claim(db, office, "wang", case_id)
        _complete(db, office, "wang", case_id)
        page = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id)
        told = {one.act: one.on_behalf for one in page.record}
        assert told["claim"] is not None
        assert told["claim"].en == "Li Ming"
        assert told["complete_task"] == told["claim"]
        assert told["start_case"] is None
        assert page.tasks[0].on_behalf == told["claim"]
        assert first_broken(db, every_head(db)) is None


def test_what_the_absent_had_claimed_is_opened_claimed_over_and_completed(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        case_id = proposal(db, office)
        _claim(db, office, "li", case_id)
        away(db, office, "li", "wang")
        page = reads.task(db, actor=office.actor(db, "wang"), case_id=case_id, number=1)
        assert page.may_work
        assert page.on_behalf is not None
        with pytest.raises(rules.ClaimedBySomebody):
            _claim(db, office, "chen", case_id)
        _claim(db, office, "wang", case_id)
        assert _holder(db, office, case_id) == "wang"
        _complete(db, office, "wang", case_id)


def test_it_is_completed_without_being_claimed_over_too(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = proposal(db, office)
        _claim(db, office, "li", case_id)
        away(db, office, "li", "chen")
        _complete(db, office, "chen", case_id)
        page = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id)
        assert page.tasks[0].on_behalf is not None
        assert page.tasks[0].on_behalf.en == "Li Ming"


@pytest.mark.parametrize("second", ["li", "wang"])
def test_what_is_done_in_a_name_binds_both(database: Database, office: SmallOffice, second: str) -> None:
    """Wang proposed for Li: neither Li, back again, nor Wang for somebody else may check."""
    with database.writing() as db:
        case_id = proposal(db, office)
        first = away(db, office, "li", "wang")
        _complete(db, office, "wang", case_id)
        duties.end_absence(db, by=office.actor(db, "li"), absence_id=first)
        if second == "wang":
            away(db, office, "chen", "wang")
        with pytest.raises(rules.DutiesApart):
            _claim(db, office, second, case_id, 2)


def test_the_deputy_of_whoever_proposed_does_not_check_in_their_name(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = proposal(db, office)
        _complete(db, office, "li", case_id)
        away(db, office, "li", "wang")
        with pytest.raises(DutiesApartInFor) as refused:
            _complete(db, office, "wang", case_id, 2)
        assert "Li Ming" in refused.value.say("en")
        assert "Propose" in refused.value.say("en")
        _complete(db, office, "chen", case_id, 2)


@pytest.mark.parametrize(("goes_back", "holder"), [(True, "li"), (False, "wang")])
@pytest.mark.parametrize("early", [True, False])
def test_what_was_begun_goes_back_or_stays(
    database: Database, office: SmallOffice, clock: Clock, goes_back: bool, holder: str, early: bool
) -> None:
    with database.writing() as db:
        case_id = proposal(db, office)
        made = away(db, office, "li", "wang", days=1, goes_back=goes_back)
        _claim(db, office, "wang", case_id)
    if early:
        with database.writing() as db:
            duties.end_absence(db, by=office.actor(db, "li"), absence_id=made)
    else:
        clock.advance(days=1)
        with database.writing() as db:
            assert not duties.absence_over(db, absence_id=made)
        clock.advance(days=1)
        with database.writing() as db:
            assert duties.absence_over(db, absence_id=made)
            assert not duties.absence_over(db, absence_id=made)
    with database.writing() as db:
        assert _holder(db, office, case_id) == holder
        assert reads.task(db, actor=office.actor(db, holder), case_id=case_id, number=1).may_work
        _complete(db, office, holder, case_id)
        assert first_broken(db, every_head(db)) is None


def test_between_the_last_day_and_the_return_the_deputy_does_nothing_more(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        case_id = proposal(db, office)
        away(db, office, "li", "wang", days=0)
        _claim(db, office, "wang", case_id)
    clock.advance(days=1)
    with database.writing() as db, pytest.raises(rules.WrongPost):
        _complete(db, office, "wang", case_id)


def test_another_deputy_takes_up_what_the_first_one_had(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = proposal(db, office)
        made = away(db, office, "li", "wang")
        _claim(db, office, "wang", case_id)
        line = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id)
        assert line.tasks[0].on_behalf is not None
        duties.change_absence(
            db, by=office.actor(db, "li"), absence_id=made, deputy_id=office.persons["zhao"],
            until_day=TODAY, goes_back=True,
        )  # fmt: skip
        assert _holder(db, office, case_id) == "li"
        with pytest.raises(rules.WrongPost):
            _complete(db, office, "wang", case_id)
        _complete(db, office, "zhao", case_id)


def test_other_procedures_stay_with_the_post(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = proposal(db, office)
        away(db, office, "li", "wang", procedure_ids=[10_000])
        with pytest.raises(rules.WrongPost):
            _claim(db, office, "wang", case_id)
