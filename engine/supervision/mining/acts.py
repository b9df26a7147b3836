"""What people do with foreign logs: hand one in, say which column is what, have it compared, share it, delete it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import Connection, Row, func, insert, select, update

from engine.base import clock
from engine.base.database import OFFICE, new_id
from engine.base.errors import NotFound
from engine.notices.kept import on_office
from engine.organisation.reads import person_name
from engine.organisation.rules import Actor
from engine.papers.store import Store
from engine.papers.taking import Taken
from engine.supervision.mining import kept, rules
from engine.supervision.mining.compared import drawn_steps, offered
from engine.supervision.mining.guessing import DELIMITERS, ENCODINGS, guess, is_xes
from engine.supervision.mining.opened import opened
from engine.supervision.mining.rules import Chosen, State
from engine.supervision.mining.tables import log_checks, logs


def hand_in(
    db: Connection, *, by: Actor, store: Store, taken: Taken, name: str = "", shared: bool = False, zone: str = "UTC"
) -> int:
    """Of a table the columns are to be chosen next; XES says itself what is what and is read in the background.

    Raises NotAllowed, LogRefused, LogUnnamed, TooManyLogs.
    """
    rules.must_look(by)
    _room_for_one(db)
    called = rules.fit_name(name, taken.name)
    with opened(store, taken.digest) as stream:
        xes = is_xes(stream)
        if not xes:
            guess(stream, file=taken.name)  # raises NotALog, NoRows
    log_id = new_id()
    chosen = Chosen("xes" if xes else "csv", zone=zone)
    db.execute(
        insert(logs).values(
            office_id=OFFICE, id=log_id, state=State.WAITING if xes else State.DRAFT, imported_by=by.person_id,
            shared=shared, at=clock.now(), size=taken.size, events=0, digest=taken.digest, name=called,
            file=taken.name, mapping=chosen.written(),
        )
    )  # fmt: skip
    on_office(
        db, by, "import_log",
        {"log": log_id, "name": called, "file": taken.name, "digest": taken.digest.hex(), "size": taken.size,
         "shared": shared},
    )  # fmt: skip
    return log_id


def _room_for_one(db: Connection) -> None:
    count = select(func.count()).select_from(logs).where(logs.c.office_id == OFFICE, logs.c.state != State.DELETED)
    if (db.scalar(count) or 0) >= rules.MOST_LOGS:
        raise rules.TooManyLogs(most=rules.MOST_LOGS)


def take_period(db: Connection, *, by: Actor, log_id: int, since: str, until: str) -> int:
    """A log of its own, read anew from the same file: the cases that began on these days. It is seen by whoever sees this one.

    Raises NotYourLog, LogNotReady, PeriodUnread, TooManyLogs.
    """
    row = _mine(db, by, log_id)
    if row.state != State.READY:
        raise rules.LogNotReady(name=row.name)
    first, last = rules.fit_period(since, until)
    _room_for_one(db)
    chosen = replace(rules.chosen_kept(row.mapping), since=first.isoformat(), until=last.isoformat())
    days = f" {first.isoformat()}–{last.isoformat()}"
    part_id, called = new_id(), row.name[: rules.MOST_NAME - len(days)] + days
    db.execute(
        insert(logs).values(
            office_id=OFFICE, id=part_id, state=State.WAITING, imported_by=by.person_id, shared=row.shared,
            at=clock.now(), size=row.size, events=0, digest=row.digest, name=called, file=row.file,
            mapping=chosen.written(),
        )
    )  # fmt: skip
    on_office(
        db, by, "import_log",
        {"log": part_id, "of": log_id, "name": called, "since": chosen.since, "until": chosen.until,
         "digest": row.digest.hex(), "shared": row.shared},
    )  # fmt: skip
    return part_id


def choose_columns(db: Connection, *, by: Actor, store: Store, log_id: int, chosen: Chosen, name: str) -> None:
    """Read in the background from then on; chosen anew, where nothing could be read as they were chosen before.

    Raises NotYourLog, AlreadyMapped, MappingFaults, LogUnnamed, TooFewColumns.
    """
    row = _mine(db, by, log_id)
    if not rules.may_choose_columns(State(row.state), rules.chosen_kept(row.mapping)):
        raise rules.AlreadyMapped(name=row.name)
    called = rules.fit_name(name, row.file)
    with opened(store, row.digest) as stream:
        head = guess(
            stream, encoding=_known(chosen.encoding, ENCODINGS), delimiter=_known(chosen.delimiter, DELIMITERS)
        ).head
    rules.must_be_whole(chosen, head)
    db.execute(
        update(logs)
        .where(logs.c.office_id == OFFICE, logs.c.id == log_id)
        .values(state=State.WAITING, mapping=chosen.written(), name=called, problem=None)
    )
    on_office(db, by, "map_log", {"log": log_id, "name": called, "mapping": orjson.loads(chosen.written())})


def _known(chosen: str, known: Collection[str]) -> str | None:
    """What is none is told of with all the rest."""
    return chosen if chosen in known else None


def share_log(db: Connection, *, by: Actor, log_id: int, shared: bool) -> None:
    """Seen by all who may look at logs, or by who handed it in and the supervision office alone. Raises NotYourLog."""
    row = _mine(db, by, log_id)
    if row.shared == shared:
        return
    db.execute(update(logs).where(logs.c.office_id == OFFICE, logs.c.id == log_id).values(shared=shared))
    on_office(db, by, "share_log", {"log": log_id, "name": row.name, "shared": shared})


def delete_log(db: Connection, *, by: Actor, log_id: int) -> None:
    """By who handed it in. Its rows and its file go in the background. Raises NotYourLog."""
    row = _mine(db, by, log_id)
    db.execute(update(logs).where(logs.c.office_id == OFFICE, logs.c.id == log_id).values(state=State.DELETED))
    on_office(
        db, by, "delete_log",
        {"log": log_id, "name": row.name, "file": row.file, "digest": row.digest.hex(), "events": row.events},
    )  # fmt: skip


def compare(db: Connection, *, by: Actor, log_id: int, edition_id: int, mapping: Mapping[str, str]) -> int:
    """With an edition of the office, in the background. `mapping`: activity to the element it is, ADDED or LEFT_OUT.

    Raises NotFound, LogNotReady, NothingMapped, StrangeStep, TooManyChecks.
    """
    rules.must_look(by)
    row = kept.log_row(db, log_id, lock=True)
    if not rules.may_see(by, row.imported_by, row.shared):
        raise NotFound(what=rules.LOG)
    if row.state != State.READY:
        raise rules.LogNotReady(name=row.name)
    offered(db, actor=by, edition_id=edition_id)
    process, steps = drawn_steps(db, edition_id)
    for element in mapping.values():
        if element not in (rules.ADDED, rules.LEFT_OUT) and element not in steps:
            raise rules.StrangeStep(element=element)
    if not any(element in steps for element in mapping.values()):
        raise rules.NothingMapped()
    mine = (log_checks.c.office_id == OFFICE, log_checks.c.log_id == log_id)
    if (db.scalar(select(func.count()).select_from(log_checks).where(*mine)) or 0) >= rules.MOST_CHECKS:
        raise rules.TooManyChecks(most=rules.MOST_CHECKS)
    check_id = new_id()
    db.execute(
        insert(log_checks).values(
            office_id=OFFICE, id=check_id, log_id=log_id, edition_id=edition_id, state=State.WAITING,
            asked_by=by.person_id, at=clock.now(), process=process, mapping=orjson.dumps(dict(mapping)).decode(),
        )
    )  # fmt: skip
    on_office(
        db, by, "compare_log",
        {"log": log_id, "name": row.name, "edition": edition_id, "comparison": check_id, "mapping": dict(mapping)},
    )  # fmt: skip
    return check_id


def note_export(db: Connection, *, by: Actor, facts: Mapping[str, object]) -> None:
    """On the record of the office: who took what away, in which form, and whether with the names of persons."""
    on_office(db, by, "export_log", facts)


def _mine(db: Connection, by: Actor, log_id: int) -> Row[*tuple[Any, ...]]:
    rules.must_look(by)
    row = kept.log_row(db, log_id, lock=True)
    if row.imported_by != by.person_id:
        if not rules.may_see(by, row.imported_by, row.shared):
            raise NotFound(what=rules.LOG)
        raise rules.NotYourLog(name=row.name, person=person_name(db, row.imported_by))
    return row
