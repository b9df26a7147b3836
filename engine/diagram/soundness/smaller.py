"""What is left of a plan once it is reduced, as a plan again."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from engine.diagram.soundness.graph import Edge, Part, Vertex, flat
from engine.diagram.soundness.net import Kind, Node, Plan, reach

if TYPE_CHECKING:
    from engine.diagram.soundness.reducing import Reducer

Picks: TypeAlias = dict[int, tuple[int, ...]]


def made_of(reducer: Reducer, plan: Plan, entry: Vertex, exit_: Vertex, vertices: dict[int, Vertex]) -> Part:
    edges = list(entry.outs)
    if len(edges) == 1 and edges[0].target is exit_:
        only = edges[0]
        if entry.chooses:
            reducer.picks[plan.entry.number] = (only.way,)
        return Part(plan, only.waits, only.cost, (entry.inside, only.inside), True)
    return Part(_Emitter(reducer, plan, exit_).plan(entry, vertices), False, 0, (), False)


class _Emitter:
    def __init__(self, reducer: Reducer, plan: Plan, exit_: Vertex) -> None:
        self.reducer = reducer
        self.old = plan
        self.exit = exit_
        self.new = Plan(plan.element, plan.process, self._node(Kind.ENTRY, plan.entry), core=plan.core, top=False)
        self.entered: dict[Vertex, Node] = {}
        self.left: dict[Vertex, Node] = {}

    def plan(self, entry: Vertex, vertices: dict[int, Vertex]) -> Plan:
        self.new.entry.inside = entry.inside
        for vertex in vertices.values():
            self._vertex(vertex)
        everything = dict.fromkeys(vertices.values())
        for vertex in vertices.values():
            everything.update(dict.fromkeys(edge.source for edge in vertex.ins))
        everything.pop(entry, None)
        for vertex in everything:
            if vertex not in self.left:  # never come to, but waited for
                self._vertex(vertex)
        self._begin(entry)
        for vertex in everything:
            self._leave(vertex)
        for node in self.new.nodes:
            if node.plan is not None:
                self.new.depth = max(self.new.depth, node.plan.depth + 1)
            if node.kind is Kind.GATHER:
                self.new.gathers = True
                node.reach = reach(node)
        return self.new

    def _node(self, kind: Kind, like: Node, inside: object = ()) -> Node:
        node = Node(len(self.reducer.nodes), kind, like.element, like.process, inside=inside)
        self.reducer.nodes.append(node)
        if kind is not Kind.ENTRY:
            self.new.nodes.append(node)
        return node

    def _vertex(self, vertex: Vertex) -> None:
        old = vertex.node
        if vertex.kind is Kind.ARMED or (vertex.opaque and old.kind is Kind.ARMED):
            self._armed(vertex)
            return
        if vertex.opaque and old.kind is Kind.EVENTS:
            self._copy(vertex, Kind.EVENTS)
            return
        if vertex.waits:
            first = self._copy(vertex, Kind.WAIT)
            first.trigger = old.trigger if vertex.opaque else "person"
            first.cost = max(1, vertex.cost)
            if vertex.chooses and len(vertex.outs) > 1:
                self.left[vertex] = self._node(Kind.SOME if vertex.kind is Kind.SOME else Kind.ONE, old)
                first.connect(self.left[vertex])
            return
        kind = vertex.kind
        if vertex.chooses:
            kind = Kind.PASS if len(vertex.outs) < 2 else kind if kind is Kind.SOME else Kind.ONE
        elif kind not in (Kind.ALL, Kind.GATHER, Kind.HOST):
            kind = Kind.PASS
        self._copy(vertex, kind)

    def _copy(self, vertex: Vertex, kind: Kind) -> Node:
        old = vertex.node
        node = self._node(kind, old, vertex.inside)
        node.throws, node.word = (old.throws, old.word) if vertex.opaque else ("", None)
        node.trigger = old.trigger if vertex.opaque and old.kind is Kind.WAIT else ""
        if kind is Kind.HOST and old.plan is not None:
            node.plan, node.skips = self.reducer.part(old.plan).plan, old.skips
            node.means = {(): (old.number, ()), (0,): (old.number, (0,))}
        self.entered[vertex] = self.left[vertex] = node
        return node

    def _armed(self, vertex: Vertex) -> None:
        old, main = vertex.node, vertex.node.outs[0]
        armed = self._node(Kind.ARMED, old)
        part = None if main.plan is None else self.reducer.part(main.plan)
        kind = Kind.WAIT if vertex.waits else Kind.PASS
        first = self._node(Kind.HOST if part is not None and not part.passed else kind, main, vertex.inside)
        first.trigger = "person" if first.kind is Kind.WAIT else ""
        first.throws, first.word, first.skips = main.throws, main.word, main.skips
        first.cost = max(1, vertex.cost)
        if first.kind is Kind.HOST and part is not None:
            first.plan = part.plan
            first.means = {(): (main.number, ()), (0,): (main.number, (0,))}
        armed.connect(first)
        for edge in vertex.outs:
            if edge.way:
                self._border(armed, old.outs[edge.way])
        self.entered[vertex] = armed
        self.left[vertex] = first

    def _border(self, armed: Node, old: Node) -> None:
        border = self._node(Kind.BORDER, old, old.number)
        border.trigger, border.word = old.trigger, old.word
        border.interrupts, border.again = old.interrupts, old.again
        armed.borders.append(border)
        armed.connect(border)

    def _begin(self, entry: Vertex) -> None:
        first = self.new.entry
        if entry.chooses and len(entry.outs) > 1:
            first = self._node(Kind.ONE, self.old.entry)
            self.new.entry.connect(first)
        self._lead(entry, first)
        self.new.starts = list(self.new.entry.outs)

    def _leave(self, vertex: Vertex) -> None:
        if self.entered[vertex].kind is Kind.ARMED:
            self._leave_armed(vertex)
        else:
            self._lead(vertex, self.left[vertex])

    def _leave_armed(self, vertex: Vertex) -> None:
        borders = iter(self.entered[vertex].borders)
        for edge in vertex.outs:
            source = next(borders) if edge.way else self.left[vertex]
            self._connect(source, edge, alone=True)

    def _lead(self, vertex: Vertex, source: Node) -> None:
        targets = [edge.target for edge in vertex.outs]
        for edge in vertex.outs:
            self._connect(source, edge, alone=targets.count(edge.target) == 1)
        if source.kind in (Kind.ONE, Kind.SOME):
            _choose(source, vertex)

    def _connect(self, source: Node, edge: Edge, *, alone: bool) -> None:
        target = self.entered.get(edge.target)  # there is none for the end
        ends = target is None
        if target is not None and alone and not edge.waits and edge.inside == ():
            source.connect(target)
            return
        between = self._node(Kind.WAIT if edge.waits else Kind.PASS, edge.source.node, edge.inside)
        between.trigger = "person" if edge.waits else ""
        between.cost, between.plain = edge.cost, ends and not edge.waits
        between.drawn = False
        source.connect(between)
        if target is not None:
            between.connect(target)


def _choose(node: Node, vertex: Vertex) -> None:
    """Which of the old gateway's options each of the new one's stands for."""
    edges = list(vertex.outs)
    old = vertex.node
    if node.kind is Kind.ONE:
        node.options = [(way,) for way in range(len(edges))]
        node.means = {(way,): (old.number, (edge.way,)) for way, edge in enumerate(edges)}
        return
    stands = {way: number for number, edge in enumerate(edges) for way in flat(edge.ways)}
    quickest = {edge.way for edge in edges}
    for option in sorted(old.options, key=lambda one: (sum(way not in quickest for way in one), len(one))):
        new = tuple(sorted({stands[way] for way in option if way in stands}))
        node.means.setdefault(new, (old.number, option))
    node.options = list(node.means)
    node.curtailed = old.curtailed and len(node.options) < 2 ** len(edges) - 1
