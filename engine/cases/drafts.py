"""What somebody has typed in a task and not sent yet.

Nobody else sees it, not even who stands in for them, and the record knows nothing of it: it is not done until it is sent.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, bindparam, delete, or_, select, tuple_, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.dialects import upserting
from engine.base.errors import NotFound, Refusal
from engine.base.prepared import Prepared
from engine.base.text import Text
from engine.cases.rules import Closed
from engine.cases.tables import task_drafts, tasks
from engine.cases.typed import Sent, Sheet, from_elsewhere, merged, read, written
from engine.organisation.rules import Actor

_TASK: Final = Text(en="task", zh="任务")
STARTING: Final = 0
"""Stands for the case where there is none yet; the number is then the procedure's id."""
_UNSENT: Final = timedelta(days=30)
"""How long something is kept that can no longer be sent, as somebody else was faster."""
_AT_ONCE: Final = 200


class NotYoursToDo(Refusal):
    """This task is no longer yours to do, so what you type here is not kept any more. Load the page again to see what has happened."""

    zh = "该任务已不再由您办理，在此填写的内容不再保存。请重新载入页面查看情况。"


_KEY = (
    task_drafts.c.office_id == OFFICE,
    task_drafts.c.case_id == bindparam("of_case"),
    task_drafts.c.task_number == bindparam("of_number"),
    task_drafts.c.person_id == bindparam("of_person"),
)
_DRAFT: Final = Prepared(select(task_drafts.c.typed, task_drafts.c.version, task_drafts.c.at).where(*_KEY))
_LOCKED: Final = Prepared(
    select(task_drafts.c.typed, task_drafts.c.version, task_drafts.c.at).where(*_KEY).with_for_update()
)
_STANDING: Final = Prepared(
    select(tasks.c.post_id, tasks.c.person_id, tasks.c.procedure_id, tasks.c.closed_at).where(
        tasks.c.office_id == OFFICE, tasks.c.case_id == bindparam("of_case"), tasks.c.number == bindparam("of_number")
    )
)


def draft(db: Connection, *, actor: Actor, case_id: int, number: int) -> Sheet | None:
    """The person's own, of this task; None where nothing is kept."""
    row = _DRAFT.first(db, _of(actor, case_id, number))
    return None if row is None else read(row.typed, row.version, row.at)


def save(db: Connection, *, by: Actor, case_id: int, number: int, sent: Sent) -> tuple[Sheet, bool] | None:
    """The draft as it now stands, and whether another window has typed what this one does not show.

    None where there is no draft to which a part could be added: the whole is wanted. Raises NotYoursToDo, DraftTooLong.
    """
    if case_id != STARTING:
        _must_be_workable(db, by, case_id, number)
    return keep(db, by=by, case_id=case_id, number=number, sent=sent)


def keep(db: Connection, *, by: Actor, case_id: int, number: int, sent: Sent) -> tuple[Sheet, bool] | None:
    """As `save`, whatever has become of the task: what somebody was not able to send is kept for them."""
    held = _LOCKED.first(db, _of(by, case_id, number))
    if held is None:
        if not sent.whole:
            return None
        _begin(db, by, case_id, number)
        held = _LOCKED.first(db, _of(by, case_id, number))
    before = Sheet() if held is None else read(held.typed, held.version, held.at)
    sheet = merged(before, sent, clock.now())
    db.execute(
        update(task_drafts).where(*_KEY).values(typed=written(sheet), version=sheet.version, at=sheet.at),
        _of(by, case_id, number),
    )
    return sheet, from_elsewhere(before, sent)


def discard(db: Connection, *, by: Actor, case_id: int, number: int) -> None:
    """What is not there needs no discarding."""
    db.execute(delete(task_drafts).where(*_KEY), _of(by, case_id, number))


def sweep(db: Connection) -> int:
    """Deletes what was sent, and what has long been without a use; how many there were."""
    found = _useless(db, clock.now())
    if found:
        db.execute(delete(task_drafts).where(_PLACE.in_(found)))
    return len(found)


def to_sweep(db: Connection) -> bool:
    """Asked first, so that nothing is locked where there is nothing to do."""
    return bool(_useless(db, clock.now()))


_PLACE = tuple_(task_drafts.c.office_id, task_drafts.c.case_id, task_drafts.c.task_number, task_drafts.c.person_id)


def _useless(db: Connection, now: datetime) -> list[tuple[Any, ...]]:
    rows = db.execute(
        select(
            task_drafts.c.office_id, task_drafts.c.case_id, task_drafts.c.task_number, task_drafts.c.person_id
        )
        .outerjoin(
            tasks,
            and_(
                tasks.c.office_id == task_drafts.c.office_id,
                tasks.c.case_id == task_drafts.c.case_id,
                tasks.c.number == task_drafts.c.task_number,
            ),
        )
        .where(
            or_(
                and_(tasks.c.closed_how == Closed.COMPLETED, tasks.c.person_id == task_drafts.c.person_id),
                and_(
                    or_(tasks.c.closed_at.is_not(None), task_drafts.c.case_id == STARTING),
                    task_drafts.c.at < now - _UNSENT,
                ),
            )
        )
        .limit(_AT_ONCE)
    )  # fmt: skip
    return [tuple(row) for row in rows]


def _begin(db: Connection, by: Actor, case_id: int, number: int) -> None:
    """Two windows may begin at once."""
    insert_into = upserting(db.dialect.name)
    db.execute(
        insert_into(task_drafts)
        .values(
            office_id=OFFICE, case_id=case_id, task_number=number, person_id=by.person_id,
            typed=written(Sheet()), version=0, at=clock.now(),
        )
        .on_conflict_do_nothing()
    )  # fmt: skip


def _must_be_workable(db: Connection, by: Actor, case_id: int, number: int) -> None:
    """Less than completing asks: a draft does nothing. It is only not kept for who has nothing to do with the task."""
    task: Row[*tuple[Any, ...]] | None = _STANDING.first(db, {"of_case": case_id, "of_number": number})
    if task is None:
        raise NotFound(what=_TASK)
    stands_in = any(one.covers(task.post_id, task.procedure_id) for one in by.stands_in)
    mine = task.person_id == by.person_id
    free = task.person_id is None or stands_in
    if task.closed_at is not None or not (mine or (free and (stands_in or task.post_id in by.post_ids))):
        raise NotYoursToDo()


def _of(actor: Actor, case_id: int, number: int) -> dict[str, int]:
    return {"of_case": case_id, "of_number": number, "of_person": actor.person_id}
