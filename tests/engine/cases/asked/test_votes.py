"""A committee decides: its members vote, the vote is closed, the result is among the answers."""

from __future__ import annotations

import threading
from datetime import date

import pytest

from engine.base.database import Database
from engine.cases import acts as cases
from engine.cases import inbox
from engine.cases import rules as case_rules
from engine.cases.asked import acts, reads, rules
from engine.cases.asked.rules import Outcome
from engine.cases.reads import case
from engine.organisation import acts as organisation
from engine.organisation.reads import person
from engine.records.verify import first_broken
from tests.builders import FROM_DAY, SmallOffice
from tests.engine.cases.asked.ground import at_decide, lines
from tests.worlds import every_head

MEMBERS = ("li", "chen", "sun", "zhou", "he", "guo")
COMMITTEE = 'officium:committee="board" officium:quorum="2/3" officium:majority="1/2"'


def _board(database: Database, office: SmallOffice, members: tuple[str, ...] = MEMBERS) -> int:
    with database.writing() as db:
        post = organisation.add_post(
            db, by=None, department_id=office.departments["bureau"], code="board", name_en="Member, board",
            name_zh="评审委员", reports_to=None, rights=(),
        )  # fmt: skip
        for login in members:
            organisation.give_post(db, by=None, person_id=office.persons[login], post_id=post, from_day=FROM_DAY)
    return post


def _opened(database: Database, office: SmallOffice, attributes: str = COMMITTEE, inner: str = "") -> int:
    with database.writing() as db:
        case_id = at_decide(db, office, attributes, inner)
        acts.open_vote(db, by=office.actor(db, "wang"), case_id=case_id, number=2, question="Shall it be?")
    return case_id


def _vote(database: Database, office: SmallOffice, case_id: int, login: str, outcome: Outcome, why: str = "") -> None:
    number = next(
        one.task_number for one in lines(database, case_id)
        if one.person is not None and one.person.en == NAMES[login] and one.task_number is not None
    )  # fmt: skip
    with database.writing() as db:
        acts.cast_vote(
            db, by=office.actor(db, login), case_id=case_id, number=number, outcome=outcome, words=why
        )  # fmt: skip


NAMES = {"li": "Li Ming", "chen": "Chen Yan", "sun": "Sun Wei", "zhou": "Zhou Hong", "he": "He Jun", "guo": "Guo Fang"}


def _close(database: Database, office: SmallOffice, case_id: int) -> bool:
    with database.writing() as db:
        return acts.close_vote(db, by=office.actor(db, "wang"), case_id=case_id, number=2)


def test_a_vote_is_closed_with_its_quorum_and_the_case_goes_where_it_says(
    database: Database, office: SmallOffice
) -> None:
    _board(database, office)
    case_id = _opened(database, office)
    _vote(database, office, case_id, "li", Outcome.FOR)
    _vote(database, office, case_id, "chen", Outcome.AGAINST, "Too dear.")
    with pytest.raises(rules.CannotDecide) as refused:
        _close(database, office, case_id)
    assert refused.value.facts["missing"] == 2
    with database.writing() as db, pytest.raises(rules.VoteMissing):
        cases.complete_task(db, by=office.actor(db, "wang"), case_id=case_id, number=2, submitted={})
    _vote(database, office, case_id, "sun", Outcome.FOR)
    _vote(database, office, case_id, "zhou", Outcome.ABSTAINED, "New here.")
    assert _close(database, office, case_id) is False, "two of four present are not more than half"
    with database.writing() as db:
        done = cases.complete_task(db, by=office.actor(db, "wang"), case_id=case_id, number=2, submitted={})
    assert done.ended, "adopted = false leads to the end"
    with database.reading() as db:
        page = case(db, actor=office.actor(db, "li"), case_id=case_id)
        assert page.answers == {
            "votes_for": 2, "votes_against": 1, "abstained": 1, "present": 4, "adopted": False,
        }  # fmt: skip
        assert first_broken(db, every_head(db)) is None


def test_a_member_changes_the_vote_until_it_is_closed(database: Database, office: SmallOffice) -> None:
    _board(database, office)
    case_id = _opened(database, office)
    for login in ("li", "chen", "sun", "zhou"):
        _vote(database, office, case_id, login, Outcome.AGAINST, "No.")
    with database.reading() as db:
        assert inbox.inbox(db, actor=office.actor(db, "sun")) == (), "who has voted has nothing more to do"
    for login in ("li", "chen", "sun"):
        _vote(database, office, case_id, login, Outcome.FOR)
    assert _close(database, office, case_id) is True
    with pytest.raises(rules.VoteClosed):
        _vote(database, office, case_id, "li", Outcome.AGAINST, "After all.")
    assert _close(database, office, case_id) is True, "closing once more changes nothing"
    with database.reading() as db:
        ballot = reads.ballot(db, case_id, 1)
        acts_done = [one.act for one in case(db, actor=office.actor(db, "wang"), case_id=case_id).record]
    assert (ballot.count.votes_for, ballot.count.votes_against, ballot.adopted) == (3, 1, True)
    assert acts_done.count("change_vote") == 3


def test_who_did_what_it_is_kept_apart_from_takes_no_part(database: Database, office: SmallOffice) -> None:
    _board(database, office)
    apart = '<extensionElements><officium:separation from="propose" by="person"/></extensionElements>'
    case_id = _opened(database, office, COMMITTEE, apart)
    found = {one.person.en: one for one in lines(database, case_id) if one.person is not None}
    assert found["Li Ming"].outcome is Outcome.EXCLUDED
    assert found["Li Ming"].task_number is None
    for login in ("chen", "sun", "zhou"):
        _vote(database, office, case_id, login, Outcome.FOR)
    with pytest.raises(rules.CannotDecide) as refused:
        _close(database, office, case_id)
    assert refused.value.facts["members"] == 5
    _vote(database, office, case_id, "he", Outcome.AGAINST, "No.")
    assert _close(database, office, case_id) is True


def test_nobody_votes_for_somebody_else_nor_once_out_of_the_committee(database: Database, office: SmallOffice) -> None:
    post = _board(database, office)
    case_id = _opened(database, office)
    (first, *_rest) = lines(database, case_id)
    assert first.task_number is not None
    with database.writing() as db, pytest.raises(case_rules.ClaimedBySomebody):
        acts.cast_vote(
            db, by=office.actor(db, "chen"), case_id=case_id, number=first.task_number, outcome=Outcome.FOR, words=""
        )  # fmt: skip
    _vote(database, office, case_id, "li", Outcome.FOR)
    with database.writing() as db:
        held = next(
            one for one in person(db, office.persons["li"]).holdings if one.post_id == post
        )  # fmt: skip
        organisation.end_holding(db, by=None, holding_id=held.holding_id, until_day=date(2026, 3, 1))
    with pytest.raises(case_rules.WrongPost):
        _vote(database, office, case_id, "li", Outcome.AGAINST, "No.")


def test_one_vote_a_step_but_one_that_was_given_up_may_be_opened_anew(database: Database, office: SmallOffice) -> None:
    _board(database, office)
    case_id = _opened(database, office)

    def again() -> None:
        with database.writing() as db:
            acts.open_vote(db, by=office.actor(db, "wang"), case_id=case_id, number=2, question="Again?")

    with pytest.raises(rules.VoteOpenAlready):
        again()
    with database.writing() as db, pytest.raises(case_rules.ReasonMissing):
        acts.give_up_vote(db, by=office.actor(db, "wang"), case_id=case_id, number=2, why="")
    with database.writing() as db:
        acts.give_up_vote(db, by=office.actor(db, "wang"), case_id=case_id, number=2, why="The wrong sum was asked")
    with database.reading() as db:
        assert inbox.inbox(db, actor=office.actor(db, "sun")) == ()
    again()
    second = [one for one in lines(database, case_id) if one.round == 7]
    assert len(second) == len(MEMBERS)
    with database.writing() as db:
        for one, login in zip(second, ("li", "chen", "guo", "he"), strict=False):
            actor = office.actor(db, login)
            number = next(
                each.task_number for each in second if each.person is not None and each.person.en == NAMES[login]
            )
            assert number is not None
            assert one.round == 7
            acts.cast_vote(db, by=actor, case_id=case_id, number=number, outcome=Outcome.FOR, words="")
    assert _close(database, office, case_id) is True
    with pytest.raises(rules.VoteClosed):
        again()


def test_a_committee_of_nobody_cannot_be_asked(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = at_decide(db, office, COMMITTEE)
        with pytest.raises(rules.CommitteeEmpty):
            acts.open_vote(db, by=office.actor(db, "wang"), case_id=case_id, number=2, question="?")
        other = at_decide(db, office, prefix="NC")
        with pytest.raises(rules.NoCommittee):
            acts.open_vote(db, by=office.actor(db, "wang"), case_id=other, number=2, question="?")


def test_eight_vote_at_once_and_every_vote_counts(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        for number in range(8):
            office.persons[f"m{number}"] = organisation.add_person(
                db, by=None, login=f"m{number}", name_en=f"Member {number}", name_zh=f"委员{number}", password=None
            )
    _board(database, office, tuple(f"m{number}" for number in range(8)))
    case_id = _opened(database, office)
    numbers = [one.task_number for one in lines(database, case_id)]
    with database.reading() as db:
        members = [office.actor(db, f"m{number}") for number in range(8)]
    failures: list[BaseException] = []

    def vote(place: int) -> None:
        try:
            for outcome in (Outcome.AGAINST, Outcome.FOR):
                with database.writing() as db:
                    acts.cast_vote(
                        db, by=members[place], case_id=case_id, number=numbers[place] or 0, outcome=outcome,
                        words=f"because {place}", receipt=bytes([place, outcome]) * 8,
                    )  # fmt: skip
        except BaseException as fault:  # whatever it is, the test tells it
            failures.append(fault)

    threads = [threading.Thread(target=vote, args=(place,)) for place in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failures == []
    assert _close(database, office, case_id) is True
    with database.reading() as db:
        assert reads.ballot(db, case_id, 1).count == rules.Count(8, 8, 0, 0)
        assert first_broken(db, every_head(db)) is None
