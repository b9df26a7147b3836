from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Blueprint, g
from sqlalchemy import event

from engine.base.database import Database
from engine.base.errors import NotFound, Refusal
from engine.base.text import Text
from engine.organisation import acts, reads
from engine.organisation.rules import CodeTaken
from tests.builders import SmallOffice
from tests.web.conftest import Opened, Visitor
from web.guard import public


def _found(code: str) -> None:
    acts.add_department(g.db, by=None, code=code, name_en=f"Department {code}", name_zh="部门")


def _room() -> Blueprint:
    room = Blueprint("test", __name__)

    @room.post("/keeps")
    @public
    def keeps() -> str:
        _found("kept")
        return "done"

    @room.post("/refuses")
    @public
    def refuses() -> str:
        _found("refused")
        raise CodeTaken(code="refused", holder=Text("Someone", "某处"))

    @room.post("/breaks")
    @public
    def breaks() -> str:
        _found("broken")
        raise RuntimeError("the inside of the machine")

    @room.get("/looks")
    @public
    def looks() -> str:
        _found("looked")
        return "seen"

    @room.post("/fails-at-the-end")
    @public
    def fails_at_the_end() -> str:
        _found("late")
        g.db.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        g.db.exec_driver_sql("UPDATE departments SET parent_id = 999 WHERE code = 'late'")
        return "done"

    return room


def _codes(database: Database) -> set[str]:
    with database.reading() as db:
        chart = reads.chart(db)
    found: set[str] = set()
    waiting = list(chart.departments)
    while waiting:
        one = waiting.pop()
        found.add(one.code)
        waiting.extend(one.departments)
    return found


@pytest.fixture
def visitor(opened: Opened) -> Visitor:
    return opened(_room())


def test_a_view_that_returns_keeps_what_it_did(visitor: Visitor, database: Database) -> None:
    assert visitor.post("/keeps").status_code == 200
    assert "kept" in _codes(database)


def test_a_view_that_refuses_undoes_what_it_did_and_says_why(visitor: Visitor, database: Database) -> None:
    answer = visitor.post("/refuses")
    assert answer.status_code == 422
    assert "The code “refused” already belongs to “Someone”. Choose another one." in answer.text
    assert "refused" not in _codes(database)


def test_a_view_that_breaks_undoes_what_it_did_and_shows_no_inside(
    visitor: Visitor, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="officium"):
        answer = visitor.post("/breaks")
    assert answer.status_code == 500
    assert "the inside of the machine" not in answer.text
    assert "RuntimeError" not in answer.text
    reference = re.search(r'class="o-mono">([0-9A-F]{8})<', answer.text)
    assert reference is not None
    assert reference[1] in caplog.text
    assert "the inside of the machine" in caplog.text
    assert "broken" not in _codes(database)


def test_looking_keeps_nothing(visitor: Visitor, database: Database) -> None:
    assert visitor.get("/looks").status_code == 200
    assert "looked" not in _codes(database)


def test_a_commit_that_fails_still_meets_the_error_page(visitor: Visitor, database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL checks these references at once, not at the end")
    answer = visitor.post("/fails-at-the-end")
    assert answer.status_code == 500
    assert "Reference number" in answer.text
    assert "late" not in _codes(database)


def _pragma(database: Database, statement: str) -> None:
    """For every connection from now on."""
    database.close()

    def set_it(connection: Any, _record: Any) -> None:
        connection.execute(statement)

    event.listen(database.engine, "connect", set_it)


@pytest.fixture
def _sqlite_only(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("said by SQLite only")


@pytest.fixture
def _somebody_writes(_sqlite_only: None, database: Database) -> Iterator[None]:
    _pragma(database, "PRAGMA busy_timeout = 20")
    other = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()


@pytest.mark.usefixtures("small", "_somebody_writes")
def test_waiting_too_long_for_another_writer_is_said_calmly(opened: Opened, database: Database) -> None:
    answer = opened(_room()).post("/keeps")
    assert answer.status_code == 503
    assert "The office is busy" in answer.text
    assert answer.headers["Retry-After"] == "60"


@pytest.mark.usefixtures("_sqlite_only")
def test_a_full_disk_is_said_and_nothing_is_kept(opened: Opened, database: Database, small: SmallOffice) -> None:
    room = Blueprint("big", __name__)

    @room.post("/big")
    @public
    def big() -> str:
        for number in range(2000):
            _found(f"big{number}")
        return "done"

    _pragma(database, "PRAGMA max_page_count = 1")  # as many as it has now
    answer = opened(room).post("/big")
    assert answer.status_code == 503
    assert "disk is full" in answer.text
    assert not any(code.startswith("big") for code in _codes(database))


@pytest.mark.parametrize("kind", [NotFound, CodeTaken])
def test_a_problem_speaks_the_language_of_the_page(opened: Opened, kind: type[Refusal]) -> None:
    room = Blueprint("says", __name__)

    @room.get("/says")
    @public
    def says() -> str:
        raise kind(what=Text("case", "办件"), code="x", holder=Text("Someone", "某处"))

    answer = opened(room).get("/says", headers={"Accept-Language": "zh-CN"})
    expected = {NotFound: "此处没有您可以查看的办件。", CodeTaken: "代码“x”已属于“某处”。请另选一个。"}
    assert expected[kind] in answer.text
    assert '<html lang="zh-Hans">' in answer.text
