"""Plays random histories and looks at each: folded, half folded and not folded at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.base.database import Database
from engine.supervision.figures.folding import fold
from engine.supervision.figures.rules import Scope
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.engine.supervision.figures.scene import HISTORIES, Office, Step

PLAYED: Final = int(os.environ.get("OFFICIUM_HISTORIES", "4"))
_FIRST = BEGINNING.date()

Looked = Callable[[Office, Scope], None]


def played(database: Database, office: SmallOffice, clock: Clock, look: Looked, *, of: int = 1) -> None:
    """One `of` so many of the usual number of histories; half of them on the other database, which keeps the same rows."""
    count = PLAYED // of if database.is_sqlite else PLAYED // of // 2
    with database.writing() as db:
        world = Office(db, office, clock).open()

        # What fails is told at once: making it smaller takes minutes.
        @settings(
            max_examples=max(2, count), deadline=None, database=None, suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.generate),
        )  # fmt: skip
        @given(
            history=HISTORIES, folds=st.sampled_from((0, 3, 10_000)), since=st.integers(-2, 6), length=st.integers(0, 40),
            narrowed=st.integers(0, 5),
        )  # fmt: skip
        def play(history: list[Step], folds: int, since: int, length: int, narrowed: int) -> None:
            clock.set(BEGINNING)
            world.second = None
            point = db.begin_nested()
            try:
                world.play(history)
                if folds:
                    fold(db, limit=folds)
                first = _FIRST + timedelta(days=since)
                look(world, _scope(world, narrowed, first, first + timedelta(days=length)))
            finally:
                point.rollback()

        play()


def _scope(world: Office, narrowed: int, since: date, until: date) -> Scope:
    more: dict[str, Any] = (
        {}, {}, {}, {"element": "plans"}, {"department_ids": frozenset({world.office.departments["review"]})},
        {"post_id": world.office.posts["clerk"]},
    )[narrowed]  # fmt: skip
    return Scope(since, until, procedure_id=world.procedure_id, **more)
