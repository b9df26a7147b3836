"""The queue on PostgreSQL: deferred with the act and undone with it, thrown away without loss, never needed to be right."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from engine.base import clock as real
from engine.base.database import Database
from engine.base.prepared import say
from tests.builders import SmallOffice, small_office
from tests.faults.workers import arm, left, outcome
from web.working.draining import drain
from web.working.kinds import Tools
from web.working.queue import NeedsPostgresql, QueueNewer, Worker, make_ready
from web.working.registry import HANDLERS

ROOT = Path(__file__).parents[2]
TIMERS = next(one for one in HANDLERS if one.name == "timers")

on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def house(database: Database) -> SmallOffice:
    """By the clock on the wall: the queue goes by no other."""
    with database.writing() as db:
        return small_office(db)


def _ready(database: Database, *, alive: bool = True) -> None:
    make_ready(database)
    if alive:
        with database.writing() as db:
            db.execute(text("INSERT INTO work_queue.procrastinate_workers DEFAULT VALUES"))


def _jobs(database: Database) -> list[tuple[str, datetime | None]]:
    with database.reading() as db:
        rows = db.execute(
            text("SELECT args ->> 'name' AS name, scheduled_at FROM work_queue.procrastinate_jobs ORDER BY id")
        )
        return [(row.name, row.scheduled_at) for row in rows]


@on_postgresql
def test_what_falls_due_soon_is_deferred_with_the_act_and_undone_with_it(
    database: Database, house: SmallOffice
) -> None:
    _ready(database)
    soon = real.now() + timedelta(minutes=5)
    arm(database, house, [soon], kept=False)
    assert _jobs(database) == []
    arm(database, house, [soon])
    ((name, at),) = _jobs(database)
    assert name == "timers"
    assert at is not None
    assert timedelta(0) <= at - soon < timedelta(seconds=1), "never before it is due"


@on_postgresql
def test_what_lies_far_ahead_is_left_to_the_reconciler(database: Database, house: SmallOffice) -> None:
    _ready(database)
    arm(database, house, [real.now() + timedelta(hours=1)])
    assert _jobs(database) == []


@on_postgresql
def test_where_no_worker_lives_nothing_is_deferred(database: Database, house: SmallOffice) -> None:
    _ready(database, alive=False)
    with database.writing() as db:
        old = "INSERT INTO work_queue.procrastinate_workers (last_heartbeat) VALUES (now() - interval '5 minutes')"
        say(db, old, None)
    arm(database, house, [real.now() + timedelta(minutes=1)])
    assert _jobs(database) == []


@on_postgresql
def test_the_queue_of_an_older_library_is_made_anew_and_that_of_a_newer_left_alone(
    database: Database, house: SmallOffice
) -> None:
    make_ready(database)
    with database.writing() as db:
        say(db, "CREATE TABLE work_queue.old (x int)", None)
        say(db, "COMMENT ON SCHEMA work_queue IS '0.1'", None)
    make_ready(database)
    with database.reading() as db:
        assert db.scalar(text("SELECT to_regclass('work_queue.old')")) is None
        assert db.scalar(text("SELECT to_regclass('work_queue.procrastinate_jobs')")) is not None
    with database.writing() as db:
        say(db, "COMMENT ON SCHEMA work_queue IS '999.0'", None)
    with pytest.raises(QueueNewer, match=r"999\.0"):
        make_ready(database)


def test_on_a_file_there_is_no_queue(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'office.db'}")
    with pytest.raises(NeedsPostgresql):
        Worker(database, Tools())
    database.close()


@on_postgresql
def test_a_worker_does_what_is_due_and_ends_well_when_told(database: Database, house: SmallOffice) -> None:
    case_ids = arm(database, house, [real.now() - timedelta(seconds=1)] * 5)
    worker, ended = Worker(database, Tools()), list[int]()
    thread = threading.Thread(target=lambda: ended.append(worker.run()))
    thread.start()
    for _ in range(400):
        if not left(database):
            break
        threading.Event().wait(0.05)
    worker.stop()
    thread.join(timeout=30)
    assert ended == [0]
    assert outcome(database, case_ids).times == {1: 5}
    with database.reading() as db:
        assert db.scalar(text("SELECT count(*) FROM work_queue.procrastinate_workers")) == 0, "it said goodbye"
        assert db.scalar(text("SELECT count(*) FROM work_processes")) == 0


def test_several_who_drain_at_once_do_each_thing_once(database: Database, house: SmallOffice) -> None:
    case_ids = arm(database, house, [real.now() - timedelta(seconds=1)] * 60)
    url = database.engine.url.render_as_string(hide_password=False)
    every = [Database(url) for _ in range(3)]
    done: list[Any] = []
    hands = [threading.Thread(target=lambda one=one: done.append(drain(one, TIMERS))) for one in every]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(timeout=60)
    for house_of_its_own in every:
        house_of_its_own.close()
    assert [one.faults for one in done] == [0, 0, 0]
    assert sum(one.done for one in done) == 60
    assert outcome(database, case_ids).times == {1: 60}


def test_nobody_goes_on_once_told_to_stop(database: Database, house: SmallOffice) -> None:
    arm(database, house, [real.now() - timedelta(seconds=1)] * 5)
    asked: list[None] = []

    def going_on() -> bool:
        asked.append(None)
        return len(asked) <= 3

    assert 0 < drain(database, TIMERS, going_on).done < 5


def test_a_process_that_serves_carries_nothing_of_the_queue(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c",
         "import sys; from web import create_app; from web.settings import Settings; import web.working.rounds\n"
         f"create_app(Settings(secret='s', database_url='sqlite:///{tmp_path / 'o.db'}'))\n"
         "print([one for one in ('procrastinate', 'prometheus_client', 'smtplib') if one in sys.modules])"],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert told.stdout.strip() == "[]"
