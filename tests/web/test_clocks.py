"""The clock on the page of a case and of a task, its forms, the room for supervisors, and what is told at the counter."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from engine.cases.clocks import acts
from engine.cases.clocks.explained import case_time
from tests.conftest import Clock
from tests.engine.cases.clocks.test_clocks import DEEMED, LAW, drawn
from tests.web.conftest import Rooms
from tests.worlds import begun, in_force


@pytest.fixture
def case_id(rooms: Rooms, clock: Clock) -> int:
    with rooms.database.writing() as db:
        return begun(db, rooms.office, _in_force(rooms, db, LAW), by="sun").case_id


def _in_force(rooms: Rooms, db: object, attributes: str, prefix: str = "BP") -> int:
    return in_force(
        db,  # type: ignore[arg-type]
        rooms.office, drawn(attributes), owners={"process:procedure": "reviewer"}, prefix=prefix,
    )  # fmt: skip


def _part(page: str) -> str:
    found = re.search(r'id="clock".*?</section>', page, re.DOTALL)
    assert found is not None
    return found[0]


def test_the_page_tells_what_is_gone_what_is_left_and_why(rooms: Rooms, case_id: int, clock: Clock) -> None:
    clock.advance(days=2)
    part = _part(rooms.visitor("wang").get(f"/cases/{case_id}").text)
    assert "Promised period" in part
    assert "2 working days gone, 13 working days left" in part
    assert "It began on 2 March 2026; that day is not counted. The period is 15 working days." in part
    assert "article 32" in part, "what the law says of telling once what is missing"
    assert "A lawyer of the office must confirm it" in part
    assert "Promised period" in _part(rooms.visitor("wang").get(f"/tasks/{case_id}/1").text)


def test_it_is_told_in_chinese_too(rooms: Rooms, case_id: int) -> None:
    visitor = rooms.visitor("wang")
    visitor.post("/language", {"language": "zh", "next": "/"})
    part = _part(visitor.get(f"/cases/{case_id}").text)
    assert "承诺期限" in part
    assert "自 2026年3月2日 起算，当日不计入" in part
    assert "gone" not in part


def test_it_is_stopped_and_set_going_from_the_page(rooms: Rooms, case_id: int, clock: Clock) -> None:
    wang = rooms.visitor("wang")
    assert "Stop the clock" in _part(wang.get(f"/cases/{case_id}").text)
    answer = wang.post(
        f"/cases/{case_id}/clock/stop", {"ground": "hearing", "words": "A <b>hearing</b>", "notice_day": "2026-03-02"}
    )
    assert answer.status_code == 303
    clock.advance(days=3)
    wang = rooms.visitor("wang")
    part = _part(wang.get(f"/cases/{case_id}").text)
    assert "clock stands" in part
    assert "A &lt;b&gt;hearing&lt;/b&gt;" in part
    assert "The applicant was told in writing on" in part
    answer = wang.post(f"/cases/{case_id}/clock/resume", {"stop": "1", "words": "It was held", "own:task": "1"})
    assert answer.headers["Location"].endswith(f"/tasks/{case_id}/1")
    assert "clock stands" not in _part(wang.get(f"/cases/{case_id}").text)


def test_what_is_missing_in_a_form_is_told_with_what_was_typed(rooms: Rooms, case_id: int) -> None:
    wang = rooms.visitor("wang")
    again = wang.post(f"/cases/{case_id}/clock/stop", {"ground": "weather", "words": "It rains"})
    assert again.status_code == 422
    assert "On this ground the clock does not stand in this procedure." in again.text
    assert "It rains" in again.text
    for field, words in (("extend", "reason"), ("ask", "reason")):
        answer = rooms.visitor("zhou" if field == "extend" else "wang").post(
            f"/cases/{case_id}/clock/{field}", {"amount": "x", words: "Longer"}
        )
        assert answer.status_code == 422, field
        assert "Longer" in answer.text


def test_the_room_says_each_instant_once(rooms: Rooms, case_id: int, clock: Clock) -> None:
    clock.set(datetime(2026, 3, 22, 2, tzinfo=UTC))  # a Sunday; the period ends on Monday
    page = " ".join(re.sub("<[^>]+>", " ", rooms.visitor("zhou").get("/clocks").text).split())
    assert "tomorrow 17:00 Mon 23 Mar" in page
    assert page.count("tomorrow") == 1


def test_who_has_nothing_of_it_in_hand_is_offered_nothing_and_refused(rooms: Rooms, case_id: int) -> None:
    answer = rooms.visitor("li").post(f"/cases/{case_id}/clock/stop", {"ground": "hearing", "words": "No"})
    assert answer.status_code == 403
    assert rooms.visitor("wang").post(
        f"/cases/{case_id}/clock/extend", {"amount": "5", "reason": "For me"}
    ).status_code == 403  # fmt: skip


def test_an_extension_is_asked_for_and_decided_by_somebody_else(rooms: Rooms, case_id: int) -> None:
    wang, zhou = rooms.visitor("wang"), rooms.visitor("zhou")
    assert wang.post(f"/cases/{case_id}/clock/ask", {"amount": "5", "reason": "Experts"}).status_code == 303
    assert "Extend the period" not in _part(wang.get(f"/cases/{case_id}").text)
    room = zhou.get("/clocks").text
    assert "Extensions asked for" in room
    assert "5 working days" in room
    assert zhou.post(f"/cases/{case_id}/clock/extend", {"amount": "5", "reason": "Granted"}).status_code == 303
    part = _part(wang.get(f"/cases/{case_id}").text)
    assert "Extended by 5 working days, Zhou Hong" in part
    assert "It was extended by 5 working days." in part


def test_supervisors_see_what_is_over_stands_or_waits_for_them(rooms: Rooms, case_id: int, clock: Clock) -> None:
    with rooms.database.writing() as db:
        deemed = begun(db, rooms.office, _in_force(rooms, db, DEEMED, "SI"), by="sun", matter="Silence").case_id
    clock.advance(days=30)
    with rooms.database.writing() as db:
        assert acts.note_expiry(db, case_id=deemed, kind=1)
    zhou = rooms.visitor("zhou")
    page = zhou.get("/clocks").text
    assert "Over: confirm what that means" in page
    assert "Periods that are over" in page
    assert "took effect" not in page
    assert 'aria-current="page">Clocks</a>' in page, "it is a page of the watch"
    assert "7 working days late" in page, "fifteen from 2 March are over on the 23rd; it is 1 April, two weekends later"
    assert rooms.visitor("wang").get("/clocks").status_code == 403
    assert "Confirm that it took effect" in _part(zhou.get(f"/cases/{deemed}").text)
    answer = zhou.post(f"/cases/{deemed}/clock/confirm", {"kind": "1", "agree": "yes", "words": "No decision was sent"})
    assert answer.status_code == 303
    assert "took effect" in _part(zhou.get(f"/cases/{deemed}").text)
    with rooms.database.reading() as db:
        time = case_time(db, deemed)
        assert time is not None
        assert time.running == ()


def test_at_the_counter_whoever_asks_is_told_the_day_and_why(rooms: Rooms, case_id: int) -> None:
    with rooms.database.reading() as db:
        time = case_time(db, case_id)
    assert time is not None
    page = rooms.visitor("li").get("/counter/where?words=Wang").text
    assert "Promised period: 15 working days, counted from when the application was received." in page
    assert "Mon 23 Mar" in page


def test_a_case_without_periods_shows_no_clock(rooms: Rooms, clock: Clock) -> None:
    with rooms.database.writing() as db:
        plain = begun(db, rooms.office, _in_force(rooms, db, "", "NO"), by="sun").case_id
    assert 'id="clock"' not in rooms.visitor("wang").get(f"/cases/{plain}").text
