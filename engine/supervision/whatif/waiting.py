"""Where simulated work waits: in one tray for whoever is free, or divided among people as it comes.

Divided work is gone through strictly in order: whoever is free waits for what lies on top until it can be taken, and
takes nothing from below it meanwhile. Which of the two it is, is learned (`dividing`).
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Generator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import simpy

from engine.supervision.whatif.record import Place

Able = Mapping[Place, tuple[int, ...]]


@dataclass(slots=True)
class Waiting:
    """`key` says what comes before what; `ripe` is when it can be taken at the earliest, `length` how long it takes."""

    place: Place
    key: tuple[int, int]
    count: int
    opened: int
    ripe: int
    length: int
    taken: simpy.Event

    def __lt__(self, other: Waiting) -> bool:
        return (self.key, self.count) < (other.key, other.count)


@dataclass(slots=True)
class Room:
    env: simpy.Environment
    divided: Collection[int]  # posts
    chance: Random
    busy: set[int] = field(default_factory=set)
    _able: Able = field(default_factory=dict)
    _places: Mapping[int, list[Place]] = field(default_factory=dict)
    _trays: dict[Place, list[Waiting]] = field(default_factory=lambda: defaultdict(list))
    _piles: dict[int, list[Waiting]] = field(default_factory=lambda: defaultdict(list))
    _nobodys: list[Waiting] = field(default_factory=list)
    _wakes: dict[int, int] = field(default_factory=dict)
    _ends: dict[int, int] = field(default_factory=dict)

    def staffed(self, able: Able) -> None:
        """Who can take what from now on. What lies with somebody who cannot any more is divided anew."""
        self._able = able
        places: dict[int, list[Place]] = defaultdict(list)
        for place, people in able.items():
            for person in people:
                places[person].append(place)
        self._places = places
        again, self._nobodys = self._nobodys, []
        for person, pile in self._piles.items():
            kept = [one for one in pile if person in able.get(one.place, ())]
            if len(kept) < len(pile):
                again += [one for one in pile if person not in able.get(one.place, ())]
                heapq.heapify(kept)
                self._piles[person] = kept
        for one in sorted(again):
            self._divide(one)
        for place in sorted(self._trays):
            self._hand_out(place)

    def is_divided(self, place: Place) -> bool:
        return place[2] in self.divided

    def comes(self, one: Waiting) -> None:
        if self.is_divided(one.place):
            self._divide(one)
            return
        heapq.heappush(self._trays[one.place], one)
        self._hand_out(one.place)

    def frees(self, person: int) -> None:
        """Takes next what has waited longest of what lies on top."""
        self.busy.discard(person)
        trays = [self._trays[place] for place in self._places.get(person, ()) if self._trays.get(place)]
        tops = [tray[0] for tray in trays]
        pile = self._piles.get(person)
        if pile and pile[0].ripe <= self.env.now:
            tops.append(pile[0])
        if tops:
            best = min(tops, key=lambda one: one.opened)
            self._give(pile if pile and best is pile[0] else self._trays[best.place], person)
        elif pile:
            self._wake(person, pile[0].ripe)

    def _hand_out(self, place: Place) -> None:
        """To whoever is free, chance deciding among several."""
        tray = self._trays[place]
        while tray:
            free = [one for one in self._able.get(place, ()) if one not in self.busy]
            if not free:
                return
            self._give(tray, free[0] if len(free) == 1 else self.chance.choice(free))

    def _divide(self, one: Waiting) -> None:
        """To whoever would get to it first."""
        people = self._able.get(one.place, ())
        if not people:
            self._nobodys.append(one)
            return
        through = {person: self._through(person) for person in people}
        first = min(through.values())
        among = [person for person in people if through[person] == first]
        person = among[0] if len(among) == 1 else self.chance.choice(among)
        heapq.heappush(self._piles[person], one)
        if person not in self.busy:
            self.frees(person)

    def _through(self, person: int) -> int:
        """When they would be through with what they have."""
        at = int(self.env.now)
        if person in self.busy:
            at = max(at, self._ends.get(person, at))
        for one in sorted(self._piles[person]):
            at = max(at, one.ripe) + one.length
        return at

    def _wake(self, person: int, at: int) -> None:
        if self._wakes.get(person) != at:
            self._wakes[person] = at
            self.env.process(self._woken(person, at))

    def _woken(self, person: int, at: int) -> Generator[simpy.Event, Any, None]:
        yield self.env.timeout(max(at - self.env.now, 0))
        if self._wakes.get(person) == at:
            del self._wakes[person]
        if person not in self.busy:
            self.frees(person)

    def _give(self, lying: list[Waiting], person: int) -> None:
        one = heapq.heappop(lying)
        self.busy.add(person)
        self._ends[person] = int(self.env.now) + one.length
        one.taken.succeed(person)
