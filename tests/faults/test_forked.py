"""Several processes that were forked off one that had loaded the office: each stands on its own feet."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import func, select

from engine.base.database import Database
from engine.cases.tables import tasks
from engine.records.verify import first_broken
from engine.working.tables import processes
from tests.builders import SmallOffice, small_office
from tests.faults.serving import FORKED, Serving
from tests.faults.visiting import Person
from tests.web.conftest import PASSWORD
from tests.worlds import begun, every_head, in_force

CASES: Final = 24
CHOSEN: Final = {"plot": "C-1", "area": "2", "way:complete": "complete_to_split"}


@pytest.fixture
def office(database: Database) -> SmallOffice:
    with database.writing() as db:
        return small_office(db, passwords={"li": PASSWORD})


@pytest.fixture
def case_ids(database: Database, office: SmallOffice) -> list[int]:
    with database.writing() as db:
        procedure_id = in_force(db, office)
        return [begun(db, office, procedure_id).case_id for _ in range(CASES)]


@pytest.fixture
def serving(database: Database, case_ids: list[int], tmp_path: Path) -> Iterator[Serving]:
    found = Serving(database.engine.url.render_as_string(hide_password=False), tmp_path, FORKED)
    yield found
    if found.process.poll() is None:
        found.stop()


def _at_work(database: Database) -> list[int]:
    with database.reading() as db:
        return sorted(db.scalars(select(processes.c.pid)))


def _wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)


def _complete(person: Person, case_ids: list[int]) -> None:
    def one(case_id: int) -> int:
        return person.post(f"/tasks/{case_id}/1/complete", CHOSEN).status

    with ThreadPoolExecutor(4) as hands:
        assert set(hands.map(one, case_ids)) == {303}


def test_each_process_serves_and_works_and_one_that_is_killed_is_replaced(
    database: Database, serving: Serving, case_ids: list[int]
) -> None:
    _wait_until(lambda: len(_at_work(database)) == 2)
    first = _at_work(database)
    assert serving.process.pid not in first, "the one that forked does nothing itself"
    person = Person(serving.home)
    person.sign_in("li")
    _complete(person, case_ids[: CASES // 2])

    os.kill(first[0], signal.SIGKILL)
    _wait_until(lambda: len(set(_at_work(database)) - {first[0]}) == 2)
    _complete(person, case_ids[CASES // 2 :])
    with database.reading() as db:
        assert first_broken(db, every_head(db)) is None
        closed = select(func.count()).where(tasks.c.number == 1, tasks.c.closed_at.is_not(None))
        assert db.scalar(closed) == CASES

    assert serving.stop() == 0
    assert "Control socket" not in serving.said, "nobody may steer it but by its signals"
    assert set(_at_work(database)) <= {first[0]}, "those that ended in order said so"
