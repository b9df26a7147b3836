"""Keeping scenarios with an edition, and dropping them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from engine.base.errors import NotFound
from engine.diagram import trial
from engine.diagram.trial import Scenario
from engine.organisation.rules import Actor
from engine.procedures import rules, scenarios
from engine.procedures.editions import digest
from engine.procedures.kept import EDITION, locked_procedure, note
from engine.procedures.rules import EditionState
from engine.procedures.tables import editions
from engine.procedures.tables import scenarios as rows


def keep_scenario(db: Connection, *, by: Actor, edition_id: int, scenario: Scenario, key: str | None = None) -> str:
    """Under `key`, in place of one that has it; without one under a key made of its name. Returns the key."""
    rules.must_design(by)
    edition, procedure = _locked(db, edition_id)
    rules.must_have_name(scenario.name)
    taken = set(db.scalars(select(rows.c.key).where(rows.c.edition_id == edition_id)))
    key = trial.key_of(key) if key else _free(trial.key_of(scenario.name), taken)
    if key not in taken and len(taken) >= scenarios.MOST:
        raise rules.TooManyScenarios(most=scenarios.MOST)
    content = trial.write(scenario)
    trial.read(content)  # raises NotAScenario: what is kept can be read again
    db.execute(delete(rows).where(rows.c.edition_id == edition_id, rows.c.key == key))
    db.execute(insert(rows).values(edition_id=edition_id, key=key, name=scenario.name, content=content.decode()))
    note(db, procedure, by, "keep_scenario", {"edition": edition.number, "scenario": key, "name": scenario.name,
          "digest": digest(content).hex(), "replaced": key in taken})  # fmt: skip
    return key


def drop_scenario(db: Connection, *, by: Actor, edition_id: int, key: str) -> None:
    """Editions before and after keep theirs."""
    rules.must_design(by)
    edition, procedure = _locked(db, edition_id)
    scenarios.scenario_file(db, edition_id, key)  # raises NotFound
    db.execute(delete(rows).where(rows.c.edition_id == edition_id, rows.c.key == key))
    note(db, procedure, by, "drop_scenario", {"edition": edition.number, "scenario": key})


def _free(key: str, taken: set[str]) -> str:
    return next(one for one in (key, *(f"{key}_{number}" for number in range(2, len(taken) + 3))) if one not in taken)


def _locked(db: Connection, edition_id: int) -> tuple[Row[*tuple[Any, ...]], Row[*tuple[Any, ...]]]:
    """Scenarios say nothing of how cases run: they may be kept with any edition that is still of use."""
    owner = db.scalar(select(editions.c.procedure_id).where(editions.c.id == edition_id))
    if owner is None:
        raise NotFound(what=EDITION)
    procedure = locked_procedure(db, owner)
    edition = db.execute(select(editions).where(editions.c.id == edition_id)).one()
    if edition.state in (EditionState.OUT_OF_FORCE, EditionState.WITHDRAWN):
        newest = db.scalar(select(func.max(editions.c.number)).where(editions.c.procedure_id == owner))
        raise rules.EditionOfNoUse(edition=edition.number, newest=newest)
    return edition, procedure
