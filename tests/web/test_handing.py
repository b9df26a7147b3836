"""A hand-over on the page of a task and of a case: accepted, returned with a reason, and who is accountable meanwhile."""

from __future__ import annotations

import re

import pytest

from engine.cases import acts
from engine.cases.handing.acts import accept_hand_over
from engine.cases.handing.reads import hand_overs_of
from engine.cases.handing.rules import State
from tests.conftest import Clock
from tests.diagram_text import END, START, lanes, process, step, way
from tests.web.conftest import Rooms
from tests.worlds import begun, in_force

OVER = process(
    lanes(counter=("start", "ask", "end"), bureau=("answer",))
    + START + step("ask") + step("answer", "Answer the question") + END + way("start", "ask", "answer", "end")
)  # fmt: skip


@pytest.fixture
def case_id(rooms: Rooms, clock: Clock) -> int:
    with rooms.database.writing() as db:
        found = begun(db, rooms.office, in_force(db, rooms.office, OVER)).case_id
        acts.complete_task(db, by=rooms.office.actor(db, "li"), case_id=found, number=1, submitted={})
    clock.advance(hours=2)
    return found


def _state(rooms: Rooms, case_id: int) -> State:
    with rooms.database.reading() as db:
        return hand_overs_of(db, case_id)[0].state


def test_the_receiver_sees_who_handed_it_over_and_accepts_it(rooms: Rooms, case_id: int) -> None:
    wang = rooms.visitor("wang")
    page = wang.get(f"/tasks/{case_id}/2").text
    assert "Handed over by Service counter" in page
    assert "Taking the task or completing it accepts it too." in page
    assert re.search(r"Accountable:.{0,20}Counter clerk, Service counter", page, re.DOTALL)
    assert page.count("Accountable:") == 1, "it is said once"
    answer = wang.post(f"/tasks/{case_id}/2/hand-over/accept")
    assert answer.status_code == 303
    assert _state(rooms, case_id) is State.ACCEPTED
    page = wang.get(f"/tasks/{case_id}/2").text
    assert re.search(r"Accountable:.{0,20}Reviewer, Review section", page, re.DOTALL)
    assert "nobody yet" in page
    assert "2 h in transit" in page
    assert "hand-over/accept" not in page, "there is nothing to answer any more"


def test_returned_with_a_reason_the_sender_reads_it(rooms: Rooms, case_id: int) -> None:
    wang, li = rooms.visitor("wang"), rooms.visitor("li")
    answer = wang.post(f"/tasks/{case_id}/2/hand-over/return", {"reason": "The plan <b>is</b> missing."})
    assert answer.status_code == 303
    assert _state(rooms, case_id) is State.RETURNED
    assert "The plan &lt;b&gt;is&lt;/b&gt; missing." in li.get("/").text, "the list says why it is there again"
    page = li.get(f"/cases/{case_id}").text
    assert "returned by Wang Lei" in page
    assert "The plan &lt;b&gt;is&lt;/b&gt; missing." in page
    assert "went to and fro between Service counter and Review section 1 time" in page


def test_without_a_reason_it_is_not_returned_and_the_page_says_so(rooms: Rooms, case_id: int) -> None:
    answer = rooms.visitor("wang").post(f"/tasks/{case_id}/2/hand-over/return", {"reason": " "})
    assert answer.status_code == 422
    assert "Service counter reads it" in answer.text
    assert _state(rooms, case_id) is State.WAITING


def test_where_somebody_was_faster_what_was_typed_is_shown(rooms: Rooms, case_id: int) -> None:
    with rooms.database.writing() as db:
        accept_hand_over(db, by=rooms.office.actor(db, "zhao"), case_id=case_id, number=2)
    answer = rooms.visitor("wang").post(f"/tasks/{case_id}/2/hand-over/return", {"reason": "Long and well said."})
    assert answer.status_code == 409
    assert "Long and well said." in answer.text
    assert "Zhao Min" in answer.text


def test_who_does_not_hold_the_post_reads_it_and_answers_nothing(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    page = li.get(f"/tasks/{case_id}/2").text
    assert "Handed over by Service counter" in page
    assert "hand-over/accept" not in page
    for what in ("accept", "return"):
        assert li.post(f"/tasks/{case_id}/2/hand-over/{what}", {"reason": "Mine."}).status_code == 403
    assert _state(rooms, case_id) is State.WAITING


def test_the_page_of_the_case_lists_every_hand_over_with_both_clocks(rooms: Rooms, case_id: int, clock: Clock) -> None:
    with rooms.database.writing() as db:
        acts.claim(db, by=rooms.office.actor(db, "wang"), case_id=case_id, number=2)
    clock.advance(hours=5)
    page = rooms.visitor("zhou").get(f"/cases/{case_id}").text
    assert "Hand-overs between departments" in page
    assert "2 h in transit" in page
    assert "5 h with the receiver" in page
    assert "accepted by Wang Lei" in page


def test_it_is_told_in_chinese(rooms: Rooms, case_id: int) -> None:
    wang = rooms.visitor("wang")
    wang.post("/language", {"language": "zh"})
    page = wang.get(f"/tasks/{case_id}/2").text
    assert "由服务窗口交接而来" in page
    assert "“Answer the question”的交接尚无人接收" in page


def test_what_was_handed_over_by_nobody_shows_nothing_of_it(rooms: Rooms, case_id: int) -> None:
    page = rooms.visitor("li").get(f"/tasks/{case_id}/1").text
    assert "Handed over by" not in page
