"""Writes that are given together: all are done, or none; PostgreSQL takes them in one statement."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.base.database import Database
from engine.base.prepared import Prepared, PreparedRows
from engine.base.together import Together
from engine.organisation.tables import departments
from engine.procedures.tables import counters
from engine.records.tables import entries
from tests.counting import counting

AT = datetime(2026, 3, 2, tzinfo=UTC)
PUT = Prepared(insert(entries), entries.c.keys())
RENAME = Prepared(update(departments).where(departments.c.code == bindparam("of")).values(name_en=bindparam("now")))
ROWS = PreparedRows(
    entries,
    lambda given: (
        {"office_id": 1, "act": "rows", "facts": "{}", "at": AT, "seal": b""}
        | {name: given(name) for name in ("chain", "number")}
    ),
)


def _entry(number: int, **other: Any) -> dict[str, Any]:
    plain = {"office_id": 1, "chain": 7, "number": number, "at": AT, "person_id": None, "post_id": None}
    return {**plain, "act": "a", "facts": "{}", "seal": b"s", **other}


def _numbers(database: Database) -> list[int]:
    with database.reading() as db:
        return list(db.scalars(select(entries.c.number).order_by(entries.c.number)))


def test_all_are_done_with_the_values_each_was_given(database: Database) -> None:
    writes = Together()
    writes.add(PUT, _entry(1))
    writes.add(PUT, _entry(2, act="b", facts='{"%(number)s":"100 %"}'))
    writes.add_rows(ROWS, [{"chain": 7, "number": 3}, {"chain": 7, "number": 4}])
    with database.writing() as db, counting(database) as counted:
        writes.run(db)
        told = db.execute(select(entries.c.number, entries.c.act, entries.c.facts).order_by(entries.c.number)).all()
    assert [tuple(row) for row in told] == [
        (1, "a", "{}"), (2, "b", '{"%(number)s":"100 %"}'), (3, "rows", "{}"), (4, "rows", "{}"),
    ]  # fmt: skip
    assert len(counted.statements) == (3 if database.is_sqlite else 1) + 1


@pytest.mark.parametrize(("code", "changed"), [("a", 1), ("b", 0)])
def test_it_says_how_many_rows_the_last_one_changed(database: Database, code: str, changed: int) -> None:
    with database.writing() as db:
        db.execute(insert(departments).values(id=1, code="a", name_en="A", name_zh="甲"))
        writes = Together()
        writes.add(PUT, _entry(1))
        writes.add(RENAME, {"of": code, "now": "B"})
        assert writes.run(db) == changed
        assert db.scalar(select(departments.c.name_en)) == ("B" if changed else "A")


def test_nothing_is_done_twice(database: Database) -> None:
    writes = Together()
    writes.add(PUT, _entry(1))
    with database.writing() as db:
        assert writes.run(db) == 1
        assert writes.run(db) == 0
    assert _numbers(database) == [1]


def test_one_that_fails_undoes_the_rest(database: Database) -> None:
    writes = Together()
    writes.add(PUT, _entry(1))
    writes.add(PUT, _entry(2, act=None))
    with pytest.raises(IntegrityError), database.writing() as db:
        writes.run(db)
    assert _numbers(database) == []


def test_very_many_are_done_one_after_the_other(database: Database) -> None:
    writes = Together()
    for number in range(1, 31):
        writes.add(PUT, _entry(number))
    with database.writing() as db, counting(database) as counted:
        writes.run(db)
    assert len(counted.statements) == 30
    assert _numbers(database) == list(range(1, 31))


def test_numbers_that_never_change_are_told_as_they_are(database: Database) -> None:
    nothing = Prepared(update(counters).where(counters.c.year == 2026, counters.c.last == -5).values(last=-6))
    with database.writing() as db:
        assert nothing.run(db, {}) == 0
