"""A closed loop: so many clients, each posting the next step of its cases as soon as the one before is answered."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode, urlsplit

Fields = Callable[[], dict[str, str]]


class WentWrong(Exception):
    """A server did not do what was measured: the figures would be of something else."""


@dataclass(slots=True)
class Client:
    """One browser with its connection. Cookies are sent as they were after signing in."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    connection: HTTPConnection | None = None

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, bytes]:
        """Status, where it leads, body."""
        if self.connection is None:
            self.connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Host": f"127.0.0.1:{self.port}"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, None if fields is None else urlencode(fields), headers)
        answer = self.connection.getresponse()
        return answer.status, urlsplit(answer.headers.get("Location", "")).path, self._read(answer)

    def _read(self, answer: HTTPResponse) -> bytes:
        self._latest = answer.headers.get_all("Set-Cookie") or []
        return answer.read()

    _latest: list[str] = field(default_factory=list)

    def keep_cookies(self) -> None:
        for one in self._latest:
            name, _, value = one.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value

    def token(self, path: str, name: str) -> str:
        """The form token of a page, with the cookie it belongs to."""
        status, _location, body = self.ask("GET", path)
        self.keep_cookies()
        found = re.search(rb'name="%s"[^>]*value="([^"]+)"' % name.encode(), body)
        if status != 200 or found is None:
            raise WentWrong(f"{path} answered {status} and holds no {name}")
        return found.group(1).decode()

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()


@dataclass(frozen=True, slots=True)
class Driven:
    seconds: float
    waits: tuple[float, ...]
    """Of each step, in milliseconds, as the client saw it."""

    @property
    def rate(self) -> float:
        return len(self.waits) / self.seconds

    def percentile(self, part: float) -> float:
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def walk(client: Client, task: str, fields: Fields, most: int | None = None) -> list[float]:
    """Completes the task and those it leads to, until the case leads elsewhere."""
    waits: list[float] = []
    while task.startswith("/tasks/") and (most is None or len(waits) < most):
        sent = fields()
        begun = time.perf_counter()
        status, location, body = client.ask("POST", f"{task}/complete", sent)
        waits.append((time.perf_counter() - begun) * 1000)
        if status != 303:
            raise WentWrong(f"{task} answered {status}: {_words(body)}")
        task = location
    return waits


def _words(body: bytes) -> str:
    plain = re.sub(r"<style.*?</style>|<[^>]+>", " ", body.decode(errors="replace"), flags=re.DOTALL)
    return " ".join(plain.split())[:400]


def drive(clients: Sequence[tuple[Client, Sequence[str], Fields]]) -> Driven:
    """Every client in a thread of its own, all beginning at once."""
    waits: list[float] = []
    faults: list[BaseException] = []
    gate = threading.Barrier(len(clients) + 1)

    def run(client: Client, tasks: Sequence[str], fields: Fields) -> None:
        gate.wait()
        try:
            for task in tasks:
                waits.extend(walk(client, task, fields))
        except Exception as fault:  # carried to the thread that asked
            faults.append(fault)

    threads = [threading.Thread(target=run, args=one) for one in clients]
    for thread in threads:
        thread.start()
    gate.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    if faults:
        raise WentWrong(f"{len(faults)} of {len(clients)} clients were stopped") from faults[0]
    return Driven(seconds, tuple(waits))
