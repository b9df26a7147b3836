"""What can be asked of a draft while it is drawn: what it holds, how it was saved, what stands beside it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, select

from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.diagram import lint
from engine.diagram.encoding import text_of
from engine.diagram.forms import every_field
from engine.diagram.layout import laid_out
from engine.diagram.limits import MOST_BYTES
from engine.diagram.read import read
from engine.diagram.shape import Finding
from engine.organisation.tables import persons
from engine.procedures import rules, tables
from engine.procedures.editions import contents

_p, _e, _s, _o = tables.procedures, tables.editions, tables.draft_saves, tables.owners
_EDITION: Final = Text(en="edition", zh="版本")
_SAVE: Final = Text(en="earlier save", zh="保存记录")
_FILE: Final = Text(en="file beside the diagram", zh="随附文件")
_MOST: Final = max(MOST_BYTES, rules.MOST_ATTACHED_BYTES) + 1


@frozen
class Head:
    """Which edition this is."""

    id: int
    number: int
    state: str
    procedure_id: int
    procedure: str


@frozen
class Draft:
    """What an editor opens. `text` has coordinates; `laid_out` where they are of our making. `mapped`: owner to post."""

    text: str
    laid_out: bool
    revision: int
    changed_at: datetime | None
    changed_by: Name | None
    mapped: Mapping[str, int]


@frozen
class Standing:
    """How far a draft has come, and by whom."""

    state: str
    revision: int
    by_id: int | None
    by: Name | None
    at: datetime | None


@frozen
class Beside:
    """What can be chosen for a step: `files` path to digest; `decisions` id, name; `answers` key, label, of all forms."""

    files: Mapping[str, str]
    decisions: tuple[tuple[str, str], ...]
    answers: tuple[tuple[str, str], ...]


@frozen
class Save:
    """A save as listed. `path`: of a file beside the diagram. `beside`: kept beside the draft, never part of it."""

    number: int
    path: str | None
    beside: bool
    now: bool
    begun_at: datetime
    saved_at: datetime
    saved_by: Name


def head(db: Connection, edition_id: int) -> Head:
    """Raises NotFound."""
    row = db.execute(
        select(_e.c.id, _e.c.number, _e.c.state, _p.c.id, _p.c.name)
        .join(_p, _p.c.id == _e.c.procedure_id)
        .where(_e.c.id == edition_id)
    ).first()
    if row is None:
        raise NotFound(what=_EDITION)
    return Head(*row)


def draft(db: Connection, edition_id: int) -> Draft:
    """Raises NotFound. Of an edition in any state: whether it may be changed, its state tells."""
    row = db.execute(_drafts().where(_e.c.id == edition_id)).first()
    if row is None:
        raise NotFound(what=_EDITION)
    # Not the edition's contents: finding all that is wrong takes longer than opening it may.
    bare = not read(row.source, row.file).has_coordinates
    return Draft(
        text=text_of(laid_out(row.source, row.file) if bare else row.source, row.file),
        laid_out=bare,
        revision=row.revision,
        changed_at=row.changed_at,
        changed_by=None if row.name_en is None else Name(row.name_en, row.name_zh),
        mapped=mapped(db, edition_id),
    )


def mapped(db: Connection, edition_id: int) -> dict[str, int]:
    rows = db.execute(select(_o.c.owner, _o.c.post_id).where(_o.c.edition_id == edition_id))
    return {row.owner: row.post_id for row in rows}


def standing(db: Connection, edition_id: int) -> Standing:
    """One cheap question, asked again and again. Raises NotFound."""
    row = db.execute(
        select(_e.c.state, _e.c.revision, _e.c.changed_at, _e.c.changed_by, persons.c.name_en, persons.c.name_zh)
        .outerjoin(persons, persons.c.id == _e.c.changed_by)
        .where(_e.c.id == edition_id)
    ).first()
    if row is None:
        raise NotFound(what=_EDITION)
    name = None if row.name_en is None else Name(row.name_en, row.name_zh)
    return Standing(row.state, row.revision, row.changed_by, name, row.changed_at)


def beside(db: Connection, edition_id: int) -> Beside:
    held = contents(db, edition_id)
    files = db.execute(
        select(tables.attachments.c.path, tables.attachments.c.digest)
        .where(tables.attachments.c.edition_id == edition_id)
        .order_by(tables.attachments.c.path)
    )
    asked = {
        field.key: field.label or field.key
        for form in held.forms.values()
        for field in every_field(form.fields)
        if field.answers
    }
    known = held.decisions.decisions.values() if held.decisions else ()
    return Beside(
        files={row.path: row.digest.hex() for row in files},
        decisions=tuple((one.id, one.name or one.id) for one in known),
        answers=tuple(asked.items()),
    )


def callable_processes(db: Connection) -> tuple[tuple[str, str], ...]:
    """Process and procedure, of every procedure in force."""
    rows = db.execute(
        select(_e.c.process, _p.c.name)
        .join(_p, _p.c.id == _e.c.procedure_id)
        .where(_e.c.state == rules.EditionState.IN_FORCE, _e.c.process.is_not(None))
        .order_by(_p.c.name)
    )
    return tuple((row.process, row.name) for row in rows)


def file(db: Connection, edition_id: int, path: str) -> bytes:
    """A file beside the diagram. Raises NotFound."""
    found = db.scalar(
        select(tables.attachments.c.content).where(
            tables.attachments.c.edition_id == edition_id, tables.attachments.c.path == path
        )
    )
    if found is None:
        raise NotFound(what=_FILE)
    return bytes(found)


def saves(db: Connection, edition_id: int) -> tuple[Save, ...]:
    """Newest first. Raises NotFound."""
    digest = db.scalar(select(_e.c.digest).where(_e.c.id == edition_id))
    if digest is None:
        raise NotFound(what=_EDITION)
    rows = db.execute(
        select(
            _s.c.number, _s.c.path, _s.c.revision, _s.c.digest, _s.c.begun_at, _s.c.saved_at,
            persons.c.name_en, persons.c.name_zh,
        )
        .join(persons, persons.c.id == _s.c.saved_by)
        .where(_s.c.edition_id == edition_id)
        .order_by(_s.c.saved_at.desc(), _s.c.number.desc())
    ).all()  # fmt: skip
    latest = next((one.number for one in rows if one.path is None and one.digest == digest), None)
    return tuple(
        Save(
            row.number, row.path, row.revision is None, row.number == latest, row.begun_at, row.saved_at,
            Name(row.name_en, row.name_zh),
        )
        for row in rows
    )  # fmt: skip


def saved(db: Connection, edition_id: int, number: int) -> tuple[str, bytes]:
    """File name and content of a save. Raises NotFound."""
    row = db.execute(
        select(_s.c.path, _s.c.content, _e.c.file)
        .join(_e, _e.c.id == _s.c.edition_id)
        .where(_s.c.edition_id == edition_id, _s.c.number == number)
    ).first()
    if row is None:
        raise NotFound(what=_SAVE)
    return row.path or row.file, _unpacked(row.content)


def findings_of_save(db: Connection, edition_id: int, number: int) -> tuple[Finding, ...]:
    """Of what is kept beside the draft, with the files that stand beside it now."""
    name, source = saved(db, edition_id, number)
    return lint.findings(read(source, name), contents(db, edition_id).attachments)


def _unpacked(content: bytes) -> bytes:
    return zlib.decompressobj().decompress(content, _MOST)


def _drafts() -> Select[Any]:
    return select(
        _e.c.file, _e.c.source, _e.c.revision, _e.c.changed_at, persons.c.name_en, persons.c.name_zh
    ).outerjoin(persons, persons.c.id == _e.c.changed_by)  # fmt: skip
