"""What is wrong with an edition, by the rules for designers."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Connection

from engine.diagram import lint
from engine.diagram.shape import Finding
from engine.procedures.editions import Contents, contents_of
from engine.procedures.staffing import staffing


@lru_cache(maxsize=64)
def judged(file: str, source: bytes, attachments: tuple[tuple[str, bytes], ...]) -> tuple[Finding, ...]:
    beside = dict(attachments)
    return lint.findings(contents_of(file, source, attachments).diagram, beside)


def found_in(db: Connection, edition_id: int, held: Contents) -> tuple[Finding, ...]:
    """What is wrong with the diagram, and with who there is to do the work today."""
    return lint.in_order([*held.findings, *lint.of_people(held.diagram, staffing(db, edition_id))])
