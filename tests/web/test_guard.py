from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Blueprint, Flask, g

from engine.organisation.rules import ABSOLUTE_LIMIT, IDLE_LIMIT, Right
from tests.conftest import Clock
from tests.web.conftest import Opened, Visitor
from web import guard
from web.guard import Unguarded, allows, anybody_signed_in, public


def _room() -> Blueprint:
    room = Blueprint("test", __name__)

    @room.get("/open")
    @public
    def open_() -> str:
        return "open to everybody"

    @room.get("/inside")
    @anybody_signed_in
    def inside() -> str:
        return f"inside: {g.actor.login}"

    @room.post("/inside")
    @anybody_signed_in
    def act_inside() -> str:
        return "acted"

    @room.get("/drawing")
    @allows(Right.DESIGN)
    def drawing() -> str:
        return "the drawing board"

    @room.get("/either")
    @allows(Right.ADMINISTER, Right.DESIGN)
    def either() -> str:
        return "one of two"

    return room


@pytest.fixture
def visitor(opened: Opened) -> Visitor:
    return opened(_room())


def test_a_route_without_a_rule_keeps_the_web_from_starting() -> None:
    app = Flask(__name__, static_folder=None)

    @app.get("/forgotten")
    def forgotten() -> str:
        return ""

    with pytest.raises(Unguarded, match="forgotten"):
        guard.rules(app)


def test_a_rule_without_a_right_is_none() -> None:
    with pytest.raises(Unguarded):
        allows()


def test_a_public_page_asks_nobody_who_they_are(visitor: Visitor) -> None:
    assert visitor.get("/open").text == "open to everybody"


def test_a_stranger_is_led_to_the_entrance_and_back(visitor: Visitor) -> None:
    answer = visitor.get("/inside?a=1&b=%E5%AE%A1")
    assert answer.status_code == 303
    entrance = answer.headers["Location"]
    page = visitor.get(entrance)
    assert 'name="next" value="/inside?a=1&amp;b=%E5%AE%A1"' in page.text
    signed_in = visitor.sign_in("li", next="/inside?a=1&b=%E5%AE%A1")
    assert signed_in.headers["Location"] == "/inside?a=1&b=%E5%AE%A1"


def test_a_stranger_who_sends_something_is_told_to_sign_in(visitor: Visitor) -> None:
    answer = visitor.post("/inside")
    assert answer.status_code == 401
    assert "You are not signed in" in answer.text


def test_whoever_is_signed_in_comes_in(visitor: Visitor) -> None:
    visitor.sign_in("li")
    assert visitor.get("/inside").text == "inside: li"


def test_a_right_that_no_post_carries_is_refused_with_its_reason(visitor: Visitor) -> None:
    visitor.sign_in("li")
    answer = visitor.get("/drawing")
    assert answer.status_code == 403
    assert "this is for process designers." in answer.text


def test_of_several_rights_each_is_named(visitor: Visitor) -> None:
    visitor.sign_in("li")
    assert "this is for the office&#39;s administrators and process designers." in visitor.get("/either").text


def test_a_post_with_the_right_opens_the_room(visitor: Visitor) -> None:
    visitor.sign_in("he")
    assert visitor.get("/drawing").text == "the drawing board"


def test_one_of_several_rights_is_enough(visitor: Visitor) -> None:
    visitor.sign_in("he")
    assert visitor.get("/either").text == "one of two"


def test_a_made_up_cookie_is_nobody(visitor: Visitor) -> None:
    visitor.client.set_cookie("officium", "made-up")
    assert visitor.get("/inside").status_code == 303


def test_a_sign_in_ends_when_it_is_not_used(visitor: Visitor, clock: Clock) -> None:
    visitor.sign_in("li")
    clock.moment += IDLE_LIMIT + timedelta(seconds=1)
    assert visitor.get("/inside").status_code == 303


def test_looking_at_pages_keeps_a_sign_in_alive_until_its_last_hour(visitor: Visitor, clock: Clock) -> None:
    visitor.sign_in("li")
    begun = clock.moment
    step = IDLE_LIMIT - timedelta(minutes=1)
    clock.moment += step
    assert visitor.get("/inside").status_code == 200
    clock.moment += timedelta(hours=3)  # past the idle limit, had the page above not counted
    assert clock.moment - begun > IDLE_LIMIT
    assert visitor.get("/inside").status_code == 200
    clock.moment = begun + ABSOLUTE_LIMIT + timedelta(seconds=1)
    assert visitor.get("/inside").status_code == 303


def test_a_page_that_is_not_there_still_knows_who_asks(visitor: Visitor) -> None:
    visitor.sign_in("li")
    answer = visitor.get("/nowhere")
    assert answer.status_code == 404
    assert "Li Ming" in answer.text


def test_a_script_that_asks_without_a_sign_in_is_sent_to_the_entrance(visitor: Visitor) -> None:
    answer = visitor.get("/inside", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in"
