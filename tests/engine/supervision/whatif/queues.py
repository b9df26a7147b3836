"""Small offices played by a plain queue of their own, minute by minute of working time, as the record would tell of them."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from engine.supervision.whatif.record import DAY_MS, Away, Case, Done, Held, Order, Record, key_of
from engine.worktime.calendar import Hours, WorkCalendar
from engine.worktime.quick import worked

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 1, 5)  # a Monday
DAY = 480
MINUTE = 60_000
OFFICE_HOURS = WorkCalendar(ZONE, ((Hours(time(9), time(17)),),) * 5 + ((), ()))
ALWAYS = WorkCalendar(ZONE, ((Hours(time(0), time(0)),),) * 7)
PROCEDURE = 1


def instant(minute: float) -> int:
    """Of the working minutes since the beginning, in milliseconds."""
    number, rest = divmod(minute, DAY)
    day = FIRST + timedelta(days=int(number) // 5 * 7 + int(number) % 5)
    return stored(datetime.combine(day, time(9), ZONE)) + int(rest * MINUTE)


def stored(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp() * 1000)


def framed(
    cases: dict[int, Case],
    tasks: dict[int, list[Done]],
    held: list[Held],
    away: list[Away] | None = None,
    *,
    calendar: WorkCalendar = OFFICE_HOURS,
    departments: int = 9,
    days: int = 400,
) -> Record:
    all_days = [FIRST + timedelta(days=number) for number in range(days)]
    return Record(
        cases, tasks, held, away or [], dict.fromkeys(range(1, departments + 1), worked(calendar)),
        dict.fromkeys(range(1, departments + 1), DAY * MINUTE if calendar is OFFICE_HOURS else DAY_MS), FIRST.toordinal(),
        [stored(datetime.combine(one, time(0), ZONE)) for one in all_days], [calendar.works_on(one) for one in all_days],
    )  # fmt: skip


def holding(person: int, post: int, leaves: int | None = None) -> Held:
    """`leaves`: the working day since the beginning on which they are there no more."""
    until = None if leaves is None else FIRST.toordinal() + leaves // 5 * 7 + leaves % 5 - 1
    return Held(person, post, date(2020, 1, 1).toordinal(), until)


@dataclass(slots=True)
class Station:
    """A step: who does it, how long it takes, and what else keeps it waiting."""

    people: int
    service: float  # minutes, on average
    look: float = 0.0  # minutes until somebody looks, on average
    outside: float = 0.0  # days it waits before anybody can take it, which nobody noted
    fridays: bool = False  # it is done on the fifth day of the week alone
    order: Order = Order.FIRST
    own: bool = False  # divided as it comes: each goes through a pile of their own, waiting for what lies on top
    leaves: int | None = None  # the day on which one of those who divide it is there no more


@dataclass(slots=True)
class Played:
    """Steps one behind the other; each has a post and a department of its own, numbered from 1."""

    stations: list[Station]
    arrivals: float  # a day
    days: int = 130
    seed: int = 1
    cases: dict[int, Case] = field(default_factory=dict)
    tasks: dict[int, list[Done]] = field(default_factory=lambda: defaultdict(list))

    def record(self) -> Record:
        _Run(self).play()
        held = [
            holding(100 * (number + 1) + person, number + 1, one.leaves if person == one.people - 1 else None)
            for number, one in enumerate(self.stations)
            for person in range(one.people)
        ]
        return framed(self.cases, dict(self.tasks), held)


class _Run:
    def __init__(self, of: Played) -> None:
        self.of = of
        self.chance = Random(of.seed)
        self.happens: list[tuple[float, int, Callable[[float], None]]] = []
        self.count = 0
        self.queues: list[list[tuple[tuple[int, int], int, int, float]]] = [[] for _ in of.stations]
        self.free = [
            [100 * (number + 1) + one for one in range(station.people)] for number, station in enumerate(of.stations)
        ]
        self.standing: dict[tuple[int, int], Done] = {}
        self.began: dict[int, float] = {}
        self.until: dict[int, float] = {}

    def at(self, minute: float, what: Callable[[float], None]) -> None:
        self.count += 1
        heapq.heappush(self.happens, (minute, self.count, what))

    def play(self) -> None:
        end = self.of.days * DAY
        for day in range(self.of.days):
            self.at(day * DAY, self.look_everywhere)
        self.at(self.gap(0), self.arrive)
        while self.happens and self.happens[0][0] < end:
            minute, _order, what = heapq.heappop(self.happens)
            what(minute)
        for (case, _place), one in self.standing.items():
            self.of.tasks[case].append(one)
        for case, minute in self.began.items():
            self.of.cases.setdefault(case, Case(case, PROCEDURE, instant(minute), None))

    def gap(self, minute: float) -> float:
        return minute + self.chance.expovariate(self.of.arrivals / DAY)

    def arrive(self, minute: float) -> None:
        case = len(self.began) + 1
        self.began[case] = minute
        self.open(case, 0, minute)
        self.at(self.gap(minute), self.arrive)

    def open(self, case: int, place: int, minute: float) -> None:
        station = self.of.stations[place]
        delay = self.chance.expovariate(1 / station.look) if station.look else 0.0
        delay += station.outside * DAY * self.chance.uniform(0.5, 1.5)
        due = instant(minute + self.chance.uniform(1, 10) * DAY)
        self.standing[case, place] = Done(
            case,
            place + 1,
            (PROCEDURE, f"step{place}", place + 1),
            place + 1,
            None,
            instant(minute),
            None,
            None,
            due,
            True,
        )
        if station.own:
            self.lay_on_a_pile(case, place, minute, minute + delay)
        else:
            self.at(minute + delay, lambda now: self.queue(case, place, minute, due, now))

    def lay_on_a_pile(self, case: int, place: int, opened: float, ripe: float) -> None:
        leaves = self.of.stations[place].leaves
        people = self.free[place][: -1 if leaves is not None and opened >= leaves * DAY else None]
        person = min(people, key=lambda one: (max(self.until.get(one, 0.0), opened), self.chance.random()))
        begun = max(ripe, self.until.get(person, 0.0))
        self.until[person] = done = begun + self.chance.expovariate(1 / self.of.stations[place].service)

        def take(minute: float) -> None:
            self.claim(case, place, person, opened, minute)

        self.at(begun, take)
        self.at(done, lambda now: self.close(case, place, person, now))

    def queue(self, case: int, place: int, opened: float, due: int, minute: float) -> None:
        key = key_of(self.of.stations[place].order, instant(opened), due)
        heapq.heappush(self.queues[place], (key, case, case, opened))
        self.look(place, minute)

    def look_everywhere(self, minute: float) -> None:
        for place in range(len(self.queues)):
            self.look(place, minute)

    def look(self, place: int, minute: float) -> None:
        station = self.of.stations[place]
        if station.fridays and int(minute // DAY) % 5 != 4:
            return
        while self.queues[place] and self.free[place]:
            _key, _case, case, opened = heapq.heappop(self.queues[place])
            person = self.free[place].pop(self.chance.randrange(len(self.free[place])))
            self.claim(case, place, person, opened, minute)
            length = self.chance.expovariate(1 / station.service)
            self.at(minute + length, lambda now, case=case, person=person: self.close(case, place, person, now))  # type: ignore[misc]

    def claim(self, case: int, place: int, person: int, opened: float, minute: float) -> None:
        waited = int((minute - opened) * MINUTE)
        self.standing[case, place] = replace(
            self.standing[case, place], person=person, claimed=instant(minute), waited=waited
        )

    def close(self, case: int, place: int, person: int, minute: float) -> None:
        one = self.standing.pop((case, place))
        taken = instant(minute) - (one.claimed or 0)
        taken = OFFICE_LINE.between(one.claimed or 0, instant(minute)) if taken else 0
        self.of.tasks[case].append(
            Done(
                case, one.number, one.place, one.department, person, one.opened, one.claimed, instant(minute), one.due, True,
                one.waited, taken,
            )
        )  # fmt: skip
        if not self.of.stations[place].own:
            self.free[place].append(person)
        if place + 1 < len(self.of.stations):
            self.open(case, place + 1, minute)
        else:
            self.of.cases[case] = Case(case, PROCEDURE, instant(self.began[case]), instant(minute))
        self.look(place, minute)


OFFICE_LINE = worked(OFFICE_HOURS)
OFFICE_LINE.covers(instant(0) - 400 * DAY_MS, instant(0) + 800 * DAY_MS)
