"""A way through what is left of a process, gone again on the process as drawn."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from engine.diagram.soundness.exploring import Move, is_crowded, offers
from engine.diagram.soundness.graph import flat
from engine.diagram.soundness.net import JOINS, Kind, Node, Plan
from engine.diagram.soundness.playing import Choices, Choosing, Crowded, GoesRound, Offer, Play
from engine.diagram.soundness.smaller import Picks
from engine.diagram.soundness.tokens import Marking, Space, marking_of, space_of
from engine.diagram.soundness.verdict import Chosen, How, Standing, Turn

_MOST_TURNS = 400
_HOW = {
    "timer": How.TIMER,
    "message": How.MESSAGE,
    "signal": How.SIGNAL,
    "conditional": How.CONDITION,
    "thrown": How.THROWN,
}


@dataclass
class Replay:
    """Where it has come to, and the turns it took. `doubled`: what a second token came to in the last turn."""

    nodes: list[Node]
    plan: Plan
    ordered: frozenset[int]
    marking: Marking = ()
    turns: list[Turn] = field(default_factory=list)
    doubled: list[Node] = field(default_factory=list)
    round: Node | None = None
    crowded: bool = False

    def set_out(self, start: Node | None, choosing: Choosing) -> None:
        root = Space(self.plan, None)
        play = Play(root, [root], len(self.nodes), choosing)
        self._go(play, lambda: play.set_out(start), How.BEGINS, start or self.plan.entry, None)

    def take(self, index: int, choosing: Choosing) -> None:
        root, spaces = space_of(self.nodes, self.plan, self.marking, None)
        offer = offers(spaces)[index]
        play = Play(root, spaces, len(self.nodes), choosing)
        how = How.CHOSEN if offer.node.asks else _HOW.get(offer.node.trigger, How.DONE)
        group = offer.token.group
        self._go(play, lambda: play.take(offer), how, offer.node, group.node if group else None)

    def offers(self) -> list[Offer]:
        return offers(space_of(self.nodes, self.plan, self.marking, None)[1])

    def _go(self, play: Play, go: Callable[[], None], how: How, node: Node, by: Node | None) -> None:
        gone: list[str] = []
        play.gone = gone
        try:
            go()
        except GoesRound as goes:
            self.round = goes.node
        except Crowded:
            self.crowded = True
        if self.round is None and not self.crowded:
            self.marking = marking_of(play.root, self.ordered)
            self.crowded = is_crowded(self.marking)
        self.doubled = play.doubles()
        chosen = tuple(
            Chosen(one.element, tuple(one.flows[way] for way in ways if one.flows[way]))
            for one, ways in play.chosen
            if one.kind in (Kind.ONE, Kind.SOME)
        )
        passed = tuple(one.element for one in play.passed if one.drawn)
        beside = None if by is None or by.element == node.element else by.element
        standing = standing_of(self.nodes, self.marking, self.round or next(iter(self.doubled), None))
        flows = tuple(one for one in gone if one)
        self.turns.append(Turn(how, node.element, node.process, chosen, passed, flows, standing, beside))


class ByPlace:
    """Each gateway as written down for it; else its first option."""

    def __init__(self, picks: Picks) -> None:
        self.picks = picks

    def __call__(self, node: Node) -> int:
        return _option(node, self.picks.get(node.number))


class InTurn:
    """As was chosen before, in the same order."""

    def __init__(self, chosen: Choices) -> None:
        self.chosen = deque(chosen)

    def __call__(self, node: Node) -> int:
        return _option(node, self.chosen.popleft()[1] if self.chosen else None)


def _option(node: Node, ways: tuple[int, ...] | None) -> int:
    if node.kind is Kind.HOST:
        return int(ways == ())
    return next((index for index, option in enumerate(node.options) if option == ways), 0)


def standing_of(nodes: list[Node], marking: Marking, told: Node | None) -> tuple[Standing, ...]:
    """`told`: what was met on the way, and may not show any more when everything rests."""
    counts: dict[tuple[str, bool], int] = {}
    for element, held in _standing(nodes, marking):
        counts[element, held] = counts.get((element, held), 0) + 1
    found = [Standing(element, count, held) for (element, held), count in counts.items()]
    if told is not None and not any(one.element == told.element and one.count > 1 for one in found):
        found = [one for one in found if one.element != told.element]
        found.append(Standing(told.element, 2, told.kind in JOINS))
    return tuple(found)


def _standing(nodes: list[Node], marking: Marking) -> Iterator[tuple[str, bool]]:
    for item in marking:
        node = nodes[item[0]]
        if node.kind is Kind.ARMED:
            yield from _standing(nodes, (item[2],))
        elif node.kind is Kind.HOST:
            yield from _standing(nodes, item[2])
        else:
            yield node.element, node.kind in JOINS


class Expanded:
    """Each move of a way through what is left, as the moves it stands for."""

    def __init__(self, replay: Replay, begin: Node, starts: Sequence[Node], picks: Picks) -> None:
        self.replay = replay
        self.begin_at = begin
        self.starts = starts
        self.picks = picks

    def go(self, way: Sequence[Move], decisive: int) -> int:
        """Says which turn was the decisive one."""
        found = 0
        for index, move in enumerate(way):
            explicit = self._explicit(move)
            if index == 0:
                ways = explicit.get(self.begin_at.number, (0,))
                choosing = ByPlace({**self.picks, **explicit})
                self.replay.set_out(self.starts[ways[0]] if self.starts else None, choosing)
            else:
                self._move(move, explicit)
            if index == decisive:
                found = len(self.replay.turns) - 1
        return found

    def _explicit(self, move: Move) -> Picks:
        found: Picks = {}
        for node, ways in move.chosen:
            if ways in node.means:
                number, old = node.means[ways]
                found[number] = old
        return found

    def _move(self, move: Move, explicit: Picks) -> None:
        choosing = {**self.picks, **explicit}
        inside = set(flat(move.node.inside))
        while len(self.replay.turns) < _MOST_TURNS and not self.replay.crowded:
            index = self._next(inside, choosing)
            if index is None:
                return
            self.replay.take(index, ByPlace(choosing))
            if move.node.kind is Kind.BORDER:
                return

    def _next(self, inside: set[int], choosing: Picks) -> int | None:
        """Something that is part of what the move stands for, and waits."""
        for index, offer in enumerate(self.replay.offers()):
            group = offer.token.group
            if group is None or (group.node.kind is Kind.ARMED and group.node.number not in inside):
                if offer.node.number in inside:
                    return index
            elif group.node.number in inside:
                way = choosing.get(group.node.number, (0,))[0]
                if group.node.outs[way] is offer.node:
                    return index
            elif offer.node.number in inside:
                return index
        return None


def exactly(replay: Replay, start: Node | None, way: Sequence[Move], markings: Sequence[Marking]) -> None:
    """The way as it was found on the process as drawn."""
    for index, move in enumerate(way):
        if index == 0:
            replay.set_out(start, InTurn(move.chosen))
            continue
        before = replay.marking
        wanted = markings[index] if index < len(markings) else None
        turns, offered = list(replay.turns), replay.offers()
        for at, offer in enumerate(offered):
            if offer.node is move.node:
                replay.marking, replay.turns = before, list(turns)
                replay.take(at, InTurn(move.chosen))
                if wanted is None or replay.marking == wanted:
                    break
