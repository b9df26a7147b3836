"""A register outside, as badly behaved as one likes, and a case that asks it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sqlalchemy import Connection, select

from engine.base.database import Database
from engine.cases import reads
from engine.connectors import acts
from engine.connectors.rules import Wanted
from engine.connectors.sealing import Seal
from engine.connectors.tables import calls
from tests.builders import SmallOffice
from tests.engine.diagram.builders import end, line, source, start, step, user
from tests.worlds import begun, in_force
from web.outbox.means import Means

SECRET = "for tests only"
INSIDE = Means(url="https://office.example", inside=True, secret=SECRET)


def extended(inputs: dict[str, str] | None = None, outputs: dict[str, str] | None = None) -> str:
    """What a step gives its connector, and what it keeps of the answer."""
    given = "".join(f'<officium:input name="{name}" expression="{said}"/>' for name, said in (inputs or {}).items())
    kept = "".join(f'<officium:output variable="{name}" from="{said}"/>' for name, said in (outputs or {}).items())
    return f"<extensionElements>{given}{kept}</extensionElements>"


ASKS = source(
    start(),
    step(
        "serviceTask", "ask", extended({"parcel": '&quot;44 07/1&quot;'}, {"owner": "body.owner", "plots": "count(body.plots)"}),
        name="Ask the register 查询登记", officium__connector="land_register",
    ),
    user("check"),
    end(),
    line("s", "ask", "check", "e"),
)  # fmt: skip
GOOD = json.dumps({"owner": "Li Mei 李梅", "plots": [1, 2]}).encode()


class Register(ThreadingHTTPServer):
    """`does` names how the next requests are met."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.came: list[tuple[str, str, dict[str, str], bytes]] = []
        self.does = "answer"
        self.body = GOOD
        self.sent = 0
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def keys(self) -> set[str]:
        return {headers["Idempotency-Key"] for _method, _path, headers, _body in self.came}


class _Handler(BaseHTTPRequestHandler):
    server: Register
    protocol_version = "HTTP/1.1"

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.came.append((self.command, self.path, dict(self.headers), body))
        self.close_connection = True
        try:
            getattr(self, f"_{self.server.does}")()
        except OSError:
            return

    def do_GET(self) -> None:
        self._any()

    def do_POST(self) -> None:
        self._any()

    def do_PUT(self) -> None:
        self._any()

    def _say(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _answer(self) -> None:
        self._say(200, self.server.body)

    def _silent(self) -> None:
        self.server.over.wait(60)

    def _broken(self) -> None:
        self._say(500, b"oops", "text/plain")

    def _busy(self) -> None:
        self._say(503, b"", Retry_After="1200")

    def _wrong(self) -> None:
        self._say(404, b'{"error": "no such parcel"}')

    def _limited(self) -> None:
        self._say(429, b"")

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        while not self.server.over.is_set():
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.05)

    def _drip_head(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        while not self.server.over.is_set():
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.05)

    def _huge(self) -> None:
        """A gigabyte, if it is let."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        part = b"[" * 65_536
        for _ in range(16_384):
            self.wfile.write(part)
            self.server.sent += len(part)

    def _huge_said(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(2**30))
        self.end_headers()

    def _short(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"{}")

    def _inside(self) -> None:
        self._say(302, b"", Location="http://169.254.169.254/latest/meta-data/")

    def _home(self) -> None:
        self._say(307, b"", Location=f"http://127.0.0.1:{self.server.server_port}/admin")

    def _page(self) -> None:
        self._say(200, b"<html>down for maintenance</html>", "text/html")

    def _latin(self) -> None:
        self._say(200, '{"owner": "Müller"}'.encode("latin-1"), "application/json; charset=iso-8859-1")

    def _bytes(self) -> None:
        self._say(200, b'{"owner": "\xff\xfe"}')

    def _deep(self) -> None:
        self._say(200, b"[" * 200 + b"]" * 200)

    def _half(self) -> None:
        self._say(200, b'{"owner": ')

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def running() -> Iterator[Register]:
    server = Register()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def connected(db: Connection, office: SmallOffice, url: str, **more: Any) -> int:
    wanted = {
        "code": "land_register", "name_en": "Land register", "name_zh": "土地登记", "method": "GET", "url": url,
        "path": "/parcels/{parcel}", "headers": "Authorization: Bearer very-secret", "time_out": "1", "tries": "2",
        "most_bytes": "4096", "wait": "10", **more,
    }  # fmt: skip
    made, _secret = acts.add_connector(
        db, by=office.actor(db, "guo"), wanted=Wanted(**wanted), seal=Seal(SECRET), inside=True
    )
    return made


def asking(db: Connection, office: SmallOffice, drawn: bytes = ASKS) -> int:
    """A case that waits for the register."""
    return begun(db, office, in_force(db, office, drawn, owners={"process:p": "clerk"})).case_id


def page(database: Database, office: SmallOffice, case_id: int) -> reads.CasePage:
    with database.reading() as db:
        return reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id)


def kept(database: Database) -> list[Any]:
    with database.reading() as db:
        return list(db.execute(select(calls).order_by(calls.c.id)))
