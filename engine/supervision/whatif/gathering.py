"""The record of an office, read from its rows: of procedures that share posts or persons, which is what is simulated together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from engine.base import clock
from engine.base.database import OFFICE
from engine.cases.tables import cases, tasks
from engine.organisation.absence.reads import days_away
from engine.organisation.calendars.reads import calendar_of
from engine.organisation.tables import holdings
from engine.supervision.figures.history import cases_between, finished, standing
from engine.supervision.figures.rules import CaseSpan, Spell
from engine.supervision.figures.sight import midnight
from engine.supervision.whatif.record import HOUR_MS, Away, Case, Done, Held, Record
from engine.worktime.calendar import WorkCalendar
from engine.worktime.quick import worked

PAST: Final = timedelta(days=182)
"""How far back is looked."""
AHEAD: Final = timedelta(days=60)
_MOST_CASES: Final = 1_500
"""Of a procedure; of more those that ended last."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_NEARLY: Final = 0.9


def stored(at: datetime) -> int:
    return (at - _EPOCH) // _MS


def together(db: Connection) -> tuple[tuple[int, ...], ...]:
    """Procedures in groups that share neither a post nor a person with another; of those with work in the last half-year."""
    since = clock.now() - PAST
    rows = db.execute(
        select(tasks.c.procedure_id, tasks.c.post_id, tasks.c.person_id)
        .where(tasks.c.office_id == OFFICE, tasks.c.kind.is_(None), tasks.c.opened_at >= since)
        .distinct()
    ).all()
    leader: dict[object, object] = {}

    def find(one: object) -> object:
        while leader.setdefault(one, one) != one:
            one = leader[one]
        return one

    for row in rows:
        leader[find(("post", row.post_id))] = find(row.procedure_id)
        if row.person_id is not None:
            leader[find(("person", row.person_id))] = find(row.procedure_id)
    groups: dict[object, list[int]] = defaultdict(list)
    for procedure in sorted({row.procedure_id for row in rows}):
        groups[find(procedure)].append(procedure)
    return tuple(tuple(group) for group in groups.values())


def gathered(db: Connection, procedures: Sequence[int]) -> Record:
    """What these procedures did in the last half-year, and what stands open."""
    now = clock.now()
    office = calendar_of(db)
    last = office.local_day(now)
    known: dict[int, Case] = {}
    done: dict[int, list[Done]] = defaultdict(list)
    for procedure in procedures:
        since = _since(db, procedure, last - PAST)
        for span in cases_between(db, procedure_id=procedure, since=since, until=last, open_too=True):
            if not span.cancelled:
                known[span.case_id] = _case(span)
        for spells in (
            finished(db, procedure_id=procedure, since=since, until=last), standing(db, procedure_id=procedure),
        ):  # fmt: skip
            for one in spells:
                if one.case_id in known:
                    done[one.case_id].append(_done(one))
    departments = {one.department for of in done.values() for one in of}
    calendars = {one: calendar_of(db, one) for one in departments}
    first = last - 2 * PAST
    count = (last + AHEAD - first).days
    days = [first + timedelta(days=number) for number in range(count)]
    return Record(
        known,
        {case: sorted(of, key=lambda one: (one.opened, one.number)) for case, of in done.items()},
        _held(db),
        _away(db, first, days[-1]),
        {one: worked(calendar) for one, calendar in calendars.items()},
        {one: _day_length(calendar) for one, calendar in calendars.items()},
        first.toordinal(),
        [stored(midnight(day, office.zone)) for day in days],
        [office.works_on(day) for day in days],
    )


def _since(db: Connection, procedure_id: int, earliest: date) -> date:
    """When the oldest of so many ended."""
    found = db.scalar(
        select(cases.c.ended_at)
        .where(cases.c.office_id == OFFICE, cases.c.procedure_id == procedure_id, cases.c.ended_at.is_not(None))
        .order_by(cases.c.ended_at.desc())
        .offset(_MOST_CASES)
        .limit(1)
    )
    return earliest if found is None else max(earliest, calendar_of(db).local_day(found))


def _case(span: CaseSpan) -> Case:
    began = stored(span.started_at)
    ended = None if span.ended_at is None else stored(span.ended_at)
    promise = None if span.promise_due is None else stored(span.promise_due) - began
    tail = 0
    if ended is not None and span.promise_met_at is not None:
        tail = max(ended - stored(span.promise_met_at), 0)
    return Case(span.case_id, span.procedure_id, began, ended, span.cancelled, promise, tail)


def _done(one: Spell) -> Done:
    parts = one.parts
    outside = parts.outside + parts.stopped
    away = bool(outside) and outside >= _NEARLY * parts.sojourn
    withdrawn = one.closed_at is not None and one.claimed_at is None
    return Done(
        one.case_id, one.task_number, (one.procedure_id, one.element, one.post_id), one.department_id, one.person_id,
        stored(one.opened_at),
        None if one.claimed_at is None else stored(one.claimed_at),
        None if one.closed_at is None else stored(one.closed_at),
        None if one.due_at is None else stored(one.due_at),
        served=not away and not withdrawn,
        waited=(parts.waiting + parts.handed) // _MS, taken=parts.taken // _MS,
        worked=None if parts.working is None else parts.working // _MS, stopped=outside // _MS,
    )  # fmt: skip


def _held(db: Connection) -> list[Held]:
    return [
        Held(
            row.person_id,
            row.post_id,
            row.from_day.toordinal(),
            None if row.until_day is None else row.until_day.toordinal(),
        )
        for row in db.execute(
            select(holdings.c.person_id, holdings.c.post_id, holdings.c.from_day, holdings.c.until_day)
        )
    ]


def _away(db: Connection, since: date, until: date) -> list[Away]:
    return [
        Away(one.person_id, one.from_day.toordinal(), one.until_day.toordinal(), one.post_ids)
        for one in days_away(db, since, until)
    ]


def _day_length(calendar: WorkCalendar) -> int:
    """Of the longest usual day, half an hour at least."""
    lengths = [sum((_minutes(one.end) or 1440) - _minutes(one.begin) for one in hours) for hours in calendar.week]
    return max(max(lengths) * 60_000, HOUR_MS // 2)


def _minutes(at: object) -> int:
    return at.hour * 60 + at.minute  # type: ignore[attr-defined, no-any-return]
