"""The three systems that are measured, each behind the same server: one process, eight threads."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from tests.benchmarks import floor_tables, officium_server
from tests.benchmarks.drive import Client, Fields, WentWrong, drive
from tests.house.tree import ROOT

THREADS: Final = 8
Ready = Sequence[tuple[Client, Sequence[str], Fields]]


@dataclass(frozen=True, slots=True)
class Served:
    port: int
    process: int


@contextmanager
def serving(app: str, url: str, *, forks: bool = True) -> Iterator[Served]:
    """A fresh process; it is gone afterwards, and its CPU time counted among our children's.

    `forks`: loaded once, then forked. Not where the app begins threads while it is loaded: those stay behind.
    """
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", app, "--bind", f"127.0.0.1:{port}", "--workers", "1",
        "--worker-class", "gthread", "--threads", str(THREADS), "--keep-alive", "75", "--log-level", "warning", *(["--preload"] if forks else []),
    ]  # fmt: skip
    # As the README tells an installation to: without it the C library keeps a heap for each thread.
    environment = os.environ | {"OFFICIUM_BENCH_URL": url, "PYTHONPATH": str(ROOT), "MALLOC_ARENA_MAX": "2"}
    started = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        _wait_for(port, started)
        yield Served(port, started.pid)
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            started.wait(timeout=20)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def _wait_for(port: int, started: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if started.poll() is not None:
            raise WentWrong(f"the server ended with {started.returncode} before it answered")
        try:
            Client(port).ask("GET", "/")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise WentWrong("the server did not answer within half a minute")


@dataclass(frozen=True, slots=True)
class Prepared:
    empty: int
    """Bytes of the database before the first case."""
    enter: Callable[[int], Ready]
    """Signs everybody in at the server on this port."""


@dataclass(frozen=True, slots=True)
class System:
    name: str
    app: str
    steps: int
    prepare: Callable[[str, int, int], Prepared]
    """(url, clients, cases each)"""
    check: Callable[[str, int, int], None]
    """(url, cases, steps) raises where anything is not as it must be."""
    settle: Callable[[str], None] = lambda _url: None
    """Does what is left for the background of all that was driven."""


def _floor(url: str, clients: int, cases_each: int) -> Prepared:
    ids, empty = floor_tables.prepare(url, clients * cases_each)
    answers = {field: officium_server.ANSWERS[field] for field in floor_tables.FIELDS}
    shares = [ids[number::clients] for number in range(clients)]

    def enter(port: int) -> Ready:
        return [(Client(port), [f"/tasks/{one}/1" for one in share], lambda: answers) for share in shares]

    return Prepared(empty, enter)


def _office(url: str, clients: int, cases_each: int) -> Prepared:
    diagram = officium_server.sequence(floor_tables.STEPS)
    prepared = officium_server.prepare(url, people=clients, cases_each=cases_each, diagram=diagram)

    def enter(port: int) -> Ready:
        found = []
        for login, tasks in zip(prepared.logins, prepared.tasks, strict=True):
            client, fields = signed_in(port, login, tasks[0])
            found.append((client, tasks, fields))
        return found

    return Prepared(prepared.empty, enter)


def signed_in(port: int, login: str, page: str) -> tuple[Client, Fields]:
    """Through the front door, then one page with a form, whose token serves as long as the sign-in."""
    client = Client(port)
    token = client.token(officium_server.SIGN_IN, officium_server.FORM_TOKEN)
    sent = {officium_server.FORM_TOKEN: token, "login": login, "password": officium_server.PASSWORD}
    status, _location, _body = client.ask("POST", officium_server.SIGN_IN, sent)
    if status != 303:
        raise WentWrong(f"{login} could not sign in: {status}")
    client.keep_cookies()
    form_token = client.token(page, officium_server.FORM_TOKEN)
    return client, lambda: officium_server.fields(form_token)


RAW: Final = System(
    "RAW",
    "tests.benchmarks.floor_raw:app",
    floor_tables.STEPS,
    _floor,
    lambda url, cases, _steps: floor_tables.check(url, cases),
)
CORE: Final = System(
    "CORE",
    "tests.benchmarks.floor_core:app",
    floor_tables.STEPS,
    _floor,
    lambda url, cases, _steps: floor_tables.check(url, cases),
)
OFFICIUM: Final = System(
    "Officium", "tests.benchmarks.served:serve()", floor_tables.STEPS, _office,
    lambda url, cases, steps: officium_server.check(url, ended=cases, steps=steps), officium_server.settle,
)  # fmt: skip
SYSTEMS: Final = (RAW, CORE, OFFICIUM)


def warmed_up(ready: Ready) -> Ready:
    """The first case of each client is walked before anything is measured."""
    drive([(client, tasks[:1], fields) for client, tasks, fields in ready])
    return [(client, tasks[1:], fields) for client, tasks, fields in ready]
