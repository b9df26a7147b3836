"""The small office that tests copy is the one that its acts make."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from engine.base.database import Database
from engine.organisation import acts
from tests.builders import make_small_office, small_office
from tests.conftest import Clock
from tests.once import taken


def test_a_copied_office_is_the_one_its_acts_make_and_goes_on_like_it(
    database: Database, clock: Clock, empty_sqlite: Path, tmp_path: Path
) -> None:
    first = Database(f"sqlite:///{shutil.copy(empty_sqlite, tmp_path / 'first.db')}")
    with first.writing() as db:
        small_office(db)  # made, where no test before has
    first.close()
    with database.writing() as db:
        undone = db.begin_nested()
        made = make_small_office(db)
        by_acts = _without_ids(taken(db))
        undone.rollback()
        assert small_office(db) == made
        assert _without_ids(taken(db)) == by_acts
        acts.add_person(db, by=None, login="new", name_en="New", name_zh="新", password=None)


def _without_ids(rows: Any) -> list[tuple[str, list[dict[str, Any]]]]:
    """Without ids of the growing kind, which are never the same twice, and the seals that depend on them."""
    own = ("chain", "chain_head", "seal", "case_id", "calendars_version")
    return [
        (table.name, sorted(({name: one for name, one in row.items() if name not in own} for row in those), key=str))
        for table, those in rows
    ]
