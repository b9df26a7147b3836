"""What designers do with the decision files beside a draft."""

from __future__ import annotations

import orjson
from sqlalchemy import Connection, delete, insert, select

from engine.base.text import Text
from engine.diagram import decisions
from engine.organisation.reads import person_name
from engine.organisation.rules import Actor
from engine.procedures import rules
from engine.procedures.editions import digest
from engine.procedures.kept import forget, locked_draft, note
from engine.procedures.tables import attachments
from engine.records.journal import entries

_SOMEBODY = Text("Somebody", "有人")


def keep_decision(
    db: Connection, *, by: Actor, edition_id: int, path: str, content: bytes, base: bytes | None
) -> bytes:
    """Keeps a decision file beside the draft. `base`: the digest of the file it was made from; None for a new file.

    Raises DecisionChanged where the file is another one by now, NotADecisionFile where it is none. Returns its digest.
    """
    rules.must_design(by)
    edition, procedure = locked_draft(db, edition_id)
    path = rules.fit_decision_path(path)
    held = {
        row.path: row.content
        for row in db.execute(
            select(attachments.c.path, attachments.c.content).where(attachments.c.edition_id == edition_id)
        )
    }
    before = digest(held[path]) if path in held else None
    if before != base:
        raise _changed(db, procedure.chain, edition.number, path)
    decisions.read(content, path)  # raises NotADecisionFile
    rules.must_be_modest(held | {path: content})
    made = digest(content)
    if made == before:
        return made
    db.execute(delete(attachments).where(attachments.c.edition_id == edition_id, attachments.c.path == path))
    db.execute(insert(attachments).values(edition_id=edition_id, path=path, content=content, digest=made))
    forget(db, edition_id)
    note(db, procedure, by, "keep_decision", {"edition": edition.number, "file": path, "digest": made.hex(),
          "before": None if before is None else before.hex()})  # fmt: skip
    return made


def _changed(db: Connection, chain: int, number: int, path: str) -> rules.DecisionChanged:
    """Whoever changed the file last, as the record says."""
    for entry in reversed(entries(db, chain)):
        if entry.act == "keep_decision":
            facts = orjson.loads(entry.facts)
            if (facts["edition"], facts["file"]) == (number, path) and entry.person_id is not None:
                return rules.DecisionChanged(file=path, person=person_name(db, entry.person_id), at=entry.at)
    return rules.DecisionThere(file=path)
