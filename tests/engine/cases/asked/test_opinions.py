"""An opinion is asked for beside a step, given or not, and stands in the case file."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.base.database import Database
from engine.cases import acts as cases
from engine.cases import inbox
from engine.cases import rules as case_rules
from engine.cases.asked import acts, rules
from engine.cases.asked.rules import Outcome
from engine.cases.reads import case, task
from engine.cases.rules import Closed, Kind
from engine.cases.tables import tasks
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.counting import counting
from tests.engine.cases.asked.ground import answer, at_decide, lines, whom
from tests.worlds import every_head

HOSTILE = "<script>alert(1)</script> '; DROP TABLE asked; -- \0 {who} %(x)s 会签"


@pytest.fixture
def case_id(database: Database, office: SmallOffice) -> int:
    with database.writing() as db:
        return at_decide(db, office)


def _ask(database: Database, office: SmallOffice, case_id: int, *names: str, words: str = "May we?") -> None:
    with database.writing() as db:
        acts.consult(
            db, by=office.actor(db, "wang"), case_id=case_id, number=2, whom=whom(office, *names), words=words
        )  # fmt: skip


def test_who_is_asked_sees_it_on_the_desk_and_the_case_and_answers(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = at_decide(db, office)
    _ask(database, office, case_id, "guo", "@designer")
    with database.reading() as db:
        for login in ("guo", "he"):
            (line,) = inbox.inbox(db, actor=office.actor(db, login))
            assert (line.case_id, line.step) == (case_id, "Decide")
            assert case(db, actor=office.actor(db, login), case_id=case_id).case_id == case_id
        numbers = [one.task_number for one in lines(database, case_id)]
    assert numbers == [3, 4]
    with database.writing() as db:
        answer(db, office, "guo", case_id, 3, Outcome.AGREED)
        cases.claim(db, by=office.actor(db, "he"), case_id=case_id, number=4)
        answer(db, office, "he", case_id, 4, Outcome.DISAGREED, HOSTILE)
    one, other = lines(database, case_id)
    assert (one.outcome, other.outcome) == (Outcome.AGREED, Outcome.DISAGREED)
    assert other.answer == HOSTILE.replace("\0", "").strip()
    assert other.answered_by is not None
    assert other.answered_by.en == "He Jun"
    with database.reading() as db:
        assert inbox.inbox(db, actor=office.actor(db, "guo")) == ()
        step = task(db, actor=office.actor(db, "wang"), case_id=case_id, number=2).line
        assert step.closed_at is None, "the step was not given up"
        assert first_broken(db, every_head(db)) is None


def test_the_step_is_completed_while_opinions_are_open_and_they_are_closed(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    _ask(database, office, case_id, "guo", "@designer")
    with database.writing() as db:
        answer(db, office, "guo", case_id, 3, Outcome.AGREED)
        cases.complete_task(db, by=office.actor(db, "wang"), case_id=case_id, number=2, submitted={})
    with database.reading() as db:
        page = case(db, actor=office.actor(db, "li"), case_id=case_id)
        asked = {one.number: one for one in page.tasks if one.kind == Kind.OPINION}
        assert (asked[3].cancelled, asked[4].cancelled) == (False, True)
        assert inbox.inbox(db, actor=office.actor(db, "he")) == ()
    with database.writing() as db, pytest.raises(case_rules.NoLongerNeeded):
        answer(db, office, "he", case_id, 4, Outcome.AGREED)


def test_what_was_asked_is_never_completed_like_a_step(database: Database, office: SmallOffice, case_id: int) -> None:
    _ask(database, office, case_id, "guo")
    with database.writing() as db, pytest.raises(rules.AskedBeside):
        cases.complete_task(db, by=office.actor(db, "guo"), case_id=case_id, number=3, submitted={})
    with database.writing() as db, pytest.raises(rules.AskedBeside):
        acts.consult(
            db, by=office.actor(db, "guo"), case_id=case_id, number=3, whom=whom(office, "he"), words="And you?"
        )  # fmt: skip


def test_what_was_asked_of_a_person_is_not_released_to_others_but_given_back_with_a_reason(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    _ask(database, office, case_id, "guo")
    with database.writing() as db, pytest.raises(rules.AskedInPerson):
        cases.release(db, by=office.actor(db, "guo"), case_id=case_id, number=3)
    with database.writing() as db, pytest.raises(rules.AnswerWithoutWords):
        answer(db, office, "guo", case_id, 3, Outcome.GIVEN_BACK)
    with database.writing() as db:
        answer(db, office, "guo", case_id, 3, Outcome.GIVEN_BACK, "Not my field.")
    assert lines(database, case_id)[0].outcome is Outcome.GIVEN_BACK


def test_the_same_page_sent_twice_asks_once_and_answers_once(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    for _ in range(2):
        with database.writing() as db:
            acts.consult(
                db, by=office.actor(db, "wang"), case_id=case_id, number=2, whom=whom(office, "guo"), words="?",
                receipt=b"a" * 16,
            )  # fmt: skip
    for _ in range(2):
        with database.writing() as db:
            acts.answer(
                db, by=office.actor(db, "guo"), case_id=case_id, number=3, outcome=Outcome.AGREED, words="",
                receipt=b"b" * 16,
            )  # fmt: skip
    assert len(lines(database, case_id)) == 1
    with database.reading() as db:
        record = case(db, actor=office.actor(db, "wang"), case_id=case_id).record
        assert [one.act for one in record[-2:]] == ["consult", "give_opinion"]
    with database.writing() as db, pytest.raises(case_rules.AlreadyCompleted):
        answer(db, office, "guo", case_id, 3, Outcome.DISAGREED, "Or not.")


def test_only_whoever_works_the_step_asks_and_withdraws(database: Database, office: SmallOffice, case_id: int) -> None:
    with database.writing() as db, pytest.raises(case_rules.WrongPost):
        acts.consult(db, by=office.actor(db, "li"), case_id=case_id, number=2, whom=whom(office, "guo"), words="?")
    _ask(database, office, case_id, "guo")
    with database.writing() as db, pytest.raises(case_rules.WrongPost):
        acts.withdraw_asked(db, by=office.actor(db, "li"), case_id=case_id, number=2, asked=1, why="no")
    with database.writing() as db, pytest.raises(case_rules.ReasonMissing):
        acts.withdraw_asked(db, by=office.actor(db, "wang"), case_id=case_id, number=2, asked=1, why=" ")
    with database.writing() as db:
        acts.withdraw_asked(
            db, by=office.actor(db, "wang"), case_id=case_id, number=2, asked=1, why="Answered by phone"
        )
    assert lines(database, case_id)[0].outcome is Outcome.WITHDRAWN
    with database.writing() as db, pytest.raises(case_rules.NoLongerNeeded):
        answer(db, office, "guo", case_id, 3, Outcome.AGREED)
    with database.writing() as db, pytest.raises(rules.NoLongerAsked):
        acts.withdraw_asked(db, by=office.actor(db, "wang"), case_id=case_id, number=2, asked=1, why="again")


def test_oneself_nobody_and_those_asked_already_are_not_asked(
    database: Database, office: SmallOffice, case_id: int, clock: Clock
) -> None:
    with pytest.raises(rules.AskedOneself):
        _ask(database, office, case_id, "wang")
    for keys in ([], ["post:0"], ["person:x"], ["nonsense"], ["post:99999999999999"]):
        with (
            database.writing() as db,
            pytest.raises(Exception, match=r"Choose|not found|no longer|There is no") as refused,
        ):
            acts.consult(db, by=office.actor(db, "wang"), case_id=case_id, number=2, whom=keys, words="?")
        assert refused.value.__class__.__name__ in {"NobodyChosen", "NotFound"}
    with pytest.raises(rules.NothingAsked):
        _ask(database, office, case_id, "guo", words=" \0 ")
    _ask(database, office, case_id, "guo")
    with pytest.raises(rules.AlreadyAsked):
        _ask(database, office, case_id, "guo")
    with database.writing() as db, pytest.raises(rules.DayHasPassed):
        acts.consult(
            db, by=office.actor(db, "wang"), case_id=case_id, number=2, whom=whom(office, "he"), words="?",
            due_at=clock.now() - timedelta(days=1),
        )  # fmt: skip


def test_a_step_can_be_without_it(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = at_decide(db, office, 'officium:without="consult"', prefix="WO")
    with pytest.raises(case_rules.MoveSwitchedOff):
        _ask(database, office, case_id, "guo")


def test_a_day_by_which_it_is_asked_is_when_it_is_due(
    database: Database, office: SmallOffice, case_id: int, clock: Clock
) -> None:
    due = clock.now() + timedelta(days=2)
    with database.writing() as db:
        acts.consult(
            db, by=office.actor(db, "wang"), case_id=case_id, number=2, whom=whom(office, "guo"), words="?", due_at=due
        )  # fmt: skip
    with database.reading() as db:
        (line,) = inbox.inbox(db, actor=office.actor(db, "guo"))
    assert line.due_at == due


def test_nothing_is_asked_beside_a_task_that_is_closed(database: Database, office: SmallOffice, case_id: int) -> None:
    with database.writing() as db:
        cases.complete_task(db, by=office.actor(db, "wang"), case_id=case_id, number=2, submitted={})
    with pytest.raises(case_rules.AlreadyCompleted):
        _ask(database, office, case_id, "guo")


def test_an_opinion_keeps_nobody_from_another_duty(database: Database, office: SmallOffice) -> None:
    """Zhao gave an opinion at “Decide”, and may still do what is kept apart from it."""
    with database.writing() as db:
        case_id = at_decide(db, office, prefix="OP")
    _ask(database, office, case_id, "zhao")
    with database.writing() as db:
        answer(db, office, "zhao", case_id, 3, Outcome.AGREED)
    with database.reading() as db:
        row = db.execute(tasks.select().where(tasks.c.case_id == case_id, tasks.c.number == 3)).one()
    assert (row.kind, row.of_task, row.closed_how, row.token) == (Kind.OPINION, 2, Closed.COMPLETED, "")


def test_who_must_not_do_the_step_may_still_be_asked_for_an_opinion_on_it_but_not_to_sign(
    database: Database, office: SmallOffice
) -> None:
    apart = '<extensionElements><officium:separation from="propose" by="person"/></extensionElements>'
    with database.writing() as db:
        case_id = at_decide(db, office, inner=apart, prefix="AP")
        acts.add_signers(
            db, by=office.actor(db, "wang"), case_id=case_id, number=2, whom=whom(office, "li"), words="Sign"
        )  # fmt: skip
    _ask(database, office, case_id, "li")
    with database.writing() as db, pytest.raises(case_rules.DutiesApart):
        answer(db, office, "li", case_id, 3, Outcome.SIGNED)
    with database.writing() as db:
        answer(db, office, "li", case_id, 4, Outcome.AGREED)


def test_completing_a_step_beside_which_nothing_was_asked_costs_what_it_did(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    with database.reading() as db:
        by = office.actor(db, "wang")
    with counting(database) as counted, database.writing() as db:
        cases.complete_task(db, by=by, case_id=case_id, number=2, submitted={})
    assert not [one for one in counted.statements if "asked" in one.replace("asks", "")], counted.statements
