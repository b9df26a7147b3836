"""A small office that approves its procedures: one in force, its next edition drafted by He Jun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from engine.control import acts, reads
from engine.organisation.rules import Actor
from engine.procedures import acts as procedures
from engine.procedures import reads as procedure_reads
from tests.builders import SmallOffice
from tests.diagram_text import TWO_DEPARTMENTS, TWO_DEPARTMENTS_BESIDE
from tests.worlds import approval_in_force, in_force

CHANGED = TWO_DEPARTMENTS.replace(b"PT4H", b"PT3H")


@dataclass(frozen=True)
class Reviewed:
    """Consents come from the bureau (Zhou, for the counter) and the review section (Sun); Guo checks, Zhou approves."""

    office: SmallOffice
    procedure_id: int
    edition_id: int

    def by(self, db: Connection, login: str) -> Actor:
        return self.office.actor(db, login)

    def state(self, db: Connection) -> str:
        line = next(one for one in procedure_reads.editions(db, self.procedure_id) if one.id == self.edition_id)
        return line.state

    def submitted(self, db: Connection, note: str = "Three hours are enough.") -> int:
        return acts.submit_for_review(db, by=self.by(db, "he"), edition_id=self.edition_id, note=note).case_id

    def checked(self, db: Connection) -> None:
        acts.check(db, by=self.by(db, "guo"), edition_id=self.edition_id, remarks="Clear.")

    def consents(self, db: Connection, *logins: str) -> None:
        for login in logins or ("sun", "zhou"):
            acts.consent(db, by=self.by(db, login), edition_id=self.edition_id, agreed=True)

    def to_approval(self, db: Connection) -> int:
        case_id = self.submitted(db)
        self.checked(db)
        self.consents(db)
        return case_id

    def page(self, db: Connection, login: str = "he") -> reads.ReviewPage:
        return reads.review(db, actor=self.by(db, login), edition_id=self.edition_id)


def drafted(db: Connection, office: SmallOffice, **more: Any) -> Reviewed:
    """The procedure's first edition came into force before approval did."""
    procedure_id = in_force(db, office)
    approval_in_force(db, office)
    return Reviewed(office, procedure_id, next_draft(db, office, procedure_id, **more))


def next_draft(
    db: Connection,
    office: SmallOffice,
    procedure_id: int,
    *,
    source: bytes = CHANGED,
    beside: Mapping[str, bytes] = TWO_DEPARTMENTS_BESIDE,
) -> int:
    return procedures.deposit(
        db,
        by=office.actor(db, "he"),
        procedure_id=procedure_id,
        file="procedure.bpmn",
        source=source,
        attachments=beside,
    )
