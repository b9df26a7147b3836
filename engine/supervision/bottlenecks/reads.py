"""Where it costs that cases wait, asked of the figures and of what lies there now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, select, tuple_

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.cases.clocks.rules import KIND_NUMBERS
from engine.cases.clocks.tables import clocks
from engine.cases.rules import NO_DUE
from engine.cases.tables import cases, tasks
from engine.diagram.rule_sets import Clock
from engine.organisation.calendars.reads import calendar_of, calendars_version
from engine.organisation.rules import Actor
from engine.procedures.reads import procedures_and_departments, standard_times
from engine.supervision.bottlenecks.maps import day_length
from engine.supervision.bottlenecks.rules import Bottleneck, Standing, rank
from engine.supervision.figures import now as at_present
from engine.supervision.figures import reads as figures
from engine.supervision.figures.loads import Staff, posts_of_few, staff
from engine.supervision.figures.parts import Part
from engine.supervision.figures.rules import Scope, StepFigures, StepNow
from engine.supervision.figures.suppressing import without_work
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import day_after, time_between
from engine.worktime.spans import after

DAYS: Final = 30
"""The days before today that the rates and the costs are of."""
_PLACES_OVER: Final = timedelta(days=90)
"""As many people as a post had at once in so long are its places."""
_LATELY: Final = timedelta(days=13)
_DAY: Final = timedelta(days=1)
_MOST_LOOKED_AT: Final = 24
_PROMISED: Final = KIND_NUMBERS[Clock.PROMISED]
_MOST_QUEUED: Final = 5000

Key = tuple[int, str]
"""A procedure and a step of it, whatever the edition."""


@frozen
class Told:
    """The ranking, the period it was made of, and the day that is meant by what misses its promise."""

    found: tuple[Bottleneck, ...]
    since: date
    until: date
    by: date


@dataclass(slots=True)
class _Looked:
    """What is known of a step, over all its editions."""

    latest: StepFigures | StepNow
    past: list[StepFigures] = field(default_factory=list)
    before: list[StepFigures] = field(default_factory=list)
    now: list[StepNow] = field(default_factory=list)
    days: dict[date, list[int]] = field(default_factory=dict)


@frozen
class _Day:
    """How the department works: its calendar and the length of its day."""

    calendar: WorkCalendar
    length: timedelta

    def in_days(self, length: timedelta) -> float:
        return length / self.length


def bottlenecks(
    db: Connection, *, actor: Actor, now: datetime, procedure_id: int | None = None, days: int = DAYS
) -> Told:
    """Of all procedures that the person sees figures of, or of one. Raises NotAllowed, NotFound."""
    office = calendar_of(db)
    today = office.local_day(now)
    scope = Scope(today - (days - 1) * _DAY, today, procedure_id=procedure_id)
    by = friday(office, today)
    there = staff(db, today - _PLACES_OVER, today)
    looked = _looked_at(db, actor, scope, now)
    few = posts_of_few(db, there, today)
    for one in looked.values():
        one.past, one.before = list(without_work(one.past, few)), list(without_work(one.before, few))
    version = calendars_version(db)
    names = dict(procedures_and_departments(db)[0])
    found = [_standing(db, key, one, scope, now, version, names, there) for key, one in looked.items()]
    found = _with_queues(db, found, now, version, scope)
    ends = datetime.combine(by, time.max, office.zone)
    hours = _of(office, today)
    return Told(rank(found, horizon=hours.in_days(time_between(office, now, ends))), scope.since, scope.until, by)


def friday(calendar: WorkCalendar, today: date) -> date:
    """The last working day of this week; where that is today or tomorrow, of the next one."""
    for week in (0, 1, 2):
        sunday = today + (6 - today.weekday() + 7 * week) * _DAY
        last = day_after(calendar, sunday + _DAY, -1)
        if last > today + _DAY:
            return last
    return today + 7 * _DAY


def _looked_at(db: Connection, actor: Actor, scope: Scope, now: datetime) -> dict[Key, _Looked]:
    """The steps where most was waited; those at which nothing is waiting and nobody waited are not looked at closer."""
    length = scope.until - scope.since + _DAY
    past = figures.steps(db, actor=actor, scope=scope)
    before = figures.steps(db, actor=actor, scope=replace(scope, since=scope.since - length, until=scope.since - _DAY))
    found: dict[Key, _Looked] = {}
    for one in past:
        found.setdefault((one.procedure_id, one.element), _Looked(one)).past.append(one)
    for present in at_present.steps_now(db, actor=actor, scope=scope, now=now):
        found.setdefault((present.procedure_id, present.element), _Looked(present)).now.append(present)
    most = sorted(found, key=lambda key: _roughly(found[key]), reverse=True)[:_MOST_LOOKED_AT]
    kept = {key: found[key] for key in most if _roughly(found[key]) > 0}
    for one in before:
        if (one.procedure_id, one.element) in kept:
            kept[one.procedure_id, one.element].before.append(one)
    if kept:
        _note_days(db, actor, scope, kept)
    for looked in kept.values():
        every: list[StepFigures | StepNow] = [*looked.now, *looked.past]
        looked.latest = max(every, key=lambda one: (one.edition_id, one.open))
    return kept


def _roughly(one: _Looked) -> float:
    """Seconds waited, as a first look."""
    gone = sum((step.waiting.total + step.handed.total for step in one.past), timedelta(0))
    lying = sum((step.ages.total * (step.waiting + step.handed) / max(step.open, 1) for step in one.now), timedelta(0))
    return (gone + lying).total_seconds()


def _note_days(db: Connection, actor: Actor, scope: Scope, kept: Mapping[Key, _Looked]) -> None:
    of_edition: dict[tuple[int, str], _Looked] = {}
    for one in kept.values():
        of_edition.update(((step.edition_id, step.element), one) for step in one.past)
        of_edition.update(((step.edition_id, step.element), one) for step in one.now)
    for day in figures.days(db, actor=actor, scope=scope):
        for step in day.steps:
            looked = of_edition.get((step.edition_id, step.element))
            if looked is not None:
                counted = looked.days.setdefault(day.day, [0, 0])
                counted[0] += step.arrived
                counted[1] += step.done + step.cancelled


def _standing(
    db: Connection,
    key: Key,
    one: _Looked,
    scope: Scope,
    now: datetime,
    version: int,
    names: Mapping[int, str],
    there: Staff,
) -> Standing:
    latest = one.latest
    calendar = calendar_of(db, latest.department_id, version)
    hours = _of(calendar, scope.until)
    waited = sum((step.waiting.total for step in one.past), timedelta(0))
    handed = sum((step.handed.total for step in one.past), timedelta(0))
    span = standard_times(db, latest.edition_id).get(latest.element)
    standard = None if span is None else hours.in_days(time_between(calendar, now, after(span, calendar, now)))
    absent, absent_now = _away(there, latest.post_id, calendar, scope.until)
    holders = len(there.holders(latest.post_id, scope.until))
    length = scope.until - scope.since + _DAY
    return Standing(
        procedure_id=key[0], edition_id=latest.edition_id, element=key[1], procedure=names.get(key[0], ""),
        step=latest.name, post_id=latest.post_id, post=latest.post, department_id=latest.department_id,
        department=latest.department, daily=daily(one.days, calendar, scope.since, scope.until, now),
        waits=sum(step.waiting.n for step in one.past), waited=hours.in_days(waited), in_transit=hours.in_days(handed),
        repeated=sum(step.repeated for step in one.past), worked=_worked(one.past, hours),
        days_before=_working_days(calendar, scope.since - length, scope.since - _DAY) if one.before else 0,
        arrived_before=sum(step.arrived for step in one.before), finished_before=sum(step.done for step in one.before),
        worked_before=_worked(one.before, hours),
        waiting=sum(step.waiting for step in one.now), handing=sum(step.handed for step in one.now),
        working=sum(step.working for step in one.now), stopped=sum(step.stopped for step in one.now),
        outside=sum(step.outside for step in one.now), standard=standard, holders=holders,
        vacant=_places(there, latest.post_id, scope.until) - holders, absent=absent, absent_now=absent_now,
    )  # fmt: skip


def _of(calendar: WorkCalendar, today: date) -> _Day:
    return _Day(calendar, day_length(calendar, today))


def _worked(some: Iterable[StepFigures], hours: _Day) -> float | None:
    """Mean time in work; where nobody presses start, or it would tell of few whatever the reader may see, how long somebody had it."""
    spreads = [one.working if one.working.n else one.taken for one in some]
    n = sum(one.n for one in spreads)
    return hours.in_days(sum((one.total for one in spreads), timedelta(0)) / n) if n else None


def _working_days(calendar: WorkCalendar, since: date, until: date) -> int:
    return sum(calendar.works_on(since + number * _DAY) for number in range((until - since).days + 1))


def daily(
    counted: Mapping[date, Sequence[int]], calendar: WorkCalendar, since: date, until: date, now: datetime
) -> tuple[tuple[int, int], ...]:
    """Arrived and gone on each working day. What came on a day of rest, or today before noon, counts with the day before."""
    found: list[list[int]] = []
    early = [0, 0]  # on days of rest before the first that was worked
    for number in range((until - since).days + 1):
        day = since + number * _DAY
        if calendar.works_on(day) and not _is_young(calendar, day, now):
            found.append([0, 0])
        counts = found[-1] if found else early
        for place, count in enumerate(counted.get(day, (0, 0))):
            counts[place] += count
    if found:
        found[0] = [one + other for one, other in zip(found[0], early, strict=True)]
    return tuple((arrived, gone) for arrived, gone in found)


def _is_young(calendar: WorkCalendar, day: date, now: datetime) -> bool:
    spans = calendar.spans(day)
    whole = sum((end - begin for begin, end in spans), timedelta(0))
    gone = sum((max(min(end, now) - begin, timedelta(0)) for begin, end in spans), timedelta(0))
    return gone < whole / 2


def _places(there: Staff, post_id: int, today: date) -> int:
    days = (today - number * _DAY for number in range(0, _PLACES_OVER.days, 3))
    return max((len(there.holders(post_id, day)) for day in days), default=0)


def _away(there: Staff, post_id: int, calendar: WorkCalendar, today: date) -> tuple[float, int]:
    """Of the working days of its holders in the last two weeks, the share that they were away; and how many are now."""
    gone = whole = 0
    for number in range(_LATELY.days + 1):
        day = today - number * _DAY
        if calendar.works_on(day):
            held = there.holders(post_id, day)
            whole += len(held)
            gone += sum(_is_away(there, person, post_id, day) for person in held)
    now = sum(_is_away(there, person, post_id, today) for person in there.holders(post_id, today))
    return (gone / whole if whole else 0.0), now


def _is_away(there: Staff, person: int, post_id: int, day: date) -> bool:
    return any(one.on(day, post_id) for one in there.away.get(person, ()))


def _with_queues(
    db: Connection, steps: Sequence[Standing], now: datetime, version: int, scope: Scope
) -> list[Standing]:
    """With what lies there: its age, and how long it has until its promise; no other period is one."""
    queues: dict[Key, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    wanted = [(one.procedure_id, one.element) for one in steps if one.queue]
    if wanted:
        part = at_present.standing().label("part")
        for row in db.execute(
            select(tasks.c.procedure_id, tasks.c.element, tasks.c.opened_at, tasks.c.due_at,
                   clocks.c.due_at.label("promise"), part)
            .join(cases, and_(cases.c.office_id == tasks.c.office_id, cases.c.id == tasks.c.case_id))
            .outerjoin(clocks, and_(clocks.c.office_id == tasks.c.office_id, clocks.c.case_id == tasks.c.case_id,
                                    clocks.c.kind == _PROMISED, clocks.c.ended_at.is_(None), clocks.c.stands == 0))
            .where(
                tasks.c.office_id == OFFICE, tasks.c.closed_at.is_(None), tasks.c.kind.is_(None),
                tasks.c.person_id.is_(None), tuple_(tasks.c.procedure_id, tasks.c.element).in_(wanted),
            )
            .order_by(tasks.c.opened_at)
            .limit(_MOST_QUEUED)
        ):  # fmt: skip
            if row.part in (Part.WAITING, Part.HANDED):
                queues[row.procedure_id, row.element].append(row)
    return [_with_queue(db, one, queues[one.procedure_id, one.element], now, version, scope) for one in steps]


def _with_queue(
    db: Connection, one: Standing, rows: Sequence[Row[*tuple[Any, ...]]], now: datetime, version: int, scope: Scope
) -> Standing:
    hours = _of(calendar_of(db, one.department_id, version), scope.until)
    aged: dict[str, float] = defaultdict(float)
    ages = []
    for row in rows:
        age = hours.in_days(time_between(hours.calendar, row.opened_at, now))
        aged[row.part] += age
        ages.append(age)
    promised = any(row.promise is not None for row in rows)
    left = [_left(row.promise if promised else row.due_at, hours, now) for row in rows]
    return replace(
        one, aged=aged[Part.WAITING], aged_in_transit=aged[Part.HANDED], oldest=max(ages, default=0.0),
        left=tuple(left), promised=promised,
    )  # fmt: skip


def _left(due: datetime | None, hours: _Day, now: datetime) -> float:
    """Working days until it; far away where nothing is promised."""
    if due is None or due >= NO_DUE:
        return float("inf")
    if due < now:
        return -1.0
    return hours.in_days(time_between(hours.calendar, now, due))
