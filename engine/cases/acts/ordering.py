"""A task is served sooner or later than its due date says, by whoever supervises it and for a reason everybody sees."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Row, delete, exists, func, select

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.dialects import upserting
from engine.cases import moves, rules
from engine.cases.acts.made import is_new, told
from engine.cases.acts.moving import Note, keep_note, ready
from engine.cases.acts.work import locked_task
from engine.cases.entitled import standing
from engine.cases.marks import mark
from engine.cases.order import of_put, put
from engine.cases.rules import Mark, Order
from engine.cases.tables import marks, tasks
from engine.cases.tables_of_order import task_order
from engine.notices import acts as notices
from engine.organisation.reads import person_name, post_name
from engine.organisation.rules import Actor
from engine.procedures.overseeing import oversees
from engine.procedures.runnable import place

_MARKS: Final = {Order.SOONER: Mark.SOONER, Order.LATER: Mark.LATER}


def change_order(
    db: Connection, *, by: Actor, case_id: int, number: int, order: Order, reason: str, receipt: bytes | None = None
) -> None:
    """Raises NotYoursToOrder, OrderAlready, OrderedAlready, TooManySooner, and what keeps an open task from being touched."""
    task = locked_task(db, case_id, number)
    if not is_new(db, case_id, receipt):
        return
    step = place(db, ready(db, task), task.edition_id, task.element)
    rules.must_be_open(standing(db, task, step, by))
    if not oversees(db, by, task.procedure_id, task.department_id):
        raise moves.NotYoursToOrder(task=step.name)
    why = moves.reason(reason, rules.ReasonMissing)
    _forget_closed(db)
    before = order_of(db, case_id, number)
    if before is order:
        raise _there_already(db, case_id, number, step.name)
    if order is Order.SOONER:
        _must_be_few(db, task)
    _keep(db, case_id, number, order)
    at = clock.now()
    db.execute(delete(marks).where(*_marked(case_id, number)))
    if order is not Order.NORMAL:
        mark(
            db, case_id=case_id, number=number, kind=_MARKS[order], at=at, person_id=by.person_id,
            department_id=task.department_id, words=why,
        )  # fmt: skip
    facts = {"task": number, "element": task.element, "order": order.name.lower(), "before": before.name.lower()}
    keep_note(db, task, Note("change_order", by, task.post_id, {**facts, "reason": why}))
    notice: dict[str, Any] = {
        "kind": f"order_{order.name.lower()}", "facts": told(by, step.name, why), "case_id": case_id,
        "task_number": number, "except_for": by.person_id,
    }  # fmt: skip
    if task.person_id is None:
        notices.tell_post(db, post_id=task.post_id, **notice)
    else:
        notices.tell(db, persons=[task.person_id], **notice)


def order_of(db: Connection, case_id: int, number: int) -> Order:
    found = db.scalar(select(task_order.c.place).where(*_this(case_id, number)))
    return Order.NORMAL if found is None else Order(found)


def _keep(db: Connection, case_id: int, number: int, order: Order) -> None:
    if order is Order.NORMAL:
        db.execute(delete(task_order).where(*_this(case_id, number)))
        return
    first = upserting(db.dialect.name)(task_order).values(
        office_id=OFFICE, case_id=case_id, number=number, place=int(order)
    )
    db.execute(
        first.on_conflict_do_update(
            index_elements=[task_order.c.office_id, task_order.c.case_id, task_order.c.number],
            set_={"place": int(order)},
        )
    )


def _must_be_few(db: Connection, task: Row[*tuple[Any, ...]]) -> None:
    found = db.scalar(
        select(func.count())
        .select_from(put)
        .join(tasks, of_put())
        .where(put.c.place == int(Order.SOONER), tasks.c.post_id == task.post_id, tasks.c.closed_at.is_(None))
    )
    if (found or 0) >= moves.MOST_SOONER:
        raise moves.TooManySooner(post=post_name(db, task.post_id), most=moves.MOST_SOONER)


def _forget_closed(db: Connection) -> None:
    """Rows of tasks that are open no more: they would only grow in number."""
    still_open = exists().where(
        tasks.c.office_id == task_order.c.office_id, tasks.c.case_id == task_order.c.case_id,
        tasks.c.number == task_order.c.number, tasks.c.closed_at.is_(None),
    )  # fmt: skip
    db.execute(delete(task_order).where(task_order.c.office_id == OFFICE, ~still_open))


def _there_already(db: Connection, case_id: int, number: int, name: str) -> moves.OrderAlready | moves.OrderedAlready:
    """Of one in its usual place nobody need have said so."""
    found = db.execute(
        select(marks.c.person_id, marks.c.at).where(*_marked(case_id, number), marks.c.person_id.is_not(None))
    ).first()
    if found is None:
        return moves.OrderAlready(task=name)
    return moves.OrderedAlready(task=name, person=person_name(db, found.person_id), at=found.at)


def _this(case_id: int, number: int) -> tuple[Any, ...]:
    return task_order.c.office_id == OFFICE, task_order.c.case_id == case_id, task_order.c.number == number


def _marked(case_id: int, number: int) -> tuple[Any, ...]:
    kinds = [int(one) for one in _MARKS.values()]
    here = marks.c.office_id == OFFICE, marks.c.case_id == case_id, marks.c.task_number == number
    return (*here, marks.c.kind.in_(kinds))
