"""What designers do with drafts: deposit, map owners, ask instead."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, delete, insert, select, update

from engine.base import clock
from engine.organisation.rules import Actor
from engine.organisation.tables import posts
from engine.procedures import rules, waivers
from engine.procedures.editions import Contents, contents, contents_of, digest
from engine.procedures.kept import forget, locked_draft, locked_procedure, made_id, note, process_names
from engine.procedures.rules import EditionState
from engine.procedures.scenarios import carry
from engine.procedures.tables import attachments as attachment_rows
from engine.procedures.tables import editions, owners, questions


def deposit(
    db: Connection, *, by: Actor, procedure_id: int, file: str, source: bytes, attachments: Mapping[str, bytes]
) -> int:
    """A new draft edition. Files beside the diagram and posts of owners are carried over from the edition before.

    Raises NotADrawing where the file is not even a drawing; nothing is kept then.
    """
    rules.must_design(by)
    procedure = locked_procedure(db, procedure_id)
    before = db.execute(
        select(editions.c.id, editions.c.number)
        .where(editions.c.procedure_id == procedure_id)
        .order_by(editions.c.number.desc())
        .limit(1)
    ).first()
    beside = _attachments(db, before.id) | dict(attachments) if before else dict(attachments)
    rules.must_be_modest(beside)
    deposited = contents_of(file, source, tuple(sorted(beside.items())))
    number = before.number + 1 if before else 1
    edition_id = _insert_edition(db, by, procedure_id, number, deposited)
    known = _posts_by_owner_name(db, before.id) if before else {}
    _insert_owners(db, edition_id, deposited, rules.remembered(deposited.owners, known))
    if before:
        carry(db, before.id, edition_id)
        waivers.carry(db, before.id, edition_id)
    note(db, procedure, by, "deposit", {"edition": number, "file": file, "digest": digest(source).hex(),
          "beside": {path: digest(content).hex() for path, content in beside.items()}})  # fmt: skip
    return edition_id


def _insert_edition(db: Connection, by: Actor, procedure_id: int, number: int, deposited: Contents) -> int:
    diagram = deposited.diagram
    made = db.execute(
        insert(editions).values(
            procedure_id=procedure_id,
            number=number,
            state=EditionState.DRAFT,
            file=diagram.file,
            source=diagram.source,
            digest=digest(diagram.source),
            process=rules.main_process(diagram, None),
            uploaded_at=clock.now(),
            uploaded_by=by.person_id,
        )
    )
    edition_id = made_id(made)
    forget(db, edition_id)
    if deposited.attachments:
        db.execute(
            insert(attachment_rows),
            [
                {"edition_id": edition_id, "path": path, "content": content, "digest": digest(content)}
                for path, content in deposited.attachments.items()
            ],
        )
    return edition_id


def map_owners(db: Connection, *, by: Actor, edition_id: int, mapped: Mapping[str, int]) -> None:
    """`mapped` is owner key to post id; owners it leaves out are unmapped again."""
    rules.must_design(by)
    edition, procedure = locked_draft(db, edition_id)
    held = contents(db, edition_id)
    existing = set(db.scalars(select(posts.c.id)))
    names = {owner.key: owner.name for owner in held.owners}
    for key, post_id in mapped.items():
        if post_id not in existing or key not in names:
            raise rules.PostUnknown(owner=names.get(key, key))
    _insert_owners(db, edition_id, held, mapped)
    note(db, procedure, by, "map_owners", {"edition": edition.number, "owners": dict(mapped)})


def ask_instead(db: Connection, *, by: Actor, edition_id: int, flows: Collection[str]) -> None:
    """A person is asked at these flows, whatever their condition says; at no others."""
    rules.must_design(by)
    edition, procedure = locked_draft(db, edition_id)
    drawn = contents(db, edition_id).diagram.flows
    for flow in flows:
        if flow not in drawn or not drawn[flow].condition:
            raise rules.CannotAskInstead(flow=flow)
    db.execute(delete(questions).where(questions.c.edition_id == edition_id))
    if flows:
        db.execute(insert(questions), [{"edition_id": edition_id, "flow": flow} for flow in sorted(set(flows))])
    note(db, procedure, by, "ask_instead", {"edition": edition.number, "flows": sorted(set(flows))})


def choose_process(db: Connection, *, by: Actor, edition_id: int, process: str) -> None:
    rules.must_design(by)
    edition, procedure = locked_draft(db, edition_id)
    diagram = contents(db, edition_id).diagram
    if rules.main_process(diagram, process) != process:
        raise rules.ProcessNotChosen(processes=process_names(diagram.processes.values()))
    db.execute(update(editions).where(editions.c.id == edition_id).values(process=process))
    note(db, procedure, by, "choose_process", {"edition": edition.number, "process": process})


def _attachments(db: Connection, edition_id: int) -> dict[str, bytes]:
    rows = db.execute(
        select(attachment_rows.c.path, attachment_rows.c.content).where(attachment_rows.c.edition_id == edition_id)
    )
    return {row.path: row.content for row in rows}


def _posts_by_owner_name(db: Connection, edition_id: int) -> dict[str, int]:
    rows = db.execute(select(owners.c.name, owners.c.post_id).where(owners.c.edition_id == edition_id))
    return {row.name: row.post_id for row in rows}


def _insert_owners(db: Connection, edition_id: int, held: Contents, mapped: Mapping[str, int]) -> None:
    db.execute(delete(owners).where(owners.c.edition_id == edition_id))
    rows = [
        {"edition_id": edition_id, "owner": owner.key, "name": owner.name, "post_id": mapped[owner.key]}
        for owner in held.owners
        if owner.key in mapped
    ]
    if rows:
        db.execute(insert(owners), rows)
