"""Back: a task to an earlier step (退回), or what one has just completed to oneself (撤回)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.cases import moves, rules
from engine.cases.acts.made import assign, done_by, is_new, must_lead_on, open_rows, told
from engine.cases.acts.moving import Note, keep, move_of, ready
from engine.cases.acts.work import locked_task
from engine.cases.answers import given_in
from engine.cases.asked.step import must_be_a_step
from engine.cases.drafts import keep as keep_draft
from engine.cases.entitled import must_be_workable
from engine.cases.handing.rows import give_back
from engine.cases.marks import mark
from engine.cases.rules import Closed, Mark
from engine.cases.settle import Opened
from engine.cases.tables import awaited, hand_overs, tasks, timers
from engine.cases.typed import Sent
from engine.diagram import forms, run
from engine.diagram.position import Position
from engine.notices import acts as notices
from engine.organisation.reads import actor, person_name, post_name
from engine.organisation.rules import Actor
from engine.procedures.reads import element_names
from engine.procedures.runnable import Runnable, Step, place


@frozen
class Returned:
    """The tasks that are open again."""

    case_id: int
    opened: tuple[Opened, ...]


def return_task(
    db: Connection, *, by: Actor, case_id: int, number: int, to_element: str, reason: str, receipt: bytes | None = None
) -> Returned:
    """Back to an earlier step, to whoever did it last where they still hold the post.

    What came of that step beside this one is withdrawn with it; other branches go on. Raises NeverThere,
    WayUnproved, MoveSwitchedOff, CaseRests, and all that keeps somebody from the task.
    """
    task = locked_task(db, case_id, number)
    if not is_new(db, case_id, receipt):
        return Returned(case_id, ())
    made_ready = ready(db, task)
    step = place(db, made_ready, task.edition_id, task.element)
    must_be_a_step(task, step)
    must_be_workable(db, task, step, by)
    rules.must_be_switched_on(step.name, step.without, "return")
    moves.must_not_rest(task)
    why = moves.reason(reason, rules.ReasonMissing)
    at = clock.now()
    process = _process_of(db, task, made_ready, to_element, at)
    if process is None:
        raise moves.NeverThere(task=step.name)
    position = run.return_to(made_ready.model, task.state, task.token, to_element, now=at, process=process)
    must_lead_on(db, made_ready, position, at)
    move = replace(
        move_of(task, at), from_department=task.department_id, from_post=task.post_id, from_task=number,
        from_person=by.person_id, handed_back=True,
    )  # fmt: skip
    facts = {"task": number, "element": task.element, "to": to_element, "reason": why}
    opened = keep(db, task, position, move, Note("return_task", by, task.post_id, facts), made_ready)
    target = made_ready.step(process, to_element)
    give_back(db, task, by.person_id, target.post_id, why, at)
    for one in opened:
        if one.element == to_element:
            offer_again(db, task, one, target, why, by, at)
    return Returned(case_id, opened)


def earlier_steps(
    db: Connection, task: Row[*tuple[Any, ...]], made_ready: Runnable, at: datetime
) -> dict[str, tuple[str, Step]]:
    """By element: the steps this task can go back to, with their process. Only those that somebody completed here."""
    places = run.returnable(made_ready.model, task.state, task.token, now=at)
    known = {one: made_ready.steps[one] for one in places if one in made_ready.steps}
    if not known:
        return {}
    been: set[tuple[int, str]] = set()
    undone: dict[str, bool] = {}
    for row in db.execute(
        select(tasks.c.edition_id, tasks.c.element, tasks.c.closed_how)
        .where(tasks.c.office_id == OFFICE, tasks.c.case_id == task.case_id, tasks.c.kind.is_(None))
        .order_by(tasks.c.number)
    ):
        undone[row.element] = row.closed_how == Closed.CANCELLED
        if row.closed_how == Closed.COMPLETED:
            been.add((row.edition_id, row.element))
    found: dict[str, tuple[str, Step]] = {}
    for (process, element), step in known.items():
        if (step.edition_id, element) in been and not any(undone.get(one) for one in places[process, element]):
            found.setdefault(element, (process, step))
    return found


def _process_of(
    db: Connection, task: Row[*tuple[Any, ...]], made_ready: Runnable, element: str, at: datetime
) -> str | None:
    found = earlier_steps(db, task, made_ready, at).get(element)
    return None if found is None else found[0]


def offer_again(
    db: Connection,
    task: Row[*tuple[Any, ...]],
    one: Opened,
    step: Step,
    why: str,
    by: Actor,
    at: datetime,
    *,
    kind: Mark = Mark.RETURNED,
    told_as: str = "returned",
) -> None:
    """The step that was gone back to, to whoever did it last where they still hold the post."""
    item = db.scalar(
        select(tasks.c.item).where(
            tasks.c.office_id == OFFICE, tasks.c.case_id == task.case_id, tasks.c.number == one.number
        )
    )
    before = next((row for row in done_by(db, task.case_id, step.edition_id, step.element) if row.item == item), None)
    still_there = (
        before is not None and before.person_id is not None and one.post_id in actor(db, before.person_id).post_ids
    )
    person = before.person_id if before is not None and still_there else None
    assign(db, task.case_id, one.number, person_id=person, at=at, step=step)
    mark(
        db, case_id=task.case_id, number=one.number, kind=kind, at=at, person_id=by.person_id,
        department_id=task.department_id, words=why,
    )  # fmt: skip
    notice: dict[str, Any] = {
        "kind": told_as, "facts": told(by, step.name, why, task.post_id), "case_id": task.case_id,
        "task_number": one.number, "except_for": by.person_id,
    }  # fmt: skip
    if person is not None:
        notices.tell(db, persons=[person], **notice)
    else:
        notices.tell_post(db, post_id=one.post_id, **notice)


def withdraw(db: Connection, *, by: Actor, case_id: int, number: int, receipt: bytes | None = None) -> Returned:
    """What I completed is open again, with my answers as a draft, and what came of it is not there any more.

    Whatever else has happened in the case meanwhile stays. Raises AlreadyBegun, GoneOutside, NotCompleted,
    NotYoursToTakeBack, MoveSwitchedOff, CaseRests, CaseEnded, run.HasGoneOn.
    """
    task = locked_task(db, case_id, number)
    if not is_new(db, case_id, receipt):
        return Returned(case_id, ())
    made_ready = ready(db, task)
    step = place(db, made_ready, task.edition_id, task.element)
    must_be_to_take_back(db, task, step, by)
    at = clock.now()
    position = run.take_back(made_ready.model, task.state, task.token, now=at)
    must_lead_on(db, made_ready, position, at)
    again = {one.token: _as_it_was(db, case_id, one.token) for one in position.opened}
    _forget(db, case_id, position)
    entry, answers = given_in(db, case_id, number)
    facts = {"task": number, "element": task.element, "entry": entry}
    opened = keep(db, task, position, move_of(task, at), Note("withdraw", by, task.post_id, facts), made_ready)
    for row in open_rows(db, case_id, list(again)):
        _give_back(db, task, row, again[row.token], made_ready, by, at)
        if row.token == task.token and step.form is not None and answers:
            typed = forms.again_typed(step.form, answers)
            keep_draft(db, by=by, case_id=case_id, number=row.number, sent=Sent(typed=typed, page="", whole=True))
    return Returned(case_id, opened)


def must_be_to_take_back(db: Connection, task: Row[*tuple[Any, ...]], step: Step, by: Actor) -> None:
    """Raises what keeps the person from taking back what they completed."""
    if task.ended_at is not None:
        raise rules.CaseEnded(case=task.case_number, at=task.ended_at)
    must_be_a_step(task, step)
    if task.closed_how != Closed.COMPLETED:
        raise moves.NotCompleted(task=step.name)
    if task.person_id != by.person_id:
        raise moves.NotYoursToTakeBack(task=step.name, person=person_name(db, task.person_id))
    covered = any(one.covers(task.post_id, task.procedure_id) for one in by.stands_in)
    if task.post_id not in by.post_ids and not covered:
        raise rules.WrongPost(task=step.name, post=post_name(db, task.post_id))
    rules.must_be_switched_on(step.name, step.without, "withdraw")
    if step.act is not None:
        raise rules.DecidedElsewhere(task=step.name)
    moves.must_not_rest(task)
    tokens = run.opened_by(task.state, task.token)
    if tokens is None:
        raise _too_late(task, step)
    following = open_rows(db, task.case_id, tokens)
    accepted = _accepted(db, task.case_id, [row.number for row in following])
    for row in following:
        others = row.person_id is not None and row.person_id != by.person_id
        if row.asks or others or row.number in accepted:
            raise _begun(db, row, step)


def _accepted(db: Connection, case_id: int, numbers: list[int]) -> frozenset[int]:
    """Which of these tasks another department has taken over."""
    return frozenset(
        db.scalars(
            select(hand_overs.c.task_number).where(
                hand_overs.c.office_id == OFFICE, hand_overs.c.case_id == case_id,
                hand_overs.c.task_number.in_(numbers), hand_overs.c.accepted_at.is_not(None),
            )
        )
    )  # fmt: skip


def _too_late(task: Row[*tuple[Any, ...]], step: Step) -> Refusal:
    return moves.GoneOutside(task=step.name) if run.was_sent(task.state, task.token) else run.HasGoneOn()


def _begun(db: Connection, row: Row[*tuple[Any, ...]], step: Step) -> Refusal:
    person = post_name(db, row.post_id) if row.person_id is None else person_name(db, row.person_id)
    following = element_names(db, row.edition_id).get(row.element, row.element)
    return moves.AlreadyBegun(task=step.name, person=person, next=following)


def _as_it_was(db: Connection, case_id: int, token: str) -> Row[*tuple[Any, ...]] | None:
    """The last task of this token."""
    return db.execute(
        select(
            tasks.c.number,
            tasks.c.person_id,
            tasks.c.post_id,
            tasks.c.due_at,
            tasks.c.provisional,
            tasks.c.clock_of,
            tasks.c.closed_how,
        )
        .where(tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.token == token)
        .order_by(tasks.c.number.desc())
        .limit(1)
    ).first()


def _forget(db: Connection, case_id: int, position: Position) -> None:
    """Timers and messages that are waited for again under the name they had."""
    tokens = [one.token for one in position.opened]
    for table in (timers, awaited):
        db.execute(
            delete(table).where(
                table.c.office_id == OFFICE, table.c.case_id == case_id, table.c.token.in_(tokens),
                table.c.closed_at.is_not(None),
            )
        )  # fmt: skip


def _give_back(
    db: Connection,
    task: Row[*tuple[Any, ...]],
    row: Row[*tuple[Any, ...]],
    before: Row[*tuple[Any, ...]] | None,
    made_ready: Runnable,
    by: Actor,
    at: datetime,
) -> None:
    step = place(db, made_ready, row.edition_id, row.element)
    if before is not None:
        assign(
            db, task.case_id, row.number, person_id=before.person_id, at=at, step=step, clock=before,
            post_id=before.post_id,
        )  # fmt: skip
    mark(
        db, case_id=task.case_id, number=row.number, kind=Mark.WITHDRAWN, at=at, person_id=by.person_id,
        department_id=task.department_id,
    )  # fmt: skip
