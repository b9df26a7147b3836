"""A diagram as a machine that accepts what may happen in a case. Pure.

A marking says where tokens lie; a move takes it to another one and either shows an element, or nothing. Conditions are
free choices. What cannot be followed to the letter is followed more freely and named in `Net.loosely`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from engine.diagram.shape import Diagram, Element

Marking = tuple[int, ...]
"""Places with a token, in order; a place that holds two stands in it twice. () is a case that has ended."""
Move = tuple[str | None, Marking]
"""The element that is seen, None where nothing is; and the marking it leads to."""

_SCOPES: Final = frozenset({"subProcess", "transaction", "adHocSubProcess"})
_MOST_WAYS: Final = 5
MOST_TOKENS: Final = 24


@dataclass(slots=True)
class _Node:
    element: Element
    enter: int = -1  # the place before it; of a join with AND the places are those of its flows
    inside: int = -1  # of a sub-process under way
    after: int = -1  # of what may be done again
    ins: list[int] = field(default_factory=list)  # places of the flows into a join
    outs: list[tuple[int, bool]] = field(default_factory=list)  # places behind, and whether the flow has a condition
    starts: list[int] = field(default_factory=list)
    alone: list[int] = field(default_factory=list)  # of a sub-process: ways to begin, one of which is taken
    borders: list[Element] = field(default_factory=list)
    scope: int = 0


class Net:
    """Of one process. `seen`: elements that the log can show; all others happen unseen and cost nothing."""

    def __init__(self, diagram: Diagram, process: str, seen: Collection[str]) -> None:
        self.seen = frozenset(seen)
        self.loosely: dict[str, None] = {}
        self.looked = 0  # states that were looked at in aligning with it
        self._diagram, self._process = diagram, process
        self._nodes: dict[str, _Node] = {}
        self._at: dict[int, str] = {}  # place -> the element it lies before, in, or behind
        self._kind: dict[int, str] = {}
        self._within: list[frozenset[str]] = []  # place -> scopes it lies in
        self._events: dict[str, list[Element]] = {}  # scope -> event sub-processes
        self._cache: dict[Marking, tuple[Move, ...]] = {}
        self._reach: dict[str, dict[int, frozenset[int]]] = {}
        self._build()

    def _place(self, kind: str, element: Element) -> int:
        number = len(self._within)
        self._at[number], self._kind[number] = element.id, kind
        around = self._around(element.scope)
        self._within.append(frozenset({*around, element.id}) if kind == "inside" else around)
        return number

    def _around(self, scope: str) -> frozenset[str]:
        found = [scope]
        while scope in self._diagram.elements:
            scope = self._diagram.elements[scope].scope
            found.append(scope)
        return frozenset(found)

    def _build(self) -> None:
        mine = [one for one in self._diagram.elements.values() if one.process == self._process]
        for one in mine:
            self._nodes[one.id] = _Node(one)
        flows = [one for one in self._diagram.flows.values() if one.source in self._nodes and one.target in self._nodes]
        arriving: dict[str, int] = {}
        for flow in flows:
            arriving[flow.target] = arriving.get(flow.target, 0) + 1
        for one in mine:
            node = self._nodes[one.id]
            if not self._joins(one, arriving.get(one.id, 0)):
                node.enter = self._place("enter", one)
            if one.kind in _SCOPES:
                node.inside = self._place("inside", one)
            if one.loop is not None:
                node.after = self._place("after", one)
        for flow in flows:
            target = self._nodes[flow.target]
            place = target.enter
            if place < 0:
                place = self._place("join", target.element)
                target.ins.append(place)
            free = flow.condition is not None and self._nodes[flow.source].element.default != flow.id
            self._nodes[flow.source].outs.append((place, free))
        self._attach(mine)
        self._begin(mine, arriving)

    def _joins(self, one: Element, arriving: int) -> bool:
        return one.kind in ("parallelGateway", "inclusiveGateway") and arriving > 1

    def _attach(self, mine: list[Element]) -> None:
        catches = {one.event_name: one for one in mine if one.event == "link" and one.kind == "intermediateCatchEvent"}
        for one in mine:
            if one.attached_to in self._nodes:
                if one.event == "compensate":
                    self.loosely[one.id] = None
                else:
                    self._nodes[one.attached_to].borders.append(one)
            elif one.event == "link" and one.kind == "intermediateThrowEvent" and one.event_name in catches:
                self._nodes[one.id].outs.append((self._nodes[catches[one.event_name].id].enter, False))
            elif one.triggered_by_event:
                self._events.setdefault(one.scope, []).append(one)
            if one.kind in ("adHocSubProcess", "complexGateway"):
                self.loosely[one.id] = None

    def _begin(self, mine: list[Element], arriving: dict[str, int]) -> None:
        """Where there are start events one of them begins; else everything nothing leads to."""
        self.starts: list[Marking] = []
        for scope in {one.scope for one in mine}:
            inner = [one for one in mine if one.scope == scope and not one.triggered_by_event and not one.attached_to]
            events = [self._nodes[one.id].enter for one in inner if one.kind == "startEvent"]
            others = [
                self._nodes[one.id].enter
                for one in inner
                if one.id not in arriving and one.kind != "startEvent" and one.event not in {"link", "compensate"}
            ]  # fmt: skip
            if scope in self._nodes:
                self._nodes[scope].alone, self._nodes[scope].starts = events, [] if events else others
            elif scope == self._process:
                self.starts = [(one,) for one in events] or ([tuple(sorted(others))] if others else [])

    def moves(self, marking: Marking) -> tuple[Move, ...]:
        """Everything that may happen next. Each marking is worked out once."""
        found = self._cache.get(marking)
        if found is None:
            found = self._cache[marking] = tuple(
                dict.fromkeys(move for move in self._moves(marking) if len(move[1]) <= MOST_TOKENS)
            )
        return found

    def _moves(self, marking: Marking) -> Iterator[Move]:
        looked: set[str] = set()
        for place in dict.fromkeys(marking):
            node = self._nodes[self._at[place]]
            kind = self._kind[place]
            if kind == "join":
                if node.element.id not in looked:
                    looked.add(node.element.id)
                    yield from self._joined(marking, node)
            elif kind == "inside":
                yield from self._leave(marking, place, node)
            elif kind == "after":
                rest = _without(marking, place)
                yield None, _with(rest, [node.enter])
                yield from ((None, _with(rest, way)) for way in self._ways(node))
            else:
                yield from self._done(marking, place, node)
        yield from self._of_events(marking)

    def _done(self, marking: Marking, place: int, node: _Node) -> Iterator[Move]:
        rest, one = _without(marking, place), node.element
        shown = one.id if one.id in self.seen else None
        if one.kind in _SCOPES:
            begun = _with(rest, [node.inside])
            yield from ((None, _with(begun, [start])) for start in node.alone)
            if not node.alone:
                yield None, _with(begun, node.starts)
            return
        if one.kind == "endEvent" and one.event in ("terminate", "error", "cancel", "escalation"):
            yield shown, self._ended(rest, node)
        elif node.after >= 0:
            yield shown, _with(rest, [node.after])
        else:
            yield from ((shown, _with(rest, way)) for way in self._ways(node))
        yield from self._bordered(marking, place, node)

    def _ended(self, rest: Marking, node: _Node) -> Marking:
        """What an end does that ends more than itself."""
        scope = node.element.scope
        outer = self._nodes.get(scope)
        if node.element.event != "terminate" and outer is not None:
            for border in outer.borders:
                if border.event == node.element.event and border.interrupting:
                    way = next(self._ways(self._nodes[border.id]), ())
                    return _with(self._cleared(rest, scope), way)
        if node.element.event == "escalation":
            return rest
        cleared = tuple(one for one in rest if scope not in self._within[one] or self._is_of(one, scope))
        return cleared if outer is not None else ()

    def _is_of(self, place: int, scope: str) -> bool:
        return self._kind[place] == "inside" and self._at[place] == scope

    def _cleared(self, marking: Marking, scope: str) -> Marking:
        return tuple(one for one in marking if scope not in self._within[one])

    def _leave(self, marking: Marking, place: int, node: _Node) -> Iterator[Move]:
        """A sub-process is over when nothing is left in it. It is seen where the log shows it as a whole."""
        name = node.element.id
        if not any(name in self._within[one] and one != place for one in marking):
            rest = _without(marking, place)
            shown = name if name in self.seen else None
            if node.after >= 0:
                yield shown, _with(rest, [node.after])
            else:
                yield from ((shown, _with(rest, way)) for way in self._ways(node))
        for border in node.borders:
            for way in self._ways(self._nodes[border.id]):
                yield from self._set_off(marking, border, way, self._cleared(marking, name))

    def _bordered(self, marking: Marking, place: int, node: _Node) -> Iterator[Move]:
        for border in node.borders:
            for way in self._ways(self._nodes[border.id]):
                yield from self._set_off(marking, border, way, _without(marking, place))

    def _set_off(self, marking: Marking, border: Element, way: tuple[int, ...], ended: Marking) -> Iterator[Move]:
        shown = border.id if border.id in self.seen else None
        if border.interrupting:
            yield shown, _with(ended, way)
        elif not any(one in marking for one in way):  # as often as one likes, but one after the other
            yield shown, _with(marking, way)

    def _of_events(self, marking: Marking) -> Iterator[Move]:
        for scope, events in self._events.items():
            held = [one for one in marking if scope in self._within[one]]
            for one in events if held else ():
                node = self._nodes[one.id]
                if node.inside in marking:
                    continue
                starts = [
                    each
                    for each in self._diagram.elements.values()
                    if each.scope == one.id and each.kind == "startEvent"
                ]
                interrupts = all(each.interrupting for each in starts)
                kept = tuple(each for each in marking if scope not in self._within[each] or self._is_of(each, scope))
                left = kept if interrupts else marking
                for start in node.alone or [-1]:
                    yield None, _with(left, [node.inside, *([start] if start >= 0 else node.starts)])

    def _ways(self, node: _Node) -> Iterator[tuple[int, ...]]:
        """Where tokens go from here: each a choice of places."""
        one = node.element
        every = tuple(place for place, _ in node.outs)
        if one.kind in ("exclusiveGateway", "eventBasedGateway", "complexGateway") and every:
            yield from ((place,) for place in dict.fromkeys(every))
        elif one.kind == "inclusiveGateway" and len(every) > 1:
            yield from self._some(every, ())
        elif any(free for _, free in node.outs) and one.kind != "parallelGateway":
            yield from self._some(
                tuple(place for place, free in node.outs if free), tuple(place for place, free in node.outs if not free)
            )
        else:
            yield every

    def _some(self, free: tuple[int, ...], always: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        sizes = range(len(free) + 1) if len(free) <= _MOST_WAYS else (0, 1, 2, len(free))
        for size in sizes:
            for some in combinations(free, size):
                if some or always:
                    yield (*always, *some)

    def _joined(self, marking: Marking, node: _Node) -> Iterator[Move]:
        held = [place for place in node.ins if place in marking]
        if node.element.kind == "parallelGateway":
            if len(held) < len(node.ins):
                return
        elif any(self._may_come(place, marking, node) for place in node.ins if place not in held):
            return
        rest = marking
        for place in held:
            rest = _without(rest, place)
        shown = node.element.id if node.element.id in self.seen else None
        yield from ((shown, _with(rest, way)) for way in self._ways(node))

    def _may_come(self, place: int, marking: Marking, node: _Node) -> bool:
        """Whether some token may still reach an empty way into an inclusive join, without passing the join."""
        reach = self._reach.get(node.element.id)
        if reach is None:
            reach = self._reach[node.element.id] = {one: self._behind(one, node) for one in node.ins}
        return any(one in reach[place] for one in marking)

    def _behind(self, place: int, join: _Node) -> frozenset[int]:
        """Places from which a token can come to this one."""
        leads: dict[int, set[int]] = {}
        for node in self._nodes.values():
            if node is join:
                continue
            before = [one for one in (node.enter, node.inside, node.after, *node.ins) if one >= 0]
            behind = {target for target, _ in node.outs}
            behind |= {target for border in node.borders for target, _ in self._nodes[border.id].outs}
            for one in before:
                for target in behind:
                    leads.setdefault(target, set()).add(one)
        found: set[int] = set()
        waiting = [place]
        while waiting:
            for one in leads.get(waiting.pop(), ()):
                if one not in found:
                    found.add(one)
                    waiting.append(one)
                    # Whatever lies within a sub-process lies before what comes after it.
                    if self._kind[one] == "inside":
                        within = {each for each in self._at if self._at[one] in self._within[each]} - found
                        found |= within
                        waiting += within
        return frozenset(found - set(join.ins))


def _without(marking: Marking, place: int) -> Marking:
    at = marking.index(place)
    return (*marking[:at], *marking[at + 1 :])


def _with(marking: Marking, places: Collection[int]) -> Marking:
    return tuple(sorted((*marking, *places))) if places else marking
