"""Completing a task and starting a case: sent twice, by two at once, with faults in the form."""

from __future__ import annotations

import threading
from collections.abc import Callable

import orjson
import pytest
from sqlalchemy import func, select

from engine.base import clock as base_clock
from engine.base.database import Database
from engine.base.errors import NotAllowed, Refusal
from engine.cases import acts, reads, rules
from engine.cases.acts import Started
from engine.cases.rules import FormFaults
from engine.cases.tables import cases, task_events
from engine.diagram import run
from engine.records.journal import entries
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.diagram_text import END, START, process, step, way
from tests.worlds import begun, every_head, in_force

RECEIVED = {"plot": ["C-1"]}
COMPLETE = {"complete": ["complete_to_split"]}
RECEIPT, OTHER = b"r" * 16, b"o" * 16


@pytest.fixture
def procedure_id(database: Database, office: SmallOffice) -> int:
    with database.writing() as db:
        return in_force(db, office)


@pytest.fixture
def case_id(database: Database, office: SmallOffice, procedure_id: int) -> int:
    with database.writing() as db:
        return begun(db, office, procedure_id).case_id


def _complete(
    database: Database, office: SmallOffice, case_id: int, login: str = "li", receipt: bytes | None = None
) -> acts.Completed:
    with database.writing() as db:
        return acts.complete_task(
            db, by=office.actor(db, login), case_id=case_id, number=1,
            submitted=RECEIVED, chosen=COMPLETE, receipt=receipt,
        )  # fmt: skip


def _rows(database: Database, case_id: int) -> tuple[int, int]:
    with database.reading() as db:
        changes = db.scalar(select(func.count()).select_from(task_events).where(task_events.c.case_id == case_id))
        return changes or 0, len(entries(db, case_id))


@pytest.mark.parametrize("login", ["li", "chen"])
def test_completing_twice_is_refused_with_who_did_it_and_when(
    database: Database, office: SmallOffice, clock: Clock, case_id: int, login: str
) -> None:
    at = clock.advance(hours=1)
    _complete(database, office, case_id)
    before = _rows(database, case_id)
    clock.advance(hours=1)
    with pytest.raises(rules.AlreadyCompleted) as refused:
        _complete(database, office, case_id, login)
    assert refused.value.facts["at"] == at
    assert "Li Ming" in refused.value.say("en")
    assert _rows(database, case_id) == before


def test_the_same_receipt_sent_twice_does_nothing_the_second_time(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    first = _complete(database, office, case_id, receipt=RECEIPT)
    before = _rows(database, case_id)
    again = _complete(database, office, case_id, receipt=RECEIPT)
    assert (again.case_id, again.ended, again.opened) == (first.case_id, first.ended, ())
    assert _rows(database, case_id) == before


@pytest.mark.parametrize(("login", "receipt"), [("chen", RECEIPT), ("li", OTHER), ("li", None)])
def test_anothers_receipt_or_another_receipt_is_no_repetition(
    database: Database, office: SmallOffice, case_id: int, login: str, receipt: bytes | None
) -> None:
    _complete(database, office, case_id, receipt=RECEIPT)
    with pytest.raises(rules.AlreadyCompleted):
        _complete(database, office, case_id, login, receipt)


def test_a_task_that_was_cancelled_is_no_longer_needed(database: Database, office: SmallOffice, clock: Clock) -> None:
    drawn = process(
        START + step("one") + step("late") + END + way("start", "one", "end") + way("timer", "late", "end")
        + '<boundaryEvent id="timer" attachedToRef="one"><timerEventDefinition><timeDuration>P1D</timeDuration>'
        + "</timerEventDefinition></boundaryEvent>"
    )  # fmt: skip
    with database.writing() as db:
        case_id = begun(
            db, office, in_force(db, office, drawn, owners={"process:procedure": "clerk"}, prefix="TT")
        ).case_id
    at = clock.advance(days=1)
    with database.writing() as db:
        ((_case, token),) = reads.due_timers(db, at=at)
        acts.fire_timer(db, case_id=case_id, token=token)
    clock.advance(hours=1)
    with database.writing() as db, pytest.raises(rules.NoLongerNeeded) as refused:
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
    assert refused.value.facts == {"task": "One", "at": at}


def test_faults_of_the_form_keep_nothing_and_give_back_what_was_typed(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    before = _rows(database, case_id)
    typed = {"plot": ["C" * 21], "area": ["none"], "urgent": ["true"]}
    with pytest.raises(FormFaults) as refused, database.writing() as db:
        acts.complete_task(
            db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted=typed, chosen=COMPLETE, receipt=RECEIPT
        )
    assert set(refused.value.errors) == {"plot", "area"}
    assert list(refused.value.typed["plot"]) == ["C" * 21]
    assert _rows(database, case_id) == before
    _complete(database, office, case_id, receipt=RECEIPT)


def test_a_way_that_was_not_chosen_is_asked_for_and_nothing_is_kept(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    before = _rows(database, case_id)
    wrong: tuple[dict[str, list[str]], ...] = (
        {},
        {"complete": []},
        {"complete": ["nowhere"]},
        {"complete": ["complete_to_split", "complete_to_receive"]},
    )
    for chosen in wrong:
        with pytest.raises(Refusal) as refused, database.writing() as db:
            acts.complete_task(
                db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted=RECEIVED, chosen=chosen
            )
        assert isinstance(refused.value, run.ChoiceNeeded)
    assert _rows(database, case_id) == before


def test_fields_that_are_not_in_the_form_are_not_kept(database: Database, office: SmallOffice, case_id: int) -> None:
    with database.writing() as db:
        acts.complete_task(
            db, by=office.actor(db, "li"), case_id=case_id, number=1, chosen=COMPLETE,
            submitted={**RECEIVED, "grant": ["true"], "plot[1]": ["x"], "__class__": ["y"]},
        )  # fmt: skip
        assert set(reads.case(db, actor=office.actor(db, "li"), case_id=case_id).answers) <= {"plot", "area", "urgent"}


def test_a_case_that_ended_takes_nothing_more(database: Database, office: SmallOffice) -> None:
    drawn = process(START + step("one") + END + way("start", "one", "end"))
    with database.writing() as db:
        case_id = begun(
            db, office, in_force(db, office, drawn, owners={"process:procedure": "clerk"}, prefix="ON")
        ).case_id
        by = office.actor(db, "li")
        assert acts.complete_task(db, by=by, case_id=case_id, number=1, submitted={}).ended
        with pytest.raises(rules.AlreadyCompleted):
            acts.complete_task(db, by=by, case_id=case_id, number=1, submitted={})
        with pytest.raises(rules.CaseEnded):
            acts.deliver_message(db, by=by, case_id=case_id, token="x", note="")


# starting


def _start(database: Database, office: SmallOffice, procedure_id: int, receipt: bytes | None, **more: str) -> Started:
    with database.writing() as db:
        return acts.start_case(
            db, by=office.actor(db, more.get("login", "li")), procedure_id=procedure_id,
            matter=more.get("matter", "A house"), applicant=more.get("applicant", "Wang Fang"),
            submitted={}, receipt=receipt,
        )  # fmt: skip


def test_two_starts_with_one_receipt_are_one_case(database: Database, office: SmallOffice, procedure_id: int) -> None:
    first = _start(database, office, procedure_id, RECEIPT)
    again = _start(database, office, procedure_id, RECEIPT)
    other = _start(database, office, procedure_id, OTHER)
    assert (again.case_id, again.number) == (first.case_id, first.number)
    assert (first.number, other.number) == ("BP-2026-0001", "BP-2026-0002")


def test_a_case_needs_a_matter_and_an_applicant(database: Database, office: SmallOffice, procedure_id: int) -> None:
    for more, refusal in (
        ({"matter": "  "}, rules.MatterMissing),
        ({"matter": "x" * 201}, rules.MatterMissing),
        ({"applicant": "\n\t"}, rules.ApplicantMissing),
    ):
        with pytest.raises(refusal):
            _start(database, office, procedure_id, None, **more)
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(cases)) == 0
    started = _start(database, office, procedure_id, None, matter="  A\n new   house ")
    assert started.number == "BP-2026-0001", "a refused start uses up no number"
    with database.reading() as db:
        assert reads.case(db, actor=office.actor(db, "li"), case_id=started.case_id).matter == "A new house"


@pytest.mark.parametrize("login", ["wang", "he", "guo"])
def test_only_the_post_of_the_starts_lane_and_supervisors_start(
    database: Database, office: SmallOffice, procedure_id: int, login: str
) -> None:
    with pytest.raises(NotAllowed):
        _start(database, office, procedure_id, None, login=login)
    assert _start(database, office, procedure_id, None, login="sun").opened


# two at once


def _at_once(moment: Callable[[], object], clock: Clock) -> list[object]:
    """What two threads get who do the same at the same moment: an outcome or a fault."""
    ready, outcomes = threading.Barrier(2), []

    def one() -> None:
        with base_clock.reading(clock.now):
            ready.wait(10)
            try:
                outcomes.append(moment())
            except Exception as fault:  # whatever it is, the test tells it
                outcomes.append(fault)

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def test_of_two_who_complete_at_once_one_wins_and_the_other_is_told(
    database: Database, office: SmallOffice, clock: Clock, case_id: int
) -> None:
    logins = iter(("li", "chen"))
    outcomes = _at_once(lambda: _complete(database, office, case_id, next(logins)), clock)
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyCompleted", "Completed"]
    with database.reading() as db:
        assert [one.act for one in entries(db, case_id)] == ["start_case", "complete_task"]
        assert first_broken(db, every_head(db)) is None


def test_one_who_sends_twice_at_once_completes_once(
    database: Database, office: SmallOffice, clock: Clock, case_id: int
) -> None:
    outcomes = _at_once(lambda: _complete(database, office, case_id, receipt=RECEIPT), clock)
    assert [type(one).__name__ for one in outcomes] == ["Completed", "Completed"]
    assert _rows(database, case_id)[1] == 2


def test_one_who_starts_twice_at_once_starts_one_case(
    database: Database, office: SmallOffice, clock: Clock, procedure_id: int
) -> None:
    outcomes = _at_once(lambda: _start(database, office, procedure_id, RECEIPT), clock)
    assert [type(one).__name__ for one in outcomes] == ["Started", "Started"], outcomes
    assert len({one.case_id for one in outcomes if isinstance(one, Started)}) == 1
    assert _start(database, office, procedure_id, OTHER).number == "BP-2026-0002"


def test_the_record_says_what_the_token_left_only_where_it_left_more_than_the_completed_step(
    database: Database, office: SmallOffice
) -> None:
    drawn = process(START + step("one") + step("two") + END + way("start", "one", "two", "end"))
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office, drawn, owners={"process:procedure": "clerk"})).case_id
        for number in (1, 2):
            acts.complete_task(db, by=office.actor(db, "chen"), case_id=case_id, number=number, submitted={})
    with database.reading() as db:
        told = [(one.act, orjson.loads(one.facts)) for one in entries(db, case_id)]
    assert [facts.get("passed") for _act, facts in told] == [["start"], None, ["two", "end"]]
    assert [list(rules.passed_in(*one)) for one in told] == [["start"], ["one"], ["two", "end"]]


@pytest.mark.parametrize(
    ("act", "facts", "left"),
    [
        ("complete_task", {"element": "one", "passed": ["one"]}, ["one"]),  # as it was written before
        ("complete_task", {"element": "one", "passed": []}, []),
        ("complete_task", {"element": "one", "troubles": [["one", "script"]]}, []),
        ("claim", {"element": "one"}, []),
        ("fire_timer", {"element": "late", "passed": ["late", "end"]}, ["late", "end"]),
    ],
)
def test_what_the_token_left_is_read_from_every_entry(act: str, facts: dict[str, object], left: list[str]) -> None:
    assert list(rules.passed_in(act, facts)) == left


@pytest.mark.parametrize("left", [(), ("one",), ("one", "gate"), ("other",)])
def test_what_is_left_out_is_what_is_read(left: tuple[str, ...]) -> None:
    facts = {
        "element": "one",
        **({"passed": left} if rules.tells_passed("complete_task", {"element": "one"}, left) else {}),
    }
    assert tuple(rules.passed_in("complete_task", facts)) == left
