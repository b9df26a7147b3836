"""Procedures in force and cases begun, for tests: a small office at work."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

import processes
from engine.cases import acts, inbox
from engine.cases.acts import Started
from engine.cases.reads import heads as case_heads
from engine.counter.reads import heads as counter_heads
from engine.organisation.reads import heads as organisation_heads
from engine.procedures import acts as procedures
from engine.procedures import reads
from engine.procedures.reads import heads as procedure_heads
from engine.records.journal import Chain
from tests.builders import SmallOffice
from tests.diagram_text import TWO_DEPARTMENTS, TWO_DEPARTMENTS_BESIDE

TWO_LANES: Mapping[str, str] = {"lane:counter": "clerk", "lane:bureau": "reviewer"}


def in_force(
    db: Connection,
    office: SmallOffice,
    source: bytes = TWO_DEPARTMENTS,
    *,
    beside: Mapping[str, bytes] | None = None,
    owners: Mapping[str, str] = TWO_LANES,
    prefix: str = "BP",
    department: str = "review",
    main: str | None = None,
) -> int:
    """A procedure with one edition, in force. `owners` is owner key to post code, `main` where a case begins."""
    designer = office.actor(db, "he")
    procedure_id = procedures.open_procedure(
        db, by=designer, name=f"Procedure {prefix}", prefix=prefix, department_id=office.departments[department]
    )
    next_edition(db, office, procedure_id, source, beside=beside, owners=owners, main=main)
    return procedure_id


def next_edition(
    db: Connection,
    office: SmallOffice,
    procedure_id: int,
    source: bytes,
    *,
    beside: Mapping[str, bytes] | None = None,
    owners: Mapping[str, str] = TWO_LANES,
    main: str | None = None,
) -> int:
    designer = office.actor(db, "he")
    attached = TWO_DEPARTMENTS_BESIDE if beside is None and source == TWO_DEPARTMENTS else beside or {}
    edition_id = procedures.deposit(
        db, by=designer, procedure_id=procedure_id, file="procedure.bpmn", source=source, attachments=attached
    )
    drawn = {line.owner.key for line in reads.edition(db, edition_id).owners}
    mapped = {key: office.posts[code] for key, code in owners.items() if key in drawn}
    procedures.map_owners(db, by=designer, edition_id=edition_id, mapped=mapped)
    if main is not None:
        procedures.choose_process(db, by=designer, edition_id=edition_id, process=main)
    procedures.put_in_force(db, by=designer, edition_id=edition_id)
    return edition_id


APPROVAL_OWNERS: Mapping[str, str] = {
    "lane:lane_author": "designer",
    "lane:lane_quality": "administrator",
    "lane:lane_departments": "director",
    "lane:lane_approver": "director",
    "lane:lane_documents": "clerk",
}


def approval_in_force(db: Connection, office: SmallOffice, *, owners: Mapping[str, str] = APPROVAL_OWNERS) -> int:
    """The shipped procedure of approval, in force: from now on editions come into force by it."""
    (shipped,) = (one for one in processes.shipped() if one.key == "procedure_approval")
    return in_force(
        db, office, shipped.diagram, beside=shipped.attachments, owners=owners, prefix="PA", department="bureau"
    )


def begun(
    db: Connection, office: SmallOffice, procedure_id: int, *, by: str = "li", matter: str = "A house"
) -> Started:
    return acts.start_case(
        db,
        by=office.actor(db, by),
        procedure_id=procedure_id,
        matter=matter,
        applicant="Wang Fang 王芳",
        submitted={},
    )


def tasks_of(db: Connection, office: SmallOffice, login: str) -> dict[str, tuple[int, int]]:
    """What the person's desk shows: step name to case and number."""
    lines = inbox.inbox(db, actor=office.actor(db, login))
    return {line.step: (line.case_id, line.number) for line in lines}


def every_head(db: Connection) -> list[Chain]:
    return [*organisation_heads(db), *procedure_heads(db), *case_heads(db), *counter_heads(db)]
