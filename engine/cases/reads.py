"""What can be asked of cases by those who may see them: the desk, a task, a case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Integer, Row, and_, bindparam, func, or_, select

from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.prepared import Prepared
from engine.base.text import Name, Text
from engine.cases import rules
from engine.cases.acts.moving import CASE, TASK
from engine.cases.answers import standing as given_so_far
from engine.cases.armed import how_long, is_provisional
from engine.cases.due.shown import counts_by
from engine.cases.duties.declared import interest_of
from engine.cases.duties.standing_in import hand_of, has_stood_in, standing_columns
from engine.cases.duties.tables import stood_in
from engine.cases.listing import visible_to
from engine.cases.tables import awaited, cases, hand_overs, incidents, task_events, tasks, timers
from engine.diagram.forms import Form
from engine.diagram.position import Question
from engine.diagram.shape import Instruction
from engine.organisation.rules import Actor
from engine.organisation.tables import departments, persons, posts
from engine.procedures.reads import element_names
from engine.procedures.runnable import place as place_of
from engine.procedures.runnable import runnable
from engine.procedures.tables import editions, procedures
from engine.records.journal import Chain, entries
from engine.worktime.spans import Span

_UNKNOWN: Final = Text(en="somebody", zh="某人")
_MOST_SHOWN: Final = 500
_DUE: Final = Prepared(
    select(timers.c.case_id, timers.c.token)
    .where(
        timers.c.closed_at.is_(None),
        timers.c.wake_at.is_not(None),
        timers.c.wake_at <= bindparam("at", type_=timers.c.wake_at.type),
    )
    # Of one case in the order they were armed: tokens are numbers that grow.
    .order_by(timers.c.wake_at, timers.c.case_id, func.length(timers.c.token), timers.c.token)
    .limit(bindparam("most", type_=Integer))
)


@frozen
class TaskLine:
    """A task of a case, as listed in the way the case went."""

    number: int
    element: str
    name: str
    item: str | None
    post_id: int
    post: Text
    department_id: int
    department: Text
    person_id: int | None
    person: Text | None
    opened_at: datetime
    due_at: datetime | None
    claimed_at: datetime | None
    closed_at: datetime | None
    cancelled: bool
    handed_over_from: Text | None
    kind: int | None = None  # cases.rules.Kind: asked beside the diagram
    of_task: int | None = None  # beside which step
    returned: bool = False  # the receiver put it back, before accepting it or after
    on_behalf: Text | None = None  # of somebody who was absent
    working: bool = False  # due by what its department works, not by the clock
    in_hours: bool = False
    provisional: bool = False  # a holiday may be told yet that moves the day
    clock_of: int | None = None  # the task whose clock it goes on with


@frozen
class WaitLine:
    """A timer that is armed or a message that is awaited. `since` when it was armed, or from when it counts."""

    token: str
    element: str
    name: str
    kind: str
    due_at: datetime | None  # of timers
    since: datetime | None
    how_long: Text | None = None  # of a timer: after which length it comes, or how often
    working: bool = False  # it counts working time
    provisional: bool = False  # a holiday may be told yet that moves the day
    rests: bool = False  # its case does


@frozen
class IncidentLine:
    number: int
    element: str
    name: str
    kind: str
    facts: Mapping[str, str]
    opened_at: datetime
    closed_at: datetime | None


@frozen
class EntryLine:
    """One entry of the record, read for a person."""

    number: int
    at: datetime
    act: str
    person: Text | None  # None: the engine itself
    facts: Mapping[str, Any]
    on_behalf: Text | None = None  # of somebody who was absent


@frozen
class CasePage:
    case_id: int
    number: str
    matter: str
    applicant: str
    procedure_id: int
    procedure: str
    edition_id: int
    edition_number: int
    started_at: datetime
    started_by: Text | None
    ended_at: datetime | None
    tasks: tuple[TaskLine, ...]
    waits: tuple[WaitLine, ...]
    incidents: tuple[IncidentLine, ...]
    record: tuple[EntryLine, ...]
    answers: Mapping[str, Any]

    @property
    def open_tasks(self) -> tuple[TaskLine, ...]:
        return tuple(one for one in self.tasks if one.closed_at is None)


@frozen
class TaskPage:
    """A task before the person who may do it, with the case beside it."""

    case: CasePage
    line: TaskLine
    form: Form | None
    questions: tuple[Question, ...]
    instruction: Instruction
    standard_time: Span | None
    work: str | None  # the last change of work: claimed, begun, paused, resumed
    mine: bool
    may_work: bool  # the person holds the post, and nobody else has claimed it
    edition_id: int = 0  # the one that draws the step: a called one inside a call
    external: bool = False  # it waits for somebody outside
    decided_on: str | None = None  # the case's subject, where the step decides on it and not its form
    interests: bool = False  # somebody has declared an interest in the case
    on_behalf: Text | None = None  # of somebody who is absent, where the person may work on it in their stead


def case(db: Connection, *, actor: Actor, case_id: int) -> CasePage:
    """Raises NotFound also where the person may not see it: its existence is not told."""
    return _case(db, actor, case_id, None)


def _case(db: Connection, actor: Actor, case_id: int, asked_for: int | None) -> CasePage:
    row = db.execute(
        select(
            cases.c.tasks_opened, cases.c.id, cases.c.number, cases.c.matter, cases.c.applicant, cases.c.procedure_id, cases.c.edition_id,
            cases.c.process, cases.c.started_at, cases.c.ended_at, procedures.c.name.label("procedure"),
            editions.c.number.label("edition_number"), persons.c.name_en, persons.c.name_zh,
        )
        .join(procedures, procedures.c.id == cases.c.procedure_id)
        .join(editions, editions.c.id == cases.c.edition_id)
        .outerjoin(persons, persons.c.id == cases.c.started_by)
        .where(cases.c.office_id == OFFICE, cases.c.id == case_id, visible_to(db, actor))
    ).first()  # fmt: skip
    if row is None:
        raise NotFound(what=CASE)
    record = _record(db, case_id)
    answers = given_so_far((entry.number, entry.act, entry.facts) for entry in record)
    names = element_names(db, row.edition_id)
    return CasePage(
        case_id=case_id, number=row.number, matter=row.matter, applicant=row.applicant,
        procedure_id=row.procedure_id, procedure=row.procedure,
        edition_id=row.edition_id, edition_number=row.edition_number,
        started_at=row.started_at, started_by=Name(row.name_en, row.name_zh) if row.name_en else None,
        ended_at=row.ended_at,
        tasks=_tasks(db, case_id, row.tasks_opened, asked_for), waits=_waits(db, case_id, names, row), incidents=_incidents(db, case_id, names),
        record=record, answers=answers,
    )  # fmt: skip


def task(db: Connection, *, actor: Actor, case_id: int, number: int) -> TaskPage:
    """Whoever may see the case may see its tasks; only holders of the post may work on one."""
    page = _case(db, actor, case_id, number)
    line = next((one for one in page.tasks if one.number == number), None)
    if line is None:
        raise NotFound(what=TASK)
    place = db.execute(
        select(
            tasks.c.edition_id,
            cases.c.edition_id.label("case_edition_id"),
            cases.c.process,
            cases.c.subject,
            tasks.c.post_id,
            tasks.c.person_id,
            tasks.c.procedure_id,
            *standing_columns(),
        )
        .join(cases, and_(cases.c.office_id == tasks.c.office_id, cases.c.id == tasks.c.case_id))
        .where(tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.number == number)
    ).one()
    step = place_of(db, runnable(db, place.case_edition_id, place.process), place.edition_id, line.element)
    mine = line.person_id == actor.person_id
    hand = hand_of(place, actor)
    theirs = hand is not None and hand.behalf is not None and hand.behalf == line.person_id
    if place.interests and hand is not None:
        bound = {actor.person_id} if hand.behalf is None else {actor.person_id, hand.behalf}
        hand = None if interest_of(db, case_id, bound) else hand
    return TaskPage(
        case=page,
        line=line,
        form=step.form,
        questions=step.questions,
        instruction=step.instruction,
        standard_time=step.standard_time,
        work=_work(db, case_id, number) if mine else None,
        mine=mine,
        may_work=line.closed_at is None and hand is not None and (mine or theirs or line.person_id is None),
        interests=bool(place.interests),
        on_behalf=None if hand is None or hand.behalf is None else _names(db, [hand.behalf])[hand.behalf],
        edition_id=place.edition_id,
        external=step.external,
        decided_on=None if step.act is None else place.subject,
    )


def heads(db: Connection) -> Iterator[Chain]:
    """The heads of all chains of cases, for the verifier."""
    rows = db.execute(
        select(cases.c.id, cases.c.chain_length, cases.c.chain_head).order_by(cases.c.office_id, cases.c.id),
        execution_options={"yield_per": 5000},
    )
    for row in rows:
        yield Chain(row.id, row.chain_length, row.chain_head)


def number_of(db: Connection, case_id: int) -> str | None:
    found: str | None = db.scalar(select(cases.c.number).where(cases.c.office_id == OFFICE, cases.c.id == case_id))
    return found


def due_timers(db: Connection, *, at: datetime, limit: int = 100) -> tuple[tuple[int, str], ...]:
    """Case and token of timers that are due and not yet fired, earliest first; at the same instant as their cases began.

    Those of a case that rests wait, however many they are.
    """
    return tuple((row.case_id, row.token) for row in _DUE.all(db, {"at": at, "most": limit}))


def _tasks(db: Connection, case_id: int, opened: int, asked_for: int | None) -> tuple[TaskLine, ...]:
    """In the order they were opened; of a very long case those still open, the last ones and the one asked for."""
    sender, absent = departments.alias("sender"), persons.alias("absent")
    rows = db.execute(
        select(
            tasks.c.number, tasks.c.element, tasks.c.edition_id, tasks.c.item, tasks.c.post_id, tasks.c.department_id,
            tasks.c.person_id, tasks.c.opened_at, tasks.c.due_at, tasks.c.claimed_at, tasks.c.closed_at,
            tasks.c.closed_how, tasks.c.kind, tasks.c.of_task, tasks.c.provisional, tasks.c.clock_of, posts.c.name_en.label("post_en"), posts.c.name_zh.label("post_zh"),
            departments.c.name_en.label("department_en"), departments.c.name_zh.label("department_zh"),
            persons.c.name_en.label("person_en"), persons.c.name_zh.label("person_zh"),
            sender.c.name_en.label("sender_en"), sender.c.name_zh.label("sender_zh"), hand_overs.c.returned_at,
            absent.c.name_en.label("absent_en"), absent.c.name_zh.label("absent_zh"),
        )
        .join(posts, posts.c.id == tasks.c.post_id)
        .outerjoin(stood_in, has_stood_in())
        .outerjoin(absent, absent.c.id == stood_in.c.for_person_id)
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
        .where(
            tasks.c.office_id == OFFICE,
            tasks.c.case_id == case_id,
            or_(tasks.c.number > opened - _MOST_SHOWN, tasks.c.number == asked_for, tasks.c.closed_at.is_(None)),
        )
        .order_by(tasks.c.number)
    ).all()  # fmt: skip
    return tuple(_task_line(db, row, element_names(db, row.edition_id)) for row in rows)


def _task_line(db: Connection, row: Row[*tuple[Any, ...]], names: Mapping[str, str]) -> TaskLine:
    return TaskLine(
        number=row.number, element=row.element, name=names.get(row.element, row.element), item=row.item,
        post_id=row.post_id, post=Name(row.post_en, row.post_zh),
        department_id=row.department_id, department=Name(row.department_en, row.department_zh),
        person_id=row.person_id, person=Name(row.person_en, row.person_zh) if row.person_en else None,
        opened_at=row.opened_at, due_at=None if row.due_at >= rules.NO_DUE else row.due_at,
        claimed_at=row.claimed_at, closed_at=row.closed_at,
        cancelled=row.closed_how == rules.Closed.CANCELLED,
        handed_over_from=Name(row.sender_en, row.sender_zh) if row.sender_en else None,
        kind=row.kind, of_task=row.of_task, returned=row.returned_at is not None,
        on_behalf=Name(row.absent_en, row.absent_zh) if row.absent_en else None,
        provisional=row.provisional is not None, clock_of=row.clock_of, **counts_by(db, row),
    )  # fmt: skip


def _waits(db: Connection, case_id: int, names: Mapping[str, str], of: Row[*tuple[Any, ...]]) -> tuple[WaitLine, ...]:
    armed = db.execute(
        select(
            timers.c.token, timers.c.element, timers.c.due_at, timers.c.since_at, timers.c.counted_by, timers.c.value,
            timers.c.wake_at,
        )
        .where(timers.c.office_id == OFFICE, timers.c.case_id == case_id, timers.c.closed_at.is_(None))
        .order_by(timers.c.due_at)
    ).all()  # fmt: skip
    expected = db.execute(
        select(awaited.c.token, awaited.c.element, awaited.c.kind, awaited.c.name, awaited.c.opened_at)
        .where(awaited.c.office_id == OFFICE, awaited.c.case_id == case_id, awaited.c.closed_at.is_(None))
        .order_by(awaited.c.opened_at)
    )
    return tuple(_timer_line(db, row, names.get(row.element, row.element), of) for row in armed) + tuple(
        WaitLine(row.token, row.element, names.get(row.element, row.name), row.kind, None, row.opened_at)
        for row in expected
    )


def _timer_line(db: Connection, row: Row[*tuple[Any, ...]], name: str, of: Row[*tuple[Any, ...]]) -> WaitLine:
    working = row.counted_by is not None
    return WaitLine(
        row.token, row.element, name, "timer", row.due_at, row.since_at,
        how_long=how_long(row.value, working=working), working=working,
        provisional=working and is_provisional(db, of.edition_id, of.process, row.element, row.since_at, row.due_at),
        rests=row.wake_at is None,
    )  # fmt: skip


def _incidents(db: Connection, case_id: int, names: Mapping[str, str]) -> tuple[IncidentLine, ...]:
    rows = db.execute(
        select(incidents)
        .where(incidents.c.office_id == OFFICE, incidents.c.case_id == case_id)
        .order_by(incidents.c.number)
    )
    return tuple(
        IncidentLine(
            row.number, row.element, names.get(row.element, row.element), row.kind, orjson.loads(row.facts),
            row.opened_at, row.closed_at,
        )
        for row in rows
    )  # fmt: skip


def _record(db: Connection, case_id: int) -> tuple[EntryLine, ...]:
    written = entries(db, case_id)
    told = [orjson.loads(one.facts) for one in written]
    absent = [facts["for"] for facts in told if "for" in facts]
    people = _names(db, absent + [one.person_id for one in written if one.person_id is not None])
    return tuple(
        EntryLine(
            one.number,
            one.at,
            one.act,
            None if one.person_id is None else people.get(one.person_id, _UNKNOWN),
            facts,
            people.get(facts["for"], _UNKNOWN) if "for" in facts else None,
        )
        for one, facts in zip(written, told, strict=True)
    )


def _names(db: Connection, ids: Sequence[int]) -> dict[int, Text]:
    if not ids:
        return {}
    rows = db.execute(select(persons.c.id, persons.c.name_en, persons.c.name_zh).where(persons.c.id.in_(set(ids))))
    return {row.id: Name(row.name_en, row.name_zh) for row in rows}


def _work(db: Connection, case_id: int, number: int) -> str | None:
    last = db.scalar(
        select(task_events.c.change)
        .where(task_events.c.office_id == OFFICE, task_events.c.case_id == case_id, task_events.c.task_number == number)
        .order_by(task_events.c.number.desc())
        .limit(1)
    )
    return None if last is None else rules.Change(last).name.lower()
