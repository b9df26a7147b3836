"""What a receiver answers to a hand-over, and what silence leads to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.text import Name
from engine.cases import moves, rules
from engine.cases.acts.made import is_new, must_lead_on
from engine.cases.acts.moving import Note, keep, keep_note, locked, move_of, ready
from engine.cases.acts.returning import Returned, offer_again
from engine.cases.acts.work import locked_task
from engine.cases.asked.step import must_be_a_step
from engine.cases.clocks.kept import stops_held
from engine.cases.entitled import must_be_workable
from engine.cases.handing import rows
from engine.cases.handing.reads import way_back
from engine.cases.handing.rules import AlreadyAccepted, NotHandedOver, NoWayBack, WhyReturned
from engine.cases.marks import mark
from engine.cases.rules import Mark
from engine.cases.tables import hand_overs, tasks
from engine.diagram import run
from engine.notices import acts as notices
from engine.organisation.reads import department_name, person_name
from engine.organisation.rules import Actor
from engine.organisation.tables import posts
from engine.procedures.reads import element_names
from engine.procedures.runnable import place

_COLUMNS: Final = (
    hand_overs.c.task_number, hand_overs.c.from_task, hand_overs.c.from_post_id, hand_overs.c.from_person_id,
    hand_overs.c.from_department_id, hand_overs.c.to_department_id, hand_overs.c.answer_by, hand_overs.c.accepted_at,
    hand_overs.c.accepted_by, hand_overs.c.returned_at, hand_overs.c.escalated_at, hand_overs.c.lapsed_at,
)  # fmt: skip


def accept_hand_over(db: Connection, *, by: Actor, case_id: int, number: int) -> None:
    """From now on the receiver is accountable; who does it is open still. Accepting again does nothing."""
    task = locked_task(db, case_id, number)
    step = place(db, ready(db, task), task.edition_id, task.element)
    must_be_a_step(task, step)
    must_be_workable(db, task, step, by)
    moves.must_not_rest(task)
    if not rows.accept(db, task, by.person_id, clock.now()):
        handed = _received(db, task, step.name)
        if handed.accepted_by == by.person_id:
            return
        raise _accepted(db, handed, step.name)
    keep_note(db, task, Note("accept_hand_over", by, task.post_id, {"task": number, "element": task.element}))


def return_hand_over(
    db: Connection, *, by: Actor, case_id: int, number: int, reason: str, receipt: bytes | None = None
) -> Returned:
    """Not accepted: back to the sender's step, to whoever did it where they still hold the post.

    Raises NotHandedOver, AlreadyAccepted, WhyReturned, NoWayBack, MoveSwitchedOff, WayUnproved, CaseRests, and what
    keeps somebody from the task.
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
    handed = _received(db, task, step.name)
    if handed.accepted_at is not None:
        raise _accepted(db, handed, step.name)
    sender = department_name(db, handed.from_department_id)
    if not reason.strip():
        raise WhyReturned(department=sender)
    why = moves.reason(reason, rules.ReasonMissing)
    at = clock.now()
    way = way_back(db, task, handed.from_task, made_ready, at)
    if way is None:
        raise NoWayBack(task=step.name, department=sender)
    process, element = way
    position = run.return_to(made_ready.model, task.state, task.token, element, now=at, process=process)
    must_lead_on(db, made_ready, position, at)
    _answer(db, case_id, number, returned_at=at, returned_by=by.person_id, reason=why)
    move = replace(move_of(task, at), from_department=task.department_id, from_post=task.post_id, handed_back=True)
    facts = {"task": number, "element": task.element, "to": element, "reason": why}
    opened = keep(db, task, position, move, Note("return_hand_over", by, task.post_id, facts), made_ready)
    target = made_ready.step(process, element)
    for one in opened:
        if one.element == element:
            offer_again(db, task, one, target, why, by, at, kind=Mark.HAND_OVER_RETURNED, told_as="hand_over_returned")
    return Returned(case_id, opened)


def escalate_hand_over(db: Connection, *, case_id: int, number: int) -> bool:
    """Nobody has answered in time: the superior post and the sender are told, once. False where there is nothing to tell,
    and while the case rests or its clock stands."""
    case = locked(db, case_id)
    at = clock.now()
    found = db.execute(
        select(*_COLUMNS, tasks.c.post_id, tasks.c.department_id, tasks.c.edition_id, tasks.c.element)
        .join(
            tasks,
            (tasks.c.office_id == hand_overs.c.office_id)
            & (tasks.c.case_id == hand_overs.c.case_id)
            & (tasks.c.number == hand_overs.c.task_number),
        )
        .where(
            *_this(case_id, number), rows.SILENT, hand_overs.c.escalated_at.is_(None), hand_overs.c.answer_by <= at,
            tasks.c.closed_at.is_(None),
        )
    ).first()  # fmt: skip
    if found is None or case.suspended_at is not None or any(one.end_at is None for one in stops_held(db, case_id)):
        return False
    _answer(db, case_id, number, escalated_at=at)
    mark(
        db, case_id=case_id, number=number, kind=Mark.ESCALATED, at=at, person_id=None,
        department_id=found.to_department_id,
    )  # fmt: skip
    _tell(db, case_id, found)
    facts = {"task": number, "element": found.element, "answer_by": found.answer_by}
    keep_note(db, case, Note("escalate_hand_over", None, found.post_id, facts))
    return True


def _received(db: Connection, task: Row[*tuple[Any, ...]], name: str) -> Row[*tuple[Any, ...]]:
    found = db.execute(select(*_COLUMNS).where(*_this(task.case_id, task.number))).first()
    if found is None:
        raise NotHandedOver(task=name)
    return found


def _accepted(db: Connection, handed: Row[*tuple[Any, ...]], name: str) -> AlreadyAccepted:
    return AlreadyAccepted(task=name, person=person_name(db, handed.accepted_by), at=handed.accepted_at)


def _answer(db: Connection, case_id: int, number: int, **values: Any) -> None:
    db.execute(update(hand_overs).where(*_this(case_id, number)).values(**values))


def _tell(db: Connection, case_id: int, found: Row[*tuple[Any, ...]]) -> None:
    name = element_names(db, found.edition_id).get(found.element, found.element)
    facts = {"task": Name(name, name), "department": department_name(db, found.to_department_id)}
    about = {"facts": facts, "case_id": case_id, "task_number": found.task_number}
    superior = db.scalar(select(posts.c.reports_to).where(posts.c.id == found.post_id))
    if superior is not None:
        notices.tell_post(db, post_id=superior, kind="hand_over_escalated", **about)
    if found.from_person_id is not None:
        notices.tell(db, persons=[found.from_person_id], kind="hand_over_silent", **about)
    elif found.from_post_id is not None:
        notices.tell_post(db, post_id=found.from_post_id, kind="hand_over_silent", **about)


def _this(case_id: int, number: int) -> tuple[Any, ...]:
    return hand_overs.c.office_id == OFFICE, hand_overs.c.case_id == case_id, hand_overs.c.task_number == number
