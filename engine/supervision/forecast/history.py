"""The office's own history as stories: of one procedure, as it was known at an instant.

Time is measured as the department that answers for the procedure works. A working day of eight hours is a third of a
day here; only differences and their order matter, and every length becomes an instant again by the same calendar.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from engine.base.database import OFFICE, from_stored, to_stored
from engine.base.frozen import frozen
from engine.cases.clocks.rules import KIND_NUMBERS
from engine.cases.clocks.tables import clocks, stops
from engine.cases.tables import cases, tasks
from engine.diagram.rule_sets import Clock
from engine.organisation.calendars.reads import calendar_of
from engine.procedures.tables import procedures
from engine.supervision.forecast.days import BEHIND, Days, days
from engine.supervision.forecast.rules import LAW, PROMISE
from engine.supervision.forecast.stories import Event, Story
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import TooFar, add_time
from engine.worktime.quick import Worked, worked

MOST_CASES: Final = 20_000
_YEARS: Final = timedelta(days=3 * 366)
_ABOUT: Final = timedelta(days=BEHIND + 2)
_DAY_MS: Final = 86_400_000
_MINUTE_MS: Final = 60_000
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001  the local time, as it is read off the wall
_KINDS: Final[Mapping[int, str]] = {
    KIND_NUMBERS[Clock.PROMISED]: PROMISE, KIND_NUMBERS[Clock.STATUTORY]: LAW, KIND_NUMBERS[Clock.JOINT]: LAW,
}  # fmt: skip
_Rows = list[Row[*tuple[Any, ...]]]


@frozen
class Axis:
    """The measured clock of one procedure."""

    calendar: WorkCalendar
    line: Worked

    def at(self, moment: datetime) -> float:
        return self.line.height(to_stored(moment)) / _DAY_MS

    def after(self, moment: datetime, length: float) -> datetime:
        """The instant at which so much has been worked since; the last that can be told, where it is beyond all."""
        reached = self.line.reached(self.line.height(to_stored(moment)) + round(max(length, 0.0) * _DAY_MS))
        if reached is not None:
            return from_stored(round(reached / _MINUTE_MS) * _MINUTE_MS)
        try:
            return add_time(self.calendar, moment, timedelta(days=max(length, 0.0)))
        except TooFar:
            return moment + timedelta(days=366)

    def wall(self, moment: datetime) -> float:
        local = moment.astimezone(self.calendar.zone).replace(tzinfo=None)
        return (local - _EPOCH) / timedelta(days=1)

    def days(self, first: datetime, last: datetime) -> Days:
        """The local days from the one to the other, and those about them."""
        self.line.covers(to_stored(first - _ABOUT), to_stored(last + _ABOUT))
        return days(
            int(self.wall(first)), int(self.wall(last)), lambda day: self.calendar.works_on(_day(day)),
            lambda day: self.at(begins(_day(day), self.calendar)),
        )  # fmt: skip


@frozen
class Known:
    """A case as it was known: its story, and for the open one what stands beside it."""

    case_id: int
    version: int
    story: Story
    started_at: datetime
    ended_at: datetime | None
    standing: bool
    dues: Mapping[str, datetime]  # of periods that run, and those that have ended
    running: frozenset[str]


class Kept:
    """The rows of one procedure, read once; `at` tells what of them was known at an instant."""

    def __init__(self, db: Connection, procedure_id: int, now: datetime, case_ids: Iterable[int] | None = None) -> None:
        department = db.scalar(select(procedures.c.department_id).where(procedures.c.id == procedure_id))
        calendar = calendar_of(db, department)
        self.axis = Axis(calendar, worked(calendar))
        self.now = now
        self._events: dict[int, tuple[Event, ...]] = {}
        chosen = [cases.c.office_id == OFFICE, cases.c.procedure_id == procedure_id]
        if case_ids is None:
            chosen.append(cases.c.ended_at.is_(None) | (cases.c.ended_at >= now - _YEARS))
        else:
            chosen.append(cases.c.id.in_(list(case_ids)))
        self._cases = db.execute(
            select(
                cases.c.id, cases.c.version, cases.c.started_at, cases.c.ended_at, cases.c.edition_id,
                cases.c.applicant_kind,
            )
            .where(*chosen)
            .order_by(cases.c.started_at.desc())
            .limit(MOST_CASES)
        ).all()[::-1]  # fmt: skip
        self._read_parts(db, chosen)
        moments = [row.started_at for row in self._cases] + [now]
        far = [row.due_at for rows in self._clocks.values() for row in rows]
        self.axis.line.covers(to_stored(min(moments)), to_stored(max(moments + far)))

    def _read_parts(self, db: Connection, chosen: list[Any]) -> None:
        def of_cases(table: Any, *columns: Any) -> Any:
            same = (cases.c.office_id == table.c.office_id) & (cases.c.id == table.c.case_id)
            return select(table.c.case_id, *columns).join(cases, same).where(*chosen)

        self._tasks = _by_case(
            db.execute(
                of_cases(
                    tasks, tasks.c.number, tasks.c.element, tasks.c.department_id, tasks.c.post_id, tasks.c.opened_at,
                    tasks.c.closed_at,
                ).where(tasks.c.kind.is_(None))
            )
        )  # fmt: skip
        self._clocks = _by_case(
            db.execute(
                of_cases(
                    clocks, clocks.c.kind, clocks.c.begun_at, clocks.c.due_at, clocks.c.ended_at, clocks.c.stands
                ).where(clocks.c.kind.in_(list(_KINDS)))
            )
        )
        self._stops = _by_case(db.execute(of_cases(stops, stops.c.begin_at, stops.c.end_at)))

    @property
    def first(self) -> datetime:
        """When the first of them began."""
        return min((row.started_at for row in self._cases), default=self.now)

    def days(self) -> Days:
        return self.axis.days(self.first, self.now)

    @property
    def has_periods(self) -> bool:
        return bool(self._clocks)

    def began(self, begin: datetime, end: datetime) -> int:
        return sum(begin <= row.started_at < end for row in self._cases)

    def ended(self, begin: datetime, end: datetime) -> int:
        return sum(row.ended_at is not None and begin <= row.ended_at < end for row in self._cases)

    def endings(self) -> dict[int, datetime]:
        """Of the cases that have ended until now."""
        return {row.id: row.ended_at for row in self._cases if row.ended_at is not None}

    def missed(self, kind: str, begin: datetime, end: datetime) -> int:
        """Whose period of the kind was over in that time while it still ran."""
        return sum(
            _KINDS[row.kind] == kind and begin <= row.due_at < end and (row.ended_at is None or row.ended_at > row.due_at)
            and not (row.ended_at is None and row.stands)
            for rows in self._clocks.values()
            for row in rows
        )  # fmt: skip

    def at(self, until: datetime, *, only_open: bool = False) -> list[Known]:
        found = []
        for row in self._cases:
            if row.started_at > until or (only_open and row.ended_at is not None and row.ended_at <= until):
                continue
            one = self._known(row, until)
            if one is not None:
                found.append(one)
        return found

    def _known(self, row: Row[*tuple[Any, ...]], until: datetime) -> Known | None:
        axis = self.axis
        held = [stop for stop in self._stops.get(row.id, ()) if stop.begin_at <= until]
        spans = _joined(held, until)
        counts = _Counts(axis, spans)
        events = self._events_of(row.id)
        here = axis.at(until)
        events = events[: bisect_right(events, here, key=lambda one: one.at)]
        if not events:
            return None
        if spans:
            events = tuple(replace(one, counted=counts.of(one.at)) for one in events)
        ended_at = row.ended_at if row.ended_at is not None and row.ended_at <= until else None
        standing = ended_at is None and any(stop.end_at is None or stop.end_at > until for stop in held)
        due_at, running, closed = self._dues(row.id, until)
        stood = counts.stood(until)
        dues = {kind: axis.at(due) - stood for kind, due in due_at.items()}
        settled = closed or ended_at
        attributes: dict[str, float | str] = {"edition": f"edition {row.edition_id}"}
        if row.applicant_kind is not None:
            attributes["applicant"] = f"kind {row.applicant_kind}"
        story = Story(
            row.id, events, None if ended_at is None else axis.at(ended_at), attributes,
            ended_counted=None if settled is None else counts.at(settled), dues=dues,
            counted_until=counts.at(until) if ended_at is None else None,
        )  # fmt: skip
        return Known(row.id, row.version, story, row.started_at, ended_at, standing, due_at, running)

    def _events_of(self, case_id: int) -> tuple[Event, ...]:
        found = self._events.get(case_id)
        if found is None:
            rows = sorted(self._tasks.get(case_id, ()), key=lambda one: (one.opened_at, one.number))
            found = self._events[case_id] = tuple(
                Event(
                    one.element, self.axis.at(one.opened_at), self.axis.wall(one.opened_at), f"post {one.post_id}",
                    f"department {one.department_id}",
                )
                for one in rows
            )  # fmt: skip
        return found

    def _dues(self, case_id: int, until: datetime) -> tuple[dict[str, datetime], frozenset[str], datetime | None]:
        """Of each kind the first that is over; which run; and when those that ended did so."""
        due_at: dict[str, datetime] = {}
        running, ends = set(), []
        for row in self._clocks.get(case_id, ()):
            if row.begun_at > until:
                continue
            kind = _KINDS[row.kind]
            due_at[kind] = min(row.due_at, due_at.get(kind, row.due_at))
            if row.ended_at is None or row.ended_at > until:
                running.add(kind)
            else:
                ends.append(row.ended_at)
        return due_at, frozenset(running), max(ends, default=None) if not running else None


class _Counts:
    """The clock of the periods: it stands while a stop holds it."""

    def __init__(self, axis: Axis, spans: list[tuple[datetime, datetime]]) -> None:
        self._axis = axis
        self._spans = [(axis.at(begin), axis.at(end)) for begin, end in spans]

    def at(self, moment: datetime) -> float:
        return self.of(self._axis.at(moment))

    def of(self, here: float) -> float:
        return here - sum(min(end, here) - begin for begin, end in self._spans if begin < here)

    def stood(self, until: datetime) -> float:
        """By how much what is due by now has been put off: a stop that still holds has put off nothing yet."""
        here = self._axis.at(until)
        return sum(end - begin for begin, end in self._spans if end < here)


def _joined(held: list[Row[*tuple[Any, ...]]], until: datetime) -> list[tuple[datetime, datetime]]:
    """Stops that run into each other are one."""
    found: list[tuple[datetime, datetime]] = []
    for begin, end in sorted((one.begin_at, min(one.end_at or until, until)) for one in held):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return found


def _by_case(rows: Any) -> dict[int, _Rows]:
    found: dict[int, _Rows] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(row)
    return found


def _day(number: int) -> date:
    return _EPOCH.date() + timedelta(days=number)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def begins(day: date, calendar: WorkCalendar) -> datetime:
    """A day, as an instant."""
    return datetime.combine(day, datetime.min.time(), calendar.zone).astimezone(UTC)
