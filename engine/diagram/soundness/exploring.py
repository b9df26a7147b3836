"""Every marking that a case can come to, the nearest first, as far as the budget goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush
from time import perf_counter
from typing import Final

from engine.base.frozen import frozen
from engine.diagram.soundness.net import EXTERNAL, Kind, Node, Plan
from engine.diagram.soundness.playing import Choices, Crowded, GoesRound, Offer, Play
from engine.diagram.soundness.tokens import RESTS, Item, Marking, Space, marking_of, space_of

MOST_ALIKE: Final = 3
"""Tokens at one node, beyond which nothing is looked at any more."""
MOST_BRANCHES: Final = 512
"""Ways of choosing in one move."""
_EVERY: Final = 16


@frozen
class Move:
    """What came from outside (nothing: the case began, at `node`), and which ways its gateways took."""

    node: Node
    chosen: Choices
    by: Node | None = None  # the step or gateway at which it waited


@frozen
class Sight:
    """Something worth telling that was met in a move out of a marking."""

    marking: int
    move: Move
    node: Node
    into: int | None


@dataclass(slots=True)
class Seen:
    """Markings by number, and how each was come to. Those numbered in `cut` were not looked at further."""

    markings: list[Marking] = field(default_factory=list)
    came: list[tuple[int, Move]] = field(default_factory=list)
    into: list[set[int]] = field(default_factory=list)
    costs: list[int] = field(default_factory=list)
    leads: list[bool] = field(default_factory=list)  # whether any move leads on
    ended: list[int] = field(default_factory=list)
    cut: set[int] = field(default_factory=set)
    first: list[int] = field(default_factory=list)  # where a case begins
    nodes: set[int] = field(default_factory=set)
    doubled: list[Sight] = field(default_factory=list)
    rounds: list[Sight] = field(default_factory=list)
    complete: bool = False
    late: bool = False  # it was the time that ran out

    def way_to(self, number: int) -> list[Move]:
        way = []
        while number >= 0:
            number, move = self.came[number]
            way.append(move)
        return way[::-1]


class Explorer:
    """Of one process. `until` is a reading of the clock; `most` bounds the markings."""

    def __init__(self, nodes: list[Node], plan: Plan, ordered: frozenset[int], *, until: float, most: int) -> None:
        self.nodes = nodes
        self.plan = plan
        self.ordered = ordered
        self.until = until
        self.most = most
        self.seen = Seen()
        self._numbers: dict[Marking, int] = {}
        self._waiting: list[tuple[int, int]] = []
        self._told: set[int] = set()

    def explore(self, starts: Iterable[Node | None]) -> Seen:
        seen = self.seen
        for start in starts:
            for play, move in self._plays(partial(_begin, start=start), start or self.plan.entry):
                number = self._keep(-1, move, play, 0)
                if number not in seen.first:
                    seen.first.append(number)
        return self._go_on()

    def explore_from(self, marking: Marking) -> Seen:
        self._number(marking, -1, Move(self.plan.entry, ()), 0)
        return self._go_on()

    def _go_on(self) -> Seen:
        seen, steps = self.seen, 0
        while self._waiting:
            steps += 1
            seen.late = steps % _EVERY == 0 and perf_counter() > self.until
            if seen.late or len(seen.markings) > self.most:
                seen.cut.update(number for _, number in self._waiting)
                return seen
            cost, number = heappop(self._waiting)
            if cost == seen.costs[number]:
                self._expand(number, cost)
        seen.complete = not seen.cut
        return seen

    def _expand(self, number: int, cost: int) -> None:
        marking = self.seen.markings[number]
        if is_crowded(marking):
            self.seen.cut.add(number)
            return
        _root, spaces = space_of(self.nodes, self.plan, marking, None)
        for index, offer in enumerate(offers(spaces)):
            self.seen.leads[number] = True
            for play, move in self._plays(partial(take, index=index), offer.node, marking, _by(offer)):
                self._keep(number, move, play, cost + offer.node.cost)

    def _plays(
        self, go: Callable[[Play], None], node: Node, marking: Marking | None = None, by: Node | None = None
    ) -> Iterator[tuple[Play, Move]]:
        """The same move once for each way its gateways may choose."""
        scripts: list[tuple[int, ...]] = [()]
        count = 0
        while scripts:
            count += 1
            if count > MOST_BRANCHES or (count % _EVERY == 0 and perf_counter() > self.until):
                self.seen.cut.add(-1 if marking is None else self._numbers[marking])
                return
            script = scripts.pop()
            choosing = Script(script)
            play = self.play(marking, choosing)
            ends = self._ends(go, play)
            taken = choosing.taken
            for at in range(len(script), len(taken)):
                head = tuple(one for one, _ in taken[:at])
                scripts += [(*head, other) for other in range(1, taken[at][1])]
            self.seen.nodes |= play.seen
            move = Move(node, tuple(play.chosen), by)
            if ends is None:
                yield play, move
                continue
            if isinstance(ends, GoesRound):
                self._sight(self.seen.rounds, marking, move, ends.node, None)
            else:
                self.seen.cut.add(-1 if marking is None else self._numbers[marking])
            for one in play.doubles():
                self._sight(self.seen.doubled, marking, move, one, None)

    def _ends(self, go: Callable[[Play], None], play: Play) -> GoesRound | Crowded | None:
        try:
            go(play)
        except (GoesRound, Crowded) as ends:
            return ends
        return None

    def play(self, marking: Marking | None, choosing: Script) -> Play:
        if marking is None:
            root = Space(self.plan, None)
            return Play(root, [root], len(self.nodes), choosing)
        root, spaces = space_of(self.nodes, self.plan, marking, None)
        return Play(root, spaces, len(self.nodes), choosing)

    def _keep(self, number: int, move: Move, play: Play, cost: int) -> int:
        found = self._number(marking_of(play.root, self.ordered), number, move, cost)
        if number >= 0:
            self.seen.into[found].add(number)
        for node in play.doubles():
            self._sight(self.seen.doubled, None if number < 0 else self.seen.markings[number], move, node, found)
        return found

    def _number(self, marking: Marking, number: int, move: Move, cost: int) -> int:
        seen = self.seen
        found = self._numbers.get(marking)
        if found is None:
            found = self._numbers[marking] = len(seen.markings)
            seen.markings.append(marking)
            seen.came.append((number, move))
            seen.into.append(set())
            seen.costs.append(cost)
            seen.leads.append(False)
            if not marking:
                seen.ended.append(found)
        elif cost < seen.costs[found]:
            seen.costs[found] = cost
            seen.came[found] = (number, move)
        else:
            return found
        if marking:
            heappush(self._waiting, (cost, found))
        return found

    def _sight(self, sights: list[Sight], marking: Marking | None, move: Move, node: Node, into: int | None) -> None:
        key = node.number * 2 + (sights is self.seen.rounds)
        if key not in self._told:
            self._told.add(key)
            sights.append(Sight(-1 if marking is None else self._numbers[marking], move, node, into))


class Script:
    """Gateways choose as written down, and beyond that their first option."""

    def __init__(self, script: Sequence[int]) -> None:
        self.script = script
        self.taken: list[tuple[int, int]] = []

    def __call__(self, node: Node) -> int:
        at = len(self.taken)
        option = self.script[at] if at < len(self.script) else 0
        self.taken.append((option, len(node.options) if node.kind in (Kind.ONE, Kind.SOME) else 2))
        return option


def offers(spaces: Iterable[Space]) -> list[Offer]:
    """What may come from outside; of several that are alike, the first."""
    found = []
    for space in spaces:
        known: set[tuple[int, bool]] = set()
        for token in space.tokens:
            if token.state != RESTS or not _can_come(token.node, token.left):
                continue
            if token.group is None:
                key = (token.node.number, token.beside)
                if key in known:
                    continue
                known.add(key)
            found.append(Offer(token, token.node))
    return found


def _can_come(node: Node, left: int) -> bool:
    if node.kind is Kind.BORDER:
        return node.trigger in EXTERNAL and (not node.again or left > 1)
    return node.kind not in (Kind.ALL, Kind.GATHER)


def _by(offer: Offer) -> Node | None:
    return None if offer.token.group is None else offer.token.group.node


def _begin(play: Play, start: Node | None) -> None:
    play.set_out(start)


def take(play: Play, index: int) -> None:
    play.take(offers(play.spaces)[index])


def is_crowded(marking: Marking) -> bool:
    counts: dict[int, int] = {}
    for item in marking:
        counts[item[0]] = counts.get(item[0], 0) + 1
        if counts[item[0]] > MOST_ALIKE or any(isinstance(inner, tuple) and _holds(inner) for inner in item[2:]):
            return True
    return False


def _holds(inner: Item) -> bool:
    """What stands inside a step, or inside one with events on its border."""
    if inner and isinstance(inner[0], tuple):
        return is_crowded(inner)
    return any(isinstance(one, tuple) and _holds(one) for one in inner[2:])
