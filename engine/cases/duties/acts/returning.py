"""Somebody goes: those they stand in for need somebody else. They are back: what their deputy has begun goes back to them or stays,
as was chosen.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from engine.base.database import OFFICE
from engine.base.text import Name
from engine.cases.acts.work import locked_task
from engine.cases.duties.reassigning import reassign, step_of, what_keeps
from engine.cases.duties.standing_in import has_stood_in
from engine.cases.duties.tables import stood_in
from engine.cases.tables import tasks
from engine.notices import acts as notices
from engine.organisation.absence import acts as absence
from engine.organisation.absence.reads import absence as absence_line
from engine.organisation.absence.reads import planners_for, standing_in
from engine.organisation.reads import person_name
from engine.organisation.rules import Actor


def plan_absence(
    db: Connection,
    *,
    by: Actor,
    person_id: int,
    deputy_id: int,
    from_day: date,
    until_day: date,
    post_ids: Collection[int] = (),
    procedure_ids: Collection[int] = (),
    goes_back: bool = True,
    why: str = "",
) -> int:
    """Who has to name somebody else for those they stand in for on these days is told. Raises what `absence.plan_absence` raises."""
    made = absence.plan_absence(
        db, by=by, person_id=person_id, deputy_id=deputy_id, from_day=from_day, until_day=until_day, post_ids=post_ids,
        procedure_ids=procedure_ids, goes_back=goes_back, why=why,
    )  # fmt: skip
    _tell_of_gaps(db, person_id, from_day, until_day)
    return made


def _tell_of_gaps(db: Connection, person_id: int, from_day: date, until_day: date) -> None:
    for line in standing_in(db, person_id):
        begin, end = max(line.from_day, from_day), min(line.until_day, until_day)
        if begin <= end:
            days = Name(f"from {begin} to {end}", f"{begin} 至 {end}")
            facts = {"who": person_name(db, person_id), "of": line.person, "days": days, "absent": line.person_id}
            planners = planners_for(db, line.person_id, besides=person_id)
            notices.tell(db, persons=planners | {line.person_id}, kind="deputy_away", facts=facts)


def end_absence(db: Connection, *, by: Actor, absence_id: int) -> int:
    """Early or before it begins; how many tasks went back. Ending it again does nothing."""
    row = absence.close_absence(db, by=by, absence_id=absence_id)
    return 0 if row is None else _settle(db, row, by)


def absence_over(db: Connection, *, absence_id: int) -> bool:
    """Its last day is past. False where it is not, or this was done before."""
    row = absence.close_absence(db, by=None, absence_id=absence_id)
    if row is None:
        return False
    _settle(db, row, None)
    return True


def change_absence(
    db: Connection, *, by: Actor, absence_id: int, deputy_id: int, until_day: date, goes_back: bool, why: str = ""
) -> None:
    """Where the deputy changes, what the first one has claimed goes back, and so reaches the next one."""
    before = absence_line(db, absence_id)
    absence.change_absence(
        db, by=by, absence_id=absence_id, deputy_id=deputy_id, until_day=until_day, goes_back=goes_back, why=why
    )
    if before.deputy_id != deputy_id:
        give_back(db, absence_id, before.person_id, by, "drop_deputy")
    if until_day > before.until_day:
        _tell_of_gaps(db, before.person_id, before.until_day + timedelta(days=1), until_day)


def _settle(db: Connection, row: Row[*tuple[Any, ...]], by: Actor | None) -> int:
    if row.goes_back:
        return give_back(db, row.id, row.person_id, by)
    db.execute(
        update(stood_in).where(stood_in.c.office_id == OFFICE, stood_in.c.absence_id == row.id).values(stays=True)
    )
    return 0


def give_back(db: Connection, absence_id: int, person_id: int, by: Actor | None, act: str = "come_back") -> int:
    """To the person; to the post where separation of duties or an interest keeps them from it by now."""
    found = db.execute(
        select(tasks.c.case_id, tasks.c.number)
        .join(
            stood_in,
            has_stood_in(),
        )
        .where(stood_in.c.office_id == OFFICE, stood_in.c.absence_id == absence_id, tasks.c.closed_at.is_(None))
        .order_by(tasks.c.case_id, tasks.c.number)
    ).all()  # fmt: skip
    for one in found:
        task = locked_task(db, one.case_id, one.number)
        step = step_of(db, task)
        fit = what_keeps(db, task, step, person_id) is None
        reassign(db, task, step, person_id if fit else None, by, act, {"absence": absence_id})
    return len(found)
