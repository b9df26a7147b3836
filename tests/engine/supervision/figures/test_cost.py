"""However long the past is, each read of it takes the same few statements."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pytest

from engine.base.database import Database
from engine.supervision.figures import reads
from engine.supervision.figures.behind import behind
from engine.supervision.figures.folding import fold
from engine.supervision.figures.rules import Scope
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.counting import counting
from tests.engine.supervision.figures.scene import Office

LONG: Final = Scope(date(2026, 1, 1), date(2026, 12, 31))
MOST: Final = {
    "steps": 13, "flows": 9, "whole": 11, "days": 10, "hand_overs": 11, "variants": 9, "workload": 13, "behind": 14,
}  # fmt: skip


def _asked(db: Any, name: str, actor: Any) -> None:
    if name == "behind":
        behind(db, actor=actor, scope=LONG, number="arrived", limit=5)
    elif name == "variants":
        reads.variants(db, actor=actor, scope=LONG, limit=5)
    else:
        getattr(reads, name)(db, actor=actor, scope=LONG)


@pytest.mark.parametrize("name", MOST)
def test_a_read_takes_as_many_statements_however_much_there_is(
    database: Database, office: SmallOffice, clock: Clock, name: str
) -> None:
    with database.writing() as db:
        world = Office(db, office, clock).open()
        actor = office.actor(db, "zhou")
        for _ in range(2):
            world.step((0, 0, 1))
            for _ in range(6):
                world.step((1, 0, 2))
        fold(db)
        _asked(db, name, actor)  # what is kept in the process is read once
        with counting(database) as few:
            _asked(db, name, actor)
        for _ in range(3):
            world.step((0, 0, 1))
            for number in range(6):
                world.step((1, number, 2))
        fold(db)
        with counting(database) as many:
            _asked(db, name, actor)
        assert len(many.statements) <= len(few.statements) <= MOST[name]
