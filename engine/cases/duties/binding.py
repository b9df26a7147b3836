"""A case that begins: whoever has declared an interest in its applicant is kept from it from the first step on."""

from __future__ import annotations

from sqlalchemy import Connection, insert, or_, select

from engine.base.database import OFFICE, new_id
from engine.cases.duties.rules import keys_of
from engine.cases.duties.tables import interests


def bind_standing(db: Connection, case_id: int, applicant: str) -> None:
    """One look, and nothing more where nobody has. The case is new."""
    keys = keys_of(applicant)
    if not keys:
        return
    rows = db.execute(
        select(interests).where(
            interests.c.office_id == OFFICE, interests.c.withdrawn_at.is_(None), interests.c.case_id.is_(None),
            or_(*(interests.c["keys"].contains(f" {key} ", autoescape=True) for key in keys)),
        )
    ).mappings().all()  # fmt: skip
    if rows:
        bound = [
            {**row, "id": new_id(), "case_id": case_id, "standing_id": row["id"], "asked_at": None} for row in rows
        ]
        db.execute(insert(interests), bound)
