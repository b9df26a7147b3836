"""Asking and answering through a browser: opinions, signers, departments, votes, copies."""

from __future__ import annotations

import re
from html import unescape

import pytest

from engine.cases.asked import acts, reads
from engine.cases.asked.rules import Outcome
from engine.organisation import acts as organisation
from tests.builders import FROM_DAY
from tests.engine.cases.asked.ground import at_decide, whom
from tests.web.conftest import Rooms, Visitor

HOSTILE = '<img src=x onerror="alert(1)"> & 会签 \' %s {words}'


@pytest.fixture
def case_id(rooms: Rooms) -> int:
    with rooms.database.writing() as db:
        return at_decide(db, rooms.office)


def _visit(rooms: Rooms, login: str) -> Visitor:
    visitor = rooms.visitor()
    visitor.sign_in(login)
    return visitor


def _receipt(page: str) -> str:
    found = re.search(r'name="own:receipt" value="([0-9a-f]{32})"', page)
    assert found is not None
    return found[1]


def test_an_opinion_is_asked_for_and_answered_on_one_screen(rooms: Rooms, case_id: int) -> None:
    wang = _visit(rooms, "wang")
    page = wang.get(f"/tasks/{case_id}/2").text
    assert "Ask for an opinion" in page
    form = f"/tasks/{case_id}/2/ask/consult"
    assert wang.get(form).status_code == 200
    # Without a script: what is typed is looked for, and the words stay.
    found = wang.post(form, {"find": "1", "search": "guo", "words": "May we?"}).text
    assert "Guo Fang" in found
    assert "May we?" in found
    sent = {"own:receipt": _receipt(found), "to": whom(rooms.office, "guo")[0], "words": HOSTILE}
    assert wang.post(form, sent).status_code == 303
    assert wang.post(form, sent).status_code == 303
    with rooms.database.reading() as db:
        assert len(reads.asked_in(db, case_id)) == 1
    page = wang.get(f"/tasks/{case_id}/2").text
    assert "Opinions are still open:" in page
    assert "If you complete the task now, they are no longer asked." in page

    guo = _visit(rooms, "guo")
    assert f"/tasks/{case_id}/3" in guo.get("/").text
    mine = guo.get(f"/tasks/{case_id}/3").text
    assert "You are asked for an opinion" in mine
    assert HOSTILE not in mine
    assert HOSTILE in unescape(mine)
    assert "/complete" not in mine, "what was asked is answered, never completed"
    refused = guo.post(f"/tasks/{case_id}/3/answer", {"outcome": str(Outcome.DISAGREED.value), "words": " "})
    assert refused.status_code == 422
    assert "Say why" in refused.text
    chosen = re.search(r'value="3" checked', refused.text)
    assert chosen is not None, "what was chosen stays chosen"
    done = {"outcome": "3", "words": HOSTILE, "own:receipt": _receipt(mine)}
    assert guo.post(f"/tasks/{case_id}/3/answer", done).status_code == 303
    assert guo.post(f"/tasks/{case_id}/3/answer", done).status_code == 303
    told = wang.get(f"/tasks/{case_id}/2").text
    assert "disagrees" in told
    assert HOSTILE not in told
    assert HOSTILE in unescape(told)


@pytest.mark.parametrize("move", ["consult", "sign", "countersign", "copy"])
def test_a_form_that_cannot_be_sent_comes_back_with_what_was_typed(rooms: Rooms, case_id: int, move: str) -> None:
    wang = _visit(rooms, "wang")
    answer = wang.post(f"/tasks/{case_id}/2/ask/{move}", {"words": HOSTILE, "due": "2099-01-01"})
    assert answer.status_code == 422
    assert HOSTILE in unescape(answer.text)
    for keys in (["post:0"], ["person:99999"], ["x"], [f"post:{2**40}"], ["post:-1"]):
        assert wang.post(f"/tasks/{case_id}/2/ask/{move}", {"words": "?", "to": keys}).status_code in (404, 422)
    assert wang.post(f"/tasks/{case_id}/2/ask/{move}", {"words": "x", "due": "no day"}).status_code == 422


def test_a_script_gets_the_form_alone_and_people_as_it_types(rooms: Rooms, case_id: int) -> None:
    wang = _visit(rooms, "wang")
    part = wang.get(f"/tasks/{case_id}/2/ask/sign", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert 'name="order"' in part
    chosen = whom(rooms.office, "sun")[0]
    people = wang.get(f"/asking/people?search=%E9%83%AD&to={chosen}").text
    assert "Guo Fang" in people
    assert f'value="{chosen}" checked' in people, "who is chosen already stays"
    assert "Wang Lei" not in wang.get("/asking/people?search=wang").text, "nobody asks themselves"


def test_signers_and_departments_hold_the_step_and_the_page_says_so(rooms: Rooms, case_id: int) -> None:
    wang = _visit(rooms, "wang")
    sent = {"to": whom(rooms.office, "sun", "zhou"), "words": "Sign", "order": "turn"}
    assert wang.post(f"/tasks/{case_id}/2/ask/sign", sent).status_code == 303
    department = f"department:{rooms.office.departments['counter']}"
    sent = {"to": department, f"of:{department}": whom(rooms.office, "@clerk")[0], "words": "Your word"}
    assert wang.post(f"/tasks/{case_id}/2/ask/countersign", sent).status_code == 303
    page = wang.get(f"/tasks/{case_id}/2").text
    assert "Still to sign:" in page
    assert "Still to countersign:" in page
    refused = wang.post(f"/tasks/{case_id}/2/complete", {})
    assert refused.status_code == 422
    assert "Sun Wei" in refused.text

    sun = _visit(rooms, "sun")
    assert "Add a signer behind me" in sun.get(f"/tasks/{case_id}/3").text
    behind = sun.post(f"/tasks/{case_id}/3/ask/behind", {"to": whom(rooms.office, "guo")[0], "words": "You too"})
    assert behind.status_code == 303
    refusing = {"outcome": str(Outcome.REFUSED.value), "words": "Too dear"}
    assert sun.post(f"/tasks/{case_id}/3/answer", refusing).status_code == 303
    assert "refuses to sign" in wang.get(f"/tasks/{case_id}/2").text
    assert wang.post(f"/tasks/{case_id}/2/asked/1/again", {"words": "Cheaper now"}).status_code == 303
    assert wang.post(f"/tasks/{case_id}/2/asked/2/withdraw", {"why": "Not needed"}).status_code == 303
    assert "withdrawn" in wang.get(f"/tasks/{case_id}/2").text


def test_a_vote_from_its_question_to_its_minutes(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        post = organisation.add_post(
            db, by=None, department_id=rooms.office.departments["bureau"], code="board", name_en="Member, board",
            name_zh="评审委员", reports_to=None, rights=(),
        )  # fmt: skip
        for login in ("li", "sun", "zhou"):
            organisation.give_post(
                db, by=None, person_id=rooms.office.persons[login], post_id=post, from_day=FROM_DAY
            )  # fmt: skip
        case_id = at_decide(db, rooms.office, 'officium:committee="board" officium:quorum="2"')
    wang = _visit(rooms, "wang")
    assert "A committee decides this step." in wang.get(f"/tasks/{case_id}/2").text
    assert wang.post(f"/tasks/{case_id}/2/ask/vote", {"words": HOSTILE}).status_code == 303
    assert wang.post(f"/tasks/{case_id}/2/vote/close", {}).status_code == 422
    for login, number, outcome in (("li", 3, Outcome.FOR), ("sun", 4, Outcome.AGAINST)):
        member = _visit(rooms, login)
        assert "You are asked to vote" in member.get(f"/tasks/{case_id}/{number}").text
        sent = {"outcome": str(outcome.value), "words": f"because of {login}"}
        assert member.post(f"/tasks/{case_id}/{number}/answer", sent).status_code == 303
        assert "You may change your vote" in member.get(f"/tasks/{case_id}/{number}").text
    before = wang.get(f"/cases/{case_id}/votes/1").text
    assert "because of" not in before, "who voted how is not told before the vote is closed"
    assert "because of" not in wang.get(f"/cases/{case_id}").text
    changing = {"outcome": str(Outcome.FOR.value), "words": "because of sun"}
    assert _visit(rooms, "sun").post(f"/tasks/{case_id}/4/answer", changing).status_code == 303
    assert wang.post(f"/tasks/{case_id}/2/vote/close", {}).status_code == 303
    minutes = wang.get(f"/cases/{case_id}/votes/1").text
    assert "Adopted." in minutes
    assert "because of sun" in minutes
    assert HOSTILE not in minutes
    assert HOSTILE in unescape(minutes)
    assert wang.post(f"/tasks/{case_id}/2/complete", {}).status_code == 303
    with rooms.database.reading() as db:
        assert reads.ballot(db, case_id, 1).adopted is True


def test_copies_are_listed_and_marked_as_read(rooms: Rooms, case_id: int) -> None:
    with rooms.database.writing() as db:
        acts.send_copy(
            db, by=rooms.office.actor(db, "wang"), case_id=case_id, number=2, whom=whom(rooms.office, "guo"),
            words=HOSTILE,
        )  # fmt: skip
    guo = _visit(rooms, "guo")
    page = guo.get("/copies?which=unread").text
    assert HOSTILE not in page
    assert HOSTILE in unescape(page)
    assert "I have taken note" in guo.get(f"/cases/{case_id}").text
    assert guo.post(f"/cases/{case_id}/copies/1/read", {"stay": "list"}).status_code == 303
    assert "No copies here" in guo.get("/copies?which=unread").text
    assert "I have taken note" not in guo.get(f"/cases/{case_id}").text
    assert _visit(rooms, "li").post(f"/cases/{case_id}/copies/1/read", {}).status_code == 404


def test_who_may_not_see_the_case_is_told_nothing_of_it(rooms: Rooms, case_id: int) -> None:
    guo = _visit(rooms, "guo")
    for path in (f"/tasks/{case_id}/2/ask/consult", f"/cases/{case_id}/votes/1"):
        assert guo.get(path).status_code == 404
    assert guo.post(f"/tasks/{case_id}/2/answer", {"outcome": "1"}).status_code == 404
