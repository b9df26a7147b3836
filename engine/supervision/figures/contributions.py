"""What one closed step and one ended case come to, worked out from the rows of their case.

The only place that does so for what is kept: folding, reading what is not folded yet, and rebuilding all call `found`.
Whatever is told of a step follows from it and from what was closed before it was opened or closed, so it stays true
however the case goes on. `parts.parts_of` and `spells` tell the same one by one, by another way.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from engine.base.database import to_stored
from engine.base.frozen import frozen
from engine.cases.rules import NO_DUE, Change, Closed, Ended
from engine.organisation.calendars.reads import calendar_of, calendars_version
from engine.supervision.figures.rows import LAWFUL, PROMISED, Found, Rows, rows_of
from engine.worktime.quick import Worked, worked

AT_ONCE: Final = 400
"""Cases read together."""
_NO_DUE: Final = to_stored(NO_DUE)
_CLAIMED: Final = Change.CLAIMED.value
_BEGUN: Final = Change.BEGUN.value
_TAKES: Final = frozenset({_BEGUN, Change.RESUMED.value})
_FREES: Final = frozenset({Change.OFFERED.value, Change.RELEASED.value})

Key = tuple[int, int]
"""A case and the number of a task in it; 0: the case itself."""
Span = tuple[int, int]


class Place(NamedTuple):
    """By what figures are told apart, but for the day. Of a case `element` is empty, post and department are 0."""

    procedure_id: int
    edition_id: int
    element: str
    post_id: int
    department_id: int
    applicant_kind: int


class Times(NamedTuple):
    """Milliseconds of working time; the first five add up to `sojourn`, but `calendar` is by the clock."""

    waiting: int
    taken: int
    stopped: int
    outside: int
    handed: int
    sojourn: int
    calendar: int
    working: int | None


class ClosedStep(NamedTuple):
    """A row of `figure_spells`, with its places told."""

    case_id: int
    task_number: int
    place: Place
    from_place: Place | None
    opened_day: int
    closed_day: int
    how: int
    person_id: int | None
    from_department_id: int | None
    received: int
    timed: int
    late: int
    repeated: int
    looped: int
    same_day: int
    returned: int
    ping_pong: int
    opened_at: int  # as they are stored
    closed_at: int
    counted_by: int
    times: Times

    @property
    def done(self) -> bool:
        return self.how == Closed.COMPLETED


class EndedCase(NamedTuple):
    """A row of `figure_journeys`, with its places and its variant told."""

    case_id: int
    place: Place
    last_place: Place | None
    elements: tuple[str, ...]
    started_day: int
    ended_day: int
    cancelled: int
    promised: int
    promise_kept: int
    lawful: int
    law_kept: int
    first_pass: int
    same_day: int
    repeated: int
    steps: int
    counted_by: int
    cycle: int
    calendar: int


@dataclass(slots=True)
class Contributions:
    steps: dict[Key, ClosedStep] = field(default_factory=dict)
    cases: dict[int, EndedCase] = field(default_factory=dict)


def digest_of(elements: Sequence[str]) -> bytes:
    return sha256(json.dumps(elements).encode()).digest()


def found(db: Connection, keys: Collection[Key]) -> Contributions:
    """Of those named that are closed, or have ended; the others are left out."""
    by_case: dict[int, set[int]] = defaultdict(set)
    for case_id, number in keys:
        by_case[case_id].add(number)
    told = Contributions()
    if not by_case:
        return told
    version = calendars_version(db)
    zone = calendar_of(db, version=version).zone
    ids = list(by_case)
    terms = _Terms(version, zone)
    for some in (ids[begin : begin + AT_ONCE] for begin in range(0, len(ids), AT_ONCE)):
        read = rows_of(db, some)
        for case_id in some:
            if case_id in read.cases:
                _of_case(db, read, case_id, by_case[case_id], terms, told)
    return told


@frozen
class _Terms:
    version: int
    zone: ZoneInfo
    lines: dict[int, Worked] = field(default_factory=dict)

    def line(self, db: Connection, department_id: int) -> Worked:
        found_ = self.lines.get(department_id)
        if found_ is None:
            found_ = self.lines[department_id] = worked(calendar_of(db, department_id, self.version))
        return found_

    def day(self, at: int) -> int:
        return datetime.fromtimestamp(at // 1000, self.zone).toordinal()


@dataclass(slots=True)
class _Way:
    """The steps of a case as they were completed, in their order."""

    rows: list[Found]
    closed: list[int]
    again: dict[int, bool]  # numbers of those completed before as well; True: directly before
    places: dict[int, Place]

    def before(self, row: Found) -> Found | None:
        """The one completed last when this one was opened."""
        place = bisect_right(self.closed, row.opened_at) - 1
        while place >= 0 and self.rows[place].number >= row.number:
            place -= 1
        return self.rows[place] if place >= 0 else None


def _way(case: Found, rows: Iterable[Found]) -> _Way:
    done = sorted(
        (row for row in rows if row.closed_how == Closed.COMPLETED), key=lambda row: (row.closed_at, row.number)
    )
    again: dict[int, bool] = {}
    been: set[tuple[int, str, str | None]] = set()
    last = None
    for row in done:
        what = (row.drawn_for, row.element, row.item)
        if what in been:
            again[row.number] = what == last
        been.add(what)
        last = what
    return _Way(done, [row.closed_at for row in done], again, {row.number: _place(case, row) for row in done})


def _place(case: Found, row: Found) -> Place:
    return Place(
        case.procedure_id, row.edition_id, row.element, row.post_id, row.department_id, case.applicant_kind or 0
    )


def _of_case(
    db: Connection, read: Rows, case_id: int, numbers: Collection[int], terms: _Terms, told: Contributions
) -> None:
    case, rows = read.cases[case_id], read.tasks[case_id]
    way = _way(case, rows)
    for row in rows:
        if row.number in numbers and row.closed_at is not None:
            line = terms.line(db, row.department_id)
            told.steps[case_id, row.number] = _step(read, case, rows, row, way, terms, line)
    if 0 in numbers and case.ended_at is not None:
        line = terms.line(db, case.department_id)
        told.cases[case_id] = _case(read, case, way, terms, line)


def _step(
    read: Rows, case: Found, rows: Sequence[Found], row: Found, way: _Way, terms: _Terms, line: Worked
) -> ClosedStep:
    key = (case.id, row.number)
    handed, led = read.handed.get(key), way.before(row)
    opened, closed = terms.day(row.opened_at), terms.day(row.closed_at)
    timed = row.due_at < _NO_DUE
    number, closed_at = row.number, row.closed_at
    times = _times(read.events[key], closed_at, read.stops.get(case.id, ()), _transit(handed), line)
    return ClosedStep(  # in their order: told by name each would cost as much again
        case.id, number, way.places.get(number) or _place(case, row), None if led is None else way.places[led.number],
        opened, closed, row.closed_how, row.person_id, row.from_department_id, int(handed is not None), int(timed),
        int(timed and closed_at > row.due_at), int(number in way.again), int(way.again.get(number, False)),
        int(opened == closed), int(handed is not None and handed.returned_at is not None),
        int(_came_back(row, rows)), row.opened_at, closed_at, terms.version, times,
    )  # fmt: skip


def _came_back(row: Found, rows: Iterable[Found]) -> bool:
    """The case had gone from this department to that one before; of what was closed by then alone: it moves no more."""
    if row.from_department_id in (None, row.department_id):
        return False
    return any(
        other.number < row.number
        and other.from_department_id == row.department_id
        and other.department_id == row.from_department_id
        and other.closed_at is not None
        and other.closed_at <= row.opened_at
        for other in rows
    )


def _transit(handed: Found | None) -> tuple[int, int | None] | None:
    if handed is None:
        return None
    answers = [at for at in (handed.accepted_at, handed.returned_at, handed.lapsed_at) if at is not None]
    return handed.sent_at, min(answers, default=None)


def _times(
    events: Sequence[Found],
    until: int,
    held: Iterable[tuple[int, int | None]],
    transit: tuple[int, int | None] | None,
    line: Worked,
) -> Times:
    """As `parts.parts_of`, in one pass."""
    since = min(events[0].at, until)
    stopped = [(begin, until if end is None else end) for begin, end in held if begin < until and (end is None or end > since)]  # fmt: skip
    moving = (0, 0) if transit is None else (transit[0], until if transit[1] is None else transit[1])
    line.covers(since, until)
    height = line.height
    spent = [0, 0, 0, 0, 0]
    work = 0
    taken = at_work = external = False
    begin, low, place, count = since, height(since), 0, len(events)
    for end in _edges(events, since, until, stopped, moving):
        while place < count and events[place].at <= begin:
            change, external = events[place].change, events[place].external
            taken = change in _TAKES or change == _CLAIMED or (taken and change not in _FREES)
            at_work = change in _TAKES
            place += 1
        high = height(end)
        length = high - low
        if length:
            if stopped and any(first <= begin < last for first, last in stopped):
                spent[2] += length
            elif at_work:
                spent[1] += length
                work += length
            elif external:
                spent[3] += length
            elif moving[0] <= begin < moving[1]:
                spent[4] += length
            else:
                spent[1 if taken else 0] += length
        begin, low = end, high
    begun = any(one.change == _BEGUN for one in events)
    waiting, had, stood, outside, transit_ = spent
    return Times(waiting, had, stood, outside, transit_, sum(spent), until - since, work if begun else None)


def waited_within(db: Connection, spans: Mapping[Key, Sequence[Span]]) -> dict[Key, int]:
    """Of the waiting of these closed steps, to be accepted or to be taken, what fell within the spans named for each; those apart from one another."""
    version = calendars_version(db)
    terms = _Terms(version, calendar_of(db, version=version).zone)
    told: dict[Key, int] = {}
    ids = sorted({case_id for case_id, _number in spans})
    for some in (ids[begin : begin + AT_ONCE] for begin in range(0, len(ids), AT_ONCE)):
        read = rows_of(db, some)
        for row in (row for case_id in some for row in read.tasks[case_id]):
            key = row.case_id, row.number
            if key in spans and row.closed_at is not None:
                line = terms.line(db, row.department_id)
                told[key] = sum(_waited(read, row, end, line) - _waited(read, row, begin, line) for begin, end in spans[key])  # fmt: skip
    return told


def _waited(read: Rows, row: Found, until: int, line: Worked) -> int:
    """Of one that is closed, up to an instant."""
    events, until = read.events[row.case_id, row.number], min(until, row.closed_at)
    if until <= events[0].at:
        return 0
    held, handed = read.stops.get(row.case_id, ()), read.handed.get((row.case_id, row.number))
    times = _times(events, until, held, _transit(handed), line)
    return times.waiting + times.handed


def _edges(events: Sequence[Found], since: int, until: int, stopped: Sequence[Span], moving: Span) -> Sequence[int]:
    """Behind `since`, where something may change, up to `until`."""
    edges = {until, *moving, *[one.at for one in events]}
    for span in stopped:
        edges.update(span)
    return sorted([edge for edge in edges if since < edge <= until])


def _case(read: Rows, case: Found, way: _Way, terms: _Terms, line: Worked) -> EndedCase:
    started, ended = terms.day(case.started_at), terms.day(case.ended_at)
    periods: Mapping[int, Found] = read.clocks.get(case.id, {})
    promise = periods.get(PROMISED)
    law = next((periods[kind] for kind in LAWFUL if kind in periods), None)
    repeated = len(way.again)
    return EndedCase(
        case_id=case.id, place=Place(case.procedure_id, case.edition_id, "", 0, 0, case.applicant_kind or 0),
        last_place=way.places[way.rows[-1].number] if way.rows else None,
        elements=tuple(row.element for row in way.rows), started_day=started, ended_day=ended,
        cancelled=int(case.ended_how == Ended.CANCELLED),
        promised=int(promise is not None), promise_kept=int(_kept(promise)), lawful=int(law is not None),
        law_kept=int(_kept(law)), first_pass=int(not repeated and case.id not in read.returned),
        same_day=int(started == ended), repeated=repeated, steps=len(way.rows), counted_by=terms.version,
        cycle=line.between(case.started_at, case.ended_at), calendar=case.ended_at - case.started_at,
    )  # fmt: skip


def _kept(clock: Found | None) -> bool:
    return clock is not None and clock.ended_at is not None and clock.ended_at <= clock.due_at
