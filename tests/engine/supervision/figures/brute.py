"""Every figure worked out again from the rows, one task after the other: slow, and plainly what its definition says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from engine.cases.rules import Mark
from engine.cases.tables import cases, hand_overs, marks, tasks
from engine.organisation.calendars.reads import calendar_of
from engine.procedures.tables import procedures
from engine.supervision.figures.rules import CaseSpan, Scope, Spell
from engine.supervision.figures.spells import case_spans, spells
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import time_between

DAY = timedelta(days=1)
NONE = timedelta(0)
StepKey = tuple[int, int, str]


@dataclass
class Brute:
    """A period of one procedure at an instant."""

    db: Connection
    scope: Scope
    now: datetime

    def __post_init__(self) -> None:
        self.zone: ZoneInfo = calendar_of(self.db).zone
        self.begin = self.midnight(self.scope.since)
        self.end = self.midnight(self.scope.until + DAY)
        self.today = self.day(self.now)
        self.last = min(self.scope.until, self.today)
        self.every = spells(self.db, tasks.c.procedure_id == self.scope.procedure_id, now=self.now)
        spans = case_spans(self.db, cases.c.procedure_id == self.scope.procedure_id)
        kinds = {one.case_id: one.applicant_kind or 0 for one in spans}
        self.cases = [one for one in spans if self._case_fits(one)]
        self.asked = [one for one in self.every if self._fits(one, kinds[one.case_id])]
        self.of_case = {case: list(some) for case, some in groupby(self.every, key=lambda one: one.case_id)}
        self.closed = [one for one in self.asked if self.within(one.closed_at)]
        self.done = [one for one in self.closed if one.completed]
        self.came = [one for one in self.asked if self.within(one.opened_at)]
        self.ended = [one for one in self.cases if self.within(one.ended_at) and not one.cancelled]

    def _fits(self, one: Spell, kind: int) -> bool:
        scope = self.scope
        return (
            scope.edition_id in (None, one.edition_id)
            and scope.element in (None, one.element)
            and scope.post_id in (None, one.post_id)
            and (scope.department_ids is None or one.department_id in scope.department_ids)
            and scope.applicant_kind in (None, kind)
        )

    def _case_fits(self, one: CaseSpan) -> bool:
        return self.scope.edition_id in (None, one.edition_id) and self.scope.applicant_kind in (
            None,
            one.applicant_kind or 0,
        )

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.zone)

    def day(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()

    def within(self, instant: datetime | None) -> bool:
        return instant is not None and self.begin <= instant < self.end

    def age(self, one: Spell) -> timedelta:
        return time_between(calendar_of(self.db, one.department_id), one.opened_at, self.now)

    # Steps.

    def steps(self) -> dict[StepKey, dict[str, Any]]:
        groups: dict[StepKey, list[Spell]] = defaultdict(list)
        for one in self.asked:
            groups[one.procedure_id, one.edition_id, one.element].append(one)
        there = {
            key: some
            for key, some in groups.items()
            if any(one.opened_at < self.end and (one.closed_at is None or one.closed_at >= self.begin) for one in some)
        }
        waits = {key: self._waited(some) for key, some in there.items()}
        return {key: self._step(some, waits[key], sum(waits.values(), NONE)) for key, some in there.items()}

    def _waited(self, some: Iterable[Spell]) -> timedelta:
        found = NONE
        for one in some:
            if one.completed and self.within(one.closed_at):
                found += one.parts.waiting + one.parts.handed
            elif one.closed_at is None and one.person_id is None and one.opened_at < self.end:
                found += self.age(one)
        return found

    def _step(self, some: list[Spell], waited: timedelta, all_waits: timedelta) -> dict[str, Any]:
        closed = [one for one in some if self.within(one.closed_at)]
        done = [one for one in closed if one.completed]
        calendar = calendar_of(self.db, some[0].department_id)
        working = [self.last - place * DAY for place in range(200) if calendar.works_on(self.last - place * DAY)]
        growing = sum(self._balance(some, day) > 0 for day in working[:10]) >= 7
        recent = [one for one in some if one.completed and self._between(one.closed_at, working[19], self.last)]
        return {
            "arrived": sum(self.within(one.opened_at) for one in some), "done": len(done),
            "cancelled": len(closed) - len(done), "repeated": sum(self.is_again(one) for one in done),
            "self_loops": sum(self.is_loop(one) for one in done),
            "late": sum(one.due_at is not None and one.closed_at is not None and one.closed_at > one.due_at for one in done),
            "promised": sum(one.due_at is not None for one in done), "open": sum(self.is_open(one, self.end) for one in some),
            "waiting": [one.parts.waiting for one in done], "taken": [one.parts.taken for one in done],
            "stopped": [one.parts.stopped for one in done], "outside": [one.parts.outside for one in done],
            "working": [one.parts.working for one in done if one.parts.working is not None],
            "handed": [one.parts.handed for one in done if one.handed], "sojourn": [one.parts.sojourn for one in done],
            "sojourn_calendar": [one.closed_at - one.opened_at for one in done if one.closed_at is not None],
            "same_day": sum(one.closed_at is not None and self.day(one.closed_at) == self.day(one.opened_at) for one in done),
            "growing": growing, "rate": len(recent) / 20, "score": waited / all_waits if all_waits else 0.0,
            "little": self._little(some, done), "clears_on": self._clears(some, calendar, len(recent) / 20),
            "still": [self.age(one) for one in some if one.closed_at is None and one.opened_at < self.end],
        }  # fmt: skip

    def _clears(self, some: Iterable[Spell], calendar: WorkCalendar, a_day: float) -> date | None:
        left: float = sum(self.is_open(one, self.end) for one in some)
        if not left or not a_day:
            return None
        day = self.last
        while left > 1e-9:
            day += DAY
            left -= a_day if calendar.works_on(day) else 0
        return day

    def _between(self, instant: datetime | None, first: date, last: date) -> bool:
        return instant is not None and first <= self.day(instant) <= last

    def _balance(self, some: Iterable[Spell], day: date) -> int:
        come = sum(self.day(one.opened_at) == day for one in some)
        return come - sum(one.completed and self._between(one.closed_at, day, day) for one in some)

    def _little(self, some: list[Spell], done: list[Spell]) -> float | None:
        nights = [self.midnight(day + DAY) for day in self.days_of()]
        came = sum(self.within(one.opened_at) for one in some)
        stayed = sum((one.closed_at - one.opened_at for one in done if one.closed_at is not None), NONE)
        if not came or not stayed or not nights:
            return None
        wip = sum(self.is_open(one, night) for one in some for night in nights) / len(nights)
        return wip / (came / len(nights) * (stayed / len(done) / DAY))

    def days_of(self) -> list[date]:
        return [self.scope.since + place * DAY for place in range((self.last - self.scope.since).days + 1)]

    def is_open(self, one: Spell, instant: datetime) -> bool:
        return one.opened_at < instant and (one.closed_at is None or one.closed_at >= instant)

    def _completed(self, case_id: int) -> list[Spell]:
        done = [one for one in self.of_case.get(case_id, []) if one.completed]
        return sorted(done, key=lambda one: (one.closed_at or one.opened_at, one.task_number))

    def _same(self, one: Spell, other: Spell) -> bool:
        return (one.element, one.item) == (other.element, other.item)

    def is_again(self, one: Spell) -> bool:
        way = self._completed(one.case_id)
        return any(self._same(one, other) for other in way[: way.index(one)])

    def is_loop(self, one: Spell) -> bool:
        way = self._completed(one.case_id)
        return self.is_again(one) and self._same(way[way.index(one) - 1], one)

    # Moves.

    def before(self, one: Spell) -> Spell | None:
        done = [
            other
            for other in self._completed(one.case_id)
            if other.task_number < one.task_number and other.closed_at is not None and other.closed_at <= one.opened_at
        ]
        return done[-1] if done else None

    def flows(self) -> dict[tuple[int, str | None, str | None], list[Spell]]:
        found: dict[tuple[int, str | None, str | None], list[Spell]] = defaultdict(list)
        for one in self.came:
            earlier = self.before(one)
            found[one.edition_id, None if earlier is None else earlier.element, one.element].append(one)
        for case in self.ended:
            way = self._completed(case.case_id)
            if way and way[-1] in self.asked:
                found[way[-1].edition_id, way[-1].element, None].append(way[-1])
        return found

    def hands(self) -> dict[tuple[int, int], list[Spell]]:
        found: dict[tuple[int, int], list[Spell]] = defaultdict(list)
        for one in self.came:
            if one.from_department_id is not None and one.from_department_id != one.department_id:
                found[one.from_department_id, one.department_id].append(one)
        return found

    def returned(self) -> set[tuple[int, int]]:
        rows = self.db.execute(select(hand_overs).where(hand_overs.c.returned_at.is_not(None)))
        return {(row.case_id, row.task_number) for row in rows}

    def came_back(self, one: Spell) -> bool:
        return any(
            (other.from_department_id, other.department_id) == (one.department_id, one.from_department_id)
            and other.closed_at is not None
            and other.closed_at <= one.opened_at
            for other in self.of_case[one.case_id]
            if other.task_number < one.task_number
        )

    def ways(self) -> dict[tuple[str, ...], list[timedelta]]:
        found: dict[tuple[str, ...], list[timedelta]] = defaultdict(list)
        for case in self.ended:
            assert case.ended_at is not None
            found[tuple(one.element for one in self._completed(case.case_id))].append(case.ended_at - case.started_at)
        return found

    # Cases.

    def whole(self) -> dict[str, Any]:
        answering = self.db.scalar(select(procedures.c.department_id).where(procedures.c.id == self.scope.procedure_id))
        calendar = calendar_of(self.db, answering)
        back = set(
            self.db.scalars(select(marks.c.case_id).where(marks.c.kind.in_((Mark.RETURNED, Mark.HAND_OVER_RETURNED))))
        )
        again = {one.case_id for one in self.every if one.completed and self.is_again(one)}
        promised = [one for one in self.ended if one.promise_due is not None]
        lawful = [one for one in self.ended if one.law_due is not None]
        measured = [one for one in self.done if one.parts.working is not None]
        times = [(one.started_at, one.ended_at) for one in self.ended if one.ended_at is not None]
        return {
            "started": sum(self.within(one.started_at) for one in self.cases), "ended": len(self.ended),
            "cancelled": sum(one.cancelled and self.within(one.ended_at) for one in self.cases),
            "open": sum(self.case_open(one, self.end) for one in self.cases),
            "cycle": [end - begin for begin, end in times],
            "cycle_working": [time_between(calendar, begin, end) for begin, end in times],
            "promise": (sum(_met(one.promise_met_at, one.promise_due) for one in promised), len(promised)),
            "law": (sum(_met(one.law_met_at, one.law_due) for one in lawful), len(lawful)),
            "first_pass": sum(one.case_id not in again | back for one in self.ended),
            "repeated": sum(self.is_again(one) for one in self.done),
            "same_day": sum(self.day(begin) == self.day(end) for begin, end in times),
            "waiting": sum((one.parts.waiting + one.parts.handed for one in self.done), NONE),
            "working": sum((one.parts.working for one in measured if one.parts.working), NONE) if measured else None,
            "sojourn": sum((one.parts.sojourn for one in self.done), NONE),
            "measured": sum((one.parts.sojourn for one in measured), NONE),
        }  # fmt: skip

    def case_open(self, one: CaseSpan, instant: datetime) -> bool:
        return one.started_at < instant and (one.ended_at is None or one.ended_at >= instant)

    def on(self, day: date) -> dict[str, int]:
        night = self.midnight(day + DAY)
        return {
            "arrived": sum(self.day(one.opened_at) == day for one in self.asked),
            "done": sum(one.completed and self._between(one.closed_at, day, day) for one in self.asked),
            "cancelled": sum(not one.completed and self._between(one.closed_at, day, day) for one in self.asked),
            "open": sum(self.is_open(one, night) for one in self.asked),
            "started": sum(self.day(one.started_at) == day for one in self.cases),
            "ended": sum(self._between(one.ended_at, day, day) for one in self.cases),
            "cases_open": sum(self.case_open(one, night) for one in self.cases),
        }

    def by_post(self) -> dict[int, Counter[str]]:
        found: dict[int, Counter[str]] = defaultdict(Counter)
        for one in self.asked:
            found[one.post_id]["open"] += one.closed_at is None
            found[one.post_id]["arrived"] += self.within(one.opened_at)
            found[one.post_id]["done"] += one.completed and self.within(one.closed_at)
        return found


def _met(at: datetime | None, due: datetime | None) -> bool:
    return at is not None and due is not None and at <= due


def survival(done: Sequence[timedelta], still: Sequence[timedelta]) -> timedelta | None:
    """The first moment by which half are gone, of those that could still be seen then."""
    left = 1.0
    for moment in sorted(set(done)):
        risk = sum(one >= moment for one in done) + sum(one >= moment for one in still)
        left *= 1 - sum(one == moment for one in done) / risk
        if left <= 0.5:
            return moment
    return None
