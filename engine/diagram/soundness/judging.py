"""Which of the markings seen cannot come to an end any more, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.base.frozen import frozen
from engine.diagram.soundness.exploring import Move, Seen
from engine.diagram.soundness.net import JOINS, Kind, Node, reach
from engine.diagram.soundness.tokens import Item, Marking
from engine.diagram.soundness.verdict import FaultKind

MOST_FAULTS = 8


@frozen
class Suspect:
    """A fault with the way there. `decisive`: the move of the way after which there is no way out."""

    kind: FaultKind
    nodes: tuple[Node, ...]
    way: tuple[Move, ...]
    markings: tuple[Marking, ...]  # after each move of the way
    decisive: int
    always: bool = False


def suspects(nodes: list[Node], seen: Seen) -> list[Suspect]:
    """The nearest first."""
    lost = set(range(len(seen.markings))) - before([*seen.ended, *(one for one in seen.cut if one >= 0)], seen.into)
    always = seen.complete and bool(seen.first) and lost.issuperset(seen.first)
    found = [*_waits(nodes, seen, lost, always), *_goes_on(nodes, seen, lost, always)]
    for sight in seen.doubled:
        way = (*(move for _, move in _way(seen, sight.marking)), sight.move)
        after = [seen.markings[number] for number, _ in _way(seen, sight.marking)]
        after += [] if sight.into is None else [seen.markings[sight.into]]
        found.append(Suspect(FaultKind.UNSYNCHRONISED, (sight.node,), way, tuple(after), len(way) - 1))
    for sight in seen.rounds:
        way = (*(move for _, move in _way(seen, sight.marking)), sight.move)
        after = [seen.markings[number] for number, _ in _way(seen, sight.marking)]
        found.append(Suspect(FaultKind.ENDLESS_LOOP, (sight.node,), way, tuple(after), len(way) - 1))
    return found


def before(them: Iterable[int], into: Sequence[set[int]]) -> set[int]:
    """Every marking from which one of them is come to."""
    known = set(them)
    waiting = list(known)
    while waiting:
        for one in into[waiting.pop()]:
            if one not in known:
                known.add(one)
                waiting.append(one)
    return known


def _waits(nodes: list[Node], seen: Seen, lost: set[int], always: bool) -> Iterator[Suspect]:
    still = sorted((number for number in lost if not seen.leads[number]), key=lambda one: (seen.costs[one], one))
    told: set[tuple[int, ...]] = set()
    for number in still:
        kind, joins = cause(nodes, seen.markings[number])
        key = tuple(sorted(one.number for one in joins))
        if key not in told and len(told) < MOST_FAULTS:
            told.add(key)
            yield _suspect(kind, joins, seen, number, lost, always)


def _goes_on(nodes: list[Node], seen: Seen, lost: set[int], always: bool) -> Iterator[Suspect]:
    still = [number for number in lost if not seen.leads[number]]
    on = lost - before(still, seen.into)
    if on:
        first = min(on, key=lambda one: (seen.costs[one], one))
        round_ = dict.fromkeys(
            node
            for number in sorted(on, key=lambda one: (seen.costs[one], one))
            for node in _resting(nodes, seen.markings[number])
            if node.kind not in JOINS
        )
        ordered = tuple(round_) or tuple(_resting(nodes, seen.markings[first]))
        yield _suspect(FaultKind.LIVELOCK, ordered, seen, first, lost, always)


def _resting(nodes: list[Node], marking: Marking) -> Iterator[Node]:
    for item in marking:
        node, inner = _inside(nodes, item)
        if inner is None:
            yield node
        else:
            yield from _resting(nodes, inner)


def _suspect(
    kind: FaultKind, about: tuple[Node, ...], seen: Seen, number: int, lost: set[int], always: bool
) -> Suspect:
    way = _way(seen, number)
    decisive = next(index for index, (one, _) in enumerate(way) if one in lost)
    moves = tuple(move for _, move in way)
    return Suspect(kind, about, moves, tuple(seen.markings[one] for one, _ in way), decisive, always)


def _way(seen: Seen, number: int) -> list[tuple[int, Move]]:
    way = []
    while number >= 0:
        before_, move = seen.came[number]
        way.append((number, move))
        number = before_
    return way[::-1]


@frozen
class _Held:
    """A join with tokens, and what stands around it from the outside in; `first` are the flows they came by."""

    join: Node
    around: tuple[int, ...]
    first: frozenset[int]


def cause(nodes: list[Node], marking: Marking) -> tuple[FaultKind, tuple[Node, ...]]:
    """The joins that the others wait for; where that is a circle, all that are in it."""
    held = list(_held(nodes, marking, ()))
    if not held:
        return FaultKind.DEADLOCK, tuple(nodes[item[0]] for item in marking[:1])
    waits_for = {one: [other for other in held if other.join is not one.join and _feeds(other, one)] for one in held}
    roots = [one for one in held if not waits_for[one]]
    if roots:
        return FaultKind.DEADLOCK, _joins(roots)
    circle = [one for one in held if _comes_back(one, waits_for)]
    return FaultKind.MUTUAL_WAIT, _joins(circle)


def _joins(held: Iterable[_Held]) -> tuple[Node, ...]:
    return tuple(dict.fromkeys(one.join for one in held))


def _comes_back(one: _Held, waits_for: dict[_Held, list[_Held]]) -> bool:
    known: set[_Held] = set()
    waiting = list(waits_for[one])
    while waiting:
        other = waiting.pop()
        if other is one:
            return True
        if other not in known:
            known.add(other)
            waiting += waits_for[other]
    return False


def _held(nodes: list[Node], marking: Marking, around: tuple[int, ...]) -> Iterator[_Held]:
    flows: dict[int, set[int]] = {}
    for item in marking:
        node, inner = _inside(nodes, item)
        if node.kind in JOINS:
            flows.setdefault(node.number, set()).add(item[2])
        elif inner is not None:
            yield from _held(nodes, inner, (*around, node.number))
    for number, first in flows.items():
        yield _Held(nodes[number], around, frozenset(first))


def _inside(nodes: list[Node], item: Item) -> tuple[Node, Marking | None]:
    node = nodes[item[0]]
    if node.kind is Kind.ARMED:
        return _inside(nodes, item[2])
    return node, item[2] if node.kind is Kind.HOST else None


def _feeds(one: _Held, other: _Held) -> bool:
    """Whether what stands at one could come by a flow that the other waits for."""
    depth = len(other.around)
    if one.around[:depth] != other.around:
        return False
    place = one.around[depth] if len(one.around) > depth else one.join.number
    may_come_by = (other.join.reach or reach(other.join)).get(place, frozenset())
    return bool(may_come_by - other.first)
