"""Somebody at a browser, over a real connection: signed in, and able to read and send pages."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

from werkzeug.serving import make_server

from tests.web.conftest import PASSWORD
from web.unit import Office


@contextmanager
def served(app: Office) -> Iterator[str]:
    """Its address. At the end every request is: one that still had a connection of the database would leave it open."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    vars(server)["daemon_threads"] = False  # those are not waited for
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str
    location: str

    @property
    def told(self) -> Any:
        return json.loads(self.text)


@dataclass
class Person:
    """One connection a request, as a proxy would make them. Raises OSError where nobody answers."""

    home: str
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> Answer:
        address = urlsplit(self.home)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode({"csrf_token": self.token, **fields})
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        except HTTPException as cut:
            raise ConnectionError(f"cut off in the middle: {cut!r}") from cut
        finally:
            connection.close()
        for cookie in response.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        found = re.search(r'name="csrf-token" content="([^"]+)"', text)
        if found:
            self.token = found[1]
        return Answer(response.status, unescape(text), response.headers.get("Location", ""))

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        return self.ask("POST", path, fields)

    def sign_in(self, login: str) -> None:
        self.get("/sign-in")
        answer = self.post("/sign-in", {"login": login, "password": PASSWORD})
        assert answer.status == 303, answer.text[:500]
        self.get("/password")

    def receipt(self, path: str) -> str:
        """Opens the page of a task; what makes sending it twice harmless."""
        found = re.search(r'name="own:receipt" value="([0-9a-f]{32})"', self.get(path).text)
        assert found is not None
        return found[1]
