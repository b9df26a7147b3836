"""The scenarios of an edition: played again whenever something they depend on has changed, and what they cover."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, insert, select

from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.diagram import trial
from engine.diagram.run import CannotRun
from engine.diagram.trial import Coverage, Difference, Ground, Scenario
from engine.procedures import tables
from engine.procedures.shelf import Shelf
from engine.procedures.trying import ready

MOST: Final = 100
"""Scenarios of one edition."""
_SCENARIO: Final = Text(en="scenario", zh="情景")
_s: Final = tables.scenarios


@frozen
class Result:
    """What came of a scenario. `made`: how many of its steps could be made."""

    differences: tuple[Difference, ...]
    made: int
    coverage: Coverage


@frozen
class Line:
    """A scenario as listed. `result` is None where the edition cannot be run at all."""

    key: str
    name: str
    steps: int
    result: Result | None

    @property
    def as_expected(self) -> bool:
        return self.result is not None and not self.result.differences


@frozen
class Results:
    """`coverage` is that of all of them together; None, with the reason, where the edition cannot be run."""

    lines: tuple[Line, ...]
    coverage: Coverage | None
    cannot: CannotRun | None

    @property
    def failing(self) -> tuple[Line, ...]:
        return tuple(one for one in self.lines if not one.as_expected)


_results: Final[Shelf[Result]] = Shelf()


def results(db: Connection, edition_id: int) -> Results:
    """Every scenario of the edition as it goes on its drawing now. Raises NotFound."""
    kept = scenarios(db, edition_id)
    try:
        ground = ready(db, edition_id).ground
    except CannotRun as refusal:
        lines = tuple(Line(key, one.name, len(one.steps), None) for key, one in kept.items())
        return Results(lines, None, refusal)
    lines = tuple(Line(key, one.name, len(one.steps), _played(ground, one)) for key, one in kept.items())
    coverage = trial.coverage(ground)
    for line in lines:
        if line.result is not None:
            coverage |= line.result.coverage
    return Results(lines, coverage, None)


def _played(ground: Ground, scenario: Scenario) -> Result:
    digest = hashlib.sha256(trial.write(scenario)).digest()
    return _results.find_or_make((ground.digest, digest), lambda: _made(ground, scenario), lambda: True)


def _made(ground: Ground, scenario: Scenario) -> Result:
    played = trial.play(ground, scenario)
    moments = () if played.standing is None else played.standing.moments
    return Result(played.differences, played.made, trial.coverage(ground, moments))


def scenarios(db: Connection, edition_id: int) -> Mapping[str, Scenario]:
    """By key."""
    return {key: trial.read(content.encode()) for key, content in texts(db, edition_id).items()}


def texts(db: Connection, edition_id: int) -> Mapping[str, str]:
    """Every scenario's file, by key."""
    rows = db.execute(select(_s.c.key, _s.c.content).where(_s.c.edition_id == edition_id).order_by(_s.c.key))
    return {row.key: row.content for row in rows}


def scenario_file(db: Connection, edition_id: int, key: str) -> bytes:
    """As TOML. Raises NotFound."""
    found = db.scalar(select(_s.c.content).where(_s.c.edition_id == edition_id, _s.c.key == key))
    if found is None:
        raise NotFound(what=_SCENARIO)
    return str(found).encode()


def carry(db: Connection, before_id: int, edition_id: int) -> int:
    """The scenarios of the edition before belong to the new one too. How many."""
    rows = [
        {"edition_id": edition_id, "key": row.key, "name": row.name, "content": row.content}
        for row in db.execute(select(_s.c.key, _s.c.name, _s.c.content).where(_s.c.edition_id == before_id))
    ]
    if rows:
        db.execute(insert(_s), rows)
    return len(rows)
