"""The demo office and the shipped procedures in force in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlalchemy import Connection

import processes
from engine.diagram import trial
from engine.organisation.reads import actor
from engine.organisation.rules import Actor, Right
from engine.procedures import acts as procedures
from engine.procedures import reads as procedure_reads
from engine.procedures.rules import APPROVAL
from processes.shape import OfficePlan, Shipped
from web.demo import connectors
from web.founding import found

PASSWORD: Final = "officium demo office"  # noqa: S105 told to everybody who starts the demo
"""Of every demo account. The demo office holds nothing worth keeping from anybody."""


def found_demo(db: Connection, plan: OfficePlan, today: date) -> dict[str, int]:
    """The ids of the procedures by their keys. `today` is the day the half-year ends."""
    founded = found(db, plan, today, password=lambda _login: PASSWORD)
    by = next(one for one in (actor(db, person) for person in founded.persons.values()) if one.may(Right.DESIGN))
    # As soon as the procedure of approval is in force, nothing comes into force by a designer any more.
    in_order = sorted(processes.shipped(), key=lambda one: one.key == APPROVAL)
    extract = connectors.draw_up(db, by, founded.departments, founded.posts)
    return {"land_extract": extract} | {
        one.key: _bring_into_force(db, by, one, founded.departments, founded.posts) for one in in_order
    }


def _bring_into_force(
    db: Connection, by: Actor, one: Shipped, departments: Mapping[str, int], posts: Mapping[str, int]
) -> int:
    procedure_id = procedures.open_procedure(
        db, by=by, name=one.name, prefix=one.prefix, department_id=departments[one.department]
    )
    edition_id = procedures.deposit(
        db,
        by=by,
        procedure_id=procedure_id,
        file=f"{one.key}.bpmn",
        source=one.diagram,
        attachments=one.attachments,
    )
    drawn = procedure_reads.edition(db, edition_id).owners
    mapped = {line.owner.key: posts[one.owners[line.owner.name]] for line in drawn if line.owner.name in one.owners}
    procedures.map_owners(db, by=by, edition_id=edition_id, mapped=mapped)
    for key, scenario in one.scenarios.items():
        procedures.keep_scenario(db, by=by, edition_id=edition_id, scenario=trial.read(scenario), key=key)
    procedures.put_in_force(db, by=by, edition_id=edition_id)
    return procedure_id
