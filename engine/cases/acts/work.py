"""What a civil servant does with a task: claim, release, begin, pause, resume, complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.prepared import Prepared
from engine.cases import moves, rules
from engine.cases.acts.journey import route
from engine.cases.acts.moving import (
    CASE_COLUMNS,
    TASK,
    Note,
    answer_facts,
    keep,
    keep_note,
    move_of,
    ready,
)
from engine.cases.answers import answers_so_far, filled
from engine.cases.asked.step import answered_beside, ask_required, must_be_a_step, must_not_be_asked_in_person
from engine.cases.attached import attach_answers
from engine.cases.duties.standing_in import standing_columns, tell_stood_in
from engine.cases.entitled import must_be_workable, standing
from engine.cases.events import change_row, note_changes
from engine.cases.handing.rows import accept, waits_since
from engine.cases.rules import Change
from engine.cases.settle import Move, Opened, closing
from engine.cases.tables import cases, task_events, tasks
from engine.diagram import run
from engine.organisation.rules import Actor
from engine.papers.uploads import Uploads
from engine.procedures.runnable import Step, place

_TASK = Prepared(
    select(
        *CASE_COLUMNS,
        tasks.c.number,
        tasks.c.edition_id,
        tasks.c.element,
        tasks.c.token,
        tasks.c.post_id,
        tasks.c.department_id,
        tasks.c.person_id,
        tasks.c.claimed_at,
        tasks.c.closed_at,
        tasks.c.closed_how,
        tasks.c.receipt,
        tasks.c.changes,
        tasks.c.kind,
        tasks.c.of_task,
        tasks.c.asks,
        tasks.c.due_at,
        tasks.c.provisional,
        tasks.c.clock_of,
        tasks.c.opened_at,
        waits_since().label("handed_at"),
        *standing_columns(),
    )
    # The case first: PostgreSQL locks rows in this order, so two tasks of one case never wait for each other in a circle.
    .select_from(cases)
    .join(tasks, and_(cases.c.office_id == tasks.c.office_id, cases.c.id == tasks.c.case_id))
    .where(
        tasks.c.office_id == OFFICE,
        tasks.c.case_id == bindparam("case_id"),
        tasks.c.number == bindparam("number"),
    )
    .with_for_update()
)


_TASK_CHANGED = (
    update(tasks)
    .where(tasks.c.office_id == OFFICE, tasks.c.case_id == bindparam("b_case"), tasks.c.number == bindparam("b_number"))
    .values(changes=tasks.c.changes + 1)
)


@frozen
class Completed:
    """What completing a task led to."""

    case_id: int
    ended: bool
    opened: tuple[Opened, ...]

    def next_for(self, actor: Actor) -> int | None:
        """A task of the same case for one of the person's own posts."""
        return next((task.number for task in self.opened if task.post_id in actor.post_ids), None)


def complete_task(
    db: Connection,
    *,
    by: Actor,
    case_id: int,
    number: int,
    submitted: Mapping[str, Sequence[str]],
    chosen: Mapping[str, Sequence[str]] | None = None,
    receipt: bytes | None = None,
    subject: str | None = None,
    uploads: Uploads | None = None,
) -> Completed:
    """Checks the form, moves the case on, and opens what comes next.

    `submitted` holds the form's fields as the browser sent them; `chosen` the flows chosen at gateways
    that ask; the same `receipt` sent twice does nothing the second time. Raises FormFaults,
    AlreadyCompleted, ClaimedBySomebody, WrongPost, ChoiceNeeded, ContentGone. A step that decides on the case's subject
    is completed only by naming it; otherwise DecidedElsewhere.
    """
    task = locked_task(db, case_id, number)
    if rules.is_sent_again(task.receipt, receipt) and task.person_id == by.person_id:
        return Completed(case_id, ended=task.ended_at is not None, opened=())
    made_ready = ready(db, task)
    step = place(db, made_ready, task.edition_id, task.element)
    must_be_a_step(task, step)
    if step.act is not None and task.subject != subject:
        raise rules.DecidedElsewhere(task=step.name)
    hand = must_be_workable(db, task, step, by)
    moves.must_not_rest(task)
    answers = filled(step.form, submitted, lambda: answers_so_far(db, case_id), uploads)
    answers |= answered_beside(db, task, step)
    at = clock.now()
    ways = dict(chosen or {})
    position = run.finish(made_ready.model, task.state, task.token, answers, now=at, chosen=ways)
    move = _completing(task, step, by, at, receipt)
    accepts = {"accepts": True} if accept(db, task, by.person_id, at) else {}
    facts = {"task": number, "element": task.element, **accepts, **answer_facts(answers, ways)}
    opened = keep(db, task, position, move, Note("complete_task", by, task.post_id, facts), made_ready)
    attach_answers(db, by=by, case_id=case_id, number=number, form=step.form, answers=answers, uploads=uploads)
    if hand.behalf is not None:
        tell_stood_in(db, task, step.name, by, hand.behalf)
    if position.sent:
        route(db, task, position.sent, made_ready)
    return Completed(case_id, position.ended, opened)


def _completing(task: Row[*tuple[Any, ...]], step: Step, by: Actor, at: datetime, receipt: bytes | None) -> Move:
    completed = change_row(
        task.case_id, task.number, task.changes + 1, Change.COMPLETED, at, task.post_id, by.person_id, step.external
    )
    return move_of(
        task,
        at,
        completed_token=task.token,
        completed_element=task.element,
        from_department=task.department_id,
        from_post=task.post_id,
        changes=(completed,),
        closes=closing(task.case_id, task.number, by.person_id, at, receipt),
        asked=bool(task.asks),
        from_task=task.number,
        from_person=by.person_id,
    )


def claim(db: Connection, *, by: Actor, case_id: int, number: int) -> None:
    """Claiming one's own task again does nothing."""
    task = locked_task(db, case_id, number)
    step = place(db, ready(db, task), task.edition_id, task.element)
    must_be_workable(db, task, step, by)
    if task.person_id == by.person_id:
        return
    at = clock.now()
    change_task(db, task, step, by, Change.CLAIMED, person_id=by.person_id, claimed_at=at)
    accepts = {"accepts": True} if accept(db, task, by.person_id, at) else {}
    keep_note(db, task, Note("claim", by, task.post_id, {"task": number, "element": task.element, **accepts}))
    if step.countersign and task.kind is None and not task.asks:
        ask_required(db, locked_task(db, case_id, number), step, by)


def release(db: Connection, *, by: Actor, case_id: int, number: int) -> None:
    """Back to everybody who holds the post."""
    task = locked_task(db, case_id, number)
    step = place(db, ready(db, task), task.edition_id, task.element)
    known = standing(db, task, step, by)
    rules.must_be_mine_or_of_my_posts(known, by)
    rules.must_be_open(known)
    rules.must_be_mine(known, by)
    must_not_be_asked_in_person(db, task, step)
    change_task(db, task, step, by, Change.RELEASED, person_id=None, claimed_at=None)
    keep_note(db, task, Note("release", by, task.post_id, {"task": number, "element": task.element}))


def begin_work(db: Connection, *, by: Actor, case_id: int, number: int) -> None:
    """From now on the task is in work; only then can working time be told from waiting."""
    _work(db, by, case_id, number, Change.BEGUN)


def pause_work(db: Connection, *, by: Actor, case_id: int, number: int) -> None:
    _work(db, by, case_id, number, Change.PAUSED)


def resume_work(db: Connection, *, by: Actor, case_id: int, number: int) -> None:
    _work(db, by, case_id, number, Change.RESUMED)


def _work(db: Connection, by: Actor, case_id: int, number: int, change: Change) -> None:
    task = locked_task(db, case_id, number)
    step = place(db, ready(db, task), task.edition_id, task.element)
    known = standing(db, task, step, by)
    rules.must_be_mine_or_of_my_posts(known, by)
    rules.must_be_open(known)
    rules.must_be_mine(known, by)
    last = db.scalar(
        select(task_events.c.change)
        .where(task_events.c.office_id == OFFICE, task_events.c.case_id == case_id, task_events.c.task_number == number)
        .order_by(task_events.c.number.desc())
        .limit(1)
    )
    rules.work_may(known, None if last is None else Change(last), change)
    change_task(db, task, step, by, change)
    keep_note(
        db, task, Note(f"{change.name.lower()}_work", by, task.post_id, {"task": number, "element": task.element})
    )


def locked_task(db: Connection, case_id: int, number: int) -> Row[*tuple[Any, ...]]:
    """The task and its case, both locked until the transaction ends: also one that is closed."""
    row: Row[*tuple[Any, ...]] | None = _TASK.first(db, {"case_id": case_id, "number": number})
    if row is None:
        raise NotFound(what=TASK)
    return row


def change_task(
    db: Connection, task: Row[*tuple[Any, ...]], step: Step, by: Actor, change: Change, **values: Any
) -> None:
    db.execute(_TASK_CHANGED.values(**values), {"b_case": task.case_id, "b_number": task.number})
    note_changes(
        db,
        [
            change_row(
                task.case_id,
                task.number,
                task.changes + 1,
                change,
                clock.now(),
                task.post_id,
                by.person_id,
                step.external,
            )
        ],
    )
