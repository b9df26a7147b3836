"""A step asks a program outside: what comes back goes into the case once, and nothing it does wrong holds up the office."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from engine.base.database import Database
from engine.cases import acts as cases
from engine.cases import words
from engine.cases.outside import sending
from engine.cases.outside.acts import answer_call
from engine.cases.outside.acts.calls import Answered
from engine.cases.rules import NotWaiting
from engine.connectors import acts
from engine.connectors.reads import by_code
from engine.connectors.rules import Kind
from engine.connectors.states import State
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.diagram.builders import border, end, line, source, start, step, timer, user
from tests.web.mailbox import Mailbox, port_of, receiving
from tests.web.registers import ASKS, GOOD, INSIDE, Register, asking, connected, extended, kept, page, running
from tests.worlds import begun, every_head, in_force
from web.outbox.calling import call_due
from web.outbox.means import MailServer, Means


@pytest.fixture
def register() -> Iterator[Register]:
    with running() as server:
        yield server


@pytest.fixture
def case_id(database: Database, office: SmallOffice, register: Register) -> int:
    with database.writing() as db:
        connected(db, office, register.url)
        return asking(db, office)


def _until_over(database: Database, clock: Clock, most: int = 10) -> None:
    for _ in range(most):
        call_due(database, INSIDE)
        if kept(database)[-1].state != State.WAITING:
            return
        clock.advance(hours=2)


def test_the_answer_becomes_part_of_the_case(
    database: Database, office: SmallOffice, register: Register, case_id: int
) -> None:
    (waits,) = page(database, office, case_id).waits
    assert (waits.kind, waits.element) == ("call", "ask")
    assert call_due(database, INSIDE) == 1
    ((method, path, headers, _body),) = register.came
    assert (method, path) == ("GET", "/v1/parcels/44%2007%2F1")
    assert headers["Authorization"] == "Bearer very-secret"
    seen = page(database, office, case_id)
    assert [one.element for one in seen.open_tasks] == ["check"]
    assert (seen.waits, seen.incidents) == ((), ())
    assert seen.answers["owner"] == "Li Mei 李梅"
    assert seen.answers["plots"] == 2
    assert [entry.act for entry in seen.record] == ["start_case", "answer_call"]
    with database.reading() as db:
        assert first_broken(db, every_head(db)) is None


def test_nothing_that_was_said_is_kept_once_it_is_over(database: Database, register: Register, case_id: int) -> None:
    call_due(database, INSIDE)
    (row,) = kept(database)
    assert (row.state, row.given, row.status, row.answer_size) == (State.ANSWERED, None, 200, len(GOOD))
    assert "李梅" not in str(row)


@pytest.mark.parametrize(
    ("does", "why"),
    [
        ("silent", "within 1 seconds"),
        ("broken", "answered 500"),
        ("drip", "within 1 seconds"),
        ("drip_head", "within 1 seconds"),
        ("huge", "larger than 4096 bytes"),
        ("huge_said", "larger than 4096 bytes"),
        ("short", "broke off"),
        ("inside", "answered 302: it sends elsewhere"),
        ("home", "answered 307: it sends elsewhere"),
        ("page", "no JSON, but text/html"),
        ("latin", "not in UTF-8"),
        ("bytes", "not in UTF-8"),
        ("deep", "nested more than 32 deep"),
        ("half", "cannot be read as JSON"),
        ("limited", "answered 429"),
    ],
)
def test_a_hostile_register_is_asked_again_and_then_is_one_incident(
    database: Database, office: SmallOffice, register: Register, case_id: int, clock: Clock, does: str, why: str
) -> None:
    register.does = does
    since = time.monotonic()
    _until_over(database, clock)
    assert time.monotonic() - since < 2 * 15, "the worker was held up"
    assert len(register.came) == 2
    assert len(register.keys) == 1
    assert {path for _method, path, _headers, _body in register.came} == {"/v1/parcels/44%2007%2F1"}
    assert register.sent < 8 * 2**20, "it was let send on"
    seen = page(database, office, case_id)
    ((kind, said),) = [(one.kind, words.incident(one.kind, one.facts).en) for one in seen.incidents]
    assert kind == "service"
    assert "Land register" in said
    assert why in said
    assert seen.waits == ()
    assert [entry.act for entry in seen.record] == ["start_case", "give_up_call"]
    (row,) = kept(database)
    assert (row.state, row.tries, row.given) == (State.GIVEN_UP, 2, None)
    call_due(database, INSIDE)
    assert len(register.came) == 2


@pytest.mark.parametrize(
    ("url", "en", "zh", "raw"),
    [
        ("http://register.land.invalid/v1", "register.land.invalid", "register.land.invalid", "gaierror"),
        ("http://127.0.0.1:{closed}/v1", "nothing answers at 127.0.0.1: the program there does not run",
         "127.0.0.1 处没有程序应答", "ConnectionRefusedError: [Errno"),
    ],
)  # fmt: skip
def test_a_register_that_is_not_there_is_told_of_in_words_with_what_the_machine_said_beside_them(
    database: Database, office: SmallOffice, clock: Clock, url: str, en: str, zh: str, raw: str
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = unused.getsockname()[1]
    with database.writing() as db:
        connected(db, office, url.format(closed=closed))
        case_id = asking(db, office)
    _until_over(database, clock)
    (incident,) = page(database, office, case_id).incidents
    said = words.incident(incident.kind, incident.facts)
    assert en in said.en
    assert zh in said.zh
    for sentence in (said.en, said.zh):
        assert "Errno" not in sentence
        assert "Error" not in sentence
    assert raw in str(incident.facts["detail"])


def test_what_is_the_offices_own_fault_is_not_tried_again(
    database: Database, office: SmallOffice, register: Register, case_id: int, clock: Clock
) -> None:
    register.does = "wrong"
    _until_over(database, clock)
    assert len(register.came) == 1
    (incident,) = page(database, office, case_id).incidents
    assert "answered 404" in words.incident(incident.kind, incident.facts).en
    assert "其答复为 404" in words.incident(incident.kind, incident.facts).zh


def test_it_is_left_alone_longer_each_time(
    database: Database, office: SmallOffice, register: Register, clock: Clock
) -> None:
    with database.writing() as db:
        connected(db, office, register.url, tries="5")
        asking(db, office)
    register.does = "broken"
    call_due(database, INSIDE)
    (first,) = kept(database)
    assert 7 <= (first.next_try - clock.now()).total_seconds() <= 13
    call_due(database, INSIDE)
    assert len(register.came) == 1
    clock.set(first.next_try)
    call_due(database, INSIDE)
    assert 15 <= (kept(database)[0].next_try - clock.now()).total_seconds() <= 25


def test_it_is_left_alone_as_long_as_it_wishes(
    database: Database, register: Register, case_id: int, clock: Clock
) -> None:
    register.does = "busy"
    call_due(database, INSIDE)
    assert (kept(database)[0].next_try - clock.now()).total_seconds() == 1200


def test_an_incident_is_tried_again_with_the_same_key_and_goes_on(
    database: Database, office: SmallOffice, register: Register, case_id: int, clock: Clock
) -> None:
    register.does = "wrong"
    _until_over(database, clock)
    register.does = "answer"
    clock.advance(minutes=1)
    with database.writing() as db:
        assert cases.retry_incident(db, by=office.actor(db, "zhou"), case_id=case_id, number=1)
    assert call_due(database, INSIDE) == 1
    assert len(register.keys) == 1
    assert [one.element for one in page(database, office, case_id).open_tasks] == ["check"]


def test_an_incident_is_settled_by_hand_with_what_the_register_would_have_said(
    database: Database, office: SmallOffice, register: Register, case_id: int, clock: Clock
) -> None:
    register.does = "wrong"
    _until_over(database, clock)
    with database.writing() as db:
        cases.settle_incident(
            db,
            by=office.actor(db, "zhou"),
            case_id=case_id,
            number=1,
            note="asked by telephone",
            outcome={"owner": "Li"},
        )
    assert page(database, office, case_id).answers["owner"] == "Li"


def test_two_answers_take_effect_once(database: Database, office: SmallOffice, case_id: int, clock: Clock) -> None:
    """The first sender was thought dead, and was only slow."""
    with database.writing() as db:
        slow = sending.take(db)
    clock.advance(minutes=2)
    with database.writing() as db:
        quick = sending.take(db)
    assert slow is not None
    assert quick is not None
    assert slow.key == quick.key
    answer = Answered(200, {"owner": "Li", "plots": []}, b"{}", 5)
    took = []
    for taken in (quick, slow):
        with database.writing() as db:
            took.append(answer_call(db, taken=taken, answer=answer))
    assert took == [True, False]
    assert [entry.act for entry in page(database, office, case_id).record].count("answer_call") == 1


def test_several_senders_at_once_send_it_once(
    database: Database, office: SmallOffice, register: Register, case_id: int
) -> None:
    senders = [threading.Thread(target=call_due, args=(database, INSIDE)) for _ in range(4)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert len(register.came) == 1
    assert [one.element for one in page(database, office, case_id).open_tasks] == ["check"]


def test_a_cancelled_case_sends_nothing(
    database: Database, office: SmallOffice, register: Register, case_id: int
) -> None:
    with database.writing() as db:
        cases.cancel_case(db, by=office.actor(db, "zhou"), case_id=case_id, reason="withdrawn by the applicant")
    call_due(database, INSIDE)
    assert register.came == []
    assert kept(database)[0].state == State.CANCELLED


def test_a_case_that_rests_sends_nothing_until_it_goes_on(
    database: Database, office: SmallOffice, register: Register, case_id: int, clock: Clock
) -> None:
    with database.writing() as db:
        cases.suspend(db, by=office.actor(db, "zhou"), case_id=case_id, ground=1, words="the applicant is abroad")
    call_due(database, INSIDE)
    assert register.came == []
    clock.advance(days=1)
    with database.writing() as db:
        cases.resume(db, by=office.actor(db, "zhou"), case_id=case_id)
    assert call_due(database, INSIDE) == 1


GUARDED = source(
    start(),
    step("serviceTask", "ask", extended(), officium__connector="land_register"),
    border("late", "ask", timer("PT1H")),
    user("check"),
    user("by_hand"),
    end(),
    line("s", "ask", "check", "e"),
    line("late", "by_hand", "e"),
)


def test_a_step_that_is_cancelled_takes_its_call_with_it(
    database: Database, office: SmallOffice, register: Register, clock: Clock
) -> None:
    with database.writing() as db:
        connected(db, office, register.url, path="")
        case_id = asking(db, office, GUARDED)
    register.does = "broken"
    call_due(database, INSIDE)
    clock.advance(hours=2)
    with database.writing() as db:
        (token,) = [one.token for one in page(database, office, case_id).waits if one.kind == "timer"]
        assert cases.fire_timer(db, case_id=case_id, token=token)
    call_due(database, INSIDE)
    assert len(register.came) == 1
    assert kept(database)[0].state == State.CANCELLED
    assert [one.element for one in page(database, office, case_id).open_tasks] == ["by_hand"]


@pytest.mark.parametrize("how", ["unknown", "off", "removed", "not for this"])
def test_a_connector_that_is_not_there_is_an_incident_at_once(
    database: Database, office: SmallOffice, register: Register, how: str
) -> None:
    with database.writing() as db:
        guo = office.actor(db, "guo")
        if how != "unknown":
            made = connected(db, office, register.url, procedures=(999,) if how == "not for this" else None)
        if how == "off":
            acts.switch_connector(db, by=guo, connector_id=made, enabled=False)
        if how == "removed":
            acts.remove_connector(db, by=guo, connector_id=made)
        case_id = asking(db, office)
    call_due(database, INSIDE)
    assert register.came == []
    (incident,) = page(database, office, case_id).incidents
    said = words.incident(incident.kind, incident.facts).en
    assert {"unknown": "no connector", "off": "switched off", "removed": "no connector"}.get(how, "not open") in said


def test_an_answer_that_does_not_fit_is_an_incident(
    database: Database, office: SmallOffice, register: Register, case_id: int
) -> None:
    register.body = b'"owner: Li"'
    call_due(database, INSIDE)
    seen = page(database, office, case_id)
    assert seen.open_tasks == ()
    (incident,) = seen.incidents
    assert incident.kind == "expression"


def test_what_is_given_cannot_reach_beyond_its_place(
    database: Database, office: SmallOffice, register: Register
) -> None:
    drawn = ASKS.replace(b"44 07/1", b"..")
    with database.writing() as db:
        connected(db, office, register.url)
        case_id = asking(db, office, drawn)
    call_due(database, INSIDE)
    assert register.came == []
    assert len(page(database, office, case_id).incidents) == 1


def test_nothing_inside_is_called_unless_the_installation_says_so(
    database: Database, office: SmallOffice, register: Register, case_id: int
) -> None:
    call_due(database, Means(secret=INSIDE.secret))
    assert register.came == []
    (incident,) = page(database, office, case_id).incidents
    assert "without TLS nothing leaves the office" in incident.facts["why"]


def test_a_name_that_leads_inside_is_not_called(
    database: Database, office: SmallOffice, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as db:
        connected(db, office, "https://register.example")
        case_id = asking(db, office)
    told = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in ("93.184.216.34", "169.254.169.254")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: told)
    call_due(database, Means(secret=INSIDE.secret))
    (incident,) = page(database, office, case_id).incidents
    assert "leads inside a private network" in incident.facts["why"]


def test_a_resolver_that_never_answers_holds_nobody_up(
    database: Database, office: SmallOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as db:
        connected(db, office, "https://register.example", tries="1")  # within one second
        case_id = asking(db, office)
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: over.wait(60))
    since = time.monotonic()
    try:
        call_due(database, Means(secret=INSIDE.secret))
        assert time.monotonic() - since < 30, "the worker was held up"
    finally:
        over.set()
    (incident,) = page(database, office, case_id).incidents
    assert "register.example could not be looked up" in incident.facts["why"]
    assert "was not looked up in time" in incident.facts["detail"]


def test_a_broken_seal_is_told_and_nothing_is_sent(
    database: Database, office: SmallOffice, register: Register, case_id: int
) -> None:
    call_due(database, Means(inside=True, secret="another"))
    assert register.came == []
    (incident,) = page(database, office, case_id).incidents
    assert "Type them in again" in incident.facts["why"]


def test_the_secrets_are_not_in_the_database_as_they_are(database: Database, office: SmallOffice, case_id: int) -> None:
    with database.reading() as db:
        found = by_code(db, ["land_register"])["land_register"]
    assert found.how.header_names == ("Authorization",)
    assert found.sealed is not None
    assert b"very-secret" not in found.sealed


def test_one_that_fails_keeps_no_other_waiting(
    database: Database, office: SmallOffice, register: Register, case_id: int
) -> None:
    with database.writing() as db:
        drawn = ASKS.replace(b'"land_register"', b'"other"')
        other = in_force(db, office, drawn, owners={"process:p": "clerk"}, prefix="OT")
        connected(db, office, register.url, code="other")
        for _ in range(3):
            begun(db, office, other)
    register.does = "silent"
    call_due(database, INSIDE)
    assert len(register.came) == 2  # one of each connector


def test_nobody_answers_in_its_stead(database: Database, office: SmallOffice, case_id: int) -> None:
    (waits,) = page(database, office, case_id).waits
    with database.writing() as db, pytest.raises(NotWaiting):
        cases.deliver_message(db, by=office.actor(db, "zhou"), case_id=case_id, token=waits.token, note="I say so")
    assert page(database, office, case_id).waits == (waits,)


WRITES = source(
    start(),
    step(
        "sendTask", "ask",
        extended({"to": "&quot;li@gov.example&quot;", "number": "&quot;BP-7&quot;"}), officium__connector="letters",
    ),
    user("file"),
    end(),
    line("s", "ask", "file", "e"),
)  # fmt: skip


@pytest.mark.parametrize("domain", ["gov.example", "elsewhere.example"])
def test_a_letter_goes_only_where_it_may(database: Database, office: SmallOffice, domain: str) -> None:
    mailbox = Mailbox()
    with database.writing() as db:
        connected(
            db, office, "", code="letters", kind=Kind.MAIL, domains=domain, subject_en="Permit {number}",
            subject_zh="许可 {number}", words_en="Granted.", words_zh="已准予。",
        )  # fmt: skip
        case_id = asking(db, office, WRITES)
    with receiving(mailbox) as server:
        call_due(database, Means(MailServer("127.0.0.1", port_of(server)), "office@office.example", secret="x"))
    if domain == "gov.example":
        (letter,) = mailbox.letters
        assert letter["Subject"] == "许可 BP-7 / Permit BP-7"
        assert kept(database)[0].key in letter["Message-ID"]
        assert [one.element for one in page(database, office, case_id).open_tasks] == ["file"]
    else:
        (incident,) = page(database, office, case_id).incidents
        assert "letters may not go to gov.example" in incident.facts["why"]
