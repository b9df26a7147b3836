"""How soon somebody who is free takes what waits, told apart from waiting for somebody busy. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from engine.base.frozen import frozen
from engine.supervision.whatif.record import DAY_MS, Done, Place, Record
from engine.supervision.whatif.staffing import Staffing
from engine.worktime.quick import Worked

_FEWEST_LOOKS: Final = 5
_JUST_BEFORE: Final = 60_000
"""Milliseconds of work before it was taken: whoever was free then had not just become so."""
_NONE: Final = 1e-9
_TURNS: Final = 40
_MOST_POINTS: Final = 300


@frozen
class Looking:
    """How soon somebody free takes what waits: working time in rising order, each with the share that took no longer."""

    lengths: tuple[int, ...]
    shares: tuple[float, ...]

    def drawn(self, chance: float) -> int:
        if not self.lengths:
            return 0
        return self.lengths[min(bisect_right(self.shares, chance), len(self.lengths) - 1)]


AT_SIGHT: Final = Looking((), ())


@dataclass(slots=True)
class Lay:
    """How long tasks of a department waited, in all; of that, while nobody was free; and how much of it is explained.

    Explained is what was waited while nobody was free, and of each task up to a working day of lying though somebody was.
    """

    waited: int = 0
    nobody_free: int = 0
    explained: int = 0

    @property
    def busy_share(self) -> float:
        return self.nobody_free / self.waited if self.waited else 0.0

    @property
    def explained_share(self) -> float:
        return self.explained / self.waited if self.waited else 1.0


def lookings(
    record: Record, tasks: Sequence[Done], staffing: Staffing, divided: Collection[int] = ()
) -> dict[Place, Looking]:
    """What was taken while somebody had been free before was looked at then. What was taken by whoever had just become
    free was looked at some time between the last moment at which somebody was free before and then. Of posts at which
    work is `divided` only whoever took it counts; and what was taken as soon as they were free may have lain below
    something else, so that it can have been looked at any time before.
    """
    busy = _busy(tasks)
    seen: dict[Place, list[tuple[int, int]]] = defaultdict(list)
    for one in _taken(tasks):
        until = one.claimed or 0
        line = record.lines[one.department]
        length = line.between(one.opened, until)
        able = _able(one, staffing, divided)
        free = until if length < _JUST_BEFORE else _last_free(able, busy, until, _before(line, until))
        own = one.place[2] in divided
        least = length if free == until else 0 if own else line.between(one.opened, max(free, one.opened))
        seen[one.place].append((least, length))
    return {place: _lengths(of) for place, of in seen.items()}


def lay(
    record: Record, tasks: Sequence[Done], staffing: Staffing, divided: Collection[int], begin: int, until: int
) -> dict[int, Lay]:
    """By department, of what was taken within that time."""
    busy = _busy(tasks)
    found: dict[int, Lay] = defaultdict(Lay)
    for one in _taken(tasks):
        if not begin <= (one.claimed or 0) < until:
            continue
        length = record.lines[one.department].between(one.opened, one.claimed or 0)
        nobody = _busy_time(record, one, _able(one, staffing, divided), busy)
        into = found[one.department]
        into.waited += length
        into.nobody_free += nobody
        into.explained += nobody + min(length - nobody, record.day_length[one.department])
    return found


def _taken(tasks: Iterable[Done]) -> list[Done]:
    return [one for one in tasks if one.served and not one.stopped and one.claimed is not None]


def _able(one: Done, staffing: Staffing, divided: Collection[int]) -> Collection[int]:
    """Who might have taken it sooner."""
    if one.place[2] in divided and one.person is not None:
        return (one.person,)
    return staffing.able(one.place, staffing.day_of(one.opened))


def _busy(tasks: Iterable[Done]) -> dict[int, list[tuple[int, int]]]:
    """When each person had something, joined."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for one in sorted(
        (one for one in tasks if one.claimed is not None and one.served), key=lambda one: one.claimed or 0
    ):
        if one.person is None or one.claimed is None:
            continue
        mine = found[one.person]
        end = one.closed if one.closed is not None else one.claimed + 365 * DAY_MS
        if mine and one.claimed <= mine[-1][1]:
            mine[-1] = (mine[-1][0], max(mine[-1][1], end))
        else:
            mine.append((one.claimed, end))
    return found


def _nobody_free(able: Iterable[int], busy: Mapping[int, list[tuple[int, int]]], begin: int, until: int) -> int | None:
    """The first moment before `until` at which all of them are busy."""
    people = [busy.get(one, []) for one in able]
    if not people:
        return begin
    moment = begin
    while moment < until:
        later = moment
        for spans in people:
            place = bisect_right(spans, (moment, 1 << 62)) - 1
            if place >= 0 and spans[place][1] > moment:
                continue
            if place + 1 >= len(spans):
                return None
            later = max(later, spans[place + 1][0])
        if later == moment:
            return moment
        moment = later
    return None


def _before(line: Worked, until: int) -> int:
    """Just before; in the evening, where it was taken first thing in the morning."""
    moment = line.reached(line.height(until) - _JUST_BEFORE)
    return until - _JUST_BEFORE if moment is None else min(moment, until - _JUST_BEFORE)


def _last_free(able: Iterable[int], busy: Mapping[int, list[tuple[int, int]]], until: int, moment: int) -> int:
    """When one of them was free last, before whoever took it became so; `until` itself where one was all the while."""
    found = 0
    for person in able:
        spans = busy.get(person, [])
        place = bisect_left(spans, (moment, 0)) - 1
        if place < 0 or spans[place][1] < moment:
            return until
        found = max(found, spans[place][0])
    return found


def _busy_time(record: Record, one: Done, able: Iterable[int], busy: Mapping[int, list[tuple[int, int]]]) -> int:
    """How long it waited while nobody was free."""
    begin, until = one.opened, one.claimed or one.opened
    people = [busy.get(person, []) for person in able]
    line = record.lines[one.department]
    if not people:
        return line.between(begin, until)
    cuts = {begin, until}
    for spans in people:
        for place in range(max(bisect_right(spans, (begin, 1 << 62)) - 1, 0), len(spans)):
            if spans[place][0] >= until:
                break
            cuts.update(edge for edge in spans[place] if begin < edge < until)
    found = 0
    for first, last in pairwise(sorted(cuts)):
        if _nobody_free(able, busy, first, last) == first:
            found += line.between(first, last)
    return found


def _lengths(seen: Sequence[tuple[int, int]]) -> Looking:
    """Of each at least and at most so much: the likeliest distribution (Turnbull), by turns of sharing each out."""
    exact = [least for least, most in seen if least == most]
    if len(exact) < _FEWEST_LOOKS:
        return AT_SIGHT
    points = _thinned(sorted({0, *(most for _least, most in seen), *(least for least, _most in seen)}))
    spans = []
    for least, most in seen:
        last = bisect_right(points, most) - 1
        spans.append((min(bisect_left(points, least), last), last))
    mass = [1 / len(points)] * len(points)
    for _ in range(_TURNS):
        sums = [0.0, *accumulate(mass)]
        rises = [0.0] * (len(points) + 1)
        for first, last in spans:
            within = sums[last + 1] - sums[first]
            if within > _NONE:
                rises[first] += 1 / within
                rises[last + 1] -= 1 / within
        mass = [one * weight for one, weight in zip(mass, accumulate(rises), strict=False)]
        whole = sum(mass)
        mass = [max(one / whole, 0.0) for one in mass]
    return Looking(tuple(points), tuple(accumulate(mass)))


def _thinned(points: Sequence[int]) -> list[int]:
    """Nothing, the longest, and as many between as are enough."""
    step = max(len(points) // _MOST_POINTS, 1)
    return sorted({points[0], *points[::step], points[-1]})
