"""A task is handed over to a colleague (转办), with the clock it has."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Connection, Row, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.cases import moves, rules
from engine.cases.acts.made import is_new, told
from engine.cases.acts.moving import Note, keep_note, ready
from engine.cases.acts.work import locked_task
from engine.cases.asked.step import must_be_a_step
from engine.cases.duties.reassigning import reassign
from engine.cases.entitled import must_be_workable, standing
from engine.cases.events import change_row, note_changes
from engine.cases.marks import mark
from engine.cases.rules import Change, Mark
from engine.cases.tables import tasks
from engine.notices import acts as notices
from engine.organisation.reads import actor, post_name
from engine.organisation.rules import Actor
from engine.procedures.overseeing import oversees
from engine.procedures.runnable import Step, place


def transfer(
    db: Connection,
    *,
    by: Actor,
    case_id: int,
    number: int,
    to_person: int,
    reason: str,
    to_post: int | None = None,
    receipt: bytes | None = None,
) -> None:
    """To somebody who holds the same post; by a supervisor also to another post (`to_post`) of the same department.

    The receiver must be somebody who may do the task: duties that are kept apart stay apart. Raises NotYoursToGive,
    NotOfThePost, OwnAlready, MoveSwitchedOff, DutiesApart, DepartmentsApart, CaseRests.
    """
    task = locked_task(db, case_id, number)
    if not is_new(db, case_id, receipt):
        return
    step = place(db, ready(db, task), task.edition_id, task.element)
    must_be_a_step(task, step)
    rules.must_be_open(standing(db, task, step, by))
    watches = oversees(db, by, task.procedure_id, task.department_id)
    if not watches:
        _must_be_mine_to_give(task, step, by)
    rules.must_be_switched_on(step.name, step.without, "transfer")
    moves.must_not_rest(task)
    why = moves.reason(reason, rules.ReasonMissing)
    receiver = actor(db, to_person)
    post_id = _must_be_of(db, task, receiver, to_post, watches)
    if task.person_id == receiver.person_id and task.post_id == post_id:
        raise moves.OwnAlready(person=receiver.name, task=step.name)
    must_be_workable(db, cast(Row[*tuple[Any, ...]], _AsGiven(task, post_id)), step, receiver)
    _give(db, task, step, by, receiver, post_id, why)


def give_back(
    db: Connection, *, by: Actor, case_id: int, number: int, reason: str, receipt: bytes | None = None
) -> None:
    """By a supervisor: what somebody has claimed is free again for everybody who holds its post.

    Raises NotYoursToGive, NobodysYet, MoveSwitchedOff, CaseRests.
    """
    task = locked_task(db, case_id, number)
    if not is_new(db, case_id, receipt):
        return
    step = place(db, ready(db, task), task.edition_id, task.element)
    must_be_a_step(task, step)
    rules.must_be_open(standing(db, task, step, by))
    if not oversees(db, by, task.procedure_id, task.department_id):
        raise moves.NotYoursToGive(task=step.name)
    rules.must_be_switched_on(step.name, step.without, "transfer")
    moves.must_not_rest(task)
    why = moves.reason(reason, rules.ReasonMissing)
    if task.person_id is None:
        raise moves.NobodysYet(task=step.name)
    reassign(db, task, step, None, by, "give_back_to_post", {"reason": why})
    mark(
        db, case_id=case_id, number=number, kind=Mark.GIVEN_BACK, at=clock.now(), person_id=by.person_id,
        department_id=task.department_id, words=why,
    )  # fmt: skip
    notices.tell(
        db, persons=[task.person_id], kind="taken_from", facts=told(by, step.name, why, task.post_id),
        case_id=case_id, task_number=number, except_for=by.person_id,
    )  # fmt: skip


def _must_be_mine_to_give(task: Row[*tuple[Any, ...]], step: Step, by: Actor) -> None:
    stands_in = any(one.covers(task.post_id, task.procedure_id) for one in by.stands_in)
    of_my_posts = task.post_id in by.post_ids or stands_in
    if task.person_id != by.person_id and not (task.person_id is None and of_my_posts):
        raise moves.NotYoursToGive(task=step.name)


def _must_be_of(
    db: Connection, task: Row[*tuple[Any, ...]], receiver: Actor, to_post: int | None, watches: bool
) -> int:
    wanted = to_post or task.post_id
    held = next((post for post in receiver.posts if post.post_id == wanted), None)
    beyond = wanted != task.post_id
    if held is None or (beyond and (not watches or held.department_id != task.department_id)):
        raise moves.NotOfThePost(person=receiver.name, post=post_name(db, wanted))
    return wanted


class _AsGiven:
    """The task as the receiver would find it: free, and of their post."""

    person_id = None
    claimed_at = None

    def __init__(self, task: Row[*tuple[Any, ...]], post_id: int) -> None:
        self.task = task
        self.post_id = post_id

    def __getattr__(self, name: str) -> Any:
        return getattr(self.task, name)


def _give(
    db: Connection, task: Row[*tuple[Any, ...]], step: Step, by: Actor, receiver: Actor, post_id: int, why: str
) -> None:
    at = clock.now()
    number = task.changes + 1
    changes = []
    if task.person_id is not None:
        changes.append((Change.RELEASED, task.post_id, task.person_id))
    changes.append((Change.CLAIMED, post_id, receiver.person_id))
    db.execute(
        update(tasks)
        .where(tasks.c.office_id == OFFICE, tasks.c.case_id == task.case_id, tasks.c.number == task.number)
        .values(
            post_id=post_id, person_id=receiver.person_id, claimed_at=at, changes=task.changes + len(changes)
        )
    )  # fmt: skip
    rows = [
        change_row(task.case_id, task.number, number + place_, change, at, post, person, step.external)
        for place_, (change, post, person) in enumerate(changes)
    ]
    note_changes(db, rows)
    mark(
        db, case_id=task.case_id, number=task.number, kind=Mark.GIVEN, at=at, person_id=by.person_id,
        department_id=task.department_id, words=why,
    )  # fmt: skip
    facts = {
        "task": task.number, "element": task.element, "from_person": task.person_id, "to_person": receiver.person_id,
        "from_post": task.post_id, "to_post": post_id, "reason": why,
    }  # fmt: skip
    keep_note(db, task, Note("transfer", by, task.post_id, facts))
    notices.tell(
        db, persons=[receiver.person_id], kind="given", facts=told(by, step.name, why, task.post_id),
        case_id=task.case_id, task_number=task.number, except_for=by.person_id,
    )  # fmt: skip
