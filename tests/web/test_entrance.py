from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from http.cookies import SimpleCookie

import pytest
from flask import Blueprint, g
from sqlalchemy.pool import QueuePool

from engine.base.database import Database
from engine.base.text import Text
from engine.organisation import passwords, reads
from engine.organisation.rules import FREE_TRIES
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.web.conftest import PASSWORD, SETTINGS, Opened, Visitor
from web.guard import anybody_signed_in
from web.settings import DemoSignIn

NEW = "another calm sentence"


def _room() -> Blueprint:
    room = Blueprint("test", __name__)

    @room.get("/me")
    @anybody_signed_in
    def me() -> str:
        return str(g.actor.login)

    return room


@pytest.fixture
def visitor(opened: Opened) -> Visitor:
    return opened(_room())


def _cookie(answer: object, name: str) -> SimpleCookie:
    found = SimpleCookie()
    for line in answer.headers.getlist("Set-Cookie"):  # type: ignore[attr-defined]
        if line.startswith(f"{name}="):
            found.load(line)
    return found


def test_signing_in_gives_a_cookie_that_scripts_and_other_sites_cannot_use(visitor: Visitor) -> None:
    answer = visitor.sign_in("li")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    cookie = _cookie(answer, "officium")["officium"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["secure"]
    assert visitor.get("/me").text == "li"


def test_behind_https_the_cookie_stays_on_https_and_on_this_host(opened: Opened) -> None:
    visitor = opened(_room(), settings=replace(SETTINGS, https=True))
    page = visitor.client.get("/sign-in", base_url="https://localhost")
    assert page.headers["Strict-Transport-Security"].startswith("max-age=")
    token = page.text.split('name="csrf-token" content="')[1].split('"')[0]
    answer = visitor.client.post(
        "/sign-in",
        data={"csrf_token": token, "login": "li", "password": PASSWORD},
        base_url="https://localhost",
        headers={"Referer": "https://localhost/sign-in"},
    )
    cookie = _cookie(answer, "__Host-officium")["__Host-officium"]
    assert cookie["secure"]
    assert cookie["path"] == "/"
    assert not cookie["domain"]


def test_a_wrong_password_keeps_the_name_typed_and_never_the_password(visitor: Visitor) -> None:
    answer = visitor.sign_in("li", "not the password")
    assert answer.status_code == 422
    assert 'name="login" value="li"' in answer.text
    assert "not the password" not in answer.text
    assert "is not right" in answer.text
    assert answer.text.count("<title>Error: ") == 1


def test_an_unknown_name_is_answered_like_a_wrong_password(visitor: Visitor) -> None:
    known, unknown = visitor.sign_in("li", "wrong password"), visitor.sign_in("nobody", "wrong password")
    assert known.status_code == unknown.status_code
    sentence = "The sign-in name or the password is not right"
    assert sentence in known.text
    assert sentence in unknown.text


def test_wrong_passwords_count_although_nothing_else_is_kept(visitor: Visitor, clock: Clock) -> None:
    for _ in range(FREE_TRIES):
        visitor.sign_in("li", "wrong password")
    answer = visitor.sign_in("li")
    assert answer.status_code == 422
    assert "Too many wrong passwords" in answer.text
    clock.advance(minutes=20)
    assert visitor.sign_in("li").status_code == 303


def test_the_time_to_wait_is_told_in_the_zone_of_the_office(visitor: Visitor) -> None:
    for _ in range(FREE_TRIES):
        answer = visitor.sign_in("li", "wrong password")
    # The clock stands at 01:00 in UTC, nine o'clock in Shanghai, and the first wait is a minute.
    assert re.search(r"after \d+ Mar\w* 09:01", answer.text)


@pytest.mark.parametrize(
    "address",
    ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example/", "javascript:alert(1)", "/\n/x", ""],
)
def test_nobody_is_led_to_another_site(visitor: Visitor, address: str) -> None:
    assert visitor.sign_in("li", next=address).headers["Location"] == "/"


def test_signing_out_ends_the_sign_in_itself_not_only_the_cookie(visitor: Visitor) -> None:
    visitor.sign_in("li")
    kept = visitor.client.get_cookie("officium")
    assert kept is not None
    assert visitor.post("/sign-out").headers["Location"] == "/sign-in"
    assert visitor.client.get_cookie("officium") is None
    visitor.client.set_cookie("officium", kept.value)
    assert visitor.get("/me").status_code == 303


def test_whoever_is_signed_in_already_is_led_on(visitor: Visitor) -> None:
    visitor.sign_in("li")
    assert visitor.get("/sign-in?next=/me").headers["Location"] == "/me"


def test_a_token_from_before_the_sign_in_is_void_after_it(visitor: Visitor) -> None:
    before = visitor.token()
    visitor.sign_in("li")
    room_page = visitor.client.get("/password")
    assert room_page.status_code == 200
    assert visitor.client.post("/sign-out", data={"csrf_token": before}).status_code == 400


def test_too_many_attempts_from_one_address_must_wait(opened: Opened) -> None:
    visitor = opened(settings=replace(SETTINGS, sign_ins="3 per minute"))
    statuses = [visitor.sign_in("li", "wrong password").status_code for _ in range(4)]
    assert statuses == [422, 422, 422, 429]
    assert "Too many attempts" in visitor.sign_in("li").text


def test_nobody_waits_at_the_database_while_a_password_is_checked(
    visitor: Visitor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_use = []
    for name in ("fits", "hashed"):
        reckon = getattr(passwords, name)

        def noted(*given: str, reckon: Callable[..., object] = reckon) -> object:
            pool = database.engine.pool
            assert isinstance(pool, QueuePool)
            in_use.append(pool.checkedout())
            return reckon(*given)

        monkeypatch.setattr(passwords, name, noted)
    visitor.sign_in("nobody", "wrong password")
    visitor.sign_in("li")
    visitor.post("/password", {"current": PASSWORD, "new": NEW, "again": NEW})
    assert in_use == [0] * 4


def test_attempts_are_counted_for_each_installation_alone(opened: Opened) -> None:
    tight = replace(SETTINGS, sign_ins="1 per minute")
    first, second = opened(settings=tight), opened(settings=tight)
    assert first.sign_in("li", "wrong password").status_code == 422
    assert second.sign_in("li", "wrong password").status_code == 422
    assert first.sign_in("li", "wrong password").status_code == 429


def test_before_signing_in_the_browser_keeps_the_language(visitor: Visitor) -> None:
    assert visitor.post("/language", {"language": "zh", "next": "/sign-in"}).headers["Location"] == "/sign-in"
    assert "登录名" in visitor.get("/sign-in").text


def test_a_person_keeps_the_language_with_them(visitor: Visitor, database: Database, small: SmallOffice) -> None:
    visitor.sign_in("li")
    visitor.post("/language", {"language": "zh", "next": "/password"})
    assert '<html lang="zh-Hans">' in visitor.get("/password").text
    with database.reading() as db:
        assert small.actor(db, "li").language == "zh"


def test_an_unknown_language_changes_nothing(visitor: Visitor) -> None:
    assert visitor.post("/language", {"language": "xx"}).status_code == 303
    assert '<html lang="en-GB">' in visitor.get("/sign-in").text


def test_the_demo_sign_ins_are_listed_and_fill_the_form(opened: Opened) -> None:
    demo = (DemoSignIn("li", Text("Li Ming", "李明"), Text("Counter clerk", "窗口受理岗"), PASSWORD),)
    visitor = opened(settings=replace(SETTINGS, demo_sign_ins=demo))
    page = visitor.get("/sign-in").text
    assert "Counter clerk" in page
    assert 'href="/sign-in?login=li"' in page
    filled = visitor.get("/sign-in?login=li").text
    assert 'name="login" value="li"' in filled
    assert f'value="{PASSWORD}"' in filled


def test_without_a_demo_no_password_is_ever_shown(visitor: Visitor) -> None:
    page = visitor.get("/sign-in?login=li").text
    assert "demo" not in page
    assert PASSWORD not in page


def test_a_password_is_changed_by_whoever_knows_the_old_one(visitor: Visitor, opened: Opened) -> None:
    elsewhere = opened(_room())
    elsewhere.sign_in("li")
    visitor.sign_in("li")
    answer = visitor.post("/password", {"current": PASSWORD, "new": NEW, "again": NEW})
    assert answer.status_code == 303
    assert "Your password is changed" in visitor.get("/password").text
    assert elsewhere.get("/me").status_code == 303, "the other sign-in has ended"
    visitor.post("/sign-out")
    assert visitor.sign_in("li", PASSWORD).status_code == 422
    assert visitor.sign_in("li", NEW).status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "again", "field"),
    [("wrong", NEW, NEW, "current"), (PASSWORD, "short", "short", "new"), (PASSWORD, NEW, NEW + "x", "again")],
)
def test_a_password_is_not_changed_on_a_fault(visitor: Visitor, current: str, new: str, again: str, field: str) -> None:
    visitor.sign_in("li")
    answer = visitor.post("/password", {"current": current, "new": new, "again": again})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert visitor.get("/me").text == "li"
    visitor.post("/sign-out")
    assert visitor.sign_in("li", PASSWORD).status_code == 303


def test_the_page_names_the_office_in_both_languages(visitor: Visitor, database: Database) -> None:
    page = visitor.get("/sign-in").text
    with database.reading() as db:
        name = reads.office(db).name
    assert name.en in page
    assert name.zh in page
