"""Cases that are suspended, resumed, cancelled; more time asked for; tasks urged and handed over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.base.database import Database
from engine.cases import acts, moves, reads, rules
from engine.cases.asked.rules import AskedBeside
from engine.cases.moves import Ground
from engine.cases.rules import Change, Closed, Ended, Kind, Mark
from engine.cases.tables import awaited, incidents, task_events, tasks, timers
from engine.notices.tables import notices
from engine.organisation.reads import actor
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.diagram_text import END, START, TWO_DEPARTMENTS, TWO_DEPARTMENTS_BESIDE, process, step, way
from tests.engine.cases.moving_about import ANSWERS, CHOSEN, Matter
from tests.worlds import every_head

TIMED = process(
    START + step("hear", "Hear them", 'officium:standardTime="P3D"') + step("close", "Close it")
    + '<boundaryEvent id="late" attachedToRef="hear"><timerEventDefinition><timeDuration>P10D</timeDuration>'
    + "</timerEventDefinition></boundaryEvent>" + END + way("start", "hear", "close", "end") + way("late", "close")
)  # fmt: skip


@pytest.fixture
def matter(database: Database, office: SmallOffice) -> Matter:
    return Matter.begun(database, office)


@pytest.fixture
def timed(database: Database, office: SmallOffice) -> Matter:
    return Matter.begun(database, office, source=TIMED, owners={"process:procedure": "clerk"})


def rest(matter: Matter, login: str = "li", ground: int = Ground.SUPPLEMENT) -> None:
    matter.act("suspend", login, ground=ground, words="The site plan is missing")


def test_while_it_rests_nothing_is_completed_and_no_timer_fires(timed: Matter, clock: Clock) -> None:
    rest(timed)
    with pytest.raises(moves.CaseRests):
        timed.do("hear", "li")
    clock.advance(days=30)
    (armed,) = timed.rows(timers)
    with timed.database.writing() as db:
        assert reads.due_timers(db, at=clock.now()) == ()
        assert not acts.fire_timer(db, case_id=timed.case_id, token=armed.token)


def test_when_it_goes_on_it_has_as_much_time_as_it_had(timed: Matter, clock: Clock) -> None:
    clock.advance(days=1)
    due, fires = timed.task(1).due_at, timed.rows(timers)[0].due_at
    rest(timed)
    clock.advance(days=20)
    timed.act("resume", "li", words="It has come")
    (armed,) = timed.rows(timers, timers.c.closed_at.is_(None))
    assert (timed.task(1).due_at, armed.due_at) == (due + timedelta(days=20), fires + timedelta(days=20))
    assert timed.row.suspended_at is None
    assert [kind for kind, _, _ in timed.marks(1)] == [Mark.RESUMED]
    clock.set(armed.due_at)
    with timed.database.writing() as db:
        assert acts.fire_timer(db, case_id=timed.case_id, token=armed.token)
    assert list(timed.open) == ["close"]
    with timed.database.reading() as db:
        assert first_broken(db, every_head(db)) is None


def test_it_rests_on_a_ground_that_the_law_knows_and_says_why(matter: Matter) -> None:
    for ground in (0, 99, -1):
        with pytest.raises(moves.GroundMissing):
            rest(matter, ground=ground)
    with pytest.raises(rules.ReasonMissing):
        matter.act("suspend", "li", ground=1, words=" ")
    rest(matter)
    with matter.database.reading() as db:
        entry = reads.case(db, actor=matter.by(db, "zhou"), case_id=matter.case_id).record[-1]
    assert (entry.act, entry.facts) == ("suspend", {"ground": 1, "reason": "The site plan is missing"})


def test_who_has_nothing_of_it_in_hand_neither_suspends_nor_resumes_it(matter: Matter) -> None:
    with pytest.raises(moves.NotYoursToSuspend):
        rest(matter, "wang")
    with pytest.raises(moves.NotResting):
        matter.act("resume", "li")
    rest(matter, "zhou")
    with pytest.raises(moves.CaseRests):
        rest(matter)
    with pytest.raises(moves.NotYoursToSuspend):
        matter.act("resume", "wang")
    matter.act("resume", "li")


def test_the_same_suspension_sent_twice_is_made_once(matter: Matter, clock: Clock) -> None:
    for _ in range(2):
        matter.act("suspend", "li", ground=1, words="Twice", receipt=b"s" * 16)
        clock.advance(minutes=1)
    assert matter.row.suspended_at == BEGINNING


# Cancelled.


def test_a_cancelled_case_has_ended_and_nothing_in_it_is_open(timed: Matter, clock: Clock) -> None:
    timed.act("ask_extension", "li", number=1, days=2, reason="More to hear")
    at = clock.advance(hours=1)
    for _ in range(2):
        timed.act("cancel_case", "zhou", reason="Withdrawn by the applicant", receipt=b"c" * 16)
    assert (timed.row.ended_at, timed.row.ended_how, timed.row.state) == (at, Ended.CANCELLED, b"")
    for table in (tasks, timers, awaited, incidents):
        assert timed.rows(table, table.c.closed_at.is_(None)) == []
    assert {row.closed_how for row in timed.rows(tasks)} == {Closed.CANCELLED}
    with pytest.raises(rules.CaseEnded):
        timed.act("cancel_case", "zhou", reason="Again")
    with timed.database.reading() as db:
        assert first_broken(db, every_head(db)) is None


def test_whoever_started_it_cancels_it_only_while_nothing_is_completed(matter: Matter) -> None:
    with pytest.raises(moves.NotYoursToCancel):
        matter.act("cancel_case", "chen", reason="Not mine")
    with pytest.raises(rules.ReasonMissing):
        matter.act("cancel_case", "li", reason="")
    matter.do("receive", "li")
    with pytest.raises(moves.NotYoursToCancel):
        matter.act("cancel_case", "li", reason="Too late")
    matter.act("cancel_case", "sun", reason="The head of review supervises it")
    assert matter.row.ended_how == Ended.CANCELLED


def test_a_case_that_rests_can_be_cancelled(matter: Matter) -> None:
    rest(matter)
    matter.act("cancel_case", "li", reason="Taken back")
    assert matter.row.ended_at is not None


def test_a_step_may_keep_a_case_from_being_cancelled_or_suspended(database: Database, office: SmallOffice) -> None:
    source = TWO_DEPARTMENTS.replace(
        b'<userTask id="receive"', b'<userTask id="receive" officium:without="cancel suspend extend urge transfer"'
    )
    matter = Matter.begun(database, office, source=source, beside=TWO_DEPARTMENTS_BESIDE)
    for act, facts in (
        ("cancel_case", {"reason": "No"}),
        ("suspend", {"ground": 1, "words": "No"}),
        ("ask_extension", {"number": 1, "days": 1, "reason": "No"}),
        ("urge", {"number": 1, "words": "No"}),
        ("transfer", {"number": 1, "to_person": office.persons["chen"], "reason": "No"}),
    ):
        with pytest.raises(rules.MoveSwitchedOff):
            matter.act(act, "li", **facts)


# More time.


def test_more_time_is_asked_of_the_post_above_and_granted(matter: Matter) -> None:
    due = matter.task(1).due_at
    asked = matter.act("ask_extension", "li", number=1, days=5, reason="The archive is closed")
    task = matter.task(asked)
    assert (task.kind, task.of_task, task.post_id) == (Kind.EXTENSION, 1, matter.office.posts["director"])
    assert (task.token, matter.row.tasks_opened) == ("", 2)
    matter.act("decide_extension", "zhou", number=asked, approve=True, words="")
    assert matter.task(1).due_at == due + timedelta(days=5)
    assert matter.task(asked).closed_how == Closed.COMPLETED
    assert [kind for kind, _, _ in matter.marks(1)] == [Mark.EXTENDED]
    with pytest.raises(rules.AlreadyCompleted):
        matter.act("decide_extension", "zhou", number=asked, approve=False, words="No")


def test_declined_it_stays_due_and_the_answer_says_why(matter: Matter) -> None:
    due = matter.task(1).due_at
    asked = matter.act("ask_extension", "li", number=1, days=5, reason="The archive is closed")
    with pytest.raises(rules.ReasonMissing):
        matter.act("decide_extension", "zhou", number=asked, approve=False, words="")
    matter.act("decide_extension", "zhou", number=asked, approve=False, words="It opens tomorrow")
    assert matter.task(1).due_at == due
    told = [row for row in matter.rows(notices) if row.kind == "extension_decided"]
    assert [row.person_id for row in told] == [matter.office.persons["li"]]


def test_more_time_is_asked_for_once(matter: Matter) -> None:
    first = matter.act("ask_extension", "li", number=1, days=5, reason="Once", receipt=b"e" * 16)
    assert matter.act("ask_extension", "li", number=1, days=5, reason="Once", receipt=b"e" * 16) == first
    with pytest.raises(moves.ExtensionAsked):
        matter.act("ask_extension", "li", number=1, days=5, reason="Twice")


@pytest.mark.parametrize("days", [0, -3, 366])
def test_it_is_asked_by_days(matter: Matter, days: int) -> None:
    with pytest.raises(moves.ExtensionDays):
        matter.act("ask_extension", "li", number=1, days=days, reason="Why not")


def test_where_nothing_is_promised_there_is_nothing_to_extend(matter: Matter) -> None:
    matter.do("receive", "li")
    with pytest.raises(moves.NothingPromised):
        matter.act("ask_extension", "wang", number=matter.open["fire"], days=2, reason="Why not")


def test_what_is_asked_is_needed_no_longer_once_the_step_is_completed(matter: Matter) -> None:
    asked = matter.act("ask_extension", "li", number=1, days=5, reason="The archive is closed")
    matter.do("receive", "li")
    assert matter.task(asked).closed_how == Closed.CANCELLED


def test_the_step_itself_is_not_decided_as_an_extension_nor_the_extension_completed(matter: Matter) -> None:
    with pytest.raises(moves.NotAnExtension):
        matter.act("decide_extension", "li", number=1, approve=True, words="")
    asked = matter.act("ask_extension", "li", number=1, days=5, reason="The archive is closed")
    with pytest.raises(rules.WrongPost):
        matter.act("decide_extension", "chen", number=asked, approve=True, words="")
    with pytest.raises(AskedBeside):
        matter.act("complete_task", "zhou", number=asked, submitted={})


# Urged.


def test_who_waits_for_a_task_urges_it_once_a_day(matter: Matter, clock: Clock) -> None:
    matter.act("urge", "li", number=1, words="The applicant calls daily")
    assert matter.marks(1) == [(Mark.URGED, matter.office.persons["li"], "The applicant calls daily")]
    clock.advance(hours=6)
    with pytest.raises(moves.UrgedToday):
        matter.act("urge", "li", number=1, words="Again")
    matter.act("urge", "zhou", number=1, words="I have not yet")
    clock.advance(hours=18)
    matter.act("urge", "li", number=1, words="The next day")


def test_whoever_completed_the_step_before_urges_the_next_and_nobody_else(matter: Matter, clock: Clock) -> None:
    clock.advance(minutes=5)
    matter.do("receive", "chen")
    matter.act("urge", "chen", number=matter.open["plans"], words="It is waited for")
    with pytest.raises(moves.NotYoursToUrge):
        matter.act("urge", "wang", number=matter.open["fire"], words="Mine")
    told = [row for row in matter.rows(notices) if row.kind == "urged"]
    assert {row.person_id for row in told} == {matter.office.persons["wang"], matter.office.persons["zhao"]}


# Handed over to a colleague.


def test_a_task_goes_to_a_colleague_with_the_clock_it_has(matter: Matter, clock: Clock) -> None:
    due = matter.task(1).due_at
    matter.act("claim", "li", number=1)
    clock.advance(hours=1)
    chen = matter.office.persons["chen"]
    matter.act("transfer", "li", number=1, to_person=chen, reason="I am at the hearing")
    task = matter.task(1)
    assert (task.person_id, task.due_at, task.claimed_at) == (chen, due, clock.now())
    changes = sorted(matter.rows(task_events, task_events.c.task_number == 1), key=lambda row: row.number)
    assert [row.change for row in changes] == [Change.OFFERED, Change.CLAIMED, Change.RELEASED, Change.CLAIMED]
    assert [row.number for row in changes] == [1, 2, 3, 4]
    assert task.changes == 4
    assert matter.marks(1) == [(Mark.GIVEN, matter.office.persons["li"], "I am at the hearing")]
    matter.do("receive", "chen")


def test_only_who_has_it_hands_it_over_and_only_to_who_holds_the_post(matter: Matter) -> None:
    persons = matter.office.persons
    matter.act("claim", "li", number=1)
    with pytest.raises(moves.NotYoursToGive):
        matter.act("transfer", "chen", number=1, to_person=persons["chen"], reason="I take it")
    with pytest.raises(moves.NotOfThePost):
        matter.act("transfer", "li", number=1, to_person=persons["wang"], reason="Not a clerk")
    with pytest.raises(moves.OwnAlready):
        matter.act("transfer", "li", number=1, to_person=persons["li"], reason="Myself")
    with pytest.raises(rules.ReasonMissing):
        matter.act("transfer", "li", number=1, to_person=persons["chen"], reason="")


def test_a_supervisor_gives_it_to_another_post_of_the_same_department(matter: Matter) -> None:
    office = matter.office
    matter.do("receive", "li")
    plans = matter.open["plans"]
    matter.act("claim", "wang", number=plans)
    matter.act(
        "transfer", "sun", number=plans, to_person=office.persons["sun"], to_post=office.posts["head"], reason="I do it"
    )
    task = matter.task(plans)
    assert (task.post_id, task.person_id) == (office.posts["head"], office.persons["sun"])
    with pytest.raises(moves.NotOfThePost):
        matter.act(
            "transfer",
            "zhou",
            number=plans,
            to_person=office.persons["chen"],
            to_post=office.posts["clerk"],
            reason="Elsewhere",
        )


def test_duties_that_are_kept_apart_stay_apart_when_a_task_is_given(database: Database, office: SmallOffice) -> None:
    source = TWO_DEPARTMENTS.replace(
        b'<userTask id="decide" name="Decide" officium:form="decide.form.json">',
        b'<userTask id="decide" name="Decide" officium:form="decide.form.json"><extensionElements>'
        b'<officium:separation from="plans" by="person"/></extensionElements>',
    )
    assert source != TWO_DEPARTMENTS
    matter = Matter.begun(database, office, source=source, beside=TWO_DEPARTMENTS_BESIDE)
    matter.do("receive", "li").do("plans", "wang").do("fire", "wang")
    decide = matter.open["decide"]
    matter.act("claim", "zhao", number=decide)
    for by in ("zhao", "sun", "zhou"):
        with pytest.raises(rules.DutiesApart):
            matter.act("transfer", by, number=decide, to_person=office.persons["wang"], reason="He knows it")


def test_what_is_kept_as_answers_of_the_tests_is_what_the_procedure_asks(
    database: Database, office: SmallOffice
) -> None:
    """The helper plays the whole procedure to its end."""
    matter = Matter.begun(database, office)
    for element, login in (("receive", "li"), ("plans", "wang"), ("fire", "wang"), ("decide", "zhao"), ("issue", "li")):
        matter.do(element, login)
    assert matter.row.ended_at is not None
    assert ANSWERS.keys() | CHOSEN.keys() <= {"receive", "decide"}
    with database.reading() as db:
        assert actor(db, office.persons["li"]).login == "li"
