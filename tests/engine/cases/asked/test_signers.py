"""Signers in turn or together, before one's own part or after it; departments that countersign."""

from __future__ import annotations

import pytest

from engine.base.database import Database
from engine.cases import acts as cases
from engine.cases import inbox
from engine.cases.asked import acts, rules
from engine.cases.asked.rules import Outcome
from engine.cases.reads import case
from tests.builders import SmallOffice
from tests.engine.cases.asked.ground import answer, at_decide, lines, whom


@pytest.fixture
def case_id(database: Database, office: SmallOffice) -> int:
    with database.writing() as db:
        return at_decide(db, office)


def _sign(
    database: Database, office: SmallOffice, case_id: int, *names: str, in_turn: bool = False, after: bool = False
) -> None:
    with database.writing() as db:
        acts.add_signers(
            db, by=office.actor(db, "wang"), case_id=case_id, number=2, whom=whom(office, *names), words="Sign, please",
            in_turn=in_turn, after=after,
        )  # fmt: skip


def _complete(database: Database, office: SmallOffice, case_id: int) -> None:
    with database.writing() as db:
        cases.complete_task(db, by=office.actor(db, "wang"), case_id=case_id, number=2, submitted={})


def _desk(database: Database, office: SmallOffice, login: str) -> list[int]:
    with database.reading() as db:
        return [line.number for line in inbox.inbox(db, actor=office.actor(db, login))]


def test_in_turn_each_is_asked_once_the_one_before_has_signed(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    _sign(database, office, case_id, "sun", "zhou", "guo", in_turn=True)
    for login, number in (("sun", 3), ("zhou", 4), ("guo", 5)):
        assert [_desk(database, office, one) for one in ("sun", "zhou", "guo")].count([]) == 2
        assert _desk(database, office, login) == [number]
        with pytest.raises(rules.SignaturesMissing) as refused:
            _complete(database, office, case_id)
        assert "Guo Fang" in refused.value.say("en")
        with database.writing() as db:
            answer(db, office, login, case_id, number, Outcome.SIGNED)
    _complete(database, office, case_id)


def test_together_all_are_asked_at_once_and_one_refusal_holds_the_step(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    _sign(database, office, case_id, "sun", "zhou")
    assert (_desk(database, office, "sun"), _desk(database, office, "zhou")) == ([3], [4])
    with database.writing() as db:
        answer(db, office, "sun", case_id, 3, Outcome.SIGNED)
        with pytest.raises(rules.AnswerWithoutWords):
            answer(db, office, "zhou", case_id, 4, Outcome.REFUSED)
        answer(db, office, "zhou", case_id, 4, Outcome.REFUSED, "The sum is wrong.")
    with pytest.raises(rules.SignaturesMissing) as refused:
        _complete(database, office, case_id)
    assert "Zhou Hong" in refused.value.say("en")
    assert "Sun Wei" not in refused.value.say("en")
    with database.writing() as db:
        acts.ask_again(
            db, by=office.actor(db, "wang"), case_id=case_id, number=2, asked=2, words="Corrected. Again?"
        )  # fmt: skip
    with database.writing() as db:
        answer(db, office, "zhou", case_id, 5, Outcome.SIGNED)
    _complete(database, office, case_id)
    assert [one.outcome for one in lines(database, case_id)] == [Outcome.SIGNED, Outcome.REFUSED, Outcome.SIGNED]


def test_what_was_refused_may_be_withdrawn_and_holds_nothing_any_more(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    _sign(database, office, case_id, "sun", "zhou", in_turn=True)
    with database.writing() as db:
        answer(db, office, "sun", case_id, 3, Outcome.REFUSED, "No.")
    assert _desk(database, office, "zhou") == []
    for asked in (1, 2):
        with database.writing() as db:
            acts.withdraw_asked(db, by=office.actor(db, "wang"), case_id=case_id, number=2, asked=asked, why="We go on")
    _complete(database, office, case_id)
    assert lines(database, case_id)[0].outcome is Outcome.REFUSED, "what was said stays said"


def test_withdrawing_one_of_a_row_asks_the_next(database: Database, office: SmallOffice, case_id: int) -> None:
    _sign(database, office, case_id, "sun", "zhou", in_turn=True)
    with database.writing() as db:
        acts.withdraw_asked(db, by=office.actor(db, "wang"), case_id=case_id, number=2, asked=1, why="On leave")
    assert (_desk(database, office, "sun"), _desk(database, office, "zhou")) == ([], [4])


def test_a_signer_adds_one_behind_themselves(database: Database, office: SmallOffice, case_id: int) -> None:
    _sign(database, office, case_id, "sun", "zhou", in_turn=True)
    with database.writing() as db:
        acts.add_behind(
            db, by=office.actor(db, "sun"), case_id=case_id, number=3, whom=f"person:{office.persons['guo']}",
            words="You know the law better",
        )  # fmt: skip
    with database.writing() as db:
        answer(db, office, "sun", case_id, 3, Outcome.SIGNED)
    assert (_desk(database, office, "guo"), _desk(database, office, "zhou")) == ([4], [])
    with database.writing() as db:
        answer(db, office, "guo", case_id, 4, Outcome.SIGNED)
    assert _desk(database, office, "zhou") == [5]
    with pytest.raises(rules.SignaturesMissing):
        _complete(database, office, case_id)


def test_after_ones_own_part_signers_are_asked_when_it_is_done(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    _sign(database, office, case_id, "sun", after=True)
    assert _desk(database, office, "sun") == []
    with pytest.raises(rules.SignaturesMissing):
        _complete(database, office, case_id)
    with database.writing() as db:
        acts.part_done(db, by=office.actor(db, "wang"), case_id=case_id, number=2, words="Checked twice")
    assert _desk(database, office, "sun") == [3]
    with database.writing() as db, pytest.raises(rules.NothingWaitsForYou):
        acts.part_done(db, by=office.actor(db, "wang"), case_id=case_id, number=2)
    with database.writing() as db:
        answer(db, office, "sun", case_id, 3, Outcome.SIGNED)
    _complete(database, office, case_id)


def _countersign(database: Database, office: SmallOffice, case_id: int, *names: str) -> None:
    with database.writing() as db:
        acts.countersign(
            db, by=office.actor(db, "wang"), case_id=case_id, number=2, whom=whom(office, *names), words="Your word"
        )  # fmt: skip


def test_each_department_is_asked_by_its_head_and_the_step_waits_for_all(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    _countersign(database, office, case_id, "#bureau", "#counter")
    assert _desk(database, office, "zhou") == [3], "the director reports to nobody"
    assert _desk(database, office, "chen") == [4]
    with database.writing() as db:
        answer(db, office, "zhou", case_id, 3, Outcome.CONSENTED)
    with pytest.raises(rules.CountersignaturesMissing):
        _complete(database, office, case_id)
    with database.writing() as db:
        answer(db, office, "chen", case_id, 4, Outcome.OBJECTED, "Nobody asked us before.")
    _complete(database, office, case_id)
    with database.reading() as db:
        assert "objections" not in case(db, actor=office.actor(db, "li"), case_id=case_id).answers


def test_departments_that_the_diagram_names_are_asked_when_the_step_is_claimed(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        case_id = at_decide(db, office, 'officium:countersign="bureau counter"', prefix="CS")
    with pytest.raises(rules.CountersignaturesMissing) as refused:
        _complete(database, office, case_id)
    assert "Bureau, Service counter" in refused.value.say("en")
    with database.writing() as db:
        cases.claim(db, by=office.actor(db, "wang"), case_id=case_id, number=2)
    assert [one.department.en for one in lines(database, case_id)] == ["Bureau", "Service counter"]
    with database.writing() as db, pytest.raises(rules.RequiredHere):
        acts.withdraw_asked(db, by=office.actor(db, "wang"), case_id=case_id, number=2, asked=1, why="In a hurry")
    with database.writing() as db:
        answer(db, office, "zhou", case_id, 3, Outcome.CONSENTED)
        answer(db, office, "li", case_id, 4, Outcome.OBJECTED, "Too early.")
    _complete(database, office, case_id)
    with database.reading() as db:
        answers = case(db, actor=office.actor(db, "li"), case_id=case_id).answers
    assert {name: answers[name] for name in ("consents", "objections", "countersigned")} == {
        "consents": 1, "objections": 1, "countersigned": False,
    }  # fmt: skip


def test_a_department_that_is_not_there_keeps_nobody_from_claiming(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = at_decide(db, office, 'officium:countersign="moon"', prefix="NO")
        cases.claim(db, by=office.actor(db, "wang"), case_id=case_id, number=2)
    with pytest.raises(rules.DepartmentNotThere):
        _complete(database, office, case_id)
