"""Drafts through a browser's requests, with a script and without; what comes next; folded cards; keys."""

from __future__ import annotations

import re
from typing import Any

import pytest

from engine.base.database import Database
from engine.cases import acts
from engine.organisation.reads import actor
from tests.counting import counting
from tests.web.conftest import Rooms, Visitor
from tests.worlds import begun, in_force
from web.folds import COOKIE
from web.working.rounds import tick

RECEIVED = {"plot": "C-123", "area": "120", "way:complete": "complete_to_split"}
LIVE = {"own:live": "1", "own:whole": "1"}


@pytest.fixture
def path(rooms: Rooms) -> str:
    with rooms.database.writing() as db:
        return f"/tasks/{begun(db, rooms.office, in_force(db, rooms.office)).case_id}/1"


def _type(visitor: Visitor, path: str, **more: str) -> Any:
    return visitor.post(
        f"{path}/draft", {**LIVE, "own:changed": "plot", "plot": "C-1", "own:receipt": "ab" * 16, **more}
    )


def test_a_script_is_told_when_it_was_saved_and_the_page_opens_with_it(rooms: Rooms, path: str) -> None:
    li = rooms.visitor("li")
    answer = _type(li, path)
    assert answer.json == {"version": 1, "said": "Draft saved 09:00"}
    page = li.get(path).text
    assert 'value="C-1"' in page
    assert "Your draft of" in page
    assert 'name="own:since" value="1"' in page
    assert 'value="C-1"' not in rooms.visitor("chen").get(path).text


def test_saving_costs_few_statements_and_one_commit(rooms: Rooms, path: str) -> None:
    li = rooms.visitor("li")
    _type(li, path)
    token = li.token()
    with counting(rooms.database) as counted:
        li.client.post(f"{path}/draft", data={**LIVE, "csrf_token": token, "own:changed": "plot", "plot": "C-2"})
    assert counted.commits == 1
    assert len(counted.statements) <= 5, counted.statements


def test_whoever_may_not_do_it_is_refused_in_words(rooms: Rooms, path: str) -> None:
    rooms.visitor("li").post(f"{path}/claim")
    answer = _type(rooms.visitor("chen"), path)
    assert (answer.status_code, list(answer.json)) == (409, ["refused"])
    assert "no longer yours to do" in answer.json["refused"]
    plain = rooms.visitor("chen").post(f"{path}/draft", {"plot": "typed by chen"})
    assert plain.status_code == 409
    assert "typed by chen" in plain.text
    assert _type(rooms.visitor("li"), path.replace("/1", "/9")).status_code == 404


def test_what_is_too_long_is_told_and_stays_on_the_page(rooms: Rooms, path: str) -> None:
    li = rooms.visitor("li")
    answer = _type(li, path, plot="x" * 200_001)
    assert "at most 200000 characters" in answer.json["refused"]
    plain = li.post(f"{path}/draft", {"plot": "y" * 200_001})
    assert plain.status_code == 422
    assert "y" * 200_001 in plain.text


@pytest.mark.parametrize(
    "odd",
    [{"own:since": "x"}, {"own:since": "9" * 40}, {"own:changed": "csrf_token"}, {"plot": "a\0b"}, {"own:receipt": ""}],
)
def test_odd_words_from_a_page_break_nothing(rooms: Rooms, path: str, odd: dict[str, str]) -> None:
    li = rooms.visitor("li")
    assert _type(li, path, **odd).status_code == 200
    assert li.get(path).status_code == 200


def test_a_faulty_form_is_a_draft_without_a_script(rooms: Rooms, path: str) -> None:
    li = rooms.visitor("li")
    assert (
        li.post(f"{path}/complete", {"plot": "", "area": "many", "way:complete": "complete_to_split"}).status_code
        == 422
    )
    assert 'value="many"' in li.get(path).text
    assert li.post(f"{path}/draft/discard").status_code == 303
    assert 'value="many"' not in li.get(path).text


def test_what_was_not_sent_in_time_is_found_on_the_closed_task(rooms: Rooms, path: str) -> None:
    li, chen = rooms.visitor("li"), rooms.visitor("chen")
    _type(chen, path, plot="typed by chen")
    assert li.post(f"{path}/complete", RECEIVED).status_code == 303
    page = chen.get(path).text
    assert "What you typed, so that nothing is lost:" in page
    assert "typed by chen" in page
    assert "typed by chen" not in li.get(path).text


@pytest.mark.parametrize(
    ("back", "leads"),
    [
        ("/?which=mine", "/?which=mine"), ("/", "/"), ("", "/"), ("//evil.example/", "/"), ("https://evil.example/", "/"),
        ("/cases/", "/"), ("/?a=\r\nX: 1", "/?a=X: 1"),
    ],
)  # fmt: skip
def test_completing_leads_back_to_the_list_one_came_from(rooms: Rooms, path: str, back: str, leads: str) -> None:
    answer = rooms.visitor("li").post(f"{path}/complete", {**RECEIVED, "own:back": back})
    assert answer.status_code == 303
    assert answer.headers["Location"].replace("%20", " ") == leads


def test_a_start_is_found_again_until_it_is_sent(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office)
    li, address = rooms.visitor("li"), f"/start/{procedure_id}"
    li.post(f"{address}/draft", {"own:matter": "A <b>house</b>", "own:applicant": ""})
    assert "A &lt;b&gt;house&lt;/b&gt;" in li.get(address).text
    assert li.post(address, {"own:matter": "A house", "own:applicant": "Wang"}).status_code == 303
    assert 'value="A ' not in li.get(address).text
    assert rooms.visitor("wang").post(f"{address}/draft", {"own:matter": "x"}).status_code == 403


# what comes next


def test_the_page_says_what_comes_next_and_whose_it_is(rooms: Rooms, path: str) -> None:
    page = rooms.visitor("li").get(path).text
    card = page[page.index("What comes next") :]
    assert re.search(r"If you choose: complete.*Review the plans.*Reviewer, Review section.*3 d", card, re.S)
    assert "at the same time" in card
    assert "If you choose: something is missing" in card


def test_a_join_is_told_with_what_else_must_be_done(rooms: Rooms, path: str) -> None:
    li, wang = rooms.visitor("li"), rooms.visitor("wang")
    li.post(f"{path}/complete", RECEIVED)
    page = wang.get(path.replace("/1", "/2")).text
    assert "only when these are done too: Review fire safety" in page
    case = wang.get(path.replace("/tasks/", "/cases/").removesuffix("/1")).text
    assert "After “Review the plans”" in case


def test_a_closed_task_is_followed_by_nothing(rooms: Rooms, path: str) -> None:
    li = rooms.visitor("li")
    li.post(f"{path}/complete", RECEIVED)
    assert "What comes next" not in li.get(path).text


# folded cards, keys


def _open(page: str, key: str) -> bool:
    found = re.search(rf'<details class="o-more" data-fold="{key}"( open)?>', page)
    assert found is not None
    return bool(found[1])


def test_a_card_comes_as_it_was_left(rooms: Rooms, path: str) -> None:
    li = rooms.visitor("li")
    assert _open(li.get(path).text, "how")
    li.client.set_cookie(COOKIE, "how.0~ahead.1~.~x~way.7")
    page = li.get(path).text
    assert not _open(page, "how")
    assert _open(page, "ahead")
    assert _open(page, "way")


def test_single_keys_are_the_persons_own_choice(rooms: Rooms, database: Database) -> None:
    li = rooms.visitor("li")
    assert "data-keys-off" not in li.get("/").text
    assert li.post("/keys", {"keys": "off"}).status_code == 204
    assert "data-keys-off" in rooms.visitor("li").get("/").text
    assert "data-keys-off" not in rooms.visitor("chen").get("/").text
    with database.reading() as db:
        assert not actor(db, rooms.office.persons["li"]).single_keys
    li.post("/keys", {"keys": "on"})
    assert "data-keys-off" not in li.get("/").text


def test_a_draft_says_nothing_to_the_record(rooms: Rooms, path: str) -> None:
    li = rooms.visitor("li")
    with rooms.database.reading() as db:
        before = db.exec_driver_sql("SELECT count(*) FROM entries").scalar()
    _type(li, path)
    with rooms.database.reading() as db:
        # The sign-in is the only other thing that happened.
        assert db.exec_driver_sql("SELECT count(*) FROM entries").scalar() == before


def test_sweeping_is_part_of_the_work_behind(rooms: Rooms, path: str) -> None:
    li = rooms.visitor("li")
    _type(li, path)
    case_id = int(path.split("/")[2])
    with rooms.database.writing() as db:
        acts.complete_task(
            db, by=rooms.office.actor(db, "li"), case_id=case_id, number=1,
            submitted={"plot": ["C"], "area": ["1"]}, chosen={"complete": ["complete_to_split"]},
        )  # fmt: skip
    tick(rooms.database)
    with rooms.database.reading() as db:
        assert db.exec_driver_sql("SELECT count(*) FROM task_drafts").scalar() == 0
