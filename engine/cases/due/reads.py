"""What can be asked of due dates: why one is what it is, and which are to be counted anew."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, and_, select

from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.text import Name, Text
from engine.cases.acts.moving import TASK
from engine.cases.due.counting import calendars_version
from engine.cases.due.later import Told, clock_rows, later, moves_it, standing, suspended, told
from engine.cases.due.words import Asked, why
from engine.cases.reads import EntryLine, TaskPage
from engine.cases.rules import NO_DUE
from engine.cases.tables import cases, tasks
from engine.organisation.calendars.reads import calendar_of
from engine.organisation.tables import departments, offices
from engine.procedures.runnable import place, runnable


def tasks_to_recount(db: Connection, *, limit: int = 100) -> tuple[tuple[int, int], ...]:
    """Case and number of open tasks whose due date was provisional by other calendars than those of now, first due first."""
    rows = db.execute(
        select(tasks.c.case_id, tasks.c.number)
        .join(offices, offices.c.id == tasks.c.office_id)
        .where(
            tasks.c.office_id == OFFICE, tasks.c.closed_at.is_(None), tasks.c.provisional.is_not(None),
            tasks.c.provisional != offices.c.calendars_version,
        )
        .order_by(tasks.c.due_at, tasks.c.case_id, tasks.c.number)
        .limit(limit)
    )  # fmt: skip
    return tuple((row.case_id, row.number) for row in rows)


def why_due(db: Connection, case_id: int, number: int) -> tuple[Text, ...]:
    """Line by line when it began, how it is counted, what lay between and what moved it; nothing where nothing is promised.

    Raises NotFound.
    """
    row = db.execute(
        select(
            tasks.c.edition_id, tasks.c.element, tasks.c.opened_at, tasks.c.due_at, tasks.c.provisional,
            tasks.c.clock_of, tasks.c.kind, tasks.c.department_id, tasks.c.closed_at, departments.c.name_en, departments.c.name_zh,
            cases.c.edition_id.label("case_edition_id"), cases.c.process, calendars_version(),
        )
        .join(cases, and_(cases.c.office_id == tasks.c.office_id, cases.c.id == tasks.c.case_id))
        .join(departments, departments.c.id == tasks.c.department_id)
        .where(tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.number == number)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound(what=TASK)
    if row.due_at >= NO_DUE:
        return ()
    step = place(db, runnable(db, row.case_edition_id, row.process), row.edition_id, row.element)
    clock = [] if row.clock_of is None else clock_rows(db, case_id, row.clock_of)
    record = tuple(told(db, case_id))
    return why(
        Asked(
            span=None if row.kind is not None else step.standard_time,
            calendar=calendar_of(db, row.department_id, row.calendars_version),
            whose=Name(row.name_en, row.name_zh),
            opened=row.opened_at,
            began=next((one.opened_at for one in clock if one.number == row.clock_of), row.opened_at),
            due=row.due_at,
            later=tuple(later(record, {number, *(one.number for one in clock)})),
            suspended=suspended(record),
            stands=None if step.external or row.kind or row.closed_at else standing(record),
            provisional=row.provisional is not None,
        )
    )


def is_standing(record: Iterable[EntryLine]) -> bool:
    """Whether a case whose record this is rests now, or its clock stands."""
    found = _told(record)
    return suspended(found) is not None or standing(found) is not None


def _told(record: Iterable[EntryLine]) -> list[Told]:
    return [Told(one.at, one.act, one.facts, one.person) for one in record if moves_it(one.act, one.facts)]


def why_of(db: Connection, page: TaskPage, version: int | None = None) -> tuple[Text, ...]:
    """The same of a task whose page is known: no statement where `version`, of the calendars, is known too."""
    line, case = page.line, page.case
    if line.due_at is None:
        return ()
    root = line.clock_of or line.number
    clock = [one for one in case.tasks if root in (one.number, one.clock_of)]
    record = _told(case.record)
    return why(
        Asked(
            span=None if line.kind is not None else page.standard_time,
            calendar=calendar_of(db, line.department_id, version),
            whose=line.department,
            opened=line.opened_at,
            began=next((one.opened_at for one in clock if one.number == root), line.opened_at),
            due=line.due_at,
            later=tuple(later(record, {one.number for one in clock})),
            suspended=suspended(record),
            stands=None if page.external or line.kind or line.closed_at else standing(record),
            provisional=line.provisional,
        )
    )
