"""The counter's pages."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete

from engine.base.errors import NotFound
from engine.counter import reads
from engine.organisation.tables import sessions
from tests.engine.counter.test_counter import DIAGRAM
from tests.engine.papers import files
from tests.web.conftest import SETTINGS, Rooms
from tests.web.test_papers import PICKER, upload
from tests.worlds import in_force
from web import create_app

HOSTILE = '<script>alert("1")</script>'


@pytest.fixture
def procedure(rooms: Rooms) -> int:
    with rooms.database.writing() as db:
        return in_force(db, rooms.office, DIAGRAM)


def _received(rooms: Rooms, procedure: int, **more: object) -> str:
    li = rooms.visitor("li")
    form = {
        "own:matter": "A house",
        "own:applicant": "Wang Fang 王芳",
        "own:contact": "138",
        "own:channel": "1",
        **more,
    }
    answer = li.post(f"/counter/applications/{procedure}", form)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_an_application_is_received_and_its_receipt_printed(rooms: Rooms, procedure: int) -> None:
    address = _received(rooms, procedure, **{"own:brought": "0"})
    page = rooms.visitor("chen").get(address)
    assert "BP-2026-0001" in page.text
    assert "23 March 2026" in page.text or "23 Mar" in page.text
    made = rooms.visitor("chen").get(f"{address}/receipt.pdf")
    assert made.data.startswith(b"%PDF")
    assert made.headers["Content-Disposition"].startswith("attachment")


def test_what_was_typed_is_still_there_after_a_fault(rooms: Rooms, procedure: int) -> None:
    li = rooms.visitor("li")
    answer = li.post(
        f"/counter/applications/{procedure}",
        {"own:matter": "", "own:applicant": HOSTILE, "own:contact": "138", "own:channel": "2", "own:brought": "1"},
    )
    assert answer.status_code == 422
    assert "&lt;script&gt;" in answer.text
    assert HOSTILE not in answer.text
    assert 'name="own:brought" value="1" checked' in answer.text
    assert 'value="2" checked' in answer.text


def test_the_notice_is_given_once(rooms: Rooms, procedure: int) -> None:
    address = _received(rooms, procedure)
    li = rooms.visitor("li")
    assert li.get(f"{address}/notice.pdf").status_code == 422
    assert li.post(f"{address}/notice").status_code == 303
    assert li.post(f"{address}/notice").status_code == 422
    assert li.get(f"{address}/notice.pdf").data.startswith(b"%PDF")
    assert li.post(f"{address}/papers", {"own:brought": ["0", "1", "x", "99"]}).status_code == 303
    assert "Tick what was brought later" not in li.get(address).text


@pytest.mark.parametrize("login", ["wang", "sun", "he"])
def test_the_counter_s_own_pages_are_closed_to_others(rooms: Rooms, procedure: int, login: str) -> None:
    address = _received(rooms, procedure)
    other = rooms.visitor(login)
    for path in (f"/counter/applications/{procedure}", "/counter/where?words=Wang", address, f"{address}/receipt.pdf"):
        assert other.get(path).status_code == 403, path
    assert other.post(f"{address}/notice").status_code == 403
    assert "Where does a case stand?" not in other.get("/counter/").text


def test_where_a_case_stands_tells_no_answers_and_no_official(rooms: Rooms, procedure: int) -> None:
    _received(rooms, procedure)
    page = rooms.visitor("chen").get("/counter/where?words=王芳")
    assert "Service counter" in page.text
    assert "Li Ming" not in page.text
    assert rooms.visitor("chen").get("/counter/where?words=x").status_code == 422
    assert "No case of that number or name" in rooms.visitor("chen").get("/counter/where?words=nobody").text


def test_an_enquiry_goes_from_hand_to_hand(rooms: Rooms) -> None:
    li, wang = rooms.visitor("li"), rooms.visitor("wang")
    noted = li.post("/counter/enquiries/new", {"caller": "Sun Mei", "channel": "1", "matter": HOSTILE})
    address = noted.headers["Location"]
    assert HOSTILE not in li.get(address).text
    refused = li.post(f"{address}/hand-on", {"post": str(rooms.office.posts["reviewer"]), "reason": ""})
    assert refused.status_code == 422
    sent = li.post(f"{address}/hand-on", {"post": str(rooms.office.posts["reviewer"]), "reason": "Plans"})
    assert sent.status_code == 303
    assert "Handed to you, to be accepted" in wang.get("/counter/").text
    assert wang.post(f"{address}/accept").status_code == 303
    kept = wang.post(f"{address}/answer", {"answer": ""})
    assert kept.status_code == 422
    assert wang.post(f"{address}/answer", {"answer": "With a hedge."}).status_code == 303
    assert "With a hedge." in li.get(address).text
    assert rooms.visitor("he").get(address).status_code == 404


def test_an_enquiry_without_a_question_is_not_noted(rooms: Rooms) -> None:
    li = rooms.visitor("li")
    answer = li.post("/counter/enquiries/new", {"caller": "Sun Mei", "channel": "1", "matter": "  "})
    assert answer.status_code == 422
    assert 'value="Sun Mei"' in answer.text
    with rooms.database.reading() as db:
        assert reads.counter(db, actor=rooms.office.actor(db, "li")).mine == ()
        with pytest.raises(NotFound):
            reads.enquiry(db, actor=rooms.office.actor(db, "li"), enquiry_id=1)


@pytest.mark.parametrize("path", ["/counter/", "/counter/enquiries/new"])
def test_the_pages_speak_chinese(rooms: Rooms, path: str) -> None:
    li = rooms.visitor("li")
    li.post("/language", {"language": "zh"})
    assert "窗口" in li.get(path).text


def _with_a_form(rooms: Rooms) -> int:
    diagram = DIAGRAM.replace(b'<startEvent id="start"', b'<startEvent id="start" officium:form="apply.form.json"')
    with rooms.database.writing() as db:
        return in_force(db, rooms.office, diagram, beside={"apply.form.json": PICKER})


def test_a_file_is_handed_in_with_the_application_and_becomes_a_paper_of_the_case(rooms: Rooms, tmp_path: Path) -> None:
    rooms = replace(rooms, app=create_app(replace(SETTINGS, papers=str(tmp_path)), database=rooms.database))
    procedure, li = _with_a_form(rooms), rooms.visitor("li")
    assert 'enctype="multipart/form-data"' in li.get(f"/counter/applications/{procedure}").text
    sent = {"own:matter": "A house", "own:applicant": "Wang Fang", "own:channel": "1"}
    refused = upload(li, f"/counter/applications/{procedure}", (files.pdf(), "plan.pdf"), field="plan", **sent)
    assert refused.status_code == 422
    held = re.search(r'name="plan" value="(upload\.[^"]+)"', refused.text)
    assert held is not None, "the file need not be chosen again while something else is mended"
    answer = li.post(f"/counter/applications/{procedure}", {**sent, "plot": "C-123", "plan": held[1]})
    assert answer.status_code == 303, answer.text
    case_id = answer.headers["Location"].rsplit("/", 1)[-1]
    assert "plan.pdf" in li.get(f"/papers/{case_id}").text


def test_all_that_is_missing_is_told_at_once(rooms: Rooms) -> None:
    procedure, li = _with_a_form(rooms), rooms.visitor("li")
    for page in (f"/counter/applications/{procedure}", f"/start/{procedure}"):
        answer = li.post(page, {"own:matter": "", "own:applicant": " "})
        assert answer.status_code == 422
        summary = re.findall(r'<li><a href="#([^"]+)">', answer.text)
        assert summary == ["o-applicant", "o-matter", "f-plot", "f-plan"]
        for field, sentence in (("o-applicant", "A case needs an applicant"), ("o-matter", "A case needs a matter")):
            assert re.search(rf'id="{field}-error">{sentence}', answer.text), "and at the field itself"


@pytest.mark.parametrize("ours", [True, False])
def test_whoever_is_signed_out_while_typing_can_send_it_after_signing_in(
    rooms: Rooms, procedure: int, ours: bool
) -> None:
    """Where the form was on a page of ours: somebody else's page must not put words into ours."""
    origin = {"Origin": "http://localhost" if ours else "https://elsewhere.example"}
    li, path = rooms.visitor("li"), f"/counter/applications/{procedure}"
    typed = {"own:matter": "A house", "own:applicant": HOSTILE, "own:contact": "138", "own:channel": "1"}
    sent = {**typed, "csrf_token": li.token()}
    with rooms.database.writing() as db:
        db.execute(delete(sessions))
    out = li.client.post(path, data=sent, headers=origin)
    assert out.status_code == 401
    assert ('target="_blank"' in out.text) is ours
    li.sign_in("li")
    old = li.client.post(path, data=sent, headers=origin)
    assert old.status_code == 400
    for page in (out.text, old.text):
        assert HOSTILE not in page
        assert ("&lt;script&gt;" in page) is ours
    if ours:
        token = re.search(r'name="csrf_token" value="([^"]+)"', old.text.split(f'action="{path}"')[1])
        assert token is not None
        again = li.client.post(path, data={**typed, "csrf_token": token[1]}, headers=origin)
        assert again.status_code == 303
