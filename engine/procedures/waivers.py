"""Warnings that somebody waived with a reason: which, who, when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select

from engine.base.frozen import frozen
from engine.base.text import Name
from engine.diagram.shape import Finding
from engine.organisation.tables import persons
from engine.procedures.tables import waivers as _w

Place = tuple[str, str]
"""The code of a rule, and what breaks it: one rule broken several times by one element is waived at once."""

_WAIVERS: Final = (
    select(_w.c.rule, _w.c.element, _w.c.reason, _w.c.at, persons.c.name_en, persons.c.name_zh)
    .join(persons, persons.c.id == _w.c.by)
    .where(_w.c.edition_id == bindparam("edition_id"))
)


@frozen
class Waiver:
    """`by` and `at` are of whoever waived it first, in whichever edition that was."""

    reason: str
    by: Name
    at: datetime


@frozen
class Waived:
    """A finding that stands, and why it is left so."""

    finding: Finding
    waiver: Waiver


def place(finding: Finding) -> Place:
    """A file beside the diagram is no element: it goes by its name."""
    return finding.rule.code, finding.element or finding.name or ""


def waivers(db: Connection, edition_id: int) -> Mapping[Place, Waiver]:
    return {
        (row.rule, row.element): Waiver(row.reason, Name(row.name_en, row.name_zh), row.at)
        for row in db.execute(_WAIVERS, {"edition_id": edition_id})
    }


def carry(db: Connection, before_id: int, edition_id: int) -> None:
    """What was waived in the edition before stays waived where the same element still breaks the same rule."""
    rest = [column for column in _w.c if column.name != "edition_id"]
    rows = db.execute(select(*rest).where(_w.c.edition_id == before_id)).mappings().all()
    if rows:
        db.execute(insert(_w), [{**row, "edition_id": edition_id} for row in rows])
