"""Prepared statements do what SQLAlchemy does with the same statement: rows, errors, transactions, listeners."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, event, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from engine.base import database as door
from engine.base.database import Database
from engine.base.prepared import Given, Prepared, PreparedRows
from engine.organisation.tables import persons
from engine.records.tables import entries
from tests.counting import counting

AT = datetime(2026, 3, 2, 8, 30, 15, 123_000, tzinfo=UTC)
PUT = Prepared(insert(entries), entries.c.keys())
ONE = Prepared(select(entries).where(entries.c.chain == bindparam("of"), entries.c.number == bindparam("number")))
MANY = Prepared(select(entries.c.number).where(entries.c.chain == bindparam("of")).order_by(entries.c.number))


def _entry(number: int, **other: Any) -> dict[str, Any]:
    plain = {"office_id": 1, "chain": 7, "number": number, "at": AT, "person_id": None, "post_id": 3, "act": "a"}
    return {**plain, "facts": '{"%":"%(x)s ?"}', "seal": b"\0\xff", **other}


def _row(given: Given) -> Mapping[str, Any]:
    told = {name: given(name) for name in ("chain", "number", "at", "person_id", "seal")}
    return {"office_id": 1, "act": "many", "facts": "{}", **told}


ROWS = PreparedRows(entries, _row)


def _rows(count: int) -> list[dict[str, Any]]:
    return [
        {"chain": 7, "number": number, "at": AT, "person_id": number if number % 2 else None, "seal": b"s"}
        for number in range(count)
    ]


def test_a_row_comes_back_as_it_was_given(database: Database) -> None:
    with database.writing() as db:
        assert PUT.run(db, _entry(1)) == 1
        found = ONE.first(db, {"of": 7, "number": 1})
        told = db.execute(select(entries)).one()
    assert found is not None
    assert found._asdict() == dict(told._mapping) == _entry(1)
    assert found.at.tzinfo is UTC


def test_days_and_columns_by_another_name_come_back_too(database: Database) -> None:
    left = Prepared(select(persons.c.left_on.label("gone"), persons.c.name_zh).where(persons.c.id == bindparam("who")))
    person = {
        "id": 1,
        "login": "li",
        "name_en": "Li",
        "name_zh": "李",
        "chain": 1,
        "chain_length": 0,
        "chain_head": b"",
    }
    with database.writing() as db:
        db.execute(insert(persons), {**person, "left_on": date(2026, 3, 2)})
        found = left.first(db, {"who": 1})
    assert found is not None
    assert (found.gone, found.name_zh) == (date(2026, 3, 2), "李")


def test_where_nothing_is_found_there_is_no_row(database: Database) -> None:
    with database.reading() as db:
        assert ONE.first(db, {"of": 7, "number": 1}) is None
        assert MANY.all(db, {"of": 7}) == []


def test_a_change_says_how_many_rows_it_changed(database: Database) -> None:
    renamed = Prepared(update(entries).where(entries.c.chain == bindparam("of")).values(act="b"))
    with database.writing() as db:
        assert renamed.run(db, {"of": 7}) == 0


@pytest.mark.parametrize("count", [0, 1, 2, 49, 50, 51, 120])
def test_many_rows_are_added_in_few_statements(database: Database, count: int) -> None:
    with database.writing() as db, counting(database) as counted:
        ROWS.add(db, _rows(count))
        assert len(counted.statements) == -(-count // 50)
        kept = db.execute(select(entries.c.number, entries.c.person_id).order_by(entries.c.number)).all()
    assert [tuple(row) for row in kept] == [(row["number"], row["person_id"]) for row in _rows(count)]


def _put_and_fail(database: Database) -> None:
    with database.writing() as db:
        PUT.run(db, _entry(1))
        raise RuntimeError


def test_what_it_does_is_undone_with_the_rest(database: Database) -> None:
    with pytest.raises(RuntimeError):
        _put_and_fail(database)
    with database.reading() as db:
        assert MANY.all(db, {"of": 7}) == []


def test_it_fails_as_sqlalchemy_does(database: Database) -> None:
    with pytest.raises(IntegrityError) as refused, database.writing() as db:
        PUT.run(db, _entry(1, act=None))
    assert refused.value.statement is not None
    assert refused.value.statement.startswith("INSERT INTO entries")
    with database.reading() as db:
        assert MANY.all(db, {"of": 7}) == []


def test_whoever_listens_hears_of_it_before_and_after(database: Database) -> None:
    heard: list[tuple[str, str]] = []
    event.listen(database.engine, "before_cursor_execute", lambda *told: heard.append(("before", told[2])))
    event.listen(database.engine, "after_cursor_execute", lambda *told: heard.append(("after", told[2])))
    for opened in (database.writing(), database.reading()):
        with opened as db:
            heard.clear()
            MANY.all(db, {"of": 7})
        assert [when for when, _said in heard] == ["before", "after"]
        assert all(said.startswith("SELECT entries.number") for _when, said in heard)


def test_a_value_that_is_not_given_is_a_fault(database: Database) -> None:
    with pytest.raises(KeyError, match="number"), database.reading() as db:
        ONE.all(db, {"of": 7})


def test_a_list_of_values_cannot_be_prepared(database: Database) -> None:
    some = Prepared(select(entries.c.number).where(entries.c.number.in_(bindparam("some", expanding=True))))
    with pytest.raises(ValueError, match="some"), database.reading() as db:
        some.all(db, {"some": [1, 2]})


def _end_connections(database: Database) -> None:
    """As a server that starts anew does."""
    other = Database(database.engine.url.render_as_string(hide_password=False))
    with other.reading() as db:
        db.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    other.close()


def _lose_while_writing(database: Database) -> None:
    with database.writing() as db:
        MANY.all(db, {"of": 7})
        _end_connections(database)
        MANY.all(db, {"of": 7})


def test_a_connection_lost_in_use_costs_one_answer_and_no_more(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has no server to lose")
    with pytest.raises(DBAPIError) as lost:
        _lose_while_writing(database)
    assert isinstance(lost.value, OperationalError)
    assert lost.value.connection_invalidated
    with database.reading() as db:
        assert MANY.all(db, {"of": 7}) == []


def test_a_connection_lost_while_it_lay_idle_costs_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has no server to lose")
    with database.reading() as db:
        MANY.all(db, {"of": 7})
    _end_connections(database)
    monkeypatch.setattr(door, "_IDLE", 0.0)
    with database.reading() as db:
        assert MANY.all(db, {"of": 7}) == []


def _ready(database: Database) -> list[str]:
    """What the server keeps ready of statements on the connection that is given out next."""
    with database.reading() as db:
        return list(db.scalars(text("SELECT statement FROM pg_prepared_statements")))


def test_what_the_server_has_prepared_outlasts_a_reading_and_a_writing(database: Database) -> None:
    """The driver forgets it where it rolls back by itself, and each statement of each page would be planned anew."""
    if database.is_sqlite:
        pytest.skip("a file's statements are prepared in this process")
    with database.writing() as db:
        PUT.run(db, _entry(1))
    with database.reading() as db:
        assert ONE.first(db, {"of": 7, "number": 1}) is not None
    assert sum("entries" in one for one in _ready(database)) == 2
    with database.reading() as db:
        for _ in range(8):
            db.execute(select(entries).where(entries.c.number == 1))
    assert len(_ready(database)) == 2, "how the rest is best asked for depends on its values"


def _fail_after_one(database: Database) -> None:
    with database.reading() as db:
        PUT.run(db, _entry(2))
        db.execute(text("SELECT nothing FROM nowhere"))


def test_a_reading_that_failed_undoes_what_it_did_and_leaves_the_connection_in_order(database: Database) -> None:
    with pytest.raises(DBAPIError):
        _fail_after_one(database)
    with database.reading() as db:
        assert MANY.all(db, {"of": 7}) == []
    with database.writing() as db:
        assert PUT.run(db, _entry(2)) == 1
