"""Every figure of a log, in one pass over its cases: counts, times, what follows what, ways, hand-overs. Pure.

Times are milliseconds: by the calendar of the wall, and by the working calendar that is given.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from engine.base.database import to_stored
from engine.base.frozen import frozen
from engine.supervision.mining.events import Lifecycle, Step, Trace, steps_of
from engine.supervision.mining.unpacking import ACTIVITIES, LIMITS, Limits, too_much
from engine.worktime.calendar import WorkCalendar
from engine.worktime.quick import Worked, worked


@frozen
class Spread:
    """Of how many, together, and how they are spread; in milliseconds. Percentiles lie between neighbours (linear)."""

    n: int = 0
    total: int = 0
    mean: float = 0.0
    median: float = 0.0
    p85: float = 0.0
    p95: float = 0.0


def spread(values: Iterable[int]) -> Spread:
    found = sorted(values)
    if not found:
        return Spread()
    total = sum(found)
    return Spread(len(found), total, total / len(found), *(percentile(found, share) for share in (0.5, 0.85, 0.95)))


def percentile(found: Sequence[int], share: float) -> float:
    """Of sorted values, at least one."""
    place = (len(found) - 1) * share
    low = int(place)
    high = min(low + 1, len(found) - 1)
    return found[low] + (found[high] - found[low]) * (place - low)


@dataclass(slots=True)
class Times:
    """One figure by both calendars."""

    wall: list[tuple[int, int]] = field(default_factory=list)

    def add(self, begin: int, end: int) -> None:
        self.wall.append((begin, end))

    def spreads(self, line: Worked) -> tuple[Spread, Spread]:
        return (
            spread(end - begin for begin, end in self.wall),
            spread(line.between(begin, end) for begin, end in self.wall),
        )


@frozen
class ActivityFigures:
    """`waiting` until it was begun, `touched` from then to its end, `since` from the end of the step before to its own."""

    activity: str
    n: int
    cases: int
    repeated: int  # beyond the first of each case
    looped: int  # right after itself
    first: int  # cases that begin with it
    last: int  # cases that end with it
    waiting: Spread
    waiting_worked: Spread
    touched: Spread
    touched_worked: Spread
    since: Spread
    since_worked: Spread


@frozen
class PathFigures:
    source: str
    target: str
    n: int
    cases: int
    gap: Spread
    gap_worked: Spread


@frozen
class HandFigures:
    """From one group to another: how often, the wait until the next end, and how often it came straight back."""

    source: str
    target: str
    n: int
    returned: int
    gap: Spread
    gap_worked: Spread


@frozen
class VariantFigures:
    steps: tuple[str, ...]
    n: int
    cycle: Spread
    cycle_worked: Spread


@frozen
class DayFigures:
    """A day of the office, ISO: cases that began and that ended on it, and steps that were done."""

    day: str
    began: int
    ended: int
    done: int


@frozen
class LogFigures:
    cases: int
    events: int
    steps: int
    resources: int
    groups: int
    first: int
    last: int
    cycle: Spread
    cycle_worked: Spread
    reworked: int  # cases in which some activity was done more than once
    rework: int  # steps beyond the first of their activity in their case
    ways: int
    activities: tuple[ActivityFigures, ...]
    paths: tuple[PathFigures, ...]
    hands: tuple[HandFigures, ...]
    days: tuple[DayFigures, ...]


@dataclass(slots=True)
class _Activity:
    n: int = 0
    cases: int = 0
    repeated: int = 0
    looped: int = 0
    first: int = 0
    last: int = 0
    waiting: Times = field(default_factory=Times)
    touched: Times = field(default_factory=Times)
    since: Times = field(default_factory=Times)


@dataclass(slots=True)
class _Path:
    cases: int = 0
    last: int = -1  # the case it was met in last
    times: Times = field(default_factory=Times)
    returned: int = 0


class Tally:
    """Takes cases one after the other. `every_event`: nothing is ever completed in the log, so each event is a step."""

    def __init__(self, calendar: WorkCalendar, *, every_event: bool = False, limits: Limits = LIMITS) -> None:
        self._worked, self._calendar, self._limits = worked(calendar), calendar, limits
        self.every_event = every_event
        self.cases = self.events = self.steps = self.completed = 0
        self._first: datetime | None = None
        self._last: datetime | None = None
        self._resources: set[str] = set()
        self._groups: set[str] = set()
        self._activities: dict[str, _Activity] = defaultdict(_Activity)
        self._paths: dict[tuple[str, str], _Path] = defaultdict(_Path)
        self._hands: dict[tuple[str, str], _Path] = defaultdict(_Path)
        self._ways: dict[tuple[str, ...], int] = {}
        self._way_times: list[Times] = []
        self._cycle = Times()
        self._reworked = 0
        self._days: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])

    def add(self, trace: Trace) -> tuple[int, list[Step]]:
        """The number of its way, and its steps. Raises TooMuch."""
        number = self.cases
        self.cases += 1
        self.events += len(trace.events)
        for one in trace.events:
            self.completed += one.lifecycle is Lifecycle.COMPLETE
            if one.resource is not None:
                self._resources.add(one.resource)
            if one.group is not None:
                self._groups.add(one.group)
        began, ended = trace.events[0].at, trace.events[-1].at
        self._first = began if self._first is None else min(self._first, began)
        self._last = ended if self._last is None else max(self._last, ended)
        steps = steps_of(trace, every_event=self.every_event)
        self.steps += len(steps)
        self._count_steps(number, steps)
        self._count_hands(number, steps)
        begin, end = to_stored(began), to_stored(ended)
        self._cycle.add(begin, end)
        way = self._way(tuple(one.activity for one in steps))
        self._way_times[way].add(begin, end)
        self._days[self._day(began)][0] += 1
        self._days[self._day(ended)][1] += 1
        if len(self._activities) > self._limits.activities:
            raise too_much(ACTIVITIES, self._limits.activities, trace.events[0].line)
        return way, steps

    def _day(self, at: datetime) -> str:
        return self._calendar.local_day(at).isoformat()

    def _way(self, steps: tuple[str, ...]) -> int:
        way = self._ways.get(steps)
        if way is None:
            way = self._ways[steps] = len(self._ways)
            self._way_times.append(Times())
        return way

    def _count_steps(self, number: int, steps: Sequence[Step]) -> None:
        done: Counter[str] = Counter()
        for place, one in enumerate(steps):
            found = self._activities[one.activity]
            found.n += 1
            done[one.activity] += 1
            at = to_stored(one.at)
            before = steps[place - 1] if place else None
            enabled = one.scheduled or (before.at if before is not None else None)
            if one.started is not None:
                found.touched.add(to_stored(one.started), at)
                if enabled is not None:
                    found.waiting.add(min(to_stored(enabled), to_stored(one.started)), to_stored(one.started))
            if before is not None:
                found.since.add(to_stored(before.at), at)
                found.looped += before.activity == one.activity
                self._path(self._paths[before.activity, one.activity], number, before, one)
            self._days[self._day(one.at)][2] += 1
        if steps:
            self._activities[steps[0].activity].first += 1
            self._activities[steps[-1].activity].last += 1
        for activity, times in done.items():
            self._activities[activity].cases += 1
            self._activities[activity].repeated += times - 1
        self._reworked += any(times > 1 for times in done.values())

    def _path(self, path: _Path, number: int, before: Step, one: Step) -> None:
        path.times.add(to_stored(before.at), to_stored(one.at))
        path.cases += path.last != number
        path.last = number

    def _count_hands(self, number: int, steps: Sequence[Step]) -> None:
        told = [one for one in steps if one.group is not None]
        crossings = [(a, b) for a, b in pairwise(told) if a.group != b.group]
        for place, (before, one) in enumerate(crossings):
            hand = self._hands[before.group or "", one.group or ""]
            self._path(hand, number, before, one)
            hand.returned += place + 1 < len(crossings) and crossings[place + 1][1].group == before.group

    def variants(self) -> tuple[VariantFigures, ...]:
        """By their numbers."""
        self._cover()
        return tuple(
            VariantFigures(steps, len(self._way_times[way].wall), *self._way_times[way].spreads(self._worked))
            for steps, way in self._ways.items()
        )

    def _cover(self) -> None:
        if self._first is not None and self._last is not None:
            self._worked.covers(to_stored(self._first), to_stored(self._last))

    def figures(self) -> LogFigures:
        """Activities and paths the most frequent first; days as they came."""
        self._cover()
        line = self._worked
        activities = [
            ActivityFigures(
                name, one.n, one.cases, one.repeated, one.looped, one.first, one.last,
                *one.waiting.spreads(line), *one.touched.spreads(line), *one.since.spreads(line),
            )
            for name, one in self._activities.items()
        ]  # fmt: skip
        paths = [
            PathFigures(a, b, len(one.times.wall), one.cases, *one.times.spreads(line))
            for (a, b), one in self._paths.items()
        ]
        hands = [
            HandFigures(a, b, len(one.times.wall), one.returned, *one.times.spreads(line))
            for (a, b), one in self._hands.items()
        ]
        return LogFigures(
            self.cases, self.events, self.steps, len(self._resources), len(self._groups),
            to_stored(self._first) if self._first else 0, to_stored(self._last) if self._last else 0,
            *self._cycle.spreads(line), self._reworked, sum(one.repeated for one in self._activities.values()),
            len(self._ways), tuple(sorted(activities, key=lambda one: (-one.n, one.activity))),
            tuple(sorted(paths, key=lambda one: (-one.n, one.source, one.target))),
            tuple(sorted(hands, key=lambda one: (-one.n, one.source, one.target))),
            tuple(DayFigures(day, *counts) for day, counts in sorted(self._days.items())),
        )  # fmt: skip
