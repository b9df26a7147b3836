"""Ten thousand timers that are due at once: how fast they are drained, and what the desk's people feel of it.

On SQLite the process that serves also does the work; on PostgreSQL two workers do, beside it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from engine.base import clock
from engine.base.database import Database
from engine.cases import acts
from engine.cases.tables import timers as table
from engine.organisation import reads as organisation
from engine.organisation.tables import persons, posts
from engine.procedures import acts as procedures
from engine.procedures.editions import contents
from engine.records.tables import entries
from tests.benchmarks import machine, officium_server
from tests.benchmarks.databases import Databases
from tests.benchmarks.drive import Client, Fields, WentWrong
from tests.benchmarks.systems import OFFICIUM, serving, signed_in
from tests.engine.diagram.builders import border, end, line, source, start, timer, user
from tests.house.tree import ROOT

WORKERS = 2
STEPS = 10
_A_PAGE_EVERY = 0.1
_A_STEP_EVERY = 0.15
"""Seconds: about what 5,000 clerks do in their busiest hour."""
_AT_ONCE = 200
_LATE = source(
    start(), user("work"), border("bell", "work", timer("P1D")), user("late"), end(),
    line("s", "work", "e"), line("bell", "late", "e"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Felt:
    """Milliseconds, as a client saw them."""

    pages: tuple[float, ...]
    steps: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Drained:
    timers: int
    seconds: float
    quiet: Felt
    meanwhile: Felt
    cpu: float
    """Seconds of whoever works (and, on SQLite, serves), and of the database; beside timers, what else goes on by itself."""

    @property
    def a_minute(self) -> float:
        return self.timers / self.seconds * 60


def percentile(waits: Sequence[float], share: float) -> float:
    ordered = sorted(waits)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def drained(databases: Databases, *, timers: int, quiet: float) -> Drained:
    """`quiet`: seconds for which the desk is measured before anything is due."""
    url = databases.make()
    try:
        cases = max(4, int((quiet + timers / 60) / _A_STEP_EVERY / STEPS) + 2)
        prepared = officium_server.prepare(url, people=1, cases_each=cases, diagram=officium_server.sequence(STEPS))
        _arm(url, timers)
        with serving(OFFICIUM.app, url) as served:
            desk = _Desk(served.port, prepared.logins[0], prepared.tasks[0])
            desk.measure(lambda: time.sleep(min(quiet, 1)))  # warmed up
            before = desk.measure(lambda: time.sleep(quiet))
        beside = databases.kind == "sqlite"
        app = "tests.benchmarks.served:serve_and_work()" if beside else OFFICIUM.app
        with ExitStack() as stack:
            served = stack.enter_context(serving(app, url, forks=not beside))
            desk = _Desk(served.port, prepared.logins[0], desk.left)
            at_work = stack.enter_context(_workers(url)) if databases.kind == "postgresql" else [served.process]
            counted = _Counted(url, timers)
            spent = machine.cpu(databases.root)
            meanwhile = desk.measure(counted.until_done)
            spent = machine.cpu(databases.root) - spent + sum(machine.cpu(one) for one in at_work)
    finally:
        databases.drop(url)
    return Drained(timers, counted.seconds, before, meanwhile, spent)


def _arm(url: str, many: int) -> None:
    database = Database(url)
    with database.writing() as db:
        by = organisation.actor(db, db.scalars(select(persons.c.id)).first() or 0)
        post = db.scalars(select(posts.c.id)).first() or 0
        procedure = procedures.open_procedure(
            db, by=by, name="Timed", prefix="TI", department_id=by.posts[0].department_id
        )
        edition = procedures.deposit(db, by=by, procedure_id=procedure, file="timed.bpmn", source=_LATE, attachments={})
        mapped = {owner.key: post for owner in contents(db, edition).owners}
        procedures.map_owners(db, by=by, edition_id=edition, mapped=mapped)
        procedures.put_in_force(db, by=by, edition_id=edition)
    begun = clock.now() - timedelta(days=1, seconds=1)
    for first in range(0, many, _AT_ONCE):
        with database.writing() as db, clock.reading(lambda: begun):
            for number in range(first, min(many, first + _AT_ONCE)):
                acts.start_case(
                    db, by=by, procedure_id=procedure, matter=f"Timed {number}", applicant="Applicant", submitted={}
                )
    database.close()


@contextmanager
def _workers(url: str) -> Iterator[list[int]]:
    environment = os.environ | {
        "DATABASE_URL": url,
        "OFFICIUM_SECRET": "of the benchmark alone",
        "MALLOC_ARENA_MAX": "2",
    }
    found = [
        # As their unit of systemd says: what goes on by itself gives way to people.
        subprocess.Popen(
            ["nice", "-n", "10", sys.executable, "-m", "web", "worker"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        for _ in range(WORKERS)
    ]
    try:
        yield [one.pid for one in found]
    finally:
        for one in found:
            one.send_signal(signal.SIGTERM)
        for one in found:
            if one.wait(timeout=30) != 0:
                raise WentWrong(f"a worker ended with {one.returncode}")


class _Counted:
    """Waits until none is left; the time is counted from the first that took effect to the last."""

    def __init__(self, url: str, many: int) -> None:
        self._database, self._many = Database(url), many
        self.seconds = 0.0

    def until_done(self) -> None:
        until = time.monotonic() + 60 + self._many / 20
        left = self._many
        while left and time.monotonic() < until:
            time.sleep(0.25)
            with self._database.reading() as db:
                left = db.scalar(select(func.count()).select_from(table).where(table.c.closed_at.is_(None))) or 0
        with self._database.reading() as db:
            fired = db.execute(
                select(func.min(entries.c.at), func.max(entries.c.at), func.count()).where(
                    entries.c.act == "fire_timer"
                )
            ).one()
        self._database.close()
        if left or fired[2] != self._many:
            raise WentWrong(f"{left} timers are left, {fired[2]} took effect")
        self.seconds = (fired[1] - fired[0]).total_seconds()


class _Desk:
    """One person who looks at the desk, and one who completes steps, each at the pace of a large office."""

    def __init__(self, port: int, login: str, tasks: Sequence[str]) -> None:
        self._looking, _ = signed_in(port, login, tasks[0])
        self._working, self._fields = signed_in(port, login, tasks[0])
        self.left = list(tasks)

    def measure(self, meanwhile: Callable[[], None]) -> Felt:
        over = threading.Event()
        pages, steps, faults = list[float](), list[float](), list[BaseException]()
        hands = [
            threading.Thread(target=self._guarded, args=(self._look, over, pages, faults)),
            threading.Thread(target=self._guarded, args=(self._complete, over, steps, faults)),
        ]
        for one in hands:
            one.start()
        try:
            meanwhile()
        finally:
            over.set()
            for one in hands:
                one.join()
        if faults:
            raise WentWrong("somebody at the desk was stopped") from faults[0]
        return Felt(tuple(pages), tuple(steps))

    @staticmethod
    def _guarded(
        work: Callable[[threading.Event, list[float]], None],
        over: threading.Event,
        waits: list[float],
        faults: list[BaseException],
    ) -> None:
        try:
            work(over, waits)
        except Exception as fault:  # carried to the thread that asked
            faults.append(fault)

    def _look(self, over: threading.Event, waits: list[float]) -> None:
        while not over.wait(_A_PAGE_EVERY):
            waits.append(_asked(self._looking))

    def _complete(self, over: threading.Event, waits: list[float]) -> None:
        while self.left and not over.is_set():
            task = self.left[0]
            while task.startswith("/tasks/"):
                if over.wait(_A_STEP_EVERY):
                    self.left[0] = task
                    return
                took, task = _step(self._working, task, self._fields)
                waits.append(took)
            self.left.pop(0)


def _asked(client: Client) -> float:
    begun = time.perf_counter()
    status, _location, _body = client.ask("GET", officium_server.DESK)
    if status != 200:
        raise WentWrong(f"the desk answered {status}")
    return (time.perf_counter() - begun) * 1000


def _step(client: Client, task: str, fields: Fields) -> tuple[float, str]:
    sent = fields()
    begun = time.perf_counter()
    status, location, _body = client.ask("POST", f"{task}/complete", sent)
    if status != 303:
        raise WentWrong(f"{task} answered {status}")
    return (time.perf_counter() - begun) * 1000, location
