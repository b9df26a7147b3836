"""What designers do: open a procedure, deposit editions, map owners, put in force, take out of force."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, CursorResult, Row, delete, func, insert, select, update

from engine.base import clock
from engine.base.database import new_id
from engine.base.errors import NotFound
from engine.base.text import Name, Text, one_line
from engine.organisation.rules import Actor
from engine.organisation.tables import departments, posts
from engine.procedures import editions as edition_contents
from engine.procedures import rules, runnable
from engine.procedures.editions import Contents, contents, contents_of, digest
from engine.procedures.rules import EditionState
from engine.procedures.runnable import make
from engine.procedures.tables import attachments as attachment_rows
from engine.procedures.tables import calls, editions, owners, procedures, questions
from engine.records.journal import Chain, write

PROCEDURE = Text(en="procedure", zh="程序")
EDITION = Text(en="edition", zh="版本")
DEPARTMENT = Text(en="department", zh="部门")


def open_procedure(db: Connection, *, by: Actor, name: str, prefix: str, department_id: int) -> int:
    """An empty procedure; editions are deposited in it."""
    rules.must_design(by)
    prefix = rules.fit_prefix(prefix)
    name = one_line(name)
    if not name:
        raise rules.NameMissing()
    holder = db.scalar(select(procedures.c.name).where(procedures.c.prefix == prefix))
    if holder is not None:
        raise rules.PrefixTaken(prefix=prefix, procedure=holder)
    if db.scalar(select(departments.c.id).where(departments.c.id == department_id)) is None:
        raise NotFound(what=DEPARTMENT)
    chain = write(
        db,
        Chain(new_id(), 0, b""),
        act="open_procedure",
        by=by.person_id,
        facts={"name": name, "prefix": prefix, "department": department_id},
    )
    made = db.execute(
        insert(procedures).values(
            name=name, prefix=prefix, department_id=department_id,
            chain=chain.id, chain_length=chain.length, chain_head=chain.head,
        )
    )  # fmt: skip
    return _made_id(made)


def deposit(
    db: Connection, *, by: Actor, procedure_id: int, file: str, source: bytes, attachments: Mapping[str, bytes]
) -> int:
    """A new draft edition. Files beside the diagram and posts of owners are carried over from the edition before.

    Raises NotADrawing where the file is not even a drawing; nothing is kept then.
    """
    rules.must_design(by)
    procedure = _procedure(db, procedure_id)
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
    _note(db, procedure, by, "deposit", {"edition": number, "file": file, "digest": digest(source).hex(),
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
    edition_id = _made_id(made)
    _forget(db, edition_id)
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
    edition, procedure = _draft(db, edition_id)
    held = contents(db, edition_id)
    existing = set(db.scalars(select(posts.c.id)))
    names = {owner.key: owner.name for owner in held.owners}
    for key, post_id in mapped.items():
        if post_id not in existing or key not in names:
            raise rules.PostUnknown(owner=names.get(key, key))
    _insert_owners(db, edition_id, held, mapped)
    _note(db, procedure, by, "map_owners", {"edition": edition.number, "owners": dict(mapped)})


def ask_instead(db: Connection, *, by: Actor, edition_id: int, flows: Collection[str]) -> None:
    """A person is asked at these flows, whatever their condition says; at no others."""
    rules.must_design(by)
    edition, procedure = _draft(db, edition_id)
    drawn = contents(db, edition_id).diagram.flows
    for flow in flows:
        if flow not in drawn or not drawn[flow].condition:
            raise rules.CannotAskInstead(flow=flow)
    db.execute(delete(questions).where(questions.c.edition_id == edition_id))
    if flows:
        db.execute(insert(questions), [{"edition_id": edition_id, "flow": flow} for flow in sorted(set(flows))])
    _note(db, procedure, by, "ask_instead", {"edition": edition.number, "flows": sorted(set(flows))})


def choose_process(db: Connection, *, by: Actor, edition_id: int, process: str) -> None:
    rules.must_design(by)
    edition, procedure = _draft(db, edition_id)
    diagram = contents(db, edition_id).diagram
    if rules.main_process(diagram, process) != process:
        raise rules.ProcessNotChosen(processes=_process_names(diagram.processes.values()))
    db.execute(update(editions).where(editions.c.id == edition_id).values(process=process))
    _note(db, procedure, by, "choose_process", {"edition": edition.number, "process": process})


def put_in_force(db: Connection, *, by: Actor, edition_id: int) -> None:
    """The edition in force before goes out of force; its running cases stay on it."""
    rules.must_design(by)
    edition, procedure = _draft(db, edition_id)
    held = contents(db, edition_id)
    _must_be_fit(db, edition_id, edition.number, edition.process, held)
    _pin_calls(db, edition_id, held)
    _forget(db, edition_id)
    ready = make(db, edition_id)  # raises CannotRun where it cannot be run right
    for process, element in ready.model.questions:
        if (process, element) not in ready.steps:
            raise rules.OwnerMissing(owner=held.names.get(element, element))
    now = clock.now()
    db.execute(
        update(editions)
        .where(editions.c.procedure_id == procedure.id, editions.c.state == EditionState.IN_FORCE)
        .values(state=EditionState.OUT_OF_FORCE, out_of_force_at=now)
    )
    db.execute(
        update(editions)
        .where(editions.c.id == edition_id)
        .values(state=EditionState.IN_FORCE, in_force_at=now, in_force_by=by.person_id,
                process=rules.main_process(held.diagram, edition.process))
    )  # fmt: skip
    _note(db, procedure, by, "put_in_force", {"edition": edition.number, "digest": edition.digest.hex()})


def _must_be_fit(db: Connection, edition_id: int, number: int, process: str | None, held: Contents) -> None:
    asked = set(db.scalars(select(questions.c.flow).where(questions.c.edition_id == edition_id)))
    kept_out = rules.keeping_out(held.findings, asked)
    if kept_out:
        first = Name(en=kept_out[0].sentence("en"), zh=kept_out[0].sentence("zh"))
        raise rules.KeptOutOfForce(edition=number, count=len(kept_out), first=first)
    mapped = set(db.scalars(select(owners.c.owner).where(owners.c.edition_id == edition_id)))
    missing = rules.unmapped(held.owners, mapped)
    if missing:
        raise rules.OwnerMissing(owner=missing[0].name)
    if rules.main_process(held.diagram, process) is None:
        raise rules.ProcessNotChosen(processes=_process_names(held.diagram.processes.values()))


def take_out_of_force(db: Connection, *, by: Actor, procedure_id: int) -> None:
    """No new case can be started; running cases go on."""
    rules.must_design(by)
    procedure = _procedure(db, procedure_id)
    edition = db.execute(
        select(editions.c.id, editions.c.number).where(
            editions.c.procedure_id == procedure_id, editions.c.state == EditionState.IN_FORCE
        )
    ).first()
    if edition is None:
        raise rules.NothingInForce(procedure=procedure.name)
    db.execute(
        update(editions)
        .where(editions.c.id == edition.id)
        .values(state=EditionState.OUT_OF_FORCE, out_of_force_at=clock.now())
    )
    _note(db, procedure, by, "take_out_of_force", {"edition": edition.number})


def withdraw(db: Connection, *, by: Actor, edition_id: int) -> None:
    """A draft that will not come into force. It stays to be seen."""
    rules.must_design(by)
    edition, procedure = _draft(db, edition_id)
    db.execute(update(editions).where(editions.c.id == edition_id).values(state=EditionState.WITHDRAWN))
    _note(db, procedure, by, "withdraw", {"edition": edition.number})


def _made_id(made: CursorResult[Any]) -> int:
    key = made.inserted_primary_key
    if key is None:  # pragma: no cover  both databases tell it
        raise RuntimeError("the database did not say which row it made")
    return int(key[0])


def _forget(db: Connection, edition_id: int) -> None:
    runnable.forget(db, edition_id)
    edition_contents.forget(db, edition_id)


def _procedure(db: Connection, procedure_id: int) -> Row[*tuple[Any, ...]]:
    """Locked: whoever changes a procedure waits for whoever is changing it."""
    row = db.execute(select(procedures).where(procedures.c.id == procedure_id).with_for_update()).first()
    if row is None:
        raise NotFound(what=PROCEDURE)
    return row


def _draft(db: Connection, edition_id: int) -> tuple[Row[*tuple[Any, ...]], Row[*tuple[Any, ...]]]:
    owner = db.scalar(select(editions.c.procedure_id).where(editions.c.id == edition_id))
    if owner is None:
        raise NotFound(what=EDITION)
    procedure = _procedure(db, owner)
    edition = db.execute(select(editions).where(editions.c.id == edition_id)).one()
    rules.must_be_draft(edition.number, edition.state)
    return edition, procedure


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


def _pin_calls(db: Connection, edition_id: int, held: Contents) -> None:
    """A called procedure's edition in force now is the one this edition calls, for good."""
    for step in held.diagram.elements.values():
        if step.kind != "callActivity" or not step.called or step.called in held.diagram.processes:
            continue
        target = db.scalar(
            select(func.max(editions.c.id)).where(
                editions.c.process == step.called, editions.c.state == EditionState.IN_FORCE
            )
        )
        if target is None:
            raise rules.CallUnresolved(step=step.name or step.id, called=step.called)
        db.execute(delete(calls).where(calls.c.edition_id == edition_id, calls.c.called == step.called))
        db.execute(insert(calls).values(edition_id=edition_id, called=step.called, called_edition_id=target))


def _process_names(processes: Collection[Any]) -> str:
    return ", ".join(one.pool or one.name or one.id for one in processes if one.has_content)


def _note(db: Connection, procedure: Row[*tuple[Any, ...]], by: Actor, act: str, facts: Mapping[str, Any]) -> None:
    chain = Chain(procedure.chain, procedure.chain_length, procedure.chain_head)
    chain = write(db, chain, act=act, by=by.person_id, facts=facts)
    db.execute(
        update(procedures)
        .where(procedures.c.id == procedure.id)
        .values(chain_length=chain.length, chain_head=chain.head)
    )
