"""Cases as the rules see them, a few statements for however many: read when a case is looked at, and to try a rule out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import BindParameter, Connection, Row, Select, and_, bindparam, func, or_, select

from engine.base.database import OFFICE
from engine.cases.accountable import Held
from engine.cases.clocks import rules as clocks_rules
from engine.cases.clocks.tables import clocks, stops
from engine.cases.due.later import of_clocks
from engine.cases.handing.rows import SILENT
from engine.cases.moves import Ground
from engine.cases.rules import NO_DUE, Mark
from engine.cases.tables import cases, hand_overs, marks, task_events, tasks
from engine.counter.tables import receptions
from engine.diagram.rule_sets import Clock
from engine.diagram.rule_sets import Ground as StopGround
from engine.organisation.calendars.reads import calendar_of, calendars_version
from engine.organisation.tables import departments
from engine.procedures.tables import procedures
from engine.records.tables import entries
from engine.supervision.cards.refusals import without_ground
from engine.supervision.cards.seen import (
    CaseSeen,
    HandedSeen,
    StepSeen,
    rounds,
)
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import days_between, time_between

Rows = list[Row[*tuple[Any, ...]]]
_TOLD: Final = ("give_notice", "suspend", "resume")
_COUNTED: Final = (
    clocks_rules.KIND_NUMBERS[Clock.PROMISED],
    clocks_rules.KIND_NUMBERS[Clock.STATUTORY],
    clocks_rules.KIND_NUMBERS[Clock.JOINT],
)
"""Which period a case is held to, where it has several: the first of these."""
_SUPPLEMENT: Final = clocks_rules.GROUND_NUMBERS[StopGround.SUPPLEMENT]


_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_OF_TASK: Final = and_(
    task_events.c.office_id == tasks.c.office_id,
    task_events.c.case_id == tasks.c.case_id,
    task_events.c.task_number == tasks.c.number,
)
_EXTERNAL: Final = select(task_events.c.external).where(_OF_TASK, task_events.c.number == 1).scalar_subquery()
_TOUCHED: Final = select(func.max(task_events.c.at)).where(_OF_TASK).scalar_subquery()
_CASES: Final = (
    select(
        cases.c.id, cases.c.number, cases.c.procedure_id, cases.c.started_at, cases.c.ended_at,
        cases.c.suspended_at, cases.c.edition_id, procedures.c.prefix, procedures.c.department_id, receptions.c.due_on,
    )
    .join(procedures, procedures.c.id == cases.c.procedure_id)
    .outerjoin(receptions, and_(receptions.c.office_id == cases.c.office_id, receptions.c.case_id == cases.c.id))
    .where(cases.c.office_id == OFFICE, cases.c.id.in_(_IDS))
)  # fmt: skip
_STEPS: Final = (
    select(
        tasks.c.case_id, tasks.c.number, tasks.c.edition_id, tasks.c.element, tasks.c.post_id,
        tasks.c.department_id, tasks.c.person_id, tasks.c.opened_at, tasks.c.due_at, tasks.c.claimed_at,
        departments.c.code.label("department"), _EXTERNAL.label("external"), _TOUCHED.label("touched_at"),
        hand_overs.c.sent_at, hand_overs.c.answer_by, hand_overs.c.from_post_id, hand_overs.c.from_person_id,
        hand_overs.c.escalated_at,
    )
    .join(departments, departments.c.id == tasks.c.department_id)
    .outerjoin(
        hand_overs,
        and_(
            hand_overs.c.office_id == tasks.c.office_id, hand_overs.c.case_id == tasks.c.case_id,
            hand_overs.c.task_number == tasks.c.number, SILENT,
        ),
    )
    .where(
        tasks.c.office_id == OFFICE, tasks.c.case_id.in_(_IDS), tasks.c.closed_at.is_(None), tasks.c.kind.is_(None)
    )
    .order_by(tasks.c.case_id, tasks.c.number)
)  # fmt: skip
_MARKED: Final = (
    select(marks.c.case_id, marks.c.task_number, marks.c.kind, func.count().label("times"))
    .where(marks.c.office_id == OFFICE, marks.c.case_id.in_(_IDS))
    .group_by(marks.c.case_id, marks.c.task_number, marks.c.kind)
)
_CLOCKS: Final = select(
    clocks.c.case_id, clocks.c.kind, clocks.c.department_id, clocks.c.begun_at, clocks.c.due_at, clocks.c.stands
).where(clocks.c.office_id == OFFICE, clocks.c.case_id.in_(_IDS), clocks.c.kind.in_(_COUNTED))
_STOPS: Final = select(stops.c.case_id, stops.c.ground, stops.c.begin_at, stops.c.end_at).where(
    stops.c.office_id == OFFICE, stops.c.case_id.in_(_IDS)
)
_CROSSED: Final = select(
    hand_overs.c.case_id, hand_overs.c.from_department_id, hand_overs.c.to_department_id,
    hand_overs.c.sent_at, hand_overs.c.returned_at,
).where(hand_overs.c.office_id == OFFICE, hand_overs.c.case_id.in_(_IDS))  # fmt: skip
_HEARD: Final = (
    select(entries.c.chain, entries.c.at, entries.c.act, entries.c.facts)
    .where(
        entries.c.office_id == OFFICE, entries.c.chain.in_(_IDS),
        or_(
            entries.c.act.in_(_TOLD), entries.c.facts.contains('"gave_back"'),
            and_(entries.c.act == "complete_task", entries.c.facts.contains('"refuse')),
        ),
    )
    .order_by(entries.c.chain, entries.c.number)
)  # fmt: skip


def _all(db: Connection, query: Select[Any], ids: Collection[int]) -> Rows:
    return list(db.execute(query, {"ids": list(ids)}))


@dataclass(slots=True)
class _Heard:
    """What the record says of one case."""

    notices: list[datetime] = field(default_factory=list)
    rests: list[tuple[datetime, datetime, frozenset[int] | None]] = field(
        default_factory=list
    )  # of which tasks; None: all
    refuses: bool = False
    stood: list[tuple[datetime, datetime]] = field(default_factory=list)  # the clock of the case


def seen(db: Connection, case_ids: Collection[int], now: datetime) -> Mapping[int, CaseSeen]:
    """By id; those that there are."""
    if not case_ids:
        return {}
    version = calendars_version(db)

    def calendar(department_id: int) -> WorkCalendar:
        return calendar_of(db, department_id, version=version)

    heard, crossed = _heard(db, case_ids), _crossed(db, case_ids)
    marked, open_steps = _marked(db, case_ids), _grouped(_all(db, _STEPS, case_ids))
    kept = _clocks(db, case_ids)
    stood = _grouped(_all(db, _STOPS, case_ids))
    found: dict[int, CaseSeen] = {}
    rows = _all(db, _CASES, case_ids)
    bare = without_ground(
        db, {row.id: row.edition_id for row in rows}, {row.id for row in rows if heard[row.id].refuses}
    )
    for row in rows:
        told = heard[row.id]
        clock = kept.get(row.id)
        of_case = calendar(row.department_id if clock is None else clock.department_id)
        held = stood.get(row.id, ())
        told.notices += [one.begin_at for one in held if one.ground == _SUPPLEMENT]
        told.stood += [(one.begin_at, one.end_at or now) for one in held]
        stands = row.ended_at is None and any(one.end_at is None for one in held)
        due_on = row.due_on if clock is None else None
        begun_at = row.started_at if clock is None else clock.begun_at
        found[row.id] = CaseSeen(
            case_id=row.id, number=row.number, procedure_id=row.procedure_id, procedure=row.prefix,
            started_at=row.started_at, ended_at=row.ended_at, calendar=of_case, begun_at=begun_at,
            standing=stands or row.suspended_at is not None or (clock is not None and clock.stands > 0),
            steps=tuple(
                _step(one, marked, told, calendar(one.department_id), now) for one in open_steps.get(row.id, ())
            ),
            due_at=clock.due_at if clock is not None else None if due_on is None else _end_of(due_on, of_case),
            stopped=_worked(of_case, told.stood, begun_at, row.ended_at or now),
            supplements=_times(of_case, told.notices), rounds=rounds(crossed.get(row.id, ())),
            refused=row.id in bare,
        )  # fmt: skip
    return found


def _step(
    row: Any, marked: Mapping[tuple[int, int, int], int], told: _Heard, calendar: WorkCalendar, now: datetime
) -> StepSeen:
    def times(*kinds: Mark) -> int:
        return sum(marked.get((row.case_id, row.number, kind), 0) for kind in kinds)

    handed = None
    if row.sent_at is not None:
        sender = None if row.from_post_id is None else Held(row.from_post_id, row.from_person_id)
        still = told.stood + [(begin, end) for begin, end, numbers in told.rests if numbers is None]
        stopped = _worked(calendar, still, row.sent_at, now)
        handed = HandedSeen(sender, row.sent_at, row.answer_by, row.escalated_at is not None, stopped)
    return StepSeen(
        number=row.number, edition_id=row.edition_id, element=row.element, post_id=row.post_id,
        department_id=row.department_id, department=row.department, person_id=row.person_id, opened_at=row.opened_at,
        due_at=None if row.due_at >= NO_DUE else row.due_at, claimed_at=row.claimed_at,
        touched_at=row.touched_at or row.opened_at, external=bool(row.external), calendar=calendar,
        rested=sum(
            (
                time_between(calendar, max(begin, row.opened_at), end)
                for begin, end, numbers in told.rests
                if end > row.opened_at and (numbers is None or row.number in numbers)
            ),
            timedelta(0),
        ),
        extensions=times(Mark.EXTENDED), returned=times(Mark.RETURNED, Mark.HAND_OVER_RETURNED),
        urged=times(Mark.URGED), handed=handed,
    )  # fmt: skip


def _marked(db: Connection, ids: Collection[int]) -> Mapping[tuple[int, int, int], int]:
    return {(row.case_id, row.task_number, row.kind): row.times for row in _all(db, _MARKED, ids)}


def _clocks(db: Connection, ids: Collection[int]) -> Mapping[int, Row[*tuple[Any, ...]]]:
    """Of each case the period it is held to; of one that has ended as it was then."""
    rows = _all(db, _CLOCKS, ids)
    return {row.case_id: row for row in sorted(rows, key=lambda row: _COUNTED.index(row.kind), reverse=True)}


def _crossed(db: Connection, ids: Collection[int]) -> Mapping[int, list[tuple[int, int, datetime, datetime | None]]]:
    found: dict[int, list[tuple[int, int, datetime, datetime | None]]] = defaultdict(list)
    for row in _all(db, _CROSSED, ids):
        found[row.case_id].append((row.from_department_id, row.to_department_id, row.sent_at, row.returned_at))
    return found


def _heard(db: Connection, ids: Collection[int]) -> Mapping[int, _Heard]:
    found: dict[int, _Heard] = defaultdict(_Heard)
    for row in _all(db, _HEARD, ids):
        heard, facts = found[row.chain], orjson.loads(row.facts)
        if row.act == "complete_task":
            heard.refuses |= '"refuse' in row.facts
        elif row.act == "give_notice" or (row.act == "suspend" and facts.get("ground") == Ground.SUPPLEMENT):
            heard.notices.append(row.at)
        elif row.act == "resume":
            heard.rests.append((row.at - timedelta(seconds=facts.get("seconds", 0)), row.at, None))
        given = of_clocks(facts).get("gave_back")
        if given is not None:
            of_tasks = frozenset(given["tasks"])
            heard.rests += [
                (datetime.fromisoformat(begin), datetime.fromisoformat(end), of_tasks)
                for begin, end, _ground in given["spells"]
            ]
    return found


def _grouped(rows: Iterable[Row[*tuple[Any, ...]]]) -> dict[int, Rows]:
    found: dict[int, Rows] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(row)
    return found


def _end_of(day: Any, calendar: WorkCalendar) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), calendar.zone).astimezone(UTC)


def _worked(
    calendar: WorkCalendar, spans: Sequence[tuple[datetime, datetime]], begin: datetime, end: datetime
) -> timedelta:
    """Working time within stops that may overlap."""
    total, reached = timedelta(0), begin
    for begins, ends in sorted(spans):
        since, until = max(begins, reached), min(ends, end)
        if until > since:
            total += time_between(calendar, since, until)
            reached = until
    return total


def _times(calendar: WorkCalendar, notices: Iterable[datetime]) -> int:
    """A notice and the stop that comes with it, on the same or the next working day, are one."""
    found, last = 0, None
    for at in sorted(notices):
        day = calendar.local_day(at)
        if last is None or days_between(calendar, last, day) > 1:
            found += 1
            last = day
    return found
