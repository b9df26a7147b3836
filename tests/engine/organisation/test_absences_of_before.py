"""Absences from when nothing told why they were closed: they keep their meaning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from engine import migrations
from engine.base.database import Database, to_stored
from engine.organisation.absence.reads import days_away

MONDAY, WEDNESDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 6)
CLOSED = (
    None,
    datetime(2026, 3, 6, 17, tzinfo=UTC),  # on Saturday in the office: its last day was past
    datetime(2026, 3, 3, 17, tzinfo=UTC),  # on Wednesday in the office
    datetime(2026, 2, 27, 9, tzinfo=UTC),  # before it began
)


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        house = Database(f"sqlite:///{tmp_path / 'old.db'}")
        yield house
        house.close()
        return
    server = request.getfixturevalue("postgresql")
    server.run("CREATE DATABASE absences_of_before")
    house = Database(server.url("absences_of_before"))
    yield house
    house.close()
    server.run("DROP DATABASE absences_of_before")


def test_whoever_was_closed_early_was_back_on_that_day(old: Database) -> None:
    with old.writing() as db:
        config = migrations._config()
        config.attributes["connection"] = db
        command.upgrade(config, "0041")
        db.execute(
            text(
                "INSERT INTO offices (id, name_en, name_zh, zone, chain, chain_length, chain_head, calendars_version)"
                " VALUES (1, 'Old', '旧', 'Asia/Shanghai', 1, 0, '', 1)"
            )
        )
        for person in (1, 2):
            db.execute(
                text(
                    "INSERT INTO persons (id, login, name_en, name_zh, language, single_keys, failures, chain,"
                    " chain_length, chain_head) VALUES (:id, :login, 'A', '甲', 'en', true, 0, :chain, 0, '')"
                ),
                {"id": person, "login": f"a{person}", "chain": person + 1},
            )
        for at in CLOSED:
            db.execute(
                text(
                    "INSERT INTO absences (person_id, deputy_id, from_day, until_day, post_ids, procedure_ids,"
                    " goes_back, why, planned_by, closed_at) VALUES (1, 2, :since, :until, '', '', true, '', 1, :at)"
                ),
                {
                    "since": MONDAY.isoformat(), "until": FRIDAY.isoformat(),
                    "at": None if at is None else to_stored(at),
                },
            )  # fmt: skip
    migrations.upgrade(old)
    with old.reading() as db:
        assert [(one.from_day, one.until_day, one.deputy_id) for one in days_away(db, MONDAY, FRIDAY)] == [
            (MONDAY, FRIDAY, 2), (MONDAY, FRIDAY, 2), (MONDAY, date(2026, 3, 3), 2),
        ]  # fmt: skip
        assert db.scalars(text("SELECT back_on FROM absences ORDER BY id")).all()[2:] in (
            [WEDNESDAY, date(2026, 2, 27)],
            ["2026-03-04", "2026-02-27"],
        )
