"""An edition made ready to be tried, whatever its state: posts may be missing, called procedures are those in force."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection, func, select

from engine.base.frozen import frozen
from engine.base.text import Name
from engine.diagram import trial
from engine.diagram.shape import Diagram
from engine.diagram.trial import Ground, Source
from engine.organisation.reads import chart, office
from engine.procedures import tables
from engine.procedures.counting import calendars, owner_key
from engine.procedures.editions import Contents, contents
from engine.procedures.reads import must_exist
from engine.procedures.rules import EditionState, main_process
from engine.procedures.shelf import Shelf

_shelf: Final[Shelf[Ground]] = Shelf()


@frozen
class Ready:
    """`posts`: by process and element, of the places that a post owns; a called edition's are among them."""

    ground: Ground
    posts: Mapping[tuple[str, str], int]


def ready(db: Connection, edition_id: int) -> Ready:
    """Raises NotFound, and CannotRun where the diagram cannot be run right."""
    must_exist(db, edition_id)
    own = contents(db, edition_id)
    called = _called(db, edition_id, own)
    process = main_process(own.diagram, _chosen_process(db, edition_id)) or next(iter(own.diagram.processes), "")
    asked, zone = _asked(db, edition_id), office(db).zone
    digest = _digest(own, process, sorted(asked), zone, called)
    parts = {name: contents(db, one) for name, one in called.items()}
    ground = _shelf.find_or_make((digest,), lambda: _laid(own, parts, process, asked, zone, digest), lambda: True)
    posts: dict[tuple[str, str], int] = {}
    for one, held in [(other, parts[name]) for name, other in called.items()] + [(edition_id, own)]:
        posts |= _posts(db, one, held)
    return Ready(_counting(db, ground, [*parts.values(), own], posts), posts)


def _counting(
    db: Connection, ground: Ground, parts: Sequence[Contents], owned: Mapping[tuple[str, str], int]
) -> Ground:
    """Working time counts as it would in a case: by the calendar of whoever owns the lane, where that is known."""
    if not ground.model.counted:
        return ground
    department_of = {post.id: post.department_id for post in chart(db).posts}
    by_owner: dict[tuple[str, str], int] = {}
    for part in parts:
        for element, owner in part.owner_of.items():
            process = part.diagram.elements[element].process
            if (process, element) in owned:
                by_owner[process, owner] = department_of[owned[process, element]]
    found = {
        (one.process, one.id): by_owner.get((one.process, owner_key(part.diagram, part.owner_of, one)))
        for part in parts
        for one in part.diagram.elements.values()
        if (one.process, one.id) in ground.model.counted
    }
    return replace(ground, model=ground.model.counting(calendars(db, found)))


@frozen
class Who:
    """Whose a step would be: a post, where it stands, and who holds it today."""

    post: Name
    department: Name
    department_id: int
    holders: tuple[Name, ...]


def who(db: Connection, one: Ready) -> dict[tuple[str, str], Who]:
    """By process and element. A step of no post is left out."""
    known = {
        post.id: Who(post.name, department.name, department.id, tuple(holder.name for holder in post.holders))
        for _depth, department in chart(db).walk()
        for post in department.posts
    }
    return {place: known[post] for place, post in one.posts.items() if post in known}


def _laid(
    own: Contents, parts: Mapping[str, Contents], process: str, asked: frozenset[str], zone: str, digest: bytes
) -> Ground:
    others = {name: _source(one) for name, one in parts.items()}
    return trial.lay(_source(own), process=process, digest=digest, called=others, ask=asked, zone=zone)


def _source(one: Contents) -> Source:
    return Source(one.diagram, one.attachments, one.decisions)


def _digest(own: Contents, process: str, asked: list[str], zone: str, called: Mapping[str, int]) -> bytes:
    """Of everything that decides how a trial goes. A called edition is in force: its id is enough."""
    found = hashlib.sha256(own.diagram.source)
    for path, content in sorted(own.attachments.items()):
        found.update(hashlib.sha256(path.encode()).digest() + hashlib.sha256(content).digest())
    found.update(repr((process, asked, zone, sorted(called.items()))).encode())
    return found.digest()


def _chosen_process(db: Connection, edition_id: int) -> str | None:
    found: str | None = db.scalar(select(tables.editions.c.process).where(tables.editions.c.id == edition_id))
    return found


def _asked(db: Connection, edition_id: int) -> frozenset[str]:
    return frozenset(db.scalars(select(tables.questions.c.flow).where(tables.questions.c.edition_id == edition_id)))


def _posts(db: Connection, edition_id: int, held: Contents) -> dict[tuple[str, str], int]:
    rows = db.execute(
        select(tables.owners.c.owner, tables.owners.c.post_id).where(tables.owners.c.edition_id == edition_id)
    )
    by_owner = {row.owner: row.post_id for row in rows}
    starts = {one.id: f"lane:{one.lane}" for one in held.diagram.elements.values() if one.kind == "startEvent"}
    return {
        (held.diagram.elements[element].process, element): by_owner[owner]
        for element, owner in (*starts.items(), *held.owner_of.items())
        if owner in by_owner
    }


def _called(db: Connection, edition_id: int, own: Contents) -> dict[str, int]:
    """By the process called. Those pinned when the edition came into force; else those in force now."""
    found: dict[str, int] = {}
    waiting: list[tuple[int, Diagram]] = [(edition_id, own.diagram)]
    while waiting:
        one, diagram = waiting.pop()
        pinned = {row.called: row.called_edition_id for row in db.execute(
            select(tables.calls.c.called, tables.calls.c.called_edition_id).where(tables.calls.c.edition_id == one)
        )}  # fmt: skip
        for name in _calls(diagram):
            target = pinned.get(name) or _in_force(db, name)
            if name not in found and target is not None and target != edition_id:
                found[name] = target
                waiting.append((target, contents(db, target).diagram))
    return found


def _calls(diagram: Diagram) -> Iterator[str]:
    for step in diagram.elements.values():
        if step.kind == "callActivity" and step.called and step.called not in diagram.processes:
            yield step.called


def _in_force(db: Connection, process: str) -> int | None:
    found: int | None = db.scalar(
        select(func.max(tables.editions.c.id)).where(
            tables.editions.c.process == process, tables.editions.c.state == EditionState.IN_FORCE
        )
    )
    return found
