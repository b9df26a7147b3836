"""A claimed task is given to somebody else, or back to its post, by what happened to whoever had it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.errors import NotAllowed
from engine.cases.acts.moving import Note, keep_note, ready
from engine.cases.acts.work import locked_task
from engine.cases.duties.tables import stood_in
from engine.cases.entitled import must_be_fit
from engine.cases.events import change_row, note_changes
from engine.cases.rules import Change
from engine.cases.tables import tasks
from engine.organisation.rules import Actor
from engine.procedures.runnable import Step, place


def step_of(db: Connection, task: Any) -> Step:
    return place(db, ready(db, task), task.edition_id, task.element)


def reassign(
    db: Connection, task: Any, step: Step, to_person: int | None, by: Actor | None, act: str,
    facts: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """The task must be locked and claimed. `to_person` None: to everybody who holds the post."""
    at = clock.now()
    changes = [change_row(
        task.case_id, task.number, task.changes + 1, Change.RELEASED, at, task.post_id, task.person_id, step.external
    )]  # fmt: skip
    if to_person is not None:
        changes.append(change_row(
            task.case_id, task.number, task.changes + 2, Change.CLAIMED, at, task.post_id, to_person, step.external
        ))  # fmt: skip
    db.execute(
        update(tasks)
        .where(tasks.c.office_id == OFFICE, tasks.c.case_id == task.case_id, tasks.c.number == task.number)
        .values(person_id=to_person, claimed_at=None if to_person is None else at, changes=task.changes + len(changes))
    )
    db.execute(
        delete(stood_in).where(
            stood_in.c.office_id == OFFICE, stood_in.c.case_id == task.case_id, stood_in.c.task_number == task.number
        )
    )
    note_changes(db, changes)
    told = {
        "task": task.number, "element": task.element, "from_person": task.person_id, "to_person": to_person,
        **(facts or {}),
    }  # fmt: skip
    # Again: the case may have been written on since the task was looked up.
    keep_note(db, locked_task(db, task.case_id, task.number), Note(act, by, task.post_id, told))


def what_keeps(db: Connection, task: Any, step: Step, person_id: int) -> NotAllowed | None:
    """What keeps the person from being given the task."""
    try:
        must_be_fit(db, case=task, step=step, person_id=person_id, post_id=task.post_id)
    except NotAllowed as refused:
        return refused
    return None


def claimed_in(db: Connection, case_id: int) -> list[Any]:
    """Open steps of a case that somebody has claimed."""
    return list(
        db.execute(
            select(tasks.c.number, tasks.c.person_id)
            .where(
                tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.closed_at.is_(None),
                tasks.c.person_id.is_not(None), tasks.c.kind.is_(None),
            )
            .order_by(tasks.c.number)
        )
    )  # fmt: skip


def release_unfit(db: Connection, case_id: int, by: Actor | None) -> int:
    """What somebody has claimed and may not do by the rules of today goes back to its post; how many."""
    released = 0  # a case that has ended has nothing open
    for row in claimed_in(db, case_id):
        task = locked_task(db, case_id, row.number)
        step = step_of(db, task)
        kept = what_keeps(db, task, step, task.person_id)
        if kept is None and task.stood_for is not None:
            kept = what_keeps(db, task, step, task.stood_for)
        if kept is not None:
            reassign(db, task, step, None, by, "release_unfit", {"rule": kept.code})
            released += 1
    return released
