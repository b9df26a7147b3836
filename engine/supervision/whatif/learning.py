"""What an office is, learned from what it did: arrivals, ways, work, skills, order of service, and how soon is looked.

Nothing that happened at or behind `at` is used, but what stood open then. Pure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Final

from engine.base.frozen import frozen
from engine.supervision.whatif.dividing import divided
from engine.supervision.whatif.looking import Looking, lookings
from engine.supervision.whatif.record import Case, Done, Order, Place, Record, key_of
from engine.supervision.whatif.staffing import Staffing

FEWEST_CASES: Final = 20
"""Ended ones; of fewer nothing is learned about a procedure."""
_ARRIVALS: Final = 91
"""Days from which arrivals are drawn again."""
_BESIDE: Final = 0.02
"""Two steps that were open together in more than this share of cases lie beside each other, not behind."""
_AT_ONCE: Final = 1_000
"""Milliseconds: no gap."""
_MOST_CHOICES: Final = 3_000
_REST: Final = 7


@frozen
class Step:
    """A task of a case that is gone through again. `service` takes a person, `hold` lies with the case alone."""

    place: Place
    department: int
    served: bool
    service: int
    hold: int
    length: int  # of one that is not served, by the clock
    opened: int
    due: int | None  # behind its opening
    needs: tuple[int, ...]
    gap: int  # by the clock, behind the last it needs


@frozen
class Way:
    """A case as it went."""

    case: int
    procedure: int
    steps: tuple[Step, ...]
    end_gap: int
    promise: int | None
    tail: int
    elements: Mapping[str, int]  # how often each


@frozen
class Stood:
    """A case that stood open: at which steps, and the ways that may tell how it goes on."""

    case: Case
    last: tuple[Done, ...]  # those open, or the last that was
    open: bool
    ways: tuple[Way, ...]
    alike: bool  # they go through those steps
    since: int


@frozen
class Resumed:
    """A case that stands open: its steps still to go, the first ones opened already."""

    way: Way
    began: int
    standing: Mapping[int, Done]  # by place in the way
    ready: frozenset[int]  # done before
    since: int  # when the last of those was


@frozen
class Model:
    ways: Mapping[int, tuple[Way, ...]]
    arrivals: Mapping[int, Mapping[int, tuple[tuple[int, ...], ...]]]  # procedure, kind of day: times of day of each
    looking: Mapping[Place, Looking]
    orders: Mapping[int, Order]
    staffing: Staffing
    divided: frozenset[int] = frozenset()  # posts at which each has a pile of their own


def learn(record: Record, at: int) -> Model:
    before = [one for one in record.cases.values() if one.ended is not None and one.ended < at]
    known = [_as_of(one, at) for tasks in record.tasks.values() for one in tasks if one.opened < at]
    staffing = Staffing(record, known)
    worked = _services(record, known)
    ways: dict[int, list[Way]] = defaultdict(list)
    by_procedure: dict[int, list[Case]] = defaultdict(list)
    for one in before:
        if record.tasks.get(one.id):
            by_procedure[one.procedure].append(one)
    for procedure, of in by_procedure.items():
        if len(of) >= FEWEST_CASES:
            beside = _beside(record, of)
            ways[procedure] = [_way(record, one, beside, worked) for one in of]
    piles = divided(known)
    return Model(
        {key: tuple(of) for key, of in ways.items()},
        {key: _arrivals(record, key, at) for key in ways},
        lookings(record, known, staffing, piles),
        _orders(known) | piles,
        staffing,
        frozenset(piles),
    )


def _as_of(one: Done, at: int) -> Done:
    """As it was known then: what came later is not."""
    if one.closed is not None and one.closed < at:
        return one
    claimed = one.claimed if one.claimed is not None and one.claimed < at else None
    return Done(
        one.case, one.number, one.place, one.department, one.person if claimed is not None else None, one.opened,
        claimed, None, one.due, one.served, one.waited, one.taken, one.worked, one.stopped,
    )  # fmt: skip


def _services(record: Record, tasks: Iterable[Done]) -> dict[tuple[int, int], int]:
    """How long each took its person: of what several were held at once, each its share."""
    held: dict[int, list[Done]] = defaultdict(list)
    for one in tasks:
        if one.served and one.person is not None and one.claimed is not None and one.closed is not None:
            held[one.person].append(one)
    found: dict[tuple[int, int], float] = defaultdict(float)
    for mine in held.values():
        edges = sorted({edge for one in mine for edge in (one.claimed or 0, one.closed or 0)})
        mine.sort(key=lambda one: one.claimed or 0)
        place, standing = 0, list[Done]()
        for begin, end in pairwise(edges):
            while place < len(mine) and (mine[place].claimed or 0) <= begin:
                standing.append(mine[place])
                place += 1
            standing = [one for one in standing if (one.closed or 0) > begin]
            for one in standing:
                found[one.case, one.number] += record.lines[one.department].between(begin, end) / len(standing)
    return {
        (one.case, one.number): one.worked
        if one.worked is not None
        else min(int(found[one.case, one.number]), one.taken)
        for mine in held.values()
        for one in mine
    }


def _beside(record: Record, cases: Sequence[Case]) -> set[frozenset[str]]:
    """Pairs of steps that are open at the same time now and then."""
    together: Counter[frozenset[str]] = Counter()
    both: Counter[frozenset[str]] = Counter()
    for case in cases:
        tasks = record.tasks[case.id]
        pairs, over = set(), set()
        for place, one in enumerate(tasks):
            for other in tasks[place + 1 :]:
                pair = frozenset({one.place[1], other.place[1]})
                pairs.add(pair)
                if other.opened < (one.closed or 0) and one.opened < (other.closed or 0):
                    over.add(pair)
        both.update(pairs)
        together.update(over)
    return {pair for pair, count in together.items() if count > _BESIDE * both[pair]}


def _way(record: Record, case: Case, beside: set[frozenset[str]], worked: Mapping[tuple[int, int], int]) -> Way:
    tasks = record.tasks[case.id]
    steps: list[Step] = []
    for number, one in enumerate(tasks):
        needs = tuple(
            place
            for place, other in enumerate(tasks)
            if place != number
            and (other.closed or 0) <= one.opened
            and (other.opened, place) < (one.opened, number)
            and frozenset({one.place[1], other.place[1]}) not in beside
        )
        base = max((tasks[place].closed or 0 for place in needs), default=case.began)
        gap = one.opened - base
        service = worked.get((case.id, one.number), 0)
        steps.append(
            Step(
                one.place, one.department, one.served, service, max(one.taken - service, 0) + one.stopped,
                (one.closed or one.opened) - one.opened, one.opened, None if one.due is None else one.due - one.opened,
                needs, gap if gap > _AT_ONCE else 0,
            )
        )  # fmt: skip
    end = max(one.closed or 0 for one in tasks)
    return Way(
        case.id, case.procedure, tuple(steps), max((case.ended or end) - end, 0), case.promise, case.tail,
        Counter(one.place[1] for one in steps),
    )  # fmt: skip


def _arrivals(record: Record, procedure: int, at: int) -> dict[int, tuple[tuple[int, ...], ...]]:
    """What came on each day of the last weeks, by its weekday; days off are of one kind."""
    last = bisect_right(record.midnights, at) - 2  # the last whole day
    began = sorted(one.began for one in record.cases.values() if one.procedure == procedure and one.began < at)
    if not began:
        return {}
    first = max(last - _ARRIVALS + 1, bisect_right(record.midnights, began[0]) - 1, 0)
    found: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    by_day: dict[int, list[int]] = defaultdict(list)
    for one in began:
        by_day[bisect_right(record.midnights, one) - 1].append(one)
    for place in range(first, last + 1):
        came = tuple(one - record.midnights[place] for one in by_day.get(place, ()))
        found[kind_of_day(record, place)].append(came)
    return {kind: tuple(days) for kind, days in found.items()}


def kind_of_day(record: Record, place: int) -> int:
    return (record.first_day + place - 1) % 7 if record.works[place] else _REST


def _orders(tasks: Sequence[Done]) -> dict[int, Order]:
    """Of each post the order that tells best which of those that waited was taken."""
    by_post: dict[int, list[Done]] = defaultdict(list)
    for one in tasks:
        if one.served:
            by_post[one.place[2]].append(one)
    return {post: _order(mine) for post, mine in by_post.items()}


def _order(mine: Sequence[Done]) -> Order:
    arriving = sorted(mine, key=lambda one: one.opened)
    taking = sorted((one for one in mine if one.claimed is not None), key=lambda one: one.claimed or 0)
    waiting: dict[tuple[int, int], Done] = {}
    place, ranks = 0, dict.fromkeys(Order, 0.0)
    choices = 0
    for one in taking[-_MOST_CHOICES:]:
        while place < len(arriving) and arriving[place].opened <= (one.claimed or 0):
            other = arriving[place]
            if other.claimed is None or other.claimed >= (one.claimed or 0):
                waiting[other.case, other.number] = other
            place += 1
        if len(waiting) > 1 and (one.case, one.number) in waiting:
            choices += 1
            for order in Order:
                mine_key = key_of(order, one.opened, one.due)
                ahead = sum(key_of(order, other.opened, other.due) < mine_key for other in waiting.values())
                ranks[order] += ahead / (len(waiting) - 1)
        waiting.pop((one.case, one.number), None)
    if not choices:
        return Order.FIRST
    return min(Order, key=lambda order: (ranks[order], order))


def stood(record: Record, model: Model, at: int) -> tuple[Stood, ...]:
    """The cases that stood open then."""
    found = []
    for case in record.cases.values():
        ways = model.ways.get(case.procedure)
        if not ways or case.began >= at or (case.ended is not None and case.ended <= at):
            continue
        tasks = tuple(_as_of(one, at) for one in record.tasks.get(case.id, ()) if one.opened < at)
        still = tuple(one for one in tasks if one.closed is None)
        last = still or tasks[-1:]
        wanted = Counter(one.place[1] for one in last)
        fit = tuple(way for way in ways if wanted and _goes_through(way, wanted))
        some = fit or tuple(way for way in ways if last and last[0].place[1] in way.elements)
        since = at if still else max((one.closed or at for one in tasks), default=at)
        found.append(Stood(case, last, bool(still), some or ways, bool(some), since))
    return tuple(found)


def _goes_through(way: Way, wanted: Counter[str]) -> bool:
    return all(way.elements.get(element, 0) >= count for element, count in wanted.items())


def resumed(one: Stood, chance: Random) -> Resumed:
    """Goes on as one that ended has gone on from the same place."""
    way = chance.choice(one.ways)
    if not one.alike:
        return Resumed(way, one.case.began, {}, frozenset(), one.since)
    places: dict[int, Done] = {}
    for task in one.last:
        free = [place for place, step in enumerate(way.steps) if step.place[1] == task.place[1] and place not in places]
        if free:
            places[free[0] if len(free) == 1 else chance.choice(free)] = task
    opened = way.steps[max(places)].opened
    ready = {place for place, step in enumerate(way.steps) if place not in places and step.opened <= opened}
    if not one.open:
        ready |= set(places)
        places = {}
    if one.case.promise is not None:
        way = replace(way, promise=one.case.promise)
    return Resumed(way, one.case.began, places, frozenset(ready), one.since)
