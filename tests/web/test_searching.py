"""The search keeps up by itself, a little behind; everything can be read in anew while the office works."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import text

from engine.base.database import Database
from engine.cases import acts
from engine.cases.listing import case_list
from tests.builders import SmallOffice
from tests.web.conftest import Rooms
from tests.worlds import begun, in_force
from web.searching import bring_up, reindex
from web.working.rounds import tick


def _found(database: Database, office: SmallOffice, words: str) -> int:
    with database.reading() as db:
        return len(case_list(db, actor=office.actor(db, "li"), words=words))


@pytest.fixture
def begun_cases(database: Database, office: SmallOffice) -> list[int]:
    with database.writing() as db:
        procedure_id = in_force(db, office)
        return [begun(db, office, procedure_id).case_id for _ in range(5)]


def test_the_ticker_brings_the_search_up_to_date_and_counts_it_as_nothing(
    database: Database, office: SmallOffice, begun_cases: list[int]
) -> None:
    with database.writing() as db:
        acts.complete_task(
            db, by=office.actor(db, "chen"), case_id=begun_cases[0], number=1, submitted={"plot": ["C-4711"]},
            chosen={"complete": ["complete_to_split"]},
        )  # fmt: skip
    assert _found(database, office, "4711") == 0
    assert tick(database) == 0
    assert _found(database, office, "4711") == 1
    assert bring_up(database) == 0


def test_everything_is_read_in_anew(database: Database, office: SmallOffice, begun_cases: list[int]) -> None:
    with database.writing() as db:
        db.execute(text("DELETE FROM search_words"))
        db.execute(text("DELETE FROM search_documents"))
    assert _found(database, office, "王芳") == 0
    seen: list[int] = []
    assert reindex(database, seen.append) == 5
    assert seen == [5]
    assert _found(database, office, "王芳") == 5
    assert reindex(database) == 5, "and once more"
    assert _found(database, office, "王芳") == 5


def test_a_fault_of_the_search_stops_nothing_else(
    database: Database,
    begun_cases: list[int],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> object:
        raise ValueError("a fault")

    monkeypatch.setattr("engine.cases.search.documents._sources", [broken])
    with caplog.at_level(logging.ERROR):
        assert tick(database) == 0
    assert "Search could not be brought up to date" in caplog.text
    monkeypatch.undo()
    assert bring_up(database) == 5, "it is tried again"


def test_where_the_words_stand_is_marked_and_escaped(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        begun(db, rooms.office, in_force(db, rooms.office), matter="A <b>house</b> 二层住宅")
    page = rooms.visitor("li").get("/cases/", query_string={"words": "<b>HOUSE 住宅"}).text
    assert "A &lt;<mark>b</mark>&gt;<mark>house</mark>&lt;/<mark>b</mark>&gt; 二层<mark>住宅</mark>" in page
    assert "<b>house" not in page
    assert "Counter clerk" in page
