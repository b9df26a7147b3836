"""Waiving warnings with a reason, and taking that back."""

from __future__ import annotations

from sqlalchemy import Connection, Delete, delete, insert

from engine.base import clock
from engine.base.text import one_line
from engine.organisation.rules import Actor
from engine.procedures import reads, rules
from engine.procedures.kept import locked_draft, note
from engine.procedures.tables import waivers
from engine.procedures.waivers import place


def waive_finding(db: Connection, *, by: Actor, edition_id: int, rule: str, element: str, reason: str) -> None:
    """`element` is the name of a file where the finding is about none. Waived again, the new reason counts.

    Raises NothingToWaive, NotToBeWaived, WaiverWithoutReason.
    """
    rules.must_design(by)
    edition, procedure = locked_draft(db, edition_id)
    found = [one for one in reads.edition(db, edition_id).findings if place(one) == (rule, element)]
    because = one_line(reason)
    rules.must_be_waivable(found, because)
    db.execute(_of(edition_id, rule, element))
    db.execute(
        insert(waivers).values(
            edition_id=edition_id, rule=rule, element=element, reason=because, by=by.person_id, at=clock.now()
        )
    )
    facts = {"edition": edition.number, "rule": rule, "element": element, "reason": because}
    note(db, procedure, by, "waive_finding", facts)


def take_back_waiver(db: Connection, *, by: Actor, edition_id: int, rule: str, element: str) -> None:
    """The finding is one to look at again. Raises NothingToWaive where it was not waived."""
    rules.must_design(by)
    edition, procedure = locked_draft(db, edition_id)
    if not db.execute(_of(edition_id, rule, element)).rowcount:
        raise rules.NothingToWaive()
    note(db, procedure, by, "take_back_waiver", {"edition": edition.number, "rule": rule, "element": element})


def _of(edition_id: int, rule: str, element: str) -> Delete:
    return delete(waivers).where(
        waivers.c.edition_id == edition_id, waivers.c.rule == rule, waivers.c.element == element
    )
