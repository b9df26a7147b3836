"""Rows of `hand_overs`: written when a task is opened in another department, answered when it is taken up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Row,
    ScalarSelect,
    Text,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal,
    select,
    type_coerce,
    update,
)

from engine.base.database import OFFICE
from engine.base.prepared import Prepared
from engine.cases.due.counting import Clock, rested
from engine.cases.due.rules import is_working
from engine.cases.handing.rules import AlreadyAccepted, NotHandedOver
from engine.cases.tables import hand_overs, tasks
from engine.organisation.reads import person_name
from engine.organisation.tables import posts
from engine.procedures.runnable import Runnable, place

SILENT: Final = and_(
    hand_overs.c.accepted_at.is_(None),
    hand_overs.c.returned_at.is_(None),
    hand_overs.c.lapsed_at.is_(None),
)
"""Nobody has answered it, and it is waited for still."""

_sender = bindparam("of_sender", type_=Integer)
_instant = hand_overs.c.sent_at.type
SENT: Final = Prepared(
    insert(hand_overs).from_select(
        [
            "office_id", "case_id", "task_number", "from_task", "from_post_id", "from_person_id", "from_department_id",
            "to_department_id", "sent_at", "answer_by",
        ],
        select(
            literal(OFFICE),
            bindparam("of_case", type_=BigInteger),
            bindparam("of_task", type_=Integer),
            type_coerce(bindparam("of_from_task", type_=Integer), Integer),
            type_coerce(bindparam("of_from_post", type_=Integer), Integer),
            type_coerce(bindparam("of_from_person", type_=Integer), Integer),
            _sender,
            posts.c.department_id,
            bindparam("of_at", type_=_instant),
            bindparam("of_answer_by", type_=_instant),
        ).where(posts.c.id == bindparam("of_post"), posts.c.department_id != _sender),
    )
)  # fmt: skip
"""Where the post is of another department than the sender; else it writes nothing."""

_ACCEPTED: Final = Prepared(
    update(hand_overs)
    .where(
        hand_overs.c.office_id == OFFICE,
        hand_overs.c.case_id == bindparam("h_case"),
        hand_overs.c.task_number == bindparam("h_task"),
        SILENT,
    )
    .values(accepted_at=bindparam("h_at"), accepted_by=bindparam("h_person"))
)


def waits_since() -> ScalarSelect[Any]:
    """Of a row of `tasks`: when it was handed over, where nobody has answered yet."""
    return (
        select(hand_overs.c.sent_at)
        .where(
            hand_overs.c.office_id == tasks.c.office_id,
            hand_overs.c.case_id == tasks.c.case_id,
            hand_overs.c.task_number == tasks.c.number,
            SILENT,
        )
        .scalar_subquery()
    )


def accept(db: Connection, task: Row[*tuple[Any, ...]], person_id: int, at: datetime) -> bool:
    """The first answer stands: False where there was one already, or where there is nothing to accept.

    Costs nothing for a task that nobody waits to see accepted. The task must be locked.
    """
    if task.handed_at is None:
        return False
    given = {"h_case": task.case_id, "h_task": task.number, "h_at": at, "h_person": person_id}
    return _ACCEPTED.run(db, given) == 1


def why_not_accepted(db: Connection, task: Row[*tuple[Any, ...]], name: str) -> AlreadyAccepted | NotHandedOver:
    found = db.execute(
        select(hand_overs.c.accepted_at, hand_overs.c.accepted_by).where(
            hand_overs.c.office_id == OFFICE,
            hand_overs.c.case_id == task.case_id,
            hand_overs.c.task_number == task.number,
            hand_overs.c.accepted_at.is_not(None),
        )
    ).first()
    if found is None:
        return NotHandedOver(task=name)
    return AlreadyAccepted(task=name, person=person_name(db, found.accepted_by), at=found.accepted_at)


def give_back(
    db: Connection, task: Row[*tuple[Any, ...]], person_id: int, to_post: int, reason: str, at: datetime
) -> None:
    """Returned to an earlier step: it had been taken up, and if that is a step of the sender it goes back to them."""
    to_sender = hand_overs.c.from_department_id == (
        select(posts.c.department_id).where(posts.c.id == to_post).scalar_subquery()
    )
    db.execute(
        update(hand_overs)
        .where(
            hand_overs.c.office_id == OFFICE,
            hand_overs.c.case_id == task.case_id,
            hand_overs.c.task_number == task.number,
        )
        .values(
            accepted_at=func.coalesce(hand_overs.c.accepted_at, literal(at, _instant)),
            accepted_by=func.coalesce(hand_overs.c.accepted_by, person_id),
            lapsed_at=None,
            returned_at=case((to_sender, literal(at, _instant))),
            returned_by=case((to_sender, literal(person_id, Integer))),
            reason=case((to_sender, literal(reason, Text))),
        )
    )


LAPSE: Final = Prepared(
    update(hand_overs)
    .where(
        hand_overs.c.office_id == OFFICE,
        hand_overs.c.case_id == bindparam("l_case", type_=BigInteger),
        hand_overs.c.task_number == bindparam("l_number", type_=Integer),
        SILENT,
    )
    .values(lapsed_at=bindparam("l_at", type_=hand_overs.c.lapsed_at.type))
)
"""That a task is closed without anybody having answered."""


def put_off(
    db: Connection,
    case: Row[*tuple[Any, ...]],
    made_ready: Runnable,
    spells: Sequence[tuple[datetime, datetime]],
    closed: Collection[str] = (),
) -> None:
    """The case rested, or its clock stood: nobody is late for that. It must be locked; `closed`: tokens that are over."""
    here = hand_overs.c.office_id == OFFICE, hand_overs.c.case_id == case.case_id
    rows = db.execute(
        select(
            hand_overs.c.task_number, hand_overs.c.answer_by, hand_overs.c.sent_at, hand_overs.c.to_department_id,
            tasks.c.edition_id, tasks.c.element,
        )
        .join(
            tasks,
            and_(
                tasks.c.office_id == hand_overs.c.office_id,
                tasks.c.case_id == hand_overs.c.case_id,
                tasks.c.number == hand_overs.c.task_number,
            ),
        )
        .where(*here, SILENT, hand_overs.c.escalated_at.is_(None), tasks.c.token.not_in(closed))
    ).all()  # fmt: skip
    for row in rows:
        within = place(db, made_ready, row.edition_id, row.element).accept_within
        clock = Clock(row.answer_by, row.sent_at, row.to_department_id, is_working(within), step=False)
        for begin, end in spells:
            clock = clock.due(rested(db, clock, begin, end, version=case.calendars_version).at)
        db.execute(
            update(hand_overs).where(*here, hand_overs.c.task_number == row.task_number).values(answer_by=clock.due_at)
        )


def hand_on(db: Connection, task: Row[*tuple[Any, ...]], to_department: int, at: datetime, answer_by: datetime) -> None:
    """The open task goes from its post to one of another department, whoever decides that.

    A task is received once: where another department received it before, that is kept in the record.
    """
    here = (hand_overs.c.office_id == OFFICE, hand_overs.c.case_id == task.case_id)
    values = {
        "from_task": None, "from_post_id": task.post_id, "from_person_id": task.person_id,
        "from_department_id": task.department_id, "to_department_id": to_department, "sent_at": at,
        "answer_by": answer_by, "accepted_at": None, "accepted_by": None, "returned_at": None, "returned_by": None,
        "reason": None, "escalated_at": None, "lapsed_at": None,
    }  # fmt: skip
    known = db.scalar(
        select(func.count()).select_from(hand_overs).where(*here, hand_overs.c.task_number == task.number)
    )
    if known:
        db.execute(update(hand_overs).where(*here, hand_overs.c.task_number == task.number).values(**values))
    else:
        db.execute(insert(hand_overs).values(office_id=OFFICE, case_id=task.case_id, task_number=task.number, **values))
