"""What would come of handing over somebody's work, before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from engine.base.database import OFFICE
from engine.base.errors import NotAllowed
from engine.base.frozen import frozen
from engine.base.text import Name
from engine.cases.duties.reads import Claimed, claimed_by, must_watch
from engine.cases.duties.reassigning import what_keeps
from engine.cases.tables import cases, tasks
from engine.organisation import reads
from engine.organisation.absence.reads import AbsenceLine, absences_of, standing_in
from engine.organisation.rules import Actor
from engine.procedures.runnable import place, runnable


@frozen
class OfPost:
    id: int
    name: Name
    count: int


@frozen
class Going:
    """`why`: what keeps it from the successor; it goes to everybody who holds the post."""

    task: Claimed
    successor: Name | None
    why: NotAllowed | None


@frozen
class Plan:
    person: reads.Person
    posts: tuple[OfPost, ...]
    tasks: tuple[Going, ...]
    alone: tuple[AbsenceLine, ...]
    """In which they stand in: nobody would."""
    absences: tuple[AbsenceLine, ...]
    """Their own, now or to come."""


def would_hand_over(db: Connection, *, actor: Actor, person_id: int, to: Mapping[int, int | None]) -> Plan:
    """Raises NotTheirSupervisor."""
    person = reads.person(db, person_id)
    must_watch(db, actor, person_id, person.name)
    claimed = claimed_by(db, person_id)
    held = {one.post_id: one.post for one in person.holdings if one.today} | {one.post_id: one.post for one in claimed}
    names = {one: reads.person_name(db, one) for one in to.values() if one is not None}
    return Plan(
        person,
        tuple(OfPost(post, name, sum(one.post_id == post for one in claimed)) for post, name in held.items()),
        tuple(_going(db, one, to.get(one.post_id), names) for one in claimed),
        standing_in(db, person_id),
        tuple(one for one in absences_of(db, person_id) if not one.closed),
    )


def _going(db: Connection, one: Claimed, successor: int | None, names: Mapping[int, Name]) -> Going:
    if successor is None or one.in_person:
        return Going(one, None, None)
    task = _place(db, one)
    step = place(db, runnable(db, task.case_edition_id, task.process), task.edition_id, task.element)
    return Going(one, names[successor], what_keeps(db, task, step, successor))


def _place(db: Connection, one: Claimed) -> Any:
    return db.execute(
        select(
            cases.c.id.label("case_id"), cases.c.edition_id.label("case_edition_id"), cases.c.process,
            tasks.c.edition_id, tasks.c.element, tasks.c.post_id,
        )
        .join(tasks, (tasks.c.office_id == cases.c.office_id) & (tasks.c.case_id == cases.c.id))
        .where(cases.c.office_id == OFFICE, cases.c.id == one.case_id, tasks.c.number == one.number)
    ).one()  # fmt: skip
