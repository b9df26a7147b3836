"""What a supervisor asks: where cases wait, how many, since when; and how each procedure stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, literal, select, union_all

from engine.base.database import OFFICE
from engine.base.errors import NotAllowed, NotFound
from engine.base.text import Name, Text
from engine.cases.due.shown import counts_by
from engine.cases.rules import NO_DUE
from engine.cases.tables import cases, hand_overs, incidents, tasks
from engine.connectors.reads import Call, waiting_in
from engine.organisation.calendars.reads import calendar_of, calendars_version
from engine.organisation.rules import Actor, Right
from engine.organisation.tables import departments, persons, posts
from engine.procedures.reads import element_names, procedure, standard_times, supervised_departments
from engine.procedures.tables import editions, procedures
from engine.worktime.spans import share_used

_FOR_SUPERVISORS: Final = Text(
    en="the watch is for posts that supervise a department", zh="监督台限负有监督职责的岗位使用"
)
_PROCEDURE: Final = Text(en="procedure", zh="程序")
_IS_STEP: Final = tasks.c.kind.is_(None)
"""What was asked of somebody beside a step is no place where a case waits."""
_LOOKS_AT_ONCE: Final = 100  # SQLite puts at most 500 together


@dataclass(frozen=True, slots=True)
class ProcedureStanding:
    """One procedure across its editions. `finished` counts since `since` of the question."""

    procedure_id: int
    name: str
    prefix: str
    open: int
    oldest: datetime | None
    finished: int
    late: int  # open tasks past their standard time
    incidents: int
    edition_in_force: int | None


@dataclass(frozen=True, slots=True)
class StepStanding:
    """Where cases wait: one step of one edition. `median_wait` is that of the tasks open now."""

    edition_id: int
    element: str
    name: str
    post: Text
    department: Text
    open: int
    claimed: int
    late: int
    oldest: datetime
    median_wait: timedelta
    share_used: float | None = None
    """Of its standard time, by the one in the middle: 1 is all of it. None where the step sets none."""


@dataclass(frozen=True, slots=True)
class WaitingCase:
    """A case behind a figure: the open task it stands at."""

    case_id: int
    case_number: str
    task_number: int
    matter: str
    applicant: str
    step: str
    post: Text
    department: Text
    person: Text | None
    opened_at: datetime
    due_at: datetime | None
    handed_over_from: Text | None
    department_id: int | None = None
    working: bool = False  # due by what its department works, not by the clock
    in_hours: bool = False
    provisional: bool = False  # a holiday may be told yet that moves the day


@dataclass(frozen=True, slots=True)
class OpenIncident:
    case_id: int
    case_number: str
    number: int
    procedure: str
    element: str
    name: str
    kind: str
    facts: dict[str, str]
    opened_at: datetime


def must_watch(actor: Actor) -> None:
    if not actor.may(Right.SUPERVISE):
        raise NotAllowed(why=_FOR_SUPERVISORS)


def overview(db: Connection, *, actor: Actor, now: datetime, since: datetime) -> tuple[ProcedureStanding, ...]:
    """The procedures of the departments the person supervises, and those with tasks open in them."""
    must_watch(actor)
    watched = supervised_departments(db, actor)
    tasks_open = _by_procedure(
        db,
        select(tasks.c.procedure_id, func.sum(case((tasks.c.due_at < now, 1), else_=0)).label("late"))
        .where(tasks.c.office_id == OFFICE, tasks.c.closed_at.is_(None), _IS_STEP)
        .group_by(tasks.c.procedure_id),
    )
    running = _by_procedure(
        db,
        select(cases.c.procedure_id, func.count().label("open"), func.min(cases.c.started_at).label("oldest"))
        .where(cases.c.office_id == OFFICE, cases.c.ended_at.is_(None))
        .group_by(cases.c.procedure_id),
    )
    finished = _by_procedure(
        db,
        select(cases.c.procedure_id, func.count().label("finished"))
        .where(cases.c.office_id == OFFICE, cases.c.ended_at.is_not(None), cases.c.ended_at >= since)
        .group_by(cases.c.procedure_id),
    )
    troubled = _by_procedure(
        db,
        select(cases.c.procedure_id, func.count().label("incidents"))
        .join(incidents, and_(incidents.c.office_id == cases.c.office_id, incidents.c.case_id == cases.c.id))
        .where(incidents.c.office_id == OFFICE, incidents.c.closed_at.is_(None))
        .group_by(cases.c.procedure_id),
    )
    rows = db.execute(
        select(procedures.c.id, procedures.c.name, procedures.c.prefix, editions.c.id.label("edition_id"))
        .outerjoin(editions, and_(editions.c.procedure_id == procedures.c.id, editions.c.state == "in force"))
        .where(_watched_procedures(watched))
        .order_by(procedures.c.prefix)
    )
    return tuple(
        ProcedureStanding(
            procedure_id=row.id,
            name=row.name,
            prefix=row.prefix,
            open=running[row.id].open if row.id in running else 0,
            oldest=running[row.id].oldest if row.id in running else None,
            finished=finished[row.id].finished if row.id in finished else 0,
            late=int(tasks_open[row.id].late or 0) if row.id in tasks_open else 0,
            incidents=troubled[row.id].incidents if row.id in troubled else 0,
            edition_in_force=row.edition_id,
        )
        for row in rows
    )


def where_cases_wait(
    db: Connection, *, actor: Actor, procedure_id: int, now: datetime, edition_id: int | None = None
) -> tuple[StepStanding, ...]:
    """Steps with open tasks, most waiting first. Raises NotFound where the person does not supervise any of it."""
    must_see(db, actor, procedure_id)
    conditions = [
        tasks.c.office_id == OFFICE, tasks.c.procedure_id == procedure_id, tasks.c.closed_at.is_(None), _IS_STEP,
    ]  # fmt: skip
    if edition_id is not None:
        conditions.append(tasks.c.edition_id == edition_id)
    rows = db.execute(
        select(
            tasks.c.edition_id, tasks.c.element, func.max(tasks.c.post_id).label("post_id"),
            func.count().label("open"), func.count(tasks.c.person_id).label("claimed"),
            func.sum(case((tasks.c.due_at < now, 1), else_=0)).label("late"),
            func.min(tasks.c.opened_at).label("oldest"), func.max(tasks.c.department_id).label("department_id"),
        )
        .where(*conditions)
        .group_by(tasks.c.edition_id, tasks.c.element)
    ).all()  # fmt: skip
    owners = _owners(db, [row.post_id for row in rows])
    medians = _median_waits(db, procedure_id, rows, now)
    version = calendars_version(db)
    found = [
        StepStanding(
            edition_id=row.edition_id,
            element=row.element,
            name=element_names(db, row.edition_id).get(row.element, row.element),
            post=owners[row.post_id][0],
            department=owners[row.post_id][1],
            open=row.open,
            claimed=row.claimed,
            late=int(row.late or 0),
            oldest=row.oldest,
            median_wait=medians[number],
            share_used=_share(db, row, now - medians[number], now, version),
        )
        for number, row in enumerate(rows)
    ]
    return tuple(sorted(found, key=lambda one: (-one.open, one.oldest)))


def _share(db: Connection, row: Row[*tuple[Any, ...]], begun: datetime, now: datetime, version: int) -> float | None:
    """In working time where the step is counted in it, by the calendar of its department."""
    span = standard_times(db, row.edition_id).get(row.element)
    return None if span is None else share_used(span, calendar_of(db, row.department_id, version), begun, now)


def waiting_cases(
    db: Connection,
    *,
    actor: Actor,
    procedure_id: int,
    edition_id: int | None = None,
    element: str | None = None,
    limit: int = 100,
) -> tuple[WaitingCase, ...]:
    """The cases behind a number, the longest waiting first."""
    must_see(db, actor, procedure_id)
    sender = departments.alias("sender")
    query = (
        select(
            tasks.c.case_id, tasks.c.number, tasks.c.edition_id, tasks.c.element, tasks.c.opened_at, tasks.c.due_at,
            tasks.c.department_id, tasks.c.provisional, tasks.c.kind, cases.c.number.label("case_number"), cases.c.matter, cases.c.applicant,
            posts.c.name_en.label("post_en"), posts.c.name_zh.label("post_zh"),
            departments.c.name_en.label("department_en"), departments.c.name_zh.label("department_zh"),
            persons.c.name_en.label("person_en"), persons.c.name_zh.label("person_zh"),
            sender.c.name_en.label("sender_en"), sender.c.name_zh.label("sender_zh"),
        )
        .join(cases, and_(cases.c.office_id == tasks.c.office_id, cases.c.id == tasks.c.case_id))
        .join(posts, posts.c.id == tasks.c.post_id)
        .join(departments, departments.c.id == tasks.c.department_id)
        .outerjoin(persons, persons.c.id == tasks.c.person_id)
        .outerjoin(
            hand_overs,
            and_(
                hand_overs.c.office_id == tasks.c.office_id,
                hand_overs.c.case_id == tasks.c.case_id,
                hand_overs.c.task_number == tasks.c.number,
            ),
        )
        .outerjoin(sender, sender.c.id == hand_overs.c.from_department_id)
        .where(tasks.c.office_id == OFFICE, tasks.c.procedure_id == procedure_id, tasks.c.closed_at.is_(None), _IS_STEP)
        .order_by(tasks.c.opened_at, tasks.c.case_id, tasks.c.number)
        .limit(limit)
    )  # fmt: skip
    if edition_id is not None:
        query = query.where(tasks.c.edition_id == edition_id)
    if element is not None:
        query = query.where(tasks.c.element == element)
    return tuple(_waiting_case(db, row) for row in db.execute(query).all())


def incidents_open(db: Connection) -> int:
    """How many there are in the whole office, for whoever watches over the installation."""
    return db.scalar(select(func.count()).select_from(incidents).where(incidents.c.closed_at.is_(None))) or 0


def open_incidents(db: Connection, *, actor: Actor, limit: int = 100) -> tuple[OpenIncident, ...]:
    """Oldest first, of the procedures the person supervises."""
    must_watch(actor)
    watched = supervised_departments(db, actor)
    rows = db.execute(
        select(incidents, cases.c.number.label("case_number"), cases.c.edition_id, procedures.c.name.label("procedure"))
        .join(cases, and_(cases.c.office_id == incidents.c.office_id, cases.c.id == incidents.c.case_id))
        .join(procedures, procedures.c.id == cases.c.procedure_id)
        .where(
            incidents.c.office_id == OFFICE, incidents.c.closed_at.is_(None), procedures.c.department_id.in_(watched)
        )
        .order_by(incidents.c.opened_at)
        .limit(limit)
    ).all()
    return tuple(
        OpenIncident(
            row.case_id, row.case_number, row.number, row.procedure, row.element,
            element_names(db, row.edition_id).get(row.element, row.element), row.kind, orjson.loads(row.facts),
            row.opened_at,
        )
        for row in rows
    )  # fmt: skip


def waiting_calls(db: Connection, *, actor: Actor, limit: int = 50) -> tuple[Call, ...]:
    """What the cases of supervised procedures wait for of connectors, the longest waiting first."""
    must_watch(actor)
    watched = supervised_departments(db, actor)
    mine = select(procedures.c.id).where(procedures.c.department_id.in_(watched))
    return waiting_in(db, list(db.scalars(mine)), limit)


def must_see(db: Connection, actor: Actor, procedure_id: int) -> None:
    """The procedure is answered for, or one of its lanes is owned, in a department the person supervises."""
    must_watch(actor)
    procedure(db, procedure_id)  # raises NotFound
    watched = supervised_departments(db, actor)
    found = db.scalar(select(procedures.c.id).where(procedures.c.id == procedure_id, _watched_procedures(watched)))
    if found is None:
        raise NotFound(what=_PROCEDURE)


def _watched_procedures(watched: frozenset[int]) -> ColumnElement[bool]:
    open_here = select(tasks.c.procedure_id).where(
        tasks.c.office_id == OFFICE, tasks.c.closed_at.is_(None), tasks.c.department_id.in_(watched), _IS_STEP
    )
    return procedures.c.department_id.in_(watched) | procedures.c.id.in_(open_here)


def _by_procedure(db: Connection, query: Any) -> dict[int, Row[*tuple[Any, ...]]]:
    return {row.procedure_id: row for row in db.execute(query)}


def _owners(db: Connection, ids: Sequence[int]) -> dict[int, tuple[Text, Text]]:
    rows = db.execute(
        select(
            posts.c.id, posts.c.name_en, posts.c.name_zh,
            departments.c.name_en.label("department_en"), departments.c.name_zh.label("department_zh"),
        )
        .join(departments, departments.c.id == posts.c.department_id)
        .where(posts.c.id.in_(set(ids)))
    )  # fmt: skip
    return {row.id: (Name(row.name_en, row.name_zh), Name(row.department_en, row.department_zh)) for row in rows}


def _median_waits(
    db: Connection, procedure_id: int, steps: Sequence[Row[*tuple[Any, ...]]], now: datetime
) -> list[timedelta]:
    """Percentiles are not in every SQLite, so the middle ones are fetched by their place in the index."""
    found: list[timedelta] = []
    for some in (steps[begin : begin + _LOOKS_AT_ONCE] for begin in range(0, len(steps), _LOOKS_AT_ONCE)):
        looks = [select(_middle(procedure_id, number, step).subquery()) for number, step in enumerate(some)]
        waits: dict[int, list[timedelta]] = {}
        for row in db.execute(union_all(*looks)):
            waits.setdefault(row.step, []).append(now - row.opened_at)
        for number, step in enumerate(some):
            middle = waits.get(number) or [now - step.oldest]
            found.append(sum(middle, timedelta(0)) / len(middle))
    return found


def _middle(procedure_id: int, number: int, step: Row[*tuple[Any, ...]]) -> Select[Any]:
    """The one in the middle; of an even number the two."""
    return (
        select(literal(number).label("step"), tasks.c.opened_at)
        .where(
            tasks.c.office_id == OFFICE,
            tasks.c.procedure_id == procedure_id,
            tasks.c.edition_id == step.edition_id,
            tasks.c.element == step.element,
            tasks.c.closed_at.is_(None),
            _IS_STEP,
        )
        .order_by(tasks.c.opened_at)
        .offset((step.open - 1) // 2)
        .limit(2 - step.open % 2)
    )


def _waiting_case(db: Connection, row: Row[*tuple[Any, ...]]) -> WaitingCase:
    return WaitingCase(
        case_id=row.case_id, case_number=row.case_number, task_number=row.number, matter=row.matter,
        applicant=row.applicant, step=element_names(db, row.edition_id).get(row.element, row.element),
        post=Name(row.post_en, row.post_zh), department=Name(row.department_en, row.department_zh),
        person=Name(row.person_en, row.person_zh) if row.person_en else None,
        opened_at=row.opened_at, due_at=None if row.due_at >= NO_DUE else row.due_at,
        handed_over_from=Name(row.sender_en, row.sender_zh) if row.sender_en else None,
        department_id=row.department_id, provisional=row.provisional is not None, **counts_by(db, row),
    )  # fmt: skip
