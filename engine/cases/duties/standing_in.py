"""In whose name somebody has a task: looked up with the task itself, so that plain work pays nothing for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Label, and_, delete, exists, select

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.dialects import upserting
from engine.base.frozen import frozen
from engine.base.text import Name
from engine.cases.duties.tables import interests, stood_in
from engine.cases.tables import cases, tasks
from engine.notices import acts as notices
from engine.organisation.rules import Actor


@frozen
class Hand:
    """By which post somebody acts, and for which absent person where they stand in for one."""

    post_id: int
    behalf: int | None = None
    absence_id: int | None = None


def has_stood_in() -> Any:
    """Joins a task with the row that says for whom its person has it, or had it when it was closed."""
    return and_(
        stood_in.c.office_id == tasks.c.office_id,
        stood_in.c.case_id == tasks.c.case_id,
        stood_in.c.task_number == tasks.c.number,
        stood_in.c.person_id == tasks.c.person_id,
    )


def standing_columns() -> tuple[Label[Any], ...]:
    """Of a SELECT over `cases` and `tasks`: for whom its person has it, and whether anybody has declared an interest."""
    mine = (
        stood_in.c.office_id == OFFICE,
        stood_in.c.case_id == tasks.c.case_id,
        stood_in.c.task_number == tasks.c.number,
        stood_in.c.person_id == tasks.c.person_id,
    )
    declared = exists().where(
        interests.c.office_id == OFFICE, interests.c.case_id == cases.c.id, interests.c.withdrawn_at.is_(None)
    )
    return (
        select(stood_in.c.for_person_id).where(*mine).scalar_subquery().label("stood_for"),
        select(stood_in.c.stays).where(*mine).scalar_subquery().label("stays"),
        declared.label("interests"),
    )


def hand_of(task: Any, by: Actor) -> Hand | None:
    """None where neither a post of theirs nor of somebody they stand in for leads to the task."""
    own = task.post_id in by.post_ids
    stands_in = [one for one in by.stands_in if one.covers(task.post_id, task.procedure_id)]
    if task.person_id == by.person_id:
        for_person = getattr(task, "stood_for", None)
        if for_person is not None and (own or task.stays or any(one.person_id == for_person for one in stands_in)):
            return Hand(task.post_id, for_person)
    elif task.person_id is not None:
        for one in stands_in:
            if one.person_id == task.person_id:
                return Hand(task.post_id, one.person_id, one.absence_id)
    if own:
        return Hand(task.post_id)
    return Hand(task.post_id, stands_in[0].person_id, stands_in[0].absence_id) if stands_in else None


def hand_in(post_id: int, procedure_id: int, by: Actor) -> Hand | None:
    """As above, for an act by a post that is not on a task."""
    if post_id in by.post_ids:
        return Hand(post_id)
    for one in by.stands_in:
        if one.covers(post_id, procedure_id):
            return Hand(post_id, one.person_id, one.absence_id)
    return None


def tell_stood_in(db: Connection, task: Any, name: str, by: Actor, behalf: int) -> None:
    """Whoever is absent finds on return what was done for them."""
    notices.tell(
        db, persons=[behalf], kind="stood_in", facts={"who": by.name, "task": Name(name, name)},
        case_id=task.case_id, task_number=task.number,
    )  # fmt: skip


def in_whose_name(
    db: Connection, case: Any, act: str, by: Actor | None, post_id: int | None, facts: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The facts with `for` where the act is done on behalf of somebody; that is then kept with the task too."""
    if by is None or "for" in facts or not (by.stands_in or getattr(case, "stood_for", None)):
        return facts
    if getattr(case, "post_id", None) is not None and facts.get("task") == case.number:
        hand = hand_of(case, by)
    else:
        hand = hand_in(post_id, case.procedure_id, by) if post_id is not None else None
    if hand is None or hand.behalf is None:
        return facts
    if "task" in facts:
        _keep(db, case.case_id, facts["task"], by, hand, act)
    return {**facts, "for": hand.behalf}


def _keep(db: Connection, case_id: int, number: int, by: Actor, hand: Hand, act: str) -> None:
    if act == "release":
        db.execute(
            delete(stood_in).where(
                stood_in.c.office_id == OFFICE, stood_in.c.case_id == case_id, stood_in.c.task_number == number,
                stood_in.c.person_id == by.person_id,
            )
        )  # fmt: skip
    elif hand.absence_id is not None:
        insert = upserting(db.dialect.name)
        db.execute(
            insert(stood_in)
            .values(
                office_id=OFFICE, case_id=case_id, task_number=number, person_id=by.person_id,
                for_person_id=hand.behalf, absence_id=hand.absence_id, at=clock.now(), stays=False,
            )
            .on_conflict_do_nothing()
        )  # fmt: skip
