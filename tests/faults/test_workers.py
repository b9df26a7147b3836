"""Workers are killed while timers fall due: each takes effect once, none too early, none of what was rolled back.

`make workers` does it with 2,000 timers that fall due within ten seconds, where `make test` takes 60.
"""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.base import clock
from engine.base.database import Database
from engine.base.prepared import say
from tests.builders import SmallOffice, small_office
from tests.faults.workers import Workers, arm, left, outcome, workers

MANY = int(os.environ.get("OFFICIUM_TIMERS", "60"))
FULL = MANY >= 1000
UNDONE = 40 if FULL else 8
WITHIN = timedelta(seconds=10 if FULL else 1)
WORKERS = 3 if FULL else 2
KILLS = MANY if FULL else 1
"""One every second, as long as anything is left to do."""


@pytest.fixture
def office(database: Database) -> SmallOffice:
    with database.writing() as db:
        return small_office(db)


def _arm(database: Database, office: SmallOffice) -> tuple[list[int], datetime]:
    """The cases, and when the first timer is due. Those that are rolled back first: they tell how long beginning a case
    takes, here and now."""
    soon = clock.now() + timedelta(seconds=2)
    begun = time.monotonic()
    arm(database, office, [soon + WITHIN * number / UNDONE for number in range(UNDONE)], kept=False)
    a_case = max(0.01, (time.monotonic() - begun) / UNDONE)
    first = clock.now() + timedelta(seconds=1 + 1.5 * a_case * MANY)
    return arm(database, office, [first + WITHIN * number / MANY for number in range(MANY)]), first


def _until_done(database: Database, running: Workers, first: datetime) -> None:
    """From when they fall due one worker is killed every second; on PostgreSQL somebody also empties the queue, once and,
    in full, every other second."""
    time.sleep(max(0.0, (first - clock.now()).total_seconds() - 0.5))
    until = first + WITHIN + timedelta(seconds=60 + MANY / 10)
    emptied = 0
    while left(database) and clock.now() < until:
        if not database.is_sqlite and emptied <= running.killed / 2:
            with database.writing() as db:
                say(db, "TRUNCATE work_queue.procrastinate_jobs, work_queue.procrastinate_workers CASCADE", None)
            emptied += 1
        time.sleep(1.0)
        if running.killed < KILLS:
            running.kill_one()


@pytest.mark.timeout(2400)
def test_each_timer_takes_effect_once_whoever_is_killed_and_whatever_becomes_of_the_queue(
    database: Database, office: SmallOffice, tmp_path: Path
) -> None:
    with workers(database, WORKERS, tmp_path) as running:
        running.ready()
        case_ids, first = _arm(database, office)
        assert left(database) >= MANY * 0.9, "they were armed before they were due"
        _until_done(database, running, first)
        running.ready()
        ended = running.end()
    assert set(ended) == {0}, running.said()
    found = outcome(database, case_ids)
    assert found.times == {1: MANY}
    assert found.second_steps == {1: MANY}
    assert found.early == 0
    assert len(found.late) == MANY, "none of what was rolled back"
    assert running.killed >= (10 if FULL else KILLS)
    print(
        f"\n{'sqlite' if database.is_sqlite else 'postgresql'}: {MANY} timers, {running.killed} workers killed; "
        f"late by {found.percentile(0.5)} ms (half), {found.percentile(0.99)} ms (99 in 100), {found.late[-1]} ms (most)"
    )
