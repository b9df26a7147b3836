"""What designers do while they draw: save the draft, restore an earlier save, set files beside it, begin from an edition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from engine.base import clock
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.diagram import decisions, forms
from engine.diagram.owners import lane_name
from engine.diagram.owners import owners as owners_of
from engine.diagram.read import read
from engine.diagram.shape import Diagram
from engine.organisation.rules import Actor
from engine.organisation.tables import persons, posts
from engine.procedures import rules, waivers
from engine.procedures.acts import saves
from engine.procedures.editions import digest
from engine.procedures.kept import EDITION, forget, locked_draft, locked_procedure, made_id, note
from engine.procedures.rules import EditionState
from engine.procedures.scenarios import carry
from engine.procedures.tables import attachments, draft_saves, editions, owners, questions

_SAVE: Final = Text(en="earlier save", zh="保存记录")
_FILE: Final = Text(en="file beside the diagram", zh="随附文件")


@frozen
class Saved:
    """The draft's revision now. `beside`: somebody had saved meanwhile, and this one is kept under that number."""

    revision: int
    beside: int | None = None


def save_draft(
    db: Connection,
    *,
    by: Actor,
    edition_id: int,
    source: bytes,
    based_on: int,
    mapped: Mapping[str, int | None] | None = None,
    pen: str = "",
) -> Saved:
    """`based_on` is the revision it was drawn on: where the draft has moved on, this one is kept beside it and is no draft.

    `mapped` are changes only: owner key to post, None to unmap; owners that are not drawn are passed over. `pen` tells the
    opened page: its saves of five minutes are one row. Saving what stands there already changes nothing.
    """
    rules.must_design(by)
    edition, procedure = locked_draft(db, edition_id)
    diagram = read(source, edition.file)
    present = _mapped(db, edition_id)
    owned = _changed(db, present, mapped or {}, _owners_drawn(diagram))
    moved = digest(source) != edition.digest
    if not moved and owned == present:
        return Saved(edition.revision)
    told = {"edition": edition.number, "digest": digest(source).hex(), "based_on": based_on}
    if owned != present:
        told["owners"] = owned
    saves.keep_first(db, edition, present)
    if moved and based_on != edition.revision:
        number = saves.keep(db, edition_id, by, source, owned, based_on=based_on, revision=None, pen=pen)
        note(db, procedure, by, "save_draft", {**told, "beside": number})
        return Saved(edition.revision, beside=number)
    # Posts alone do not make it another drawing: whoever draws elsewhere goes on without a clash.
    revision = edition.revision + moved
    _apply(db, edition, diagram, owned, by, revision)
    saves.keep(db, edition_id, by, source, owned, based_on=edition.revision, revision=revision, pen=pen)
    note(db, procedure, by, "save_draft", {**told, "revision": revision})
    return Saved(revision)


def restore_save(db: Connection, *, by: Actor, edition_id: int, number: int) -> int:
    """An earlier save becomes the draft, or the file, once more; what stood there stays among the saves. The revision."""
    rules.must_design(by)
    edition, procedure = locked_draft(db, edition_id)
    row = db.execute(
        select(draft_saves).where(draft_saves.c.edition_id == edition_id, draft_saves.c.number == number)
    ).first()
    if row is None:
        raise NotFound(what=_SAVE)
    facts = {"edition": edition.number, "save": number, "digest": row.digest.hex()}
    if row.path is not None:
        _put_file(db, by, edition, row.path, saves.content_of(row), pen="")
        note(db, procedure, by, "restore_save", {**facts, "path": row.path})
        return int(edition.revision)
    diagram = read(saves.content_of(row), edition.file)
    drawn = _owners_drawn(diagram)
    # Mapped since then on another page: what is mapped now goes before what was.
    present = _mapped(db, edition_id)
    mapped = {key: post for key, post in (saves.owners_of(row) | present).items() if key in drawn}
    saves.keep_first(db, edition, present)
    revision = int(edition.revision) + 1
    _apply(db, edition, diagram, mapped, by, revision)
    saves.keep(db, edition_id, by, diagram.source, mapped, based_on=edition.revision, revision=revision, pen="")
    note(db, procedure, by, "restore_save", {**facts, "revision": revision})
    return revision


def attach(
    db: Connection, *, by: Actor, edition_id: int, path: str, content: bytes, replaces: str | None, pen: str = ""
) -> None:
    """A file beside the draft. `replaces` is the digest, in hex, of the one its maker had before them; None: a new one.

    Raises FileUnfit, FileChangedMeanwhile, AttachmentsTooLarge, NotAForm, NotADecisionFile.
    """
    rules.must_design(by)
    edition, procedure = locked_draft(db, edition_id)
    path = rules.fit_file_name(path)
    _must_be_readable(path, content)
    present = _file(db, edition_id, path)
    if present is not None and present.digest.hex() != replaces and present.content != content:
        person, at = saves.last_hand(db, edition, path)
        raise rules.FileChangedMeanwhile(path=path, person=_person(db, person), at=at)
    _put_file(db, by, edition, path, content, pen)
    note(db, procedure, by, "attach", {"edition": edition.number, "path": path, "digest": digest(content).hex()})


def detach(db: Connection, *, by: Actor, edition_id: int, path: str) -> None:
    """The file no longer stands beside the draft; among the saves it stays."""
    rules.must_design(by)
    edition, procedure = locked_draft(db, edition_id)
    present = _file(db, edition_id, path)
    if present is None:
        raise NotFound(what=_FILE)
    saves.keep(db, edition_id, by, present.content, {}, based_on=None, revision=edition.revision, pen="", path=path)
    db.execute(delete(attachments).where(attachments.c.edition_id == edition_id, attachments.c.path == path))
    _touch(db, edition, by)
    note(db, procedure, by, "detach", {"edition": edition.number, "path": path, "digest": present.digest.hex()})


def new_draft_from(db: Connection, *, by: Actor, edition_id: int) -> int:
    """The next edition of the procedure, as a draft that holds all that this one holds: files, posts, questions, scenarios."""
    rules.must_design(by)
    procedure_id = db.scalar(select(editions.c.procedure_id).where(editions.c.id == edition_id))
    if procedure_id is None:
        raise NotFound(what=EDITION)
    procedure = locked_procedure(db, procedure_id)
    old = db.execute(select(editions).where(editions.c.id == edition_id)).one()
    last = db.scalar(select(func.max(editions.c.number)).where(editions.c.procedure_id == procedure_id))
    number = int(last or 0) + 1
    made = made_id(
        db.execute(
            insert(editions).values(
                procedure_id=procedure_id, number=number, state=EditionState.DRAFT, file=old.file, source=old.source,
                digest=old.digest, process=old.process, uploaded_at=clock.now(), uploaded_by=by.person_id,
            )
        )
    )  # fmt: skip
    forget(db, made)
    for table in (attachments, owners, questions):
        rest = [column for column in table.c if column.name != "edition_id"]
        rows = db.execute(select(*rest).where(table.c.edition_id == edition_id)).mappings().all()
        if rows:
            db.execute(insert(table), [{**row, "edition_id": made} for row in rows])
    carry(db, edition_id, made)
    waivers.carry(db, edition_id, made)
    facts = {"edition": number, "from": old.number, "digest": old.digest.hex()}
    note(db, procedure, by, "new_draft_from", facts)
    return made


def _apply(
    db: Connection,
    edition: Row[*tuple[Any, ...]],
    diagram: Diagram,
    mapped: Mapping[str, int],
    by: Actor,
    revision: int,
) -> None:
    """The diagram becomes the draft: what no longer stands in it is forgotten."""
    db.execute(
        update(editions)
        .where(editions.c.id == edition.id)
        .values(source=diagram.source, digest=digest(diagram.source), revision=revision, changed_at=clock.now(),
                changed_by=by.person_id, process=rules.main_process(diagram, edition.process))
    )  # fmt: skip
    db.execute(delete(owners).where(owners.c.edition_id == edition.id))
    names = _owners_drawn(diagram)
    if mapped:
        db.execute(
            insert(owners),
            [
                {"edition_id": edition.id, "owner": key, "name": names[key], "post_id": post}
                for key, post in mapped.items()
            ],
        )
    asked = db.scalars(select(questions.c.flow).where(questions.c.edition_id == edition.id)).all()
    gone = [flow for flow in asked if flow not in diagram.flows or not diagram.flows[flow].condition]
    if gone:
        db.execute(delete(questions).where(questions.c.edition_id == edition.id, questions.c.flow.in_(gone)))
    forget(db, edition.id)


def _owners_drawn(diagram: Diagram) -> dict[str, str]:
    """Key to name of whatever a post can be mapped to: also lanes that hold no step yet."""
    lanes = {f"lane:{lane.id}": lane_name(diagram, lane) for lane in diagram.lanes.values()}
    return lanes | {owner.key: owner.name for owner in owners_of(diagram)}


def _mapped(db: Connection, edition_id: int) -> dict[str, int]:
    rows = db.execute(select(owners.c.owner, owners.c.post_id).where(owners.c.edition_id == edition_id))
    return {row.owner: row.post_id for row in rows}


def _changed(
    db: Connection, present: Mapping[str, int], changes: Mapping[str, int | None], drawn: Mapping[str, str]
) -> dict[str, int]:
    """Raises PostUnknown."""
    existing = set(db.scalars(select(posts.c.id))) if changes else set()
    for key, post in changes.items():
        if post is not None and post not in existing:
            raise rules.PostUnknown(owner=drawn.get(key, key))
    mapped = {**present, **changes}
    return {key: post for key, post in mapped.items() if post is not None and key in drawn}


def _must_be_readable(path: str, content: bytes) -> None:
    if path.lower().endswith(".dmn"):
        decisions.read(content, path)
    elif path.lower().endswith((".form", ".form.json")):
        forms.form_from_json(content, name=path)


def _file(db: Connection, edition_id: int, path: str) -> Row[*tuple[Any, ...]] | None:
    return db.execute(
        select(attachments).where(attachments.c.edition_id == edition_id, attachments.c.path == path)
    ).first()


def _put_file(db: Connection, by: Actor, edition: Row[*tuple[Any, ...]], path: str, content: bytes, pen: str) -> None:
    """Raises AttachmentsTooLarge."""
    rows = db.execute(
        select(attachments.c.path, attachments.c.content).where(attachments.c.edition_id == edition.id)
    ).all()
    beside = {row.path: row.content for row in rows}
    rules.must_be_modest({**beside, path: content})
    if path in beside:
        saves.keep_first(db, edition, {}, path=path, content=beside[path])
    db.execute(delete(attachments).where(attachments.c.edition_id == edition.id, attachments.c.path == path))
    db.execute(insert(attachments).values(edition_id=edition.id, path=path, content=content, digest=digest(content)))
    saves.keep(db, edition.id, by, content, {}, based_on=None, revision=edition.revision, pen=pen, path=path)
    _touch(db, edition, by)


def _touch(db: Connection, edition: Row[*tuple[Any, ...]], by: Actor) -> None:
    db.execute(
        update(editions).where(editions.c.id == edition.id).values(changed_at=clock.now(), changed_by=by.person_id)
    )
    forget(db, edition.id)


def _person(db: Connection, person_id: int) -> Name:
    row = db.execute(select(persons.c.name_en, persons.c.name_zh).where(persons.c.id == person_id)).one()
    return Name(row.name_en, row.name_zh)
