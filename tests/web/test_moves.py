"""The moves of a case in the browser: offered where they are possible, told why not elsewhere, made once."""

from __future__ import annotations

import re

import pytest

from engine.cases.tables import tasks
from tests.conftest import Clock
from tests.engine.cases.moving_about import Matter
from tests.web.conftest import Rooms


@pytest.fixture
def matter(rooms: Rooms, clock: Clock) -> Matter:
    made = Matter.begun(rooms.database, rooms.office)
    clock.advance(minutes=5)
    made.do("receive", "li")
    clock.advance(minutes=5)
    return made


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def task(matter: Matter, element: str) -> str:
    return f"/tasks/{matter.case_id}/{matter.open[element]}"


def move(matter: Matter, element: str, name: str) -> str:
    return f"/cases/{matter.case_id}/tasks/{matter.open[element]}/{name}"


def test_the_page_of_a_task_offers_what_can_be_done_and_says_why_not_else(rooms: Rooms, matter: Matter) -> None:
    page = rooms.visitor("wang").get(task(matter, "fire")).text
    assert "Return to an earlier step" in page
    assert "Receive the application" in page
    assert 'name="to" value="receive"' in page
    assert "Zhao Min" in page, "a colleague of the same post"
    assert "has no due date that could be moved" in text(page), "nothing is promised for this step"
    assert ">Urge<" not in page, "nobody urges themselves"


def test_whoever_only_reads_is_offered_nothing(rooms: Rooms, matter: Matter) -> None:
    page = rooms.visitor("chen").get(task(matter, "fire")).text
    assert "Return to an earlier step" not in page
    assert 'class="o-move"' not in page


def test_a_task_is_returned_from_its_page(rooms: Rooms, matter: Matter) -> None:
    visitor = rooms.visitor("wang")
    address = move(matter, "plans", "return")
    answer = visitor.post(address, {"to": "receive", "reason": "A page is missing"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert list(matter.open) == ["receive"]


def test_without_a_reason_the_form_comes_back_with_what_was_chosen(rooms: Rooms, matter: Matter) -> None:
    answer = rooms.visitor("wang").post(move(matter, "plans", "return"), {"to": "receive", "reason": " "})
    assert answer.status_code == 422
    assert 'value="receive" required checked' in answer.text
    assert "goes into the record" in text(answer.text)
    assert set(matter.open) == {"plans", "fire"}


@pytest.mark.parametrize("to", ["", "fire", "nowhere", "x" * 5000, "receive\x00"])
def test_a_step_that_was_not_offered_is_refused(rooms: Rooms, matter: Matter, to: str) -> None:
    answer = rooms.visitor("wang").post(move(matter, "plans", "return"), {"to": to, "reason": "Why"})
    assert answer.status_code == 422
    assert set(matter.open) == {"plans", "fire"}


def test_what_i_completed_is_taken_back_from_its_page(rooms: Rooms, matter: Matter) -> None:
    visitor = rooms.visitor("li")
    number = matter.closed("receive")
    assert "Take it back" in visitor.get(f"/tasks/{matter.case_id}/{number}").text
    answer = visitor.post(f"/cases/{matter.case_id}/tasks/{number}/withdraw")
    assert answer.headers["Location"] == task(matter, "receive")
    assert 'value="C-1"' in visitor.get(task(matter, "receive")).text


def test_once_it_is_begun_the_page_says_who_has_it(rooms: Rooms, matter: Matter) -> None:
    matter.act("claim", "wang", number=matter.open["plans"])
    number = matter.closed("receive")
    assert "Take it back" not in rooms.visitor("li").get(f"/tasks/{matter.case_id}/{number}").text
    answer = rooms.visitor("li").post(f"/cases/{matter.case_id}/tasks/{number}/withdraw")
    assert answer.status_code == 409
    assert "Wang Lei has begun" in text(answer.text)


def test_a_task_is_handed_over_to_a_colleague(rooms: Rooms, matter: Matter) -> None:
    zhao, post = rooms.office.persons["zhao"], rooms.office.posts["reviewer"]
    rooms.visitor("wang").post(move(matter, "plans", "transfer"), {"to": f"{zhao}:{post}", "reason": "Away"})
    assert matter.task(matter.open["plans"]).person_id == zhao
    for to in ("", "0", "99999999999999999999:1", f"{zhao}:x", "a:b"):
        answer = rooms.visitor("zhao").post(move(matter, "plans", "transfer"), {"to": to, "reason": "Away"})
        assert answer.status_code in (404, 422), to


def test_more_time_is_asked_for_and_granted(rooms: Rooms, matter: Matter) -> None:
    due = matter.task(matter.open["plans"]).due_at
    address = move(matter, "plans", "extend")
    assert rooms.visitor("wang").post(address, {"days": "many", "reason": "Why"}).status_code == 422
    assert rooms.visitor("wang").post(address, {"days": "3", "reason": "The archive is closed"}).status_code == 303
    (asked,) = matter.rows(tasks, tasks.c.kind.is_not(None))
    page = rooms.visitor("sun").get(f"/tasks/{matter.case_id}/{asked.number}").text
    assert "The archive is closed" in page
    assert "Grant it" in page
    rooms.visitor("sun").post(f"/cases/{matter.case_id}/tasks/{asked.number}/decide", {"approve": "yes", "words": ""})
    assert (matter.task(matter.open["plans"]).due_at - due).days == 3


def test_a_case_is_suspended_resumed_and_cancelled_from_its_page(rooms: Rooms, matter: Matter) -> None:
    head, address = rooms.visitor("sun"), f"/cases/{matter.case_id}"
    assert "Suspend the case" in head.get(address).text
    assert "Cancel the case" in head.get(address).text
    assert head.post(f"{address}/suspend", {"ground": "", "words": "Waiting"}).status_code == 422
    head.post(f"{address}/suspend", {"ground": "1", "words": "The site plan is missing"})
    page = head.get(address).text
    assert "This case is suspended." in page
    assert "The site plan is missing" in page
    assert "the applicant has to supply or correct something" in page
    answer = rooms.visitor("wang").post(f"{task(matter, 'plans')}/complete")
    assert answer.status_code == 422
    assert "until it is resumed" in text(answer.text)
    head.post(f"{address}/resume", {"words": ""})
    assert "This case is suspended." not in head.get(address).text
    head.post(f"{address}/cancel", {"reason": "Taken back by the applicant"})
    assert matter.row.ended_at is not None
    assert "This case was cancelled." in head.get(address).text


def test_a_case_is_urged_by_whoever_started_it_once_a_day(rooms: Rooms, matter: Matter) -> None:
    visitor = rooms.visitor("li")
    assert "Urge" in visitor.get(task(matter, "plans")).text
    assert visitor.post(move(matter, "plans", "urge"), {"words": "It is waited for"}).status_code == 303
    again = visitor.post(move(matter, "plans", "urge"), {"words": "Again"})
    assert again.status_code == 422
    assert "already" in text(again.text)


def test_what_is_sent_twice_is_made_once(rooms: Rooms, matter: Matter) -> None:
    visitor, address = rooms.visitor("wang"), move(matter, "plans", "return")
    data = {"to": "receive", "reason": "Twice", "own:receipt": "ab" * 16}
    assert [visitor.post(address, data).status_code for _ in range(2)] == [303, 303]
    assert len(matter.rows(tasks)) == 4


def test_the_moves_speak_chinese(rooms: Rooms, matter: Matter) -> None:
    visitor = rooms.visitor("wang")
    visitor.post("/language", {"language": "zh"})
    page = visitor.get(task(matter, "fire")).text
    assert "退回到前面的环节" in page
    assert "没有可延长的办理期限" in text(page)
