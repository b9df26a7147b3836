"""Programs outside tell the office something: known by their token, taken once, and brought to the one case that is meant."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine.cases import acts as cases
from engine.cases import reads
from engine.cases.tables import cases as kept_cases
from engine.connectors import acts
from engine.connectors.reads import received_lately
from engine.connectors.states import Outcome
from engine.connectors.tables import program_tokens, received
from engine.records.verify import first_broken
from tests.conftest import Clock
from tests.engine.diagram.builders import catch, end, line, message, source, start, step, throw, user
from tests.web.conftest import SETTINGS, Rooms
from tests.worlds import begun, every_head, in_force
from web import create_app
from web.settings import Settings

PAYS = source(
    start(),
    step("scriptTask", "set", "<script>parcel = &quot;44-07&quot;</script>"),
    catch("paid", message("payment_received"))
    .replace('id="paid"', 'id="paid" officium:correlation="{parcel: parcel, kind: &quot;fee&quot;}"'),
    user("file"),
    end(),
    line("s", "set", "paid", "file", "e"),
)  # fmt: skip
BEGINS = source(start("s", message("report_came")), user("read"), end(), line("s", "read", "e"))


@dataclass
class Sender:
    rooms: Rooms
    token: str

    def __call__(self, said: Any, key: str = "key-0001", token: str | None = None, **headers: str) -> TestResponse:
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        carried = {"Idempotency-Key": key, "Authorization": f"Bearer {token or self.token}", **headers}
        return self.rooms.app.test_client().post(
            "/api/messages", data=body, content_type="application/json",
            headers={name.replace("_", "-"): value for name, value in carried.items() if value},
        )  # fmt: skip


def _said(answer: TestResponse) -> dict[str, str]:
    said: dict[str, str] = json.loads(answer.data)
    return said


@pytest.fixture
def send(rooms: Rooms) -> Sender:
    with rooms.database.writing() as db:
        guo = rooms.office.actor(db, "guo")
        made = acts.add_program(db, by=guo, name="Treasury", messages="payment_received\nreport_came")
        return Sender(rooms, acts.make_token(db, by=guo, program_id=made))


@pytest.fixture
def case_id(rooms: Rooms) -> int:
    with rooms.database.writing() as db:
        return begun(db, rooms.office, in_force(db, rooms.office, PAYS, owners={"process:p": "clerk"})).case_id


def _page(rooms: Rooms, case_id: int) -> reads.CasePage:
    with rooms.database.reading() as db:
        return reads.case(db, actor=rooms.office.actor(db, "zhou"), case_id=case_id)


def _number(rooms: Rooms, case_id: int) -> str:
    return _page(rooms, case_id).number


def _outcomes(rooms: Rooms) -> list[tuple[str, Outcome]]:
    with rooms.database.reading() as db:
        return [(one.name, one.outcome) for one in received_lately(db, by=rooms.office.actor(db, "guo"))]


KEYS = {"kind": "fee", "parcel": "44-07"}


@pytest.mark.parametrize("by", ["case", "correlation", "both"])
def test_a_message_reaches_the_case_that_awaits_it(rooms: Rooms, send: Sender, case_id: int, by: str) -> None:
    said: dict[str, Any] = {"message": "payment_received", "payload": {"amount": 120}}
    if by != "correlation":
        said["case"] = _number(rooms, case_id)
    if by != "case":
        said["correlation"] = KEYS
    answer = send(said)
    assert (answer.status_code, answer.json) == (200, {"outcome": "delivered", "case": _number(rooms, case_id)})
    page = _page(rooms, case_id)
    assert [one.element for one in page.open_tasks] == ["file"]
    last = page.record[-1]
    assert (last.act, last.facts["program"], last.facts["key"]) == ("receive_message", "Treasury", "key-0001")
    assert page.answers["amount"] == 120
    with rooms.database.reading() as db:
        assert first_broken(db, every_head(db)) is None
        assert db.scalar(select(program_tokens.c.last_used_at)) is not None


def test_the_same_key_and_words_are_taken_once_and_answered_alike(rooms: Rooms, send: Sender, case_id: int) -> None:
    said = {"message": "payment_received", "correlation": KEYS}
    first, second = send(said), send(said)
    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert [entry.act for entry in _page(rooms, case_id).record].count("receive_message") == 1


def test_the_same_key_with_other_words_is_refused(rooms: Rooms, send: Sender, case_id: int) -> None:
    send({"message": "payment_received", "correlation": KEYS})
    answer = send({"message": "payment_received", "correlation": KEYS, "payload": {"amount": 1}})
    assert (answer.status_code, _said(answer)["code"]) == (409, "KeyUsed")


def test_many_at_once_with_one_key_take_effect_once(rooms: Rooms, send: Sender, case_id: int) -> None:
    answers: list[int] = []
    said = {"message": "payment_received", "correlation": KEYS}
    several = [threading.Thread(target=lambda: answers.append(send(said).status_code)) for _ in range(6)]
    for one in several:
        one.start()
    for one in several:
        one.join()
    assert answers == [200] * 6
    assert [entry.act for entry in _page(rooms, case_id).record].count("receive_message") == 1


def test_one_that_came_too_early_is_told_and_may_come_again(rooms: Rooms, send: Sender) -> None:
    said = {"message": "payment_received", "correlation": KEYS}
    answer = send(said)
    assert answer.status_code == 404
    assert "No case awaits the message “payment_received”" in _said(answer)["en"]
    assert "没有办件" in _said(answer)["zh"]
    assert _outcomes(rooms) == [("payment_received", Outcome.NOBODY)]
    with rooms.database.writing() as db:
        begun(db, rooms.office, in_force(db, rooms.office, PAYS, owners={"process:p": "clerk"}))
    assert send(said).status_code == 200
    assert _outcomes(rooms) == [("payment_received", Outcome.DELIVERED)]


def test_where_several_await_it_nothing_is_done(rooms: Rooms, send: Sender, case_id: int) -> None:
    with rooms.database.writing() as db:
        procedure = db.execute(select(kept_cases.c.procedure_id).where(kept_cases.c.id == case_id)).scalar_one()
        begun(db, rooms.office, procedure)
    answer = send({"message": "payment_received", "correlation": KEYS})
    assert (answer.status_code, _said(answer)["code"]) == (409, "TooMany")
    assert _page(rooms, case_id).waits != ()
    assert send({"message": "payment_received", "case": _number(rooms, case_id)}, "key-0002").status_code == 200


@pytest.mark.parametrize("keys", [{"parcel": "44-08", "kind": "fee"}, "44-07", {"parcel": "44-07"}])
def test_other_keys_reach_nobody(rooms: Rooms, send: Sender, case_id: int, keys: Any) -> None:
    assert send({"message": "payment_received", "correlation": keys}).status_code == 404
    assert _page(rooms, case_id).waits != ()


def test_without_case_or_keys_no_waiting_case_is_guessed(rooms: Rooms, send: Sender, case_id: int) -> None:
    assert send({"message": "payment_received"}).status_code == 404
    assert _page(rooms, case_id).waits != ()


def test_a_message_begins_a_case(rooms: Rooms, send: Sender) -> None:
    with rooms.database.writing() as db:
        in_force(db, rooms.office, BEGINS, owners={"process:p": "clerk"})
    said = {"message": "report_came", "matter": "Monthly report", "applicant": "Treasury", "payload": {"total": 3}}
    first, second = send(said), send(said)
    assert (first.status_code, _said(first)["outcome"]) == (201, "started")
    assert second.json == first.json
    with rooms.database.reading() as db:
        ((found, matter),) = db.execute(select(kept_cases.c.id, kept_cases.c.matter)).all()
    assert matter == "Monthly report"
    assert _page(rooms, found).record[0].facts["program"] == "Treasury"


def test_a_message_for_a_named_case_never_begins_another(rooms: Rooms, send: Sender) -> None:
    with rooms.database.writing() as db:
        in_force(db, rooms.office, BEGINS, owners={"process:p": "clerk"})
    assert send({"message": "report_came", "case": "BP-2026-0001"}).status_code == 404


def test_a_case_that_rests_or_has_ended_takes_nothing(rooms: Rooms, send: Sender, case_id: int) -> None:
    said = {"message": "payment_received", "case": _number(rooms, case_id)}
    with rooms.database.writing() as db:
        zhou = rooms.office.actor(db, "zhou")
        cases.suspend(db, by=zhou, case_id=case_id, ground=1, words="abroad")
    assert send(said).status_code == 409
    with rooms.database.writing() as db:
        cases.resume(db, by=rooms.office.actor(db, "zhou"), case_id=case_id)
        cases.cancel_case(db, by=rooms.office.actor(db, "zhou"), case_id=case_id, reason="withdrawn")
    assert send(said).status_code == 404


@pytest.mark.parametrize("how", ["none", "unknown", "revoked", "removed", "old", "cookie"])
def test_only_a_token_that_is_good_lets_in(rooms: Rooms, send: Sender, case_id: int, clock: Clock, how: str) -> None:
    with rooms.database.writing() as db:
        guo = rooms.office.actor(db, "guo")
        if how == "revoked":
            acts.revoke_token(db, by=guo, token_id=1)
        if how == "removed":
            acts.remove_program(db, by=guo, program_id=1)
    if how == "old":
        clock.advance(days=366)
    said = {"message": "payment_received", "correlation": KEYS}
    if how == "cookie":
        answer = rooms.visitor("zhou").client.post("/api/messages", json=said, headers={"Idempotency-Key": "key-0001"})
    else:
        token = {"none": " ", "unknown": "off_" + "x" * 43}.get(how)
        answer = send(said, token=token)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert _page(rooms, case_id).waits != ()


def test_the_token_is_kept_nowhere(rooms: Rooms, send: Sender) -> None:
    with rooms.database.reading() as db:
        row = db.execute(select(program_tokens)).one()
    assert send.token not in str(row)
    assert send.token.encode() not in row.digest


def test_a_program_sends_only_what_it_may(rooms: Rooms, send: Sender, case_id: int) -> None:
    answer = send({"message": "approved", "case": _number(rooms, case_id)})
    assert (answer.status_code, _said(answer)["code"]) == (403, "NotAllowed")


@pytest.mark.parametrize(
    "said",
    [
        b"", b"{", b"[]", b'"payment_received"', {"message": ""}, {"message": 3}, {"payload": {}},
        {"message": "payment_received", "payload": [1]}, {"message": "payment_received", "case": 4},
        {"message": "payment_received", "script": "x"}, b'{"message": "\xff"}',
        b'{"message": "payment_received", "payload": {"a": ' + b"[" * 40 + b"]" * 40 + b"}}",
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused(send: Sender, said: Any) -> None:
    answer = send(said)
    assert (answer.status_code, _said(answer)["code"]) == (400, "MessageUnfit")


def test_a_message_that_is_too_large_is_refused(rooms: Rooms, send: Sender) -> None:
    answer = send(b'{"message": "payment_received", "payload": {"a": "' + b"x" * 70_000 + b'"}}')
    assert (answer.status_code, _said(answer)["code"]) == (413, "BodyTooLarge")
    with rooms.database.reading() as db:
        assert db.execute(select(received)).all() == []


@pytest.mark.parametrize("key", ["", "short", "x" * 201, "with a blank in it"])
def test_each_message_needs_a_key(send: Sender, key: str) -> None:
    answer = send({"message": "payment_received"}, key)
    assert (answer.status_code, _said(answer)["code"]) == (400, "KeyMissing")


def test_a_correlation_that_is_none_is_refused(send: Sender) -> None:
    answer = send({"message": "payment_received", "correlation": [1]})
    assert (answer.status_code, _said(answer)["code"]) == (422, "CorrelationUnfit")


def test_messages_are_counted_by_token(rooms: Rooms, send: Sender) -> None:
    few = Settings(secret=SETTINGS.secret, sign_ins=SETTINGS.sign_ins, messages="2 per minute")
    send.rooms = Rooms(rooms.database, rooms.office, create_app(few, database=rooms.database))
    statuses = [send({"message": "payment_received"}, f"key-000{number}").status_code for number in range(3)]
    assert statuses == [404, 404, 429]


def test_cases_of_different_procedures_find_each_other_by_their_keys(rooms: Rooms, send: Sender, case_id: int) -> None:
    pays = source(
        start(),
        user("pay"),
        throw("tell", message("payment_received")).replace(
            'id="tell"', 'id="tell" officium:correlation="{kind: &quot;fee&quot;, parcel: &quot;44-07&quot;}"'
        ),
        end(),
        line("s", "pay", "tell", "e"),
    )
    with rooms.database.writing() as db:
        other = begun(db, rooms.office, in_force(db, rooms.office, pays, owners={"process:p": "clerk"}, prefix="PY"))
        cases.complete_task(db, by=rooms.office.actor(db, "li"), case_id=other.case_id, number=1, submitted={})
    assert [one.element for one in _page(rooms, case_id).open_tasks] == ["file"]
