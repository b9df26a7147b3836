"""Timers armed for a few seconds that lie ahead, workers in processes of their own, and what became of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import orjson
from sqlalchemy import func, select

from engine.base import clock
from engine.base.database import Database, to_stored
from engine.cases.tables import tasks, timers
from engine.records.tables import entries
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.engine.diagram.builders import border, end, line, source, start, timer, user
from tests.worlds import begun, every_head, in_force

ROOT = Path(__file__).parents[2]
LATE = source(
    start(), user("work"), border("bell", "work", timer("P1D")), user("late"), end(),
    line("s", "work", "e"), line("bell", "late", "e"),
)  # fmt: skip
"""After a day at the first step the second one begins."""


class Undone(Exception):
    """What was begun with it is rolled back."""


def arm(database: Database, office: SmallOffice, moments: Sequence[datetime], *, kept: bool = True) -> list[int]:
    """A case each, whose timer is due at the moment."""
    with database.writing() as db:
        prefix = f"T{'ABCDEFGH'[0 if kept else 1]}"
        procedure_id = in_force(db, office, LATE, owners={"process:p": "clerk"}, prefix=prefix)
    begun_cases = []
    for moment in moments:
        try:
            with database.writing() as db, clock.reading(lambda when=moment: when - timedelta(days=1)):  # type: ignore[misc]
                begun_cases.append(begun(db, office, procedure_id).case_id)
                if not kept:
                    raise Undone
        except Undone:
            pass
    return begun_cases


class Workers:
    """So many processes that do background work, as `officium worker`."""

    def __init__(self, database: Database, many: int, folder: Path) -> None:
        self._folder = folder
        self._started = 0
        address = database.engine.url.render_as_string(hide_password=False)
        self._environment = {**os.environ, "DATABASE_URL": address, "OFFICIUM_SECRET": "for tests only"}
        self.processes = [self._start() for _ in range(many)]
        self.killed = 0

    def _start(self) -> subprocess.Popen[bytes]:
        self._started += 1
        with self._file(self._started).open("wb") as said:
            return subprocess.Popen(
                [sys.executable, "-m", "web", "worker"], cwd=ROOT, env=self._environment, stdout=said, stderr=said
            )

    def _file(self, number: int) -> Path:
        return self._folder / f"worker-{number}.txt"

    def ready(self) -> None:
        """Until each that lives has said that it is at work. One that was killed soon after it began never said so."""
        until = time.monotonic() + 60
        newest = range(self._started - len(self.processes) + 1, self._started + 1)
        while not all("at work" in self._file(number).read_text() for number in newest):
            assert time.monotonic() < until, self.said()
            assert all(one.poll() is None for one in self.processes), self.said()
            time.sleep(0.05)

    def kill_one(self) -> None:
        """The one that has lived longest; another takes its place."""
        oldest = self.processes.pop(0)
        oldest.send_signal(signal.SIGKILL)
        oldest.wait(timeout=10)
        self.killed += 1
        self.processes.append(self._start())

    def end(self) -> list[int]:
        """Asks them to; with what they ended."""
        for one in self.processes:
            one.send_signal(signal.SIGTERM)
        return [one.wait(timeout=30) for one in self.processes]

    def said(self) -> str:
        return "".join(self._file(number).read_text() for number in range(1, self._started + 1))


@contextmanager
def workers(database: Database, many: int, folder: Path) -> Iterator[Workers]:
    found = Workers(database, many, folder)
    try:
        yield found
    finally:
        for one in found.processes:
            if one.poll() is None:
                one.kill()
                one.wait(timeout=10)


def left(database: Database) -> int:
    """Timers that have not taken effect yet."""
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(timers).where(timers.c.closed_at.is_(None))) or 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """`times`: how often a timer of a case took effect, by how many cases. `late`: milliseconds after it was due."""

    times: Counter[int]
    early: int
    late: tuple[int, ...]
    second_steps: Counter[int]

    def percentile(self, share: float) -> int:
        return self.late[min(len(self.late) - 1, int(share * len(self.late)))]


def outcome(database: Database, case_ids: Sequence[int]) -> Outcome:
    """Read from the record, and from the tasks that were opened; the chains of all cases are whole."""
    with database.reading() as db:
        assert first_broken(db, every_head(db)) is None
        rows = db.execute(
            select(entries.c.chain, entries.c.at, entries.c.facts).where(entries.c.act == "fire_timer")
        ).all()
        due = {row.case_id: row.due_at for row in db.execute(select(timers.c.case_id, timers.c.due_at))}
        opened = db.execute(
            select(tasks.c.case_id, func.count()).where(tasks.c.element == "late").group_by(tasks.c.case_id)
        ).all()
    fired = Counter(row.chain for row in rows)
    waits = sorted(to_stored(row.at) - to_stored(due[row.chain]) for row in rows)
    assert all("element" in orjson.loads(row.facts) for row in rows)
    return Outcome(
        Counter(fired[case_id] for case_id in case_ids),
        sum(wait < 0 for wait in waits),
        tuple(waits),
        Counter(count for _case, count in opened),
    )
