"""A task returned to an earlier step, and what was completed taken back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from engine.base.database import Database
from engine.cases import acts, drafts, moves, offers, reads, rules
from engine.cases.answers import answers_so_far
from engine.cases.rules import Closed, Mark
from engine.cases.tables import tasks
from engine.diagram import run
from engine.notices.tables import notices
from engine.organisation import acts as organisation
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.diagram_text import END, START, TWO_DEPARTMENTS, TWO_DEPARTMENTS_BESIDE, flow, process, step, way
from tests.engine.cases.duties.offices import TODAY
from tests.engine.cases.moving_about import Matter
from tests.worlds import every_head, in_force


@pytest.fixture
def matter(database: Database, office: SmallOffice, clock: Clock) -> Matter:
    """Received by Li; the plans and fire safety wait to be reviewed."""
    made = Matter.begun(database, office)
    clock.advance(minutes=5)
    made.do("receive", "li")
    clock.advance(minutes=5)
    return made


def back(matter: Matter, login: str, element: str, to: str, **more: Any) -> Any:
    return matter.act(
        "return_task", login, number=matter.open[element], to_element=to, reason="A page is missing", **more
    )


def test_a_returned_task_lies_with_whoever_did_it_and_says_why(matter: Matter) -> None:
    back(matter, "wang", "plans", "receive")
    assert list(matter.open) == ["receive"], "the other review would run twice, and is withdrawn"
    task = matter.task(matter.open["receive"])
    assert task.person_id == matter.office.persons["li"]
    assert matter.marks(task.number) == [(Mark.RETURNED, matter.office.persons["wang"], "A page is missing")]
    told = [row for row in matter.rows(notices) if row.kind == "returned"]
    assert [row.person_id for row in told] == [matter.office.persons["li"]]
    with matter.database.reading() as db:
        entry = reads.case(db, actor=matter.by(db, "zhou"), case_id=matter.case_id).record[-1]
        assert (entry.act, entry.facts["reason"], entry.facts["to"]) == ("return_task", "A page is missing", "receive")
        assert first_broken(db, every_head(db)) is None


def test_where_they_have_left_the_post_it_waits_for_everybody_who_holds_it(matter: Matter, clock: Clock) -> None:
    with matter.database.writing() as db:
        organisation.person_leaves(db, by=matter.by(db, "guo"), person_id=matter.office.persons["li"])
    clock.advance(days=1)
    back(matter, "wang", "plans", "receive")
    assert matter.task(matter.open["receive"]).person_id is None


def test_what_was_completed_beside_it_is_over_and_the_case_goes_on_to_its_end(matter: Matter) -> None:
    matter.do("fire", "zhao")
    back(matter, "wang", "plans", "receive")
    assert list(matter.open) == ["receive"]
    matter.do("receive", "li")
    assert set(matter.open) == {"plans", "fire"}
    matter.do("plans", "wang").do("fire", "wang").do("decide", "wang").do("issue", "li")
    assert matter.row.ended_at is not None


@pytest.mark.parametrize("to", ["decide", "issue", "fire", "plans", "nowhere", ""])
def test_only_a_step_that_was_completed_before_can_be_returned_to(matter: Matter, to: str) -> None:
    with pytest.raises(moves.NeverThere):
        back(matter, "wang", "plans", to)
    assert set(matter.open) == {"plans", "fire"}


def test_what_takes_from_somebody_needs_a_reason(matter: Matter) -> None:
    with pytest.raises(rules.ReasonMissing):
        matter.act("return_task", "wang", number=matter.open["plans"], to_element="receive", reason="  ")


def test_nobody_returns_what_is_not_theirs(matter: Matter) -> None:
    with pytest.raises(rules.WrongPost):
        back(matter, "li", "plans", "receive")
    matter.act("claim", "zhao", number=matter.open["plans"])
    with pytest.raises(rules.ClaimedBySomebody):
        back(matter, "wang", "plans", "receive")


def test_the_same_return_sent_twice_is_made_once(matter: Matter) -> None:
    number, receipt = matter.open["plans"], b"r" * 16
    for _ in range(2):
        matter.act("return_task", "wang", number=number, to_element="receive", reason="Twice", receipt=receipt)
    assert matter.row.tasks_opened == 4
    with pytest.raises(rules.NoLongerNeeded):
        matter.act("return_task", "wang", number=number, to_element="receive", reason="Once more")


def test_a_step_may_be_without_it(database: Database, office: SmallOffice) -> None:
    source = TWO_DEPARTMENTS.replace(b'<userTask id="fire"', b'<userTask id="fire" officium:without="return withdraw"')
    matter = Matter.begun(database, office, source=source, beside=TWO_DEPARTMENTS_BESIDE)
    assert source != TWO_DEPARTMENTS
    matter.do("receive", "li")
    with pytest.raises(rules.MoveSwitchedOff):
        back(matter, "wang", "fire", "receive")
    number = matter.open["fire"]
    matter.do("fire", "wang")
    with pytest.raises(rules.MoveSwitchedOff):
        matter.act("withdraw", "wang", number=number)


def test_a_step_of_a_parallel_block_that_is_over_is_done_again_alone(matter: Matter) -> None:
    matter.do("plans", "wang").do("fire", "zhao")
    back(matter, "wang", "decide", "plans")
    assert list(matter.open) == ["plans"]
    assert matter.task(matter.open["plans"]).person_id == matter.office.persons["wang"]
    matter.do("plans", "wang")
    assert list(matter.open) == ["decide"], "the other review stays done"
    matter.do("decide", "zhao").do("issue", "li")
    assert matter.row.ended_at is not None


ROUND_AGAIN = process(
    START + '<exclusiveGateway id="merge"/><parallelGateway id="split"/>' + step("one") + step("two") + '<parallelGateway id="join"/>' + step("look")
    + '<exclusiveGateway id="again" name="Again?" default="again_to_end"/>' + END
    + way("start", "merge", "split", "one", "join", "look", "again", "end") + way("split", "two", "join")
    + flow("again", "merge", "more = true")
)  # fmt: skip


def test_what_was_withdrawn_beside_it_is_not_taken_for_done(database: Database, office: SmallOffice) -> None:
    """In the second turn `two` was withdrawn: `one` cannot be done again as if `two` were done."""
    beside = {"look.form.json": b'{"components":[{"type":"checkbox","key":"more","label":"More"}]}'}
    source = ROUND_AGAIN.replace(b'<userTask id="look"', b'<userTask id="look" officium:form="look.form.json"')
    owners = {"process:procedure": "clerk"}
    matter = Matter.begun(database, office, source=source, beside=beside, owners=owners)
    matter.do("one", "li").do("two", "li")
    assert [one.value for one in _targets(matter, "look")] == ["one", "two"]
    with database.writing() as db:
        acts.complete_task(
            db, by=matter.by(db, "li"), case_id=matter.case_id, number=matter.open["look"],
            submitted={"more": ["true"]},
        )  # fmt: skip
    matter.do("one", "li")
    back(matter, "li", "two", "look")
    assert [one.value for one in _targets(matter, "look")] == ["two"]
    with pytest.raises(moves.NeverThere):
        back(matter, "li", "look", "one")


def _targets(matter: Matter, element: str) -> tuple[Any, ...]:
    with matter.database.reading() as db:
        li = matter.by(db, "li")
        page = reads.task(db, actor=li, case_id=matter.case_id, number=matter.open[element])
        found = offers.moves_of(db, actor=li, task_page=page, today=TODAY)
    return next(one for one in found if one.code == "return").targets


# Taken back.


def test_what_was_just_completed_is_mine_again_with_my_answers_as_a_draft(matter: Matter) -> None:
    number = matter.closed("receive")
    matter.act("withdraw", "li", number=number)
    assert list(matter.open) == ["receive"]
    again = matter.task(matter.open["receive"])
    before = matter.task(number)
    assert (again.person_id, again.due_at, again.token) == (matter.office.persons["li"], before.due_at, before.token)
    assert matter.marks(again.number) == [(Mark.WITHDRAWN, matter.office.persons["li"], "")]
    with matter.database.reading() as db:
        sheet = drafts.draft(db, actor=matter.by(db, "li"), case_id=matter.case_id, number=again.number)
        assert sheet is not None
        assert sheet.typed["plot"] == ("C-1",)
        assert answers_so_far(db, matter.case_id) == {}, "what was taken back was not answered"
        assert first_broken(db, every_head(db)) is None
    assert all(row.closed_how == Closed.CANCELLED for row in matter.rows(tasks) if row.element in ("plans", "fire"))
    matter.do("receive", "li").do("plans", "wang").do("fire", "wang").do("decide", "wang").do("issue", "li")
    assert matter.row.ended_at is not None


def test_in_a_branch_the_other_one_stays_as_it_is(matter: Matter) -> None:
    matter.act("claim", "zhao", number=matter.open["fire"])
    matter.do("plans", "wang")
    matter.act("withdraw", "wang", number=matter.closed("plans"))
    assert set(matter.open) == {"plans", "fire"}
    assert matter.task(matter.open["fire"]).person_id == matter.office.persons["zhao"]


def test_where_it_fired_the_join_the_other_branch_waits_there_again(matter: Matter) -> None:
    matter.do("plans", "wang").do("fire", "zhao")
    assert list(matter.open) == ["decide"]
    matter.act("withdraw", "zhao", number=matter.closed("fire"))
    assert list(matter.open) == ["fire"]
    assert matter.do("fire", "zhao").open.keys() == {"decide"}


def test_it_is_too_late_once_somebody_has_begun_what_came_of_it(matter: Matter) -> None:
    matter.act("claim", "wang", number=matter.open["plans"])
    with pytest.raises(moves.AlreadyBegun):
        matter.act("withdraw", "li", number=matter.closed("receive"))
    matter.do("plans", "wang")
    with pytest.raises(run.HasGoneOn):
        matter.act("withdraw", "li", number=matter.closed("receive"))


def test_only_who_completed_it_takes_it_back_and_only_once(matter: Matter) -> None:
    number = matter.closed("receive")
    with pytest.raises(moves.NotYoursToTakeBack):
        matter.act("withdraw", "chen", number=number)
    with pytest.raises(moves.NotCompleted):
        matter.act("withdraw", "wang", number=matter.open["plans"])
    receipt = b"w" * 16
    matter.act("withdraw", "li", number=number, receipt=receipt)
    matter.act("withdraw", "li", number=number, receipt=receipt)
    with pytest.raises(run.HasGoneOn):
        matter.act("withdraw", "li", number=number)
    assert list(matter.open) == ["receive"]


def test_what_was_sent_out_is_not_called_back(database: Database, office: SmallOffice) -> None:
    sends = process(
        START + step("write", "Write the letter") + '<intermediateThrowEvent id="post"><messageEventDefinition '
        'messageRef="letter"/></intermediateThrowEvent>' + step("file", "File it") + END
        + way("start", "write", "post", "file", "end"),
        before='<message id="letter" name="letter"/>',
    )  # fmt: skip
    matter = Matter.begun(database, office, source=sends, owners={"process:procedure": "clerk"})
    matter.do("write", "li")
    with pytest.raises(moves.GoneOutside):
        matter.act("withdraw", "li", number=matter.closed("write"))


def test_a_timer_that_comes_back_is_due_when_it_was(database: Database, office: SmallOffice, clock: Clock) -> None:
    timed = process(
        START + step("hear", "Hear them") + step("close", "Close it")
        + '<boundaryEvent id="late" attachedToRef="hear"><timerEventDefinition><timeDuration>P10D</timeDuration>'
        + "</timerEventDefinition></boundaryEvent>" + END + way("start", "hear", "close", "end") + way("late", "close")
    )  # fmt: skip
    from engine.cases.tables import timers  # noqa: PLC0415

    matter = Matter.begun(database, office, source=timed, owners={"process:procedure": "clerk"})
    (armed,) = matter.rows(timers, timers.c.closed_at.is_(None))
    clock.advance(days=2)
    matter.do("hear", "li")
    matter.act("withdraw", "li", number=matter.closed("hear"))
    (again,) = matter.rows(timers, timers.c.closed_at.is_(None))
    assert again.due_at == armed.due_at
    clock.advance(days=8)
    with database.writing() as db:
        assert acts.fire_timer(db, case_id=matter.case_id, token=again.token)
    assert list(matter.open) == ["close"]


def test_a_case_that_was_taken_back_in_cannot_be_mistaken_when_it_is_moved(
    database: Database, office: SmallOffice
) -> None:
    """What was taken back was not done: the record is followed without it."""
    from engine.control.moving.deeds import deeds_of  # noqa: PLC0415

    with database.writing() as db:
        procedure_id = in_force(db, office)
    matter = Matter.begun(database, office, procedure_id)
    matter.do("receive", "li")
    matter.act("withdraw", "li", number=matter.closed("receive"))
    with database.reading() as db:
        deeds = deeds_of(db, [matter.case_id])[matter.case_id]
        assert deeds.can_be_followed
        assert (deeds.done, deeds.answers) == ([], {})
    matter.do("receive", "li")
    back(matter, "wang", "plans", "receive")
    with database.reading() as db:
        assert not deeds_of(db, [matter.case_id])[matter.case_id].can_be_followed


def test_a_hand_changed_state_is_refused_rather_than_guessed_at(matter: Matter) -> None:
    with matter.database.writing() as db:
        db.execute(
            update(tasks).where(tasks.c.case_id == matter.case_id, tasks.c.element == "receive").values(token="77")
        )
    with pytest.raises(run.HasGoneOn):
        matter.act("withdraw", "li", number=matter.closed("receive"))
    with matter.database.reading() as db:
        assert db.scalar(select(tasks.c.number).where(tasks.c.case_id == matter.case_id, tasks.c.number == 4)) is None
