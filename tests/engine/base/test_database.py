"""Transactions, and how instants and ids are kept."""

from __future__ import annotations

import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, text

from engine.base.database import Database, from_stored, new_id, to_stored
from engine.procedures.tables import counters
from engine.records.tables import entries


def put(db: Connection, number: int) -> None:
    db.execute(
        insert(entries).values(
            office_id=1, chain=1, number=number, at=datetime(2026, 3, 2, tzinfo=UTC), act="a", facts="{}", seal=b""
        )
    )


def numbers(database: Database) -> list[int]:
    with database.reading() as db:
        return list(db.scalars(select(entries.c.number).order_by(entries.c.number)))


def test_a_writing_block_that_ends_keeps_all(database: Database) -> None:
    with database.writing() as db:
        put(db, 1)
        put(db, 2)
    assert numbers(database) == [1, 2]


def _fail_after_one(database: Database) -> None:
    with database.writing() as db:
        put(db, 1)
        raise RuntimeError


def test_a_writing_block_that_raises_keeps_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError):
        _fail_after_one(database)
    assert numbers(database) == []


def test_nothing_done_while_reading_is_kept(database: Database) -> None:
    with database.reading() as db:
        put(db, 1)
    assert numbers(database) == []


def test_a_reader_sees_one_moment_while_others_write(database: Database) -> None:
    with database.reading() as db:
        before = db.scalars(select(entries.c.number)).all()
        with database.writing() as writer:
            put(writer, 1)
        assert db.scalars(select(entries.c.number)).all() == before
    assert numbers(database) == [1]


def test_writers_follow_one_another_and_none_is_lost(database: Database) -> None:
    with database.writing() as db:
        db.execute(text("INSERT INTO departments (id, code, name_en, name_zh) VALUES (1, 'a', 'A', '甲')"))
        db.execute(
            text(
                "INSERT INTO procedures (id, name, prefix, department_id, chain, chain_length, chain_head) "
                "VALUES (1, 'P', 'BP', 1, 1, 0, '')"
            )
        )
        db.execute(insert(counters).values(procedure_id=1, year=2026, last=0))

    def count(_: int) -> None:
        with database.writing() as db:
            last = db.execute(select(counters.c.last).with_for_update()).scalar_one()
            time.sleep(0.001)
            db.execute(counters.update().values(last=last + 1))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(40)))
    with database.reading() as db:
        assert db.scalar(select(counters.c.last)) == 40


def test_a_foreign_key_is_kept(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"), database.writing() as db:
        db.execute(text("INSERT INTO departments (id, code, name_en, name_zh, parent_id) VALUES (1, 'a', 'A', 'A', 9)"))


def test_sqlite_survives_a_power_cut(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL flushes by default; tests switch it off")
    own = Database(str(database.engine.url))  # as the program opens it, not as tests do
    with own.reading() as db:
        assert db.scalar(text("PRAGMA journal_mode")) == "wal"
        assert db.scalar(text("PRAGMA synchronous")) == 2  # FULL
    own.close()


def test_an_instant_comes_back_as_it_was_kept(database: Database) -> None:
    shanghai = timezone(timedelta(hours=8))
    moment = datetime(2026, 3, 2, 9, 30, 15, 123_000, shanghai)
    with database.writing() as db:
        put(db, 1)
        db.execute(insert(entries).values(office_id=1, chain=1, number=2, at=moment, act="a", facts="{}", seal=b""))
        back = db.scalar(select(entries.c.at).where(entries.c.number == 2))
        assert back == moment
        assert back is not None
        assert back.tzinfo is UTC


instants = st.datetimes(datetime(1900, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(instants)
def test_instants_are_kept_to_the_millisecond(moment: datetime) -> None:
    kept = from_stored(to_stored(moment))
    assert timedelta(0) <= moment - kept < timedelta(milliseconds=1)


@given(instants, instants)
def test_instants_are_kept_in_their_order(one: datetime, other: datetime) -> None:
    if one <= other:
        assert to_stored(one) <= to_stored(other)


def test_ids_grow_with_time_fit_into_63_bits_and_differ() -> None:
    made = []
    for _ in range(5):
        made.append(new_id())
        time.sleep(0.002)
    assert made == sorted(made)
    assert all(0 < one < 2**63 for one in made)
    lock, ids = threading.Lock(), set()

    def make(_: int) -> None:
        one = new_id()
        with lock:
            ids.add(one)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(make, range(20_000)))
    assert len(ids) == 20_000


def test_no_test_reaches_the_network() -> None:
    with socket.socket() as line, pytest.raises(pytest.fail.Exception, match="network"):
        line.connect(("192.0.2.1", 80))


def test_a_process_that_was_forked_off_opens_connections_of_its_own(database: Database) -> None:
    """Found apart by a value that lives as long as its connection."""
    say, ask = (
        ("CREATE TEMP TABLE mine AS SELECT 1 AS one", "SELECT count(*) FROM sqlite_temp_master WHERE name = 'mine'")
        if database.is_sqlite
        else ("SET officium.mine = 'yes'", "SELECT count(*) WHERE current_setting('officium.mine', true) = 'yes'")
    )
    with database.writing() as db:
        db.execute(text(say))
    with database.reading() as db:
        assert db.scalar(text(ask)) == 1
    child = os.fork()
    if child == 0:
        code = 2
        try:
            with database.writing() as db:
                code = int(db.scalar(text(ask)) or 0)
                put(db, 1)
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert numbers(database) == [1]
    with database.reading() as db:
        assert db.scalar(text(ask)) == 1, "the connection of before still stands"
