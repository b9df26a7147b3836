"""Administrators set connectors up, see what they would send, and never see a secret again; nobody else comes in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select

from engine.connectors import reads
from engine.connectors.reads import Connector
from engine.connectors.sealing import Seal
from engine.records.tables import entries
from tests.web.conftest import SETTINGS, Rooms
from tests.web.registers import Register, asking, connected, running
from web import create_app

TYPED = {
    "kind": "http", "code": "land_register", "name_en": "Land register", "name_zh": "土地登记", "method": "GET",
    "url": "https://register.example/v1", "path": "/parcels/{parcel}", "headers": "X-Key: very-secret",
    "time_out": "10", "most_bytes": "65536", "tries": "5", "wait": "30", "enabled": "yes", "which": "all",
}  # fmt: skip


def _kept(rooms: Rooms) -> tuple[Connector, ...]:
    with rooms.database.reading() as db:
        return reads.connectors_in_use(db, by=rooms.office.actor(db, "guo"))


def test_a_connector_is_set_up_changed_and_removed(rooms: Rooms) -> None:
    guo = rooms.visitor("guo")
    assert guo.post("/connectors/new", TYPED).status_code == 303
    (made,) = _kept(rooms)
    assert made.secrets(Seal(SETTINGS.secret)) == ({"X-Key": "very-secret"}, "")
    page = guo.get(f"/connectors/{made.id}").text
    assert "very-secret" not in page
    assert "Set now: X-Key" in page
    changed = {**TYPED, "name_en": "Register of land", "headers": "", "enabled": ""}
    assert guo.post(f"/connectors/{made.id}", changed).status_code == 303
    (after,) = _kept(rooms)
    assert (after.name.en, after.enabled, after.how.header_names) == ("Register of land", False, ("X-Key",))
    assert after.secrets(Seal(SETTINGS.secret)) == ({"X-Key": "very-secret"}, "")
    guo.post(f"/connectors/{made.id}/switch", {"on": "yes"})
    assert _kept(rooms)[0].enabled
    guo.post(f"/connectors/{made.id}/remove")
    assert _kept(rooms) == ()


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("code", "Land Register", "small letters"),
        ("name_zh", " ", "a name in each language"),
        ("url", "http://register.example", "must begin with https://"),
        ("url", "https://10.0.0.8/", "own network"),
        ("url", "https://register.example/?a=1", "holds a question"),
        ("url", "https://guo:pw@register.example/", "a name or a password"),
        ("path", "/parcels/../admin", "cannot be used"),
        ("path", "/parcels/{par cel}", "cannot be used"),
        ("path", "https://elsewhere.example", "cannot be used"),
        ("headers", "Host: elsewhere", "is no header"),
        ("headers", "X-Key very-secret", "is no header"),
        ("time_out", "600", "from 1 to 60"),
        ("tries", "0", "from 1 to 10"),
        ("most_bytes", "2000000000", "from 1024 to 1048576"),
    ],
)
def test_what_does_not_fit_is_told_at_its_field(rooms: Rooms, field: str, typed: str, said: str) -> None:
    answer = rooms.visitor("guo").post("/connectors/new", {**TYPED, field: typed})
    assert answer.status_code == 422
    assert said in answer.text
    shown = {"name_zh": "name_en"}.get(field, field)
    assert f'id="{shown}-error"' in answer.text
    assert _kept(rooms) == ()


def test_two_of_one_code_are_refused(rooms: Rooms) -> None:
    guo = rooms.visitor("guo")
    guo.post("/connectors/new", TYPED)
    assert "There is a connector “land_register” already" in guo.post("/connectors/new", TYPED).text


def test_a_webhook_tells_its_secret_once(rooms: Rooms) -> None:
    guo = rooms.visitor("guo")
    answer = guo.post("/connectors/new", {**TYPED, "kind": "webhook", "code": "hook", "headers": ""})
    secret = re.search(r'o-secret">([^<]+)<', answer.text)
    assert secret is not None
    (made,) = _kept(rooms)
    assert made.secrets(Seal(SETTINGS.secret))[1] == secret[1]
    assert secret[1] not in guo.get(f"/connectors/{made.id}").text


MAIL = {
    **TYPED, "kind": "mail", "code": "letters", "domains": "gov.example\n", "subject_en": "Permit {number}",
    "subject_zh": "许可 {number}", "words_en": "Granted on {day}.", "words_zh": "已于 {day} 准予。",
}  # fmt: skip


@pytest.mark.parametrize(
    ("what", "given", "said"),
    [
        ("http", '{"parcel": "44 07", "on": true}', "GET https://register.example/v1/parcels/44%2007?on=true"),
        ("http", '{"parcel": "44 07"}', "X-Key: ••••"),
        ("http", "{}", "“parcel” is missing or empty"),
        ("http", '{"parcel": ".."}', "is no part of an address"),
        ("http", "[", "JSON between braces"),
        ("mail", '{"to": "li@gov.example", "number": "7", "day": "2 May"}', "Granted on 2 May."),
        ("mail", '{"to": "li@gov.example", "language": "en", "number": "7"}', "Granted on {day}."),
        ("mail", '{"to": "li@elsewhere.example"}', "letters may not go to elsewhere.example"),
        ("mail", "{}", "is no e-mail address"),
        ("mail", '{"to": "li@gov.example\\nBcc: x@y.example"}', "is no e-mail address"),
    ],
)  # fmt: skip
def test_what_would_be_sent_is_shown_and_nothing_is(rooms: Rooms, what: str, given: str, said: str) -> None:
    guo = rooms.visitor("guo")
    assert guo.post("/connectors/new", TYPED if what == "http" else MAIL).status_code == 303
    shown = guo.post(f"/connectors/{_kept(rooms)[0].id}/try", {"given": given}).text
    assert said in shown.replace("&#34;", '"')
    assert "very-secret" not in shown


SENDS = replace(SETTINGS, webhooks_inside=True)


@pytest.fixture
def register() -> Iterator[Register]:
    with running() as server:
        yield server


def _tried(rooms: Rooms) -> list[dict[str, Any]]:
    with rooms.database.reading() as db:
        rows = db.execute(
            select(entries.c.act, entries.c.facts).where(entries.c.act.in_(("try_connector", "note_tried")))
        )
        return [{"act": row.act, **orjson.loads(row.facts)} for row in rows]


def test_it_is_really_asked_once_and_what_a_step_would_keep_is_told(rooms: Rooms, register: Register) -> None:
    rooms.app = create_app(SENDS, database=rooms.database)
    with rooms.database.writing() as db:
        connected(db, rooms.office, register.url)
        case_id = asking(db, rooms.office)
    register.body = orjson.dumps({"owner": "<b>Li Mei</b>", "plots": [1, 2, 3]})
    guo = rooms.visitor("guo")
    page = guo.post(f"/connectors/{_kept(rooms)[0].id}/send", {"given": '{"parcel": "44 07/1"}'})
    assert page.status_code == 200
    assert len(register.came) == 1
    assert "It answered 200" in page.text
    assert "&lt;b&gt;Li Mei" in page.text, "as text"
    assert "<b>Li" not in page.text
    assert "<dt>plots</dt><dd><code>3</code></dd>" in page.text
    before, after = _tried(rooms)
    assert (before["act"], after["act"], after["status"]) == ("try_connector", "note_tried", 200)
    assert "44 07" not in str(before) + str(after)
    with rooms.database.reading() as db:
        assert db.scalar(select(func.count()).where(entries.c.chain == case_id, entries.c.act == "answer_call")) == 0


def test_without_leave_nothing_is_sent_inside(rooms: Rooms, register: Register) -> None:
    with rooms.database.writing() as db:
        connected(db, rooms.office, register.url)
    page = rooms.visitor("guo").post(f"/connectors/{_kept(rooms)[0].id}/send", {"given": '{"parcel": "1"}'})
    assert "No answer came that can be used" in page.text
    assert register.came == []
    assert [one.get("status") for one in _tried(rooms)] == [None, None]


def test_a_program_and_its_tokens(rooms: Rooms) -> None:
    guo = rooms.visitor("guo")
    assert guo.post("/connectors/programs", {"name": "Treasury", "messages": ""}).status_code == 422
    assert guo.post("/connectors/programs", {"name": "Treasury", "messages": "paid\n"}).status_code == 303
    made = guo.post("/connectors/programs/1/tokens").text
    token = re.search(r'o-secret">(off_[^<]+)<', made)
    assert token is not None
    page = guo.get("/connectors/programs").text
    assert token[1] not in page
    assert f"off_…{token[1][-4:]}" in page
    guo.post("/connectors/tokens/1/revoke")
    assert "It has no token" in guo.get("/connectors/programs").text
    guo.post("/connectors/programs/1/remove")
    assert "No program may send messages" in guo.get("/connectors/programs").text


PLACES: list[tuple[str, str, dict[str, Any]]] = [
    ("get", "/connectors/", {}), ("get", "/connectors/new", {}), ("get", "/connectors/programs", {}),
    ("get", "/connectors/lately", {}), ("get", "/connectors/1", {}), ("post", "/connectors/new", TYPED),
    ("post", "/connectors/1", TYPED), ("post", "/connectors/1/switch", {}), ("post", "/connectors/1/remove", {}),
    ("post", "/connectors/1/try", {}), ("post", "/connectors/1/send", {}), ("post", "/connectors/programs", {"name": "x", "messages": "y"}),
    ("post", "/connectors/programs/1/tokens", {}), ("post", "/connectors/tokens/1/revoke", {}),
]  # fmt: skip


def test_nobody_but_administrators_comes_in(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        connected(db, rooms.office, "http://127.0.0.1:9")
    zhou = rooms.visitor("zhou")
    for method, path, typed in PLACES:
        answer = zhou.get(path) if method == "get" else zhou.post(path, typed)
        assert answer.status_code == 403, path
    assert len(_kept(rooms)) == 1


@pytest.mark.parametrize("login", ["zhou", "sun"])
def test_whoever_looks_sees_what_a_case_waits_for(rooms: Rooms, login: str) -> None:
    with rooms.database.writing() as db:
        connected(db, rooms.office, "http://127.0.0.1:9")
        case_id = asking(db, rooms.office)
    page = rooms.visitor(login).get(f"/cases/{case_id}").text
    assert "Waits for Land register" in page
    assert "not tried yet" in page
    watch = rooms.visitor(login).get("/watch/").text
    assert "What is waited for from connectors" in watch
