"""Silence escalates: once, whoever looks, and never while the case rests."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from engine.base import clock as base_clock
from engine.base.database import Database
from engine.cases import acts, reads
from engine.cases.clocks.acts import resume_clock, stop_clock
from engine.cases.handing.acts import accept_hand_over, escalate_hand_over, return_hand_over
from engine.cases.handing.reads import hand_overs_of, silent_hand_overs
from engine.cases.rules import Mark
from engine.cases.tables import hand_overs, marks
from engine.notices.tables import notices
from engine.records.tables import entries
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.diagram_text import END, START, lanes, process, step, way
from tests.worlds import begun, every_head, in_force
from web.working.rounds import tick

OVER = process(
    lanes(counter=("start", "ask", "end"), bureau=("answer",))
    + START + step("ask") + step("answer") + END + way("start", "ask", "answer", "end")
)  # fmt: skip


@pytest.fixture
def case_id(database: Database, office: SmallOffice, clock: Clock) -> int:
    with database.writing() as db:
        found = begun(db, office, in_force(db, office, OVER)).case_id
        acts.complete_task(db, by=office.actor(db, "li"), case_id=found, number=1, submitted={})
    return found


def _escalations(database: Database) -> int:
    with database.reading() as db:
        return db.scalar(select(func.count()).where(entries.c.act == "escalate_hand_over")) or 0


def test_nobody_is_told_before_the_time_is_up_and_everybody_once_it_is(
    database: Database, office: SmallOffice, case_id: int, clock: Clock
) -> None:
    clock.advance(hours=31, minutes=59)  # sent on a Monday at 9, to be answered by the end of business on Tuesday
    assert tick(database) == 0
    clock.advance(minutes=1)
    assert tick(database) == 1
    clock.advance(days=3)
    assert tick(database) == 0
    with database.reading() as db:
        (one,) = hand_overs_of(db, case_id)
        assert one.escalated_at == one.answer_by == one.sent_at + timedelta(hours=32)
        (mark,) = db.execute(select(marks).where(marks.c.kind == Mark.ESCALATED)).all()
        assert (mark.kind, mark.department_id) == (Mark.ESCALATED, office.departments["review"])
        of_this = notices.c.kind.startswith("hand_over")
        told = {tuple(row) for row in db.execute(select(notices.c.person_id, notices.c.kind).where(of_this))}
        assert told == {
            (office.persons["sun"], "hand_over_escalated"), (office.persons["li"], "hand_over_silent"),
        }, "the head of review, to whom the reviewer reports, and who sent it"  # fmt: skip
        record = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id).record
        entry = next(one for one in record if one.act == "escalate_hand_over")
        assert (entry.act, entry.person) == ("escalate_hand_over", None)
        assert first_broken(db, every_head(db)) is None


@pytest.mark.parametrize("answer", ["accept", "return", "claim"])
def test_what_was_answered_in_time_is_not_escalated(
    database: Database, office: SmallOffice, case_id: int, clock: Clock, answer: str
) -> None:
    with database.writing() as db:
        by = office.actor(db, "wang")
        if answer == "accept":
            accept_hand_over(db, by=by, case_id=case_id, number=2)
        elif answer == "return":
            return_hand_over(db, by=by, case_id=case_id, number=2, reason="Not ours.")
        else:
            acts.claim(db, by=by, case_id=case_id, number=2)
    clock.advance(days=9)
    assert tick(database) == 0
    with database.writing() as db:
        assert not escalate_hand_over(db, case_id=case_id, number=2)


def test_it_can_still_be_accepted_afterwards(
    database: Database, office: SmallOffice, case_id: int, clock: Clock
) -> None:
    clock.advance(days=2)
    tick(database)
    with database.writing() as db:
        accept_hand_over(db, by=office.actor(db, "wang"), case_id=case_id, number=2)
        (one,) = hand_overs_of(db, case_id)
        assert one.in_transit(clock.now()) == timedelta(days=2)


@pytest.mark.parametrize("still", ["rests", "its clock stands"])
def test_a_case_that_stands_still_is_not_escalated_and_has_as_much_time_afterwards(
    database: Database, office: SmallOffice, clock: Clock, still: str
) -> None:
    """Nothing promised is used up in these days, so that no other alarm goes off."""
    source = OVER.replace(b"<process ", b'<process officium:promised="P60D" officium:workingTime="true" ')
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office, source)).case_id
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
        wang = office.actor(db, "wang")
        if still == "rests":
            acts.suspend(db, by=wang, case_id=case_id, ground=1, words="A paper is missing.")
        else:
            stop_clock(db, by=wang, case_id=case_id, ground="inspection", words="An inspection is under way.")
    clock.advance(days=10)
    with database.reading() as db:
        assert silent_hand_overs(db, at=clock.now()) == ()
    assert tick(database) == 0
    with database.writing() as db:
        assert not escalate_hand_over(db, case_id=case_id, number=2)
        if still == "rests":
            acts.resume(db, by=office.actor(db, "wang"), case_id=case_id)
        else:
            resume_clock(db, by=office.actor(db, "wang"), case_id=case_id, number=1)
    clock.advance(hours=31)  # it goes on at the hour at which it came to stand, eight working days later
    assert tick(database) == 0
    clock.advance(hours=1)
    assert tick(database) == 1


def test_two_that_tick_at_once_escalate_once(
    database: Database, office: SmallOffice, case_id: int, clock: Clock
) -> None:
    """Threads see real time, so that the hand-over was sent long ago for them."""
    with database.writing() as db:
        long_ago = clock.now() - timedelta(days=4000)
        db.execute(update(hand_overs).values(sent_at=long_ago, answer_by=long_ago + timedelta(days=1)))
    at_once = threading.Barrier(4)
    told: list[bool] = []
    faults: list[BaseException] = []

    def escalate() -> None:
        try:
            at_once.wait(timeout=10)
            with base_clock.reading(clock.now), database.writing() as db:
                told.append(escalate_hand_over(db, case_id=case_id, number=2))
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=escalate) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=30)
    assert faults == []
    assert sorted(told) == [False, False, False, True]
    assert _escalations(database) == 1
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(marks)) == 1


def test_one_that_fails_does_not_keep_the_others_waiting(
    database: Database, office: SmallOffice, case_id: int, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with database.writing() as db:
        other = begun(db, office, in_force(db, office, OVER, prefix="XX")).case_id
        acts.complete_task(db, by=office.actor(db, "li"), case_id=other, number=1, submitted={})
        # A department that there is not cannot be told of.
        db.execute(update(hand_overs).where(hand_overs.c.case_id == case_id).values(to_department_id=999))
    clock.advance(days=2)
    assert tick(database) == 1
    with database.reading() as db:
        assert [one.escalated_at is not None for one in hand_overs_of(db, other)] == [True]


def test_the_longest_silence_comes_first_and_no_more_than_asked_for(
    database: Database, office: SmallOffice, case_id: int, clock: Clock
) -> None:
    clock.advance(hours=2)
    with database.writing() as db:
        later = begun(db, office, in_force(db, office, OVER, prefix="XX")).case_id
        acts.complete_task(db, by=office.actor(db, "li"), case_id=later, number=1, submitted={})
    clock.advance(days=2)
    with database.reading() as db:
        assert silent_hand_overs(db, at=clock.now()) == ((case_id, 2), (later, 2))
        assert silent_hand_overs(db, at=clock.now(), limit=1) == ((case_id, 2),)
