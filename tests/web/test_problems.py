from __future__ import annotations

import pytest
from flask import Blueprint, request

from engine.base.errors import NotAllowed, NotFound, Refusal
from engine.organisation.rules import CodeTaken
from tests.web.conftest import Opened, Visitor
from web import MOST_SENT, headers
from web.guard import NotSignedIn, public
from web.problems import STATUS, status_of


class _Special(NotFound):
    """A special one."""

    zh = "特殊。"


def _room() -> Blueprint:
    room = Blueprint("test", __name__)

    @room.post("/takes")
    @public
    def takes() -> str:
        return str(len(request.form))

    @room.get("/raises")
    @public
    def raises() -> str:
        raise CodeTaken(code="<b>x</b>", holder="somebody")

    return room


@pytest.fixture
def visitor(opened: Opened) -> Visitor:
    return opened(_room())


@pytest.mark.parametrize(
    ("refusal", "status"),
    [(NotSignedIn(), 401), (NotAllowed(why="x"), 403), (NotFound(what="x"), 404), (_Special(), 404), (Refusal(), 422)],
)
def test_a_refusal_has_the_status_of_the_nearest_class_that_is_listed(refusal: Refusal, status: int) -> None:
    assert status_of(refusal) == status


def test_only_refusals_stand_in_the_table() -> None:
    assert all(issubclass(kind, Refusal) and (400 <= status < 500 or status == 503) for kind, status in STATUS.items())


def test_a_refusal_shows_what_was_typed_as_text(visitor: Visitor) -> None:
    answer = visitor.get("/raises")
    assert "<b>x</b>" not in answer.text
    assert "&lt;b&gt;x&lt;/b&gt;" in answer.text


def test_a_script_gets_a_refusal_as_a_note_for_its_place(visitor: Visitor) -> None:
    answer = visitor.get("/raises", headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#o-notes"
    assert 'data-code="CodeTaken"' in answer.text
    assert "<html" not in answer.text


def test_the_way_back_is_the_page_before_if_it_was_ours(visitor: Visitor) -> None:
    ours = visitor.get("/raises", headers={"Referer": "http://localhost/cases/?words=a"})
    assert 'href="/cases/?words=a"' in ours.text
    theirs = visitor.get("/raises", headers={"Referer": "http://elsewhere.example/cases/"})
    assert "elsewhere" not in theirs.text


def test_a_form_without_its_token_is_refused(visitor: Visitor) -> None:
    answer = visitor.client.post("/takes", data={"a": "1"})
    assert answer.status_code == 400
    assert "too old to be sent" in answer.text


def test_the_token_may_come_in_a_header(visitor: Visitor) -> None:
    answer = visitor.client.post("/takes", data={"a": "1"}, headers={"X-CSRFToken": visitor.token()})
    assert answer.text == "1"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/takes", 405)])
def test_a_wrong_address_has_a_calm_page(visitor: Visitor, method: str, path: str, status: int) -> None:
    answer = visitor.client.open(path, method=method)
    assert answer.status_code == status
    assert f"Problem {status}" in answer.text


def test_a_wrong_method_names_the_right_one(visitor: Visitor) -> None:
    assert "POST" in visitor.get("/takes").headers["Allow"]


def test_too_much_at_once_is_refused_with_the_limit(visitor: Visitor) -> None:
    answer = visitor.post("/takes", {"a": "x" * MOST_SENT})
    assert answer.status_code == 413
    assert "4 MB" in answer.text


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/raises"])
def test_every_answer_is_closed_to_foreign_code_and_to_shared_caches(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    assert answer.headers["Content-Security-Policy"] == headers.POLICY
    assert "unsafe" not in headers.POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in answer.headers
