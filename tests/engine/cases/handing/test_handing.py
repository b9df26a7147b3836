"""A task that comes from another department is accepted or returned, and nobody is left in doubt which."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from engine.base.database import Database
from engine.base.errors import NotAllowed, Refusal
from engine.cases import acts, reads, rules
from engine.cases.handing.acts import accept_hand_over, return_hand_over
from engine.cases.handing.reads import back, hand_overs_of
from engine.cases.handing.rules import (
    AlreadyAccepted,
    HandOver,
    NotHandedOver,
    State,
    WhyReturned,
    to_and_fro,
)
from engine.cases.moves import CaseRests
from engine.cases.rules import Mark
from engine.cases.tables import hand_overs, marks, tasks
from engine.notices.tables import notices
from engine.organisation import acts as organisation
from engine.organisation.rules import Actor
from engine.organisation.tables import holdings
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.counting import counting
from tests.diagram_text import END, START, flow, lanes, process, step, way
from tests.worlds import begun, every_head, in_force

BACK_AND_FORTH = process(
    lanes(counter=("start", "ask", "end"), bureau=("answer", "enough"))
    + START + step("ask") + step("answer", "Answer", 'officium:acceptWithin="P2D"')
    + '<exclusiveGateway id="enough" name="Enough?"/>' + END + way("start", "ask", "answer", "enough")
    + flow("enough", "ask", name="no") + flow("enough", "end", name="yes")
)  # fmt: skip
SPLIT = process(
    lanes(counter=("start", "ask", "split", "keep", "join", "end"), bureau=("answer", "check"))
    + START + step("ask") + '<parallelGateway id="split"/><parallelGateway id="join"/>' + step("keep")
    + step("answer") + step("check") + END
    + way("start", "ask", "split", "keep", "join") + way("split", "answer", "join", "check", "end")
)  # fmt: skip
IN_A_BRANCH = process(
    lanes(counter=("start", "split", "ask", "keep", "join", "end"), bureau=("answer",))
    + START + '<parallelGateway id="split"/><parallelGateway id="join"/>' + step("ask") + step("keep")
    + step("answer") + END
    + way("start", "split", "keep", "join", "end") + way("split", "ask", "answer", "join")
)  # fmt: skip
WHY = "The plan of the neighbouring plot is missing."


def _complete(database: Database, office: SmallOffice, case_id: int, number: int, login: str, **more: object) -> None:
    with database.writing() as db:
        by = office.actor(db, login)
        acts.complete_task(db, by=by, case_id=case_id, number=number, submitted={}, **more)  # type: ignore[arg-type]


def _begun(database: Database, office: SmallOffice, source: bytes = BACK_AND_FORTH) -> int:
    with database.writing() as db:
        return begun(db, office, in_force(db, office, source)).case_id


@pytest.fixture
def case_id(database: Database, office: SmallOffice, clock: Clock) -> int:
    """Handed over from the counter to review, where task 2 waits."""
    found = _begun(database, office)
    clock.advance(hours=1)
    _complete(database, office, found, 1, "li")
    return found


def _handed(database: Database, case_id: int) -> tuple[HandOver, ...]:
    with database.reading() as db:
        return hand_overs_of(db, case_id)


def test_a_hand_over_says_who_sent_it_and_by_when_it_is_to_be_answered(
    database: Database, case_id: int, clock: Clock
) -> None:
    (one,) = _handed(database, case_id)
    assert one.state is State.WAITING
    assert (one.sender.en, one.receiver.en) == ("Service counter", "Review section")
    assert one.sender_person is not None
    assert one.sender_person.en == "Li Ming"
    assert one.sent_at == clock.now()
    assert one.within == timedelta(days=2), "the step says so itself"


def test_a_step_that_says_nothing_has_until_the_next_working_days_end_and_a_procedure_may_say_otherwise(
    database: Database, office: SmallOffice
) -> None:
    said = SPLIT.replace(b'<process id="procedure"', b'<process id="procedure" officium:acceptWithin="PT4H"')
    for source, within, prefix in ((SPLIT, timedelta(hours=32), "AA"), (said, timedelta(hours=4), "BB")):
        with database.writing() as db:
            case_id = begun(db, office, in_force(db, office, source, prefix=prefix)).case_id
        _complete(database, office, case_id, 1, "li")
        assert [one.within for one in _handed(database, case_id)] == [within]


def test_accepting_is_an_act_of_its_own_and_leaves_the_task_free(
    database: Database, office: SmallOffice, case_id: int, clock: Clock
) -> None:
    clock.advance(hours=3)
    with database.writing() as db:
        accept_hand_over(db, by=office.actor(db, "wang"), case_id=case_id, number=2)
    (one,) = _handed(database, case_id)
    assert one.state is State.ACCEPTED
    assert one.accepted_by is not None
    assert one.accepted_by.en == "Wang Lei"
    clock.advance(hours=5)
    assert (one.in_transit(clock.now()), one.at_receiver(clock.now())) == (timedelta(hours=3), timedelta(hours=5))
    with database.reading() as db:
        page = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id)
        assert page.record[-1].act == "accept_hand_over"
        assert page.open_tasks[0].person is None


@pytest.mark.parametrize("taken_up", ["claim", "complete_task"])
def test_taking_the_task_up_accepts_it(database: Database, office: SmallOffice, case_id: int, taken_up: str) -> None:
    with database.writing() as db:
        by = office.actor(db, "wang")
        if taken_up == "claim":
            acts.claim(db, by=by, case_id=case_id, number=2)
        else:
            acts.complete_task(db, by=by, case_id=case_id, number=2, submitted={}, chosen={"enough": ["enough_to_end"]})
    (one,) = _handed(database, case_id)
    assert one.state is State.ACCEPTED
    with database.reading() as db:
        last = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id).record[-1]
        assert (last.act, last.facts["accepts"]) == (taken_up, True)


def test_what_was_accepted_before_is_not_accepted_again_by_claiming(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    with database.writing() as db:
        accept_hand_over(db, by=office.actor(db, "wang"), case_id=case_id, number=2)
        acts.claim(db, by=office.actor(db, "zhao"), case_id=case_id, number=2)
    with database.reading() as db:
        entry = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id).record[-1]
        assert "accepts" not in entry.facts
        assert db.scalar(select(hand_overs.c.accepted_by)) == office.persons["wang"]


def test_accepting_again_does_nothing_and_a_second_person_is_told_who_was_first(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    with database.writing() as db:
        wang, zhao = office.actor(db, "wang"), office.actor(db, "zhao")
        accept_hand_over(db, by=wang, case_id=case_id, number=2)
        before = len(reads.case(db, actor=wang, case_id=case_id).record)
        accept_hand_over(db, by=wang, case_id=case_id, number=2)
        assert len(reads.case(db, actor=wang, case_id=case_id).record) == before
        with pytest.raises(AlreadyAccepted) as refused:
            accept_hand_over(db, by=zhao, case_id=case_id, number=2)
        assert "Wang Lei" in refused.value.say("en")
        with pytest.raises(AlreadyAccepted):
            return_hand_over(db, by=zhao, case_id=case_id, number=2, reason=WHY)


def test_only_the_receiver_answers(database: Database, office: SmallOffice, case_id: int) -> None:
    for login in ("li", "sun", "he"):
        for answer in (accept_hand_over, lambda db, **who: return_hand_over(db, reason=WHY, **who)):
            with pytest.raises(NotAllowed), database.writing() as db:
                answer(db, by=office.actor(db, login), case_id=case_id, number=2)


def test_what_came_from_the_same_department_is_no_hand_over(database: Database, office: SmallOffice) -> None:
    case_id = _begun(database, office)
    for answer in (accept_hand_over, lambda db, **who: return_hand_over(db, reason=WHY, **who)):
        with pytest.raises(NotHandedOver), database.writing() as db:
            answer(db, by=office.actor(db, "li"), case_id=case_id, number=1)


def test_returning_offers_the_senders_step_again_to_whoever_did_it(
    database: Database, office: SmallOffice, case_id: int, clock: Clock
) -> None:
    clock.advance(hours=2)
    with database.writing() as db:
        done = return_hand_over(db, by=office.actor(db, "wang"), case_id=case_id, number=2, reason=f" {WHY} ")
    assert [one.element for one in done.opened] == ["ask"]
    (one,) = _handed(database, case_id)
    assert (one.state, one.reason) == (State.RETURNED, WHY)
    assert one.in_transit(clock.now()) == timedelta(hours=2)
    with database.reading() as db:
        page = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id)
        (again,) = page.open_tasks
        assert (again.element, again.person_id) == ("ask", office.persons["li"])
        assert (page.record[-1].act, page.record[-1].facts["reason"]) == ("return_hand_over", WHY)
        mark = db.execute(select(marks).where(marks.c.task_number == again.number)).one()
        assert (mark.kind, mark.department_id) == (Mark.HAND_OVER_RETURNED, office.departments["review"])
        assert (mark.words, mark.person_id) == (WHY, office.persons["wang"])
        told = db.execute(select(notices.c.person_id, notices.c.kind)).all()
        assert (office.persons["li"], "hand_over_returned") in [tuple(row) for row in told]
        assert first_broken(db, every_head(db)) is None


def test_what_is_returned_need_not_be_accepted_by_who_sent_it(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    with database.writing() as db:
        return_hand_over(db, by=office.actor(db, "wang"), case_id=case_id, number=2, reason=WHY)
        assert db.scalars(select(hand_overs.c.task_number)).all() == [2]
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=3, submitted={})
    later, first = _handed(database, case_id)
    assert (later.state, first.state) == (State.WAITING, State.RETURNED)


def test_whoever_left_the_post_is_not_given_the_task_again(
    database: Database, office: SmallOffice, case_id: int, clock: Clock
) -> None:
    with database.writing() as db:
        organisation.end_holding(db, by=office.actor(db, "guo"), holding_id=_holding(db, office.persons["li"]))
    clock.advance(days=1)
    with database.writing() as db:
        return_hand_over(db, by=office.actor(db, "wang"), case_id=case_id, number=2, reason=WHY)
        again = db.execute(select(tasks).where(tasks.c.number == 3)).one()
        assert (again.person_id, again.post_id) == (None, office.posts["clerk"])


def _holding(db: Connection, person_id: int) -> int:
    return int(db.execute(select(holdings.c.id).where(holdings.c.person_id == person_id)).scalar_one())


@pytest.mark.parametrize("words", ["", "  \n "])
def test_returning_needs_a_reason(database: Database, office: SmallOffice, case_id: int, words: str) -> None:
    with pytest.raises(WhyReturned), database.writing() as db:
        return_hand_over(db, by=office.actor(db, "wang"), case_id=case_id, number=2, reason=words)
    assert _handed(database, case_id)[0].state is State.WAITING


def test_returning_twice_with_one_receipt_returns_once(database: Database, office: SmallOffice, case_id: int) -> None:
    with database.writing() as db:
        by = office.actor(db, "wang")
        for _ in range(2):
            return_hand_over(db, by=by, case_id=case_id, number=2, reason=WHY, receipt=b"r" * 16)
        assert len(reads.case(db, actor=by, case_id=case_id).tasks) == 3


def test_where_the_designer_has_switched_returning_off_it_is_only_accepted(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    off = BACK_AND_FORTH.replace(b'officium:acceptWithin="P2D"', b'officium:without="return"')
    case_id = _begun(database, office, off)
    _complete(database, office, case_id, 1, "li")
    with database.writing() as db:
        assert back(db, case_id=case_id, number=2, at=clock.now()).off
        with pytest.raises(rules.MoveSwitchedOff):
            return_hand_over(db, by=office.actor(db, "wang"), case_id=case_id, number=2, reason=WHY)
        accept_hand_over(db, by=office.actor(db, "wang"), case_id=case_id, number=2)


def test_nothing_is_answered_while_the_case_rests(database: Database, office: SmallOffice, case_id: int) -> None:
    with database.writing() as db:
        acts.suspend(db, by=office.actor(db, "wang"), case_id=case_id, ground=1, words="Papers are missing.")
        for answer in (accept_hand_over, lambda db, **who: return_hand_over(db, reason=WHY, **who)):
            with pytest.raises(CaseRests):
                answer(db, by=office.actor(db, "wang"), case_id=case_id, number=2)


def test_returning_in_a_branch_leaves_the_other_branch_alone(database: Database, office: SmallOffice) -> None:
    case_id = _begun(database, office, IN_A_BRANCH)
    with database.writing() as db:
        page = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id)
        numbers = {one.element: one.number for one in page.open_tasks}
        acts.claim(db, by=office.actor(db, "chen"), case_id=case_id, number=numbers["keep"])
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=numbers["ask"], submitted={})
        return_hand_over(db, by=office.actor(db, "wang"), case_id=case_id, number=3, reason=WHY)
        page = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id)
        standing = {one.element: one.person_id for one in page.open_tasks}
        assert standing == {"keep": office.persons["chen"], "ask": office.persons["li"]}
        for number, login in ((numbers["keep"], "chen"), (4, "li"), (5, "zhao")):
            acts.complete_task(db, by=office.actor(db, login), case_id=case_id, number=number, submitted={})
        assert reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id).ended_at is not None
        assert first_broken(db, every_head(db)) is None


def test_returning_before_the_split_withdraws_what_the_split_opened(database: Database, office: SmallOffice) -> None:
    case_id = _begun(database, office, SPLIT)
    _complete(database, office, case_id, 1, "li")
    with database.writing() as db:
        (handed,) = hand_overs_of(db, case_id)
        return_hand_over(db, by=office.actor(db, "wang"), case_id=case_id, number=handed.number, reason=WHY)
        page = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id)
        assert [one.element for one in page.open_tasks] == ["ask"]


def test_after_a_join_it_is_returned_into_the_branch_it_came_by(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    case_id = _begun(database, office, SPLIT)
    _complete(database, office, case_id, 1, "li")
    with database.writing() as db:
        page = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id)
        numbers = {one.element: one.number for one in page.open_tasks}
        acts.complete_task(db, by=office.actor(db, "wang"), case_id=case_id, number=numbers["answer"], submitted={})
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=numbers["keep"], submitted={})
    handed = _handed(database, case_id)[0]
    assert (handed.task, handed.sender.en) == ("Check", "Service counter"), "whoever completed the join sent it"
    with database.writing() as db:
        return_hand_over(db, by=office.actor(db, "wang"), case_id=case_id, number=handed.number, reason=WHY)
        page = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id)
    assert [one.element for one in page.open_tasks] == ["keep"], "the other branch stays done"


def test_what_went_another_way_before_anybody_answered_has_lapsed(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    with database.writing() as db:
        acts.cancel_case(db, by=office.actor(db, "zhou"), case_id=case_id, reason="The applicant has withdrawn it.")
    assert _handed(database, case_id)[0].state is State.LAPSED


def test_going_to_and_fro_is_counted_for_each_pair_of_departments(
    database: Database, office: SmallOffice, case_id: int, clock: Clock
) -> None:
    assert to_and_fro(_handed(database, case_id)) == ()
    with database.writing() as db:
        return_hand_over(db, by=office.actor(db, "wang"), case_id=case_id, number=2, reason=WHY)
    (swing,) = to_and_fro(_handed(database, case_id))
    assert swing.times == 1
    clock.advance(hours=1)
    _complete(database, office, case_id, 3, "li")
    clock.advance(hours=1)
    _complete(database, office, case_id, 4, "wang", chosen={"enough": ["enough_to_ask"]})
    (swing,) = to_and_fro(_handed(database, case_id))
    assert (swing.times, {swing.one.en, swing.other.en}) == (2, {"Service counter", "Review section"})


def test_returning_later_what_was_accepted_counts_as_coming_back_too(
    database: Database, office: SmallOffice, case_id: int, clock: Clock
) -> None:
    with database.writing() as db:
        by = office.actor(db, "wang")
        acts.claim(db, by=by, case_id=case_id, number=2)
        clock.advance(hours=4)
        acts.return_task(db, by=by, case_id=case_id, number=2, to_element="ask", reason=WHY)
    (one,) = _handed(database, case_id)
    assert one.accepted_at is not None
    assert one.returned_at == clock.now()
    (swing,) = to_and_fro([one])
    assert swing.times == 1


def test_completing_with_a_hand_over_before_and_behind_stays_within_ten_statements(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    with counting(database) as counted, database.writing() as db:
        acts.complete_task(
            db, by=_actor(database, office), case_id=case_id, number=2, submitted={},
            chosen={"enough": ["enough_to_ask"]},
        )  # fmt: skip
    assert len(counted.statements) <= 10, counted.statements
    assert counted.commits == 1
    assert len(_handed(database, case_id)) == 2


def test_a_task_without_a_hand_over_costs_no_statement_more(database: Database, office: SmallOffice) -> None:
    case_id = _begun(database, office)
    with database.reading() as db:
        by = office.actor(db, "li")
    with counting(database) as counted, database.writing() as db:
        acts.claim(db, by=by, case_id=case_id, number=1)
    assert not [one for one in counted.statements if one.startswith("UPDATE hand_overs")]


def _actor(database: Database, office: SmallOffice) -> Actor:
    with database.reading() as db:
        return office.actor(db, "wang")


def test_every_answer_to_what_is_not_there_is_a_refusal(database: Database, office: SmallOffice, case_id: int) -> None:
    for answer in (accept_hand_over, lambda db, **who: return_hand_over(db, reason=WHY, **who)):
        with pytest.raises(Refusal), database.writing() as db:
            answer(db, by=office.actor(db, "wang"), case_id=case_id, number=99)
