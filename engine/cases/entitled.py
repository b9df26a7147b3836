"""Whether a person may do a task of a case. Every way to a task leads through here: claiming, completing, receiving it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from engine.base.text import Name, Text
from engine.cases import rules
from engine.cases.rules import Standing
from engine.cases.separation import must_be_apart
from engine.organisation.reads import person_name, post_name
from engine.organisation.rules import Actor
from engine.procedures.runnable import Step


@dataclass(frozen=True, slots=True)
class Hand:
    """By which post somebody acts, and for which absent person where they stand in for one."""

    post_id: int
    behalf: int | None = None


def must_be_workable(db: Connection, task: Row[*tuple[Any, ...]], step: Step, by: Actor) -> Hand:
    """Raises WrongPost, AlreadyCompleted, NoLongerNeeded, ClaimedBySomebody, DutiesApart, DepartmentsApart."""
    known = standing(db, task, step, by)
    rules.must_be_of_my_posts(known, by)
    rules.must_be_open(known)
    rules.must_not_be_anothers(known, by)
    if step.separations:
        must_be_apart(db, task.case_id, step, by)
    return Hand(task.post_id)


def standing(db: Connection, task: Row[*tuple[Any, ...]], step: Step, by: Actor) -> Standing:
    """Names are looked up only where a refusal will need them."""
    nameless = Text(en="", zh="")
    another = task.person_id is not None and task.person_id != by.person_id
    foreign = task.post_id not in by.post_ids
    mine = Name(en=by.name_en, zh=by.name_zh)
    return Standing(
        name=step.name,
        post_id=task.post_id,
        post=post_name(db, task.post_id) if foreign else nameless,
        person_id=task.person_id,
        person=person_name(db, task.person_id) if another else mine,
        claimed_at=task.claimed_at,
        closed_at=task.closed_at,
        closed_how=task.closed_how,
    )
