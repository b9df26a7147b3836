"""What was asked in a transaction that only reads is asked once; in one that writes, anew each time."""

from __future__ import annotations

from sqlalchemy import Connection, select, text

from engine.base.database import Database
from engine.base.once import once


def _counted(db: Connection, asked: list[str], key: str) -> int:
    def ask() -> int:
        asked.append(key)
        return db.scalar(select(text("1"))) or 0

    return once(db, key, ask)


def test_a_page_asks_once_for_each_thing(database: Database) -> None:
    asked: list[str] = []
    with database.reading() as db:
        assert [_counted(db, asked, key) for key in ("one", "two", "one", "two")] == [1, 1, 1, 1]
    assert asked == ["one", "two"]


def test_the_next_transaction_asks_anew_on_whatever_connection(database: Database) -> None:
    asked: list[str] = []
    for _ in range(3):
        with database.reading() as db:
            _counted(db, asked, "one")
    assert asked == ["one", "one", "one"]


def test_who_writes_is_told_how_it_is_now(database: Database) -> None:
    asked: list[str] = []
    with database.reading() as db:
        _counted(db, asked, "one")
    with database.writing() as db:
        _counted(db, asked, "one")
        _counted(db, asked, "one")
    assert len(asked) == 3
