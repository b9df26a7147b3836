"""Notices reach a program signed and whole, and nothing else can be reached or got out in that way."""

from __future__ import annotations

import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import select

from engine.base.database import Database
from engine.notices import acts, reads
from engine.notices.outbox import Endpoint
from engine.notices.rules import State
from engine.notices.tables import deliveries
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.notices.told import told
from web.__main__ import main
from web.outbox import webhook
from web.outbox.means import Means
from web.outbox.sending import send_due
from web.outbox.webhook import NotTaken

INSIDE = Means(url="https://office.example", inside=True)


class Program(HTTPServer):
    """Keeps what comes; `answers` says how, `body` with what, `location` where else to go."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.answers = 204
        self.body = b""
        self.location: str | None = None
        self.trickles = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?office=1"


class _Handler(BaseHTTPRequestHandler):
    server: Program

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((self.path, dict(self.headers), body))
        if self.server.trickles:
            self._trickle()
            return
        self.send_response(self.server.answers)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()
        try:
            self.wfile.write(self.server.body)
        except OSError:
            return

    def _trickle(self) -> None:
        try:
            while True:  # until whoever reads has had enough
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def running() -> Iterator[Program]:
    server = Program()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def program() -> Iterator[Program]:
    with running() as server:
        yield server


def _added(database: Database, office: SmallOffice, url: str) -> str:
    with database.writing() as db:
        return acts.add_webhook(db, by=office.actor(db, "guo"), url=url, inside=True)


def _states(database: Database) -> list[tuple[int, int]]:
    with database.reading() as db:
        rows = db.execute(select(deliveries.c.state, deliveries.c.tries).order_by(deliveries.c.id))
        return [(row.state, row.tries) for row in rows]


def test_a_program_gets_signed_notices_without_what_was_typed(
    database: Database, office: SmallOffice, program: Program, clock: Clock
) -> None:
    secret = _added(database, office, program.url)
    with database.writing() as db:
        told(db, office, "li", "wang", why="Wang Fang, identity number 1101", answers={"income": "four thousand"})
    assert send_due(database, INSIDE) == 1
    ((path, headers, body),) = program.came
    assert path == "/hook?office=1"
    at = int(clock.now().timestamp())
    sealed = hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    assert headers["Officium-Signature"] == f"t={at},v1={sealed}"
    sent = json.loads(body)
    assert sent["delivery"] == headers["Officium-Delivery"]
    assert {one["to"] for one in sent["notices"]} == {"li", "wang"}
    one = sent["notices"][0]
    assert (one["kind"], one["case"], one["task"], one["at"]) == (
        "returned",
        "BP-2026-00001",
        2,
        "2026-03-02T01:00:00.000Z",
    )
    assert one["link"] == "https://office.example/tasks/7/2"
    assert one["sentence"]["zh"].startswith("何军将")
    assert b"Wang Fang" not in body
    assert b"four thousand" not in body
    assert send_due(database, INSIDE) == 0


def test_a_program_that_fails_gets_the_same_again(
    database: Database, office: SmallOffice, program: Program, clock: Clock
) -> None:
    _added(database, office, program.url)
    with database.writing() as db:
        told(db, office, "li")
    program.answers = 500
    assert send_due(database, INSIDE) == 0
    program.answers = 200
    assert send_due(database, INSIDE) == 0
    clock.advance(minutes=1)
    assert send_due(database, INSIDE) == 1
    (_, first, body), (_, second, again) = program.came
    assert body == again
    assert first["Officium-Delivery"] == second["Officium-Delivery"]
    assert first["Officium-Signature"] != second["Officium-Signature"], "each try is signed with its own time"


def test_a_redirect_is_not_followed(database: Database, office: SmallOffice, program: Program) -> None:
    with running() as elsewhere:
        program.answers, program.location = 307, elsewhere.url
        _added(database, office, program.url)
        with database.writing() as db:
            told(db, office, "li")
        assert send_due(database, INSIDE) == 0
        assert elsewhere.came == []
    assert _states(database) == [(State.WAITING, 1)]


def test_an_endless_answer_is_not_read(program: Program) -> None:
    program.answers, program.body = 200, b"x" * 5_000_000
    begun = time.monotonic()
    webhook.send(Endpoint(program.url, "s"), b"{}", delivery="1", at=1, inside=True)
    assert time.monotonic() - begun < 30


def test_a_program_that_trickles_is_cut_off(program: Program) -> None:
    program.trickles = True
    begun = time.monotonic()
    with pytest.raises(NotTaken):
        webhook.send(Endpoint(program.url, "s"), b"{}", delivery="1", at=1, inside=True, time_out=0.4)
    assert time.monotonic() - begun < 30


def test_a_program_that_says_nothing_is_waited_for_only_so_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        begun = time.monotonic()
        with pytest.raises(NotTaken):
            webhook.send(Endpoint(url, "s"), b"{}", delivery="1", at=1, inside=True, time_out=0.3)
        assert time.monotonic() - begun < 30


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_nothing_inside_is_reached_where_that_is_not_allowed(program: Program, scheme: str) -> None:
    url = program.url.replace("http:", f"{scheme}:")
    with pytest.raises(NotTaken):
        webhook.send(Endpoint(url, "s"), b"{}", delivery="1", at=1, inside=False)
    assert program.came == []


@pytest.mark.parametrize(
    "leads", [["10.0.0.8"], ["93.184.215.14", "127.0.0.1"], ["::ffff:192.168.0.1"], ["169.254.169.254"]]
)
def test_a_name_is_judged_by_all_it_leads_to(monkeypatch: pytest.MonkeyPatch, leads: list[str]) -> None:
    def looked_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        assert host == "hooks.example"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in leads]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    with pytest.raises(NotTaken, match="private"):
        webhook.send(Endpoint("https://hooks.example/", "s"), b"{}", delivery="1", at=1, inside=False)


def test_a_name_is_looked_up_once_and_that_very_address_called(
    monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    """A name that leads elsewhere at the second look would lead inside."""
    looks: list[str] = []

    def looked_up(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        looks.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    called: list[object] = []
    create = socket.create_connection

    def connect(address: tuple[str, int], timeout: float | None = None) -> socket.socket:
        called.append(address[0])
        return create(address, timeout)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    url = program.url.replace("127.0.0.1", "hooks.example")
    webhook.send(Endpoint(url, "s"), b"{}", delivery="1", at=1, inside=True)
    assert called == ["127.0.0.1"]
    assert looks.count("hooks.example") == 1
    assert program.came[0][1]["Host"].startswith("hooks.example:")


def test_a_removed_program_gets_nothing_of_what_waited(
    database: Database, office: SmallOffice, program: Program, clock: Clock
) -> None:
    _added(database, office, program.url)
    with database.writing() as db:
        told(db, office, "li")
    program.answers = 500
    send_due(database, INSIDE)
    with database.writing() as db:
        guo = office.actor(db, "guo")
        (there,) = reads.webhooks_in_use(db, by=guo)
        acts.remove_webhook(db, by=guo, webhook_id=there.id)
    clock.advance(days=1)
    assert send_due(database, INSIDE) == 0
    assert len(program.came) == 1
    assert _states(database) == [(State.NOT_NEEDED, 2)]


def test_the_command_adds_lists_and_removes(
    database: Database, office: SmallOffice, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("OFFICIUM_SECRET", "for tests only")
    assert main(["webhook", "add", "https://hooks.example/x", "--by", "li"]) == 1
    assert "posts do not allow" in capsys.readouterr().err
    assert main(["webhook", "add", "https://10.0.0.1/x", "--by", "guo"]) == 1
    assert "own network" in capsys.readouterr().err
    assert main(["webhook", "add", "https://hooks.example/x", "--by", "guo"]) == 0
    secret = capsys.readouterr().out.splitlines()[-1]
    assert len(secret) >= 32
    assert main(["webhook", "list", "--by", "guo"]) == 0
    listed = capsys.readouterr().out
    assert "https://hooks.example/x" in listed
    assert secret not in listed
    assert main(["webhook", "remove", listed.split()[0], "--by", "guo"]) == 0
    capsys.readouterr()
    assert main(["webhook", "list", "--by", "guo"]) == 0
    assert "no program" in capsys.readouterr().out
