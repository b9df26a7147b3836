# ruff: noqa: S311 -- chance of a simulation, no secret
"""An office that goes on as it was learned, minute by minute, with one thing changed or none. Pure; the same seed tells the same.

Every case has chances of its own, so that with a change the same cases come as without it and what differs is the
change. Instants are milliseconds since 1970; SimPy is loaded by whoever simulates alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import simpy

from engine.base.frozen import frozen
from engine.supervision.whatif.learning import (
    Model,
    Resumed,
    Step,
    Stood,
    Way,
    kind_of_day,
    resumed,
    stood,
)
from engine.supervision.whatif.looking import AT_SIGHT, Looking
from engine.supervision.whatif.measuring import Measured, figures
from engine.supervision.whatif.record import DAY_MS, Done, Order, Place, Record, key_of
from engine.supervision.whatif.rules import NOTHING, Change, Kind
from engine.supervision.whatif.waiting import Room, Waiting

_BEHIND: Final = 400 * DAY_MS
"""So long after the end the calendars are still known: nothing that is begun lasts longer."""
_TRIES: Final = 8
Events = Generator[simpy.Event, Any, None]


@frozen
class Span:
    """What is simulated, and from when on it is measured. `arrivals` None: drawn; else when a case of which procedure came."""

    begin: int
    until: int
    since: int
    arrivals: tuple[tuple[int, int], ...] | None = None


@frozen
class Scene:
    """What every run of a simulation begins with."""

    record: Record
    model: Model
    span: Span
    stood: tuple[Stood, ...]
    places: tuple[Place, ...]


def scene(record: Record, model: Model, span: Span) -> Scene:
    places = {step.place for ways in model.ways.values() for way in ways for step in way.steps if step.served}
    for line in record.lines.values():
        line.covers(span.begin - _BEHIND, span.until + _BEHIND)
    return Scene(record, model, span, stood(record, model, span.begin), tuple(sorted(places)))


@dataclass(slots=True)
class _Running:
    """A case on its way."""

    way: Way
    began: int
    chance: Random
    looks: tuple[float, ...]
    skips: bool
    left: list[int]
    followers: dict[int, list[int]]
    closed: dict[int, int]
    base: int


class Office:
    """One run."""

    def __init__(self, of: Scene, change: Change = NOTHING, seed: int = 0) -> None:
        self.record, self.model, self.span, self.change = of.record, of.model, of.span, change
        self.stood, self.places = of.stood, of.places
        span, model = of.span, of.model
        self.seed = seed
        self.env = simpy.Environment(initial_time=span.begin)
        self.measured = Measured()
        self.still: dict[int, tuple[Place, int, int]] = {}
        self.count = 0
        self.day = model.staffing.day_of(span.begin)
        self.room = Room(self.env, model.divided, Random(f"{seed} ties"))
        self.gone = self._gone()

    @property
    def now(self) -> int:
        return int(self.env.now)

    def run(self) -> Measured:
        self._new_day()
        for one in self.stood:
            chance = Random(self.seed * 1_000_003 + one.case.id)
            again = resumed(one, chance)
            self._start(again.way, again.began, chance, again)
        self.env.process(self._days())
        self.env.process(self._arriving(self._arrivals()))
        self.env.run(until=self.span.until)
        for place, opened, department in self.still.values():
            self._note(place, department, opened, self.span.until, taken=False)
        return self.measured

    def _gone(self) -> int | None:
        """Who is left out where there is one fewer."""
        if self.change.kind is not Kind.STAFF or self.change.by >= 0 or self.change.post is None:
            return None
        there = sorted(self.model.staffing.holders(self.change.post, self.day))
        return Random(f"{self.seed} gone").choice(there) if there else None

    def _new_day(self) -> None:
        self.day = self.model.staffing.day_of(self.now)
        self.room.staffed({place: self._able(place) for place in self.places})

    def _able(self, place: Place) -> tuple[int, ...]:
        there = set(self.model.staffing.able(place, self.day))
        if self.change.kind is Kind.STAFF and place[2] == self.change.post:
            if self.change.by > 0:
                there.add(-1)
            elif self.gone is not None:
                there.discard(self.gone)
        return tuple(sorted(there))

    def _days(self) -> Events:
        first = self.day - self.record.first_day
        for midnight in self.record.midnights[first + 1 :]:
            if midnight >= self.span.until:
                return
            yield self.env.timeout(midnight - self.now)
            self._new_day()

    def _arrivals(self) -> list[tuple[int, int, Random]]:
        """When, of which procedure, with which chances of its own."""
        if self.span.arrivals is not None:
            came: Iterable[tuple[int, int]] = self.span.arrivals
        else:
            came = self._drawn()
        found = []
        counts: dict[int, int] = defaultdict(int)
        for at, procedure in sorted(came):
            if procedure not in self.model.ways:
                continue
            counts[procedure] += 1
            own = Random(self.seed * 1_000_003 + procedure * 100_003 + counts[procedure])
            for turn in range(self._times(procedure, own.random())):
                found.append((at, procedure, own if not turn else Random(own.random())))
        return found

    def _times(self, procedure: int, chance: float) -> int:
        if self.change.kind is not Kind.ARRIVALS or self.change.procedure not in (None, procedure):
            return 1
        whole, part = divmod(1 + self.change.by / 100, 1)
        return int(whole) + (chance < part)

    def _drawn(self) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        first = self.day - self.record.first_day
        for procedure in sorted(self.model.arrivals):
            chance = Random(f"{self.seed} {procedure} arrivals")
            days = self.model.arrivals[procedure]
            for place in range(first, len(self.record.midnights)):
                midnight = self.record.midnights[place]
                if midnight >= self.span.until:
                    break
                like = days.get(kind_of_day(self.record, place), ())
                draw = chance.random()
                if like:
                    found.extend((midnight + at, procedure) for at in like[int(draw * len(like))])
        return [one for one in found if one[0] >= self.span.begin]

    def _arriving(self, came: Sequence[tuple[int, int, Random]]) -> Events:
        for at, procedure, chance in came:
            if at >= self.span.until:
                return
            yield self.env.timeout(at - self.now)
            ways = self.model.ways[procedure]
            self._start(ways[int(chance.random() * len(ways))], self.now, chance)

    def _start(self, way: Way, began: int, chance: Random, resumed: Resumed | None = None) -> None:
        count = len(way.steps)
        skips = self.change.kind is Kind.SMALL and chance.random() * 100 < self.change.by
        looks = tuple(chance.random() for _ in range(count))
        ready = resumed.ready if resumed is not None else frozenset()
        left = [sum(need not in ready for need in step.needs) for step in way.steps]
        followers: dict[int, list[int]] = defaultdict(list)
        for number, step in enumerate(way.steps):
            for need in step.needs:
                if need not in ready:
                    followers[need].append(number)
        base = began if resumed is None else resumed.since
        case = _Running(way, began, chance, looks, skips, left, followers, dict.fromkeys(ready, base), base)
        self.measured.open[way.procedure] += 1
        for number in range(count):
            if number in ready:
                continue
            if resumed is not None and number in resumed.standing:
                self.env.process(self._going_on(case, number, resumed.standing[number]))
            elif not left[number]:
                self.env.process(self._step(case, number, max(base + way.steps[number].gap - self.now, 0)))
        if len(case.closed) == count:
            self.env.process(self._end(case))

    def _step(self, case: _Running, number: int, gap: int) -> Events:
        step = case.way.steps[number]
        if gap:
            yield self.env.timeout(gap)
        if self._is_left_out(case, step):
            self._close(case, number)
            return
        if not step.served:
            yield self.env.timeout(step.length)
            self._close(case, number)
            return
        opened = self.now
        look = self._look(step).drawn(case.looks[number])
        person = yield from self._wait(step, opened, look)
        yield from self._work(case, number, person, step.service)

    def _is_left_out(self, case: _Running, step: Step) -> bool:
        if self.change.kind is Kind.WITHOUT or (self.change.kind is Kind.SMALL and case.skips):
            return step.place[0] == self.change.procedure and step.place[1] == self.change.element
        return False

    def _look(self, step: Step) -> Looking:
        return self.model.looking.get(step.place, AT_SIGHT)

    def _wait(self, step: Step, opened: int, look: int) -> Generator[simpy.Event, Any, int]:
        """Until somebody takes it: who."""
        self.count += 1
        mine = self.count
        self.still[mine] = (step.place, opened, step.department)
        ripe = self.now + (self._after(step.department, look) if look else 0)
        if ripe > self.now and not self.room.is_divided(step.place):
            yield self.env.timeout(ripe - self.now)
        due = None if step.due is None else opened + step.due
        key = key_of(self._order(step.place), opened, due)
        one = Waiting(step.place, key, mine, opened, ripe, self._after(step.department, step.service), self.env.event())
        self.room.comes(one)
        person: int = yield one.taken
        del self.still[mine]
        self._note(step.place, step.department, opened, self.now, taken=True)
        return person

    def _work(self, case: _Running, number: int, person: int, service: int) -> Events:
        step = case.way.steps[number]
        if service:
            yield self.env.timeout(self._after(step.department, service))
        self.room.frees(person)
        if step.hold:
            yield self.env.timeout(self._after(step.department, step.hold))
        self._close(case, number)

    def _going_on(self, case: _Running, number: int, one: Done) -> Events:
        """A step that stood open: taken already, or waiting for so long."""
        step = case.way.steps[number]
        now = self.now
        if self._is_left_out(case, step):
            self._close(case, number)
            return
        if not step.served:
            yield self.env.timeout(max(one.opened + step.length - now, 0))
            self._close(case, number)
            return
        line = self.record.lines[step.department]
        if one.claimed is not None and one.person is not None:
            gone_by = line.between(one.claimed, now)
            if one.person in self.room.busy:
                yield self.env.timeout(self._after(step.department, max(step.service + step.hold - gone_by, 0)))
                self._close(case, number)
                return
            self.room.busy.add(one.person)
            yield from self._work(case, number, one.person, max(step.service - gone_by, 0))
            return
        waited = line.between(one.opened, now)
        look = 0
        for _ in range(_TRIES):
            look = self._look(step).drawn(case.chance.random())
            if look > waited or self.room.is_divided(step.place):  # there it may lie below something else
                break
        person = yield from self._wait(step, one.opened, max(look - waited, 0))
        yield from self._work(case, number, person, step.service)

    def _order(self, place: Place) -> Order:
        if self.change.kind is Kind.ORDER and self.change.post == place[2]:
            return self.change.order
        return self.model.orders.get(place[2], Order.FIRST)

    def _close(self, case: _Running, number: int) -> None:
        case.closed[number] = self.now
        for following in case.followers.get(number, ()):
            case.left[following] -= 1
            if not case.left[following]:
                self.env.process(self._step(case, following, case.way.steps[following].gap))
        if len(case.closed) == len(case.way.steps):
            self.env.process(self._end(case))

    def _end(self, case: _Running) -> Events:
        if case.way.end_gap:
            yield self.env.timeout(case.way.end_gap)
        procedure = case.way.procedure
        self.measured.open[procedure] -= 1
        if self.now < self.span.since:
            return
        length = self.now - case.began
        self.measured.cycles[procedure].append(length)
        if case.way.promise is not None:
            self.measured.late[procedure].append(length - case.way.tail > case.way.promise)

    def _note(self, place: Place, department: int, opened: int, until: int, *, taken: bool) -> None:
        line = self.record.lines[department]
        into = self.measured.places[place, department]
        if taken and until >= self.span.since:
            into.total += line.between(opened, until)
            into.n += 1
        if until > self.span.since:
            into.queue += line.between(max(opened, self.span.since), until)

    def _after(self, department: int, length: int) -> int:
        """How long by the clock until so much has been worked."""
        line, now = self.record.lines[department], self.now
        reached = line.reached(line.height(now) + length)
        return max((_BEHIND if reached is None else reached - now), 0)


def simulate(of: Scene, change: Change = NOTHING, seed: int = 0) -> dict[str, float]:
    """Every figure of one run by its key: mean wait and queue of steps and departments, cycle time and late share of procedures."""
    return figures(of.record.lines, of.span.since, of.span.until, Office(of, change, seed).run())
