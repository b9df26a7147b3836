"""A procedure whose second step is kept apart from its first, both in one post: the office of these tests."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from engine.organisation.absence import acts as absence
from tests.builders import SmallOffice
from tests.diagram_text import END, START, lanes, process, step, way
from tests.worlds import begun, in_force

TODAY: Final = date(2026, 3, 2)
APART: Final = '<extensionElements><officium:separation from="propose" by="person"/></extensionElements>'
TWO_EYES: Final = process(
    lanes(counter=("start", "propose", "check", "end"))
    + START
    + step("propose", "Propose")
    + step("check", "Check", inner=APART)
    + END
    + way("start", "propose", "check", "end")
)


def proposal(db: Connection, office: SmallOffice, *, start: bool = True) -> int:
    """A case at its first step; else the procedure."""
    procedure_id = in_force(db, office, TWO_EYES, owners={"lane:counter": "clerk"}, prefix="TE", department="bureau")
    return begun(db, office, procedure_id).case_id if start else procedure_id


def away(db: Connection, office: SmallOffice, who: str, deputy: str, *, days: int = 4, **more: Any) -> int:
    return absence.plan_absence(
        db, by=office.actor(db, who), person_id=office.persons[who], deputy_id=office.persons[deputy], from_day=TODAY,
        until_day=TODAY + timedelta(days=days), **more,
    )  # fmt: skip
