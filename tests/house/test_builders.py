"""What one test does to its office is nothing to the next."""

from __future__ import annotations

from engine.base.database import Database
from tests.builders import small_office
from tests.conftest import Clock


def test_an_office_that_is_copied_knows_nobody_whom_another_test_took_on(database: Database, clock: Clock) -> None:
    with database.writing() as db:
        first = small_office(db)
        db.rollback()
    known = set(first.persons)
    first.persons["m0"] = 99
    with database.writing() as db:
        second = small_office(db)
    assert set(second.persons) == known
