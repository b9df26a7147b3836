"""Offices with a known cause of waiting: it is told first, and an office without one tells of none."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from engine.base import clock
from engine.base.database import Database
from engine.supervision.bottlenecks import words
from engine.supervision.bottlenecks.reads import Told, bottlenecks
from engine.supervision.bottlenecks.rules import Cause
from engine.supervision.figures.folding import fold_all
from tests.engine.supervision.bottlenecks.offices import NOW, Plan, built, plan

CAUSES = (Cause.VACANCY, Cause.ARRIVALS, Cause.ABSENCE, Cause.HAND_OVER, Cause.REWORK, Cause.BATCHING)
WHOLE = bool(os.environ.get("OFFICIUM_OFFICES"))
PLANTED: Sequence[tuple[int, Cause]] = [(number, CAUSES[number % len(CAUSES)]) for number in range(20)]
BALANCED: Sequence[int] = range(100, 105)
SHORT = PLANTED[:3]


def _told(database: Database, of: Plan) -> Told:
    with database.writing() as db:
        office = built(db, of)
    with clock.reading(lambda: NOW):
        fold_all(database)
        with database.reading() as db:
            return bottlenecks(db, actor=office.small.actor(db, "zhou"), now=NOW)


@pytest.mark.parametrize(("seed", "cause"), SHORT)
def test_what_was_planted_is_told_first(database: Database, seed: int, cause: Cause) -> None:
    if database.engine.dialect.name != ("sqlite", "postgresql")[seed % 2]:
        pytest.skip("one of the two each")
    of = plan(seed, cause)
    first = _told(database, of).found[0]
    assert first.at.element == of.at
    assert cause in {one.cause for one in first.causes}


def test_a_balanced_office_tells_of_none(database: Database) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("one of the two")
    assert not _told(database, plan(BALANCED[0], None)).found


@pytest.mark.skipif(not WHOLE, reason="make bottlenecks")
def test_of_twenty_at_least_nineteen(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> None:
    """Prints what each told, the misses too."""
    first = likely = 0
    for seed, cause in PLANTED:
        of = plan(seed, cause)
        told = _fresh(request, tmp_path_factory, of)
        found = told.found[0] if told.found else None
        right = found is not None and found.at.element == of.at
        named = found is not None and bool(found.causes) and found.causes[0].cause is cause
        first += right
        likely += right and named
        said = words.standing(found, told.by).en if found else "nothing"
        causes = [one.cause.value for one in found.causes] if found else []
        print(f"{seed:3} {cause:10} at {of.at:8} {'first' if right else 'MISSED':7} {causes}: {said}")
    told_of = [len(_fresh(request, tmp_path_factory, plan(seed, None)).found) for seed in BALANCED]
    print(f"first in {first} of {len(PLANTED)}, likely cause right in {likely}; told in balanced offices: {told_of}")
    assert first >= 19
    assert likely >= 17
    assert not any(told_of)


def _fresh(request: pytest.FixtureRequest, folders: pytest.TempPathFactory, of: Plan) -> Told:
    import shutil  # noqa: PLC0415

    file = folders.mktemp("office") / "office.db"
    shutil.copy(request.getfixturevalue("empty_sqlite"), file)
    database = Database(f"sqlite:///{file}")
    try:
        return _told(database, of)
    finally:
        database.close()
