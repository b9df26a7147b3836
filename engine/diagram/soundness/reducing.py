"""Makes a plan smaller without changing whether it is sound.

What is drawn as a whole (a row of steps, ways that part and meet again at the like gateway, a loop with a way out) is
taken for a single step. Each rule keeps which tokens can come to what is left; decision 0016 says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from engine.diagram.soundness.graph import Edge, Part, Rope, Vertex, connect, disconnect
from engine.diagram.soundness.net import EXTERNAL, Kind, Node, Plan
from engine.diagram.soundness.netting import Net
from engine.diagram.soundness.smaller import Picks, made_of

_OPAQUE = frozenset({"terminate", "error"})


class Reducer:
    """Plans of one net. `picks`: for each gateway that has gone, its quickest way through."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.picks: Picks = {}
        self.nodes: list[Node] = []
        self._parts: dict[int, Part] = {}
        self._prepared = 0
        self._begins: Plan | None = None
        self._starts: Sequence[Node] = ()

    def part(self, plan: Plan) -> Part:
        known = self._parts.get(plan.entry.number)
        if known is None:
            known = self._parts[plan.entry.number] = self._turn(plan) if plan.turns else self._made(plan)
        return known

    def whole(self, plan: Plan, begins: Plan, starts: Sequence[Node]) -> Part:
        """A process as a case of its own, which begins in the plan `begins` at any of `starts`."""
        for called in islice(self.net.plans.values(), self._prepared, None):
            if called is not plan:
                self.part(called)  # before its callers, so that nothing is nested in it
        self._prepared = len(self.net.plans)
        kept, self._parts = self._parts, dict(self._parts)
        self._parts.pop(begins.entry.number, None)
        self._begins, self._starts = begins, starts
        made = self._made(plan)
        self._parts, self._begins = kept, None
        return made

    def _made(self, plan: Plan) -> Part:
        begins = plan is self._begins
        small = _Smaller(self, plan, list(self._starts if begins else plan.outs_of_entry(None)), begins)
        small.run()
        return made_of(self, plan, small.entry, small.exit, small.vertices)

    def _turn(self, plan: Plan) -> Part:
        """One turn of a repeated step."""
        node = plan.entry
        part = None if node.plan is None else self.part(node.plan)
        if part is not None and part.passed:
            return Part(plan, part.waits, part.cost, (node.number, part.inside), True)
        if part is None and not node.throws:
            return Part(plan, node.kind is Kind.WAIT, int(node.kind is Kind.WAIT), node.number, True)
        copy = Node(len(self.nodes), node.kind, node.element, node.process, throws=node.throws, word=node.word)
        copy.inside = node.number
        copy.plan = None if part is None else part.plan
        self.nodes.append(copy)
        turn = Plan(plan.element, plan.process, copy, [copy], [copy], turns=True, depth=plan.depth)
        return Part(turn, False, 0, (), False)

    def is_opaque(self, node: Node) -> bool:
        """What it throws may change what happens elsewhere, or what is thrown elsewhere may come to it."""
        if node.throws in _OPAQUE or (node.throws == "escalation" and self.net.escalates):
            return True
        return (node.throws == "signal" or node.trigger == "signal") and (node.word or "") in self.net.signals


class _Smaller:
    """One plan."""

    def __init__(self, reducer: Reducer, plan: Plan, starts: list[Node], root: bool) -> None:
        self.reducer = reducer
        self.plan = plan
        self.exit = Vertex(Kind.PASS, plan.entry, opaque=True)
        self.vertices: dict[int, Vertex] = {}
        self.entry = Vertex(Kind.ENTRY, plan.entry, opaque=True, inside=plan.entry.number)
        armed = {one.outs[0].number: one for one in plan.nodes if one.kind is Kind.ARMED}
        for node in plan.nodes:
            if node.kind is not Kind.ENTRY:
                self.vertices[node.number] = self._vertex(node, armed.get(node.number))
        for vertex in list(self.vertices.values()):
            self._leave(vertex)
        self._enter(starts, root)
        self._drop_dead()

    def _vertex(self, node: Node, armed: Node | None) -> Vertex:
        vertex = Vertex(node.kind, node, inside=node.number, opaque=self.reducer.is_opaque(node))
        if node.kind is Kind.BORDER or armed is not None:
            vertex.kind = Kind.PASS  # the waiting is done where the step is entered
            vertex.opaque = vertex.opaque and bool(node.throws)
        elif node.kind is Kind.WAIT:
            vertex.waits, vertex.cost, vertex.kind = True, 1, Kind.PASS
        elif node.kind is Kind.EVENTS:
            vertex.waits, vertex.cost, vertex.chooses = True, 1, True
            vertex.opaque = any(self.reducer.is_opaque(one) for one in node.outs)
        elif node.kind in (Kind.ONE, Kind.SOME):
            vertex.chooses = True
        elif node.kind is Kind.ARMED:
            self._arm(vertex)
        elif node.kind is Kind.HOST:
            self._host(vertex, node)
        return vertex

    def _host(self, vertex: Vertex, node: Node) -> None:
        part = self.reducer.part(node.scope)
        vertex.opaque = not part.passed
        if part.passed:
            vertex.kind, vertex.waits, vertex.cost = Kind.PASS, part.waits, part.cost
            calls = node.scope.top and not node.scope.core
            vertex.inside = (node.number, part if calls else part.inside)

    def _arm(self, vertex: Vertex) -> None:
        main = vertex.node.outs[0]
        vertex.inside = (vertex.node.number, main.number)
        vertex.cost = 1
        self.reducer.picks[vertex.node.number] = (0,)
        if main.kind is Kind.HOST:
            self._host(vertex, main)
            vertex.inside = (vertex.node.number, vertex.inside)
        else:
            vertex.waits = main.kind is Kind.WAIT
            vertex.opaque = self.reducer.is_opaque(main)
        vertex.kind = Kind.ARMED
        vertex.opaque = vertex.opaque or any(self.reducer.is_opaque(one) for one in vertex.node.borders)

    def _leave(self, vertex: Vertex) -> None:
        node = vertex.node
        if node.kind in (Kind.EVENTS, Kind.ARMED) and not vertex.opaque:
            self._leave_by_events(vertex)
        elif node.kind is Kind.EVENTS:
            for event in node.outs:
                self.vertices[event.number].opaque = True
        for way, target in enumerate(node.outs if not vertex.outs else ()):
            connect(Edge(vertex, self._entered(target), way, way))
        if not vertex.outs and not vertex.opaque:
            connect(Edge(vertex, self.exit, 0, 0))

    def _leave_by_events(self, vertex: Vertex) -> None:
        for way, target in enumerate(vertex.node.outs):
            inner = self.vertices[target.number]
            if vertex.kind is Kind.EVENTS:
                inner.waits, inner.cost = False, 0
            if target.kind is not Kind.BORDER or (target.trigger in EXTERNAL and vertex.waits):
                connect(Edge(vertex, inner, way, way))

    def _entered(self, node: Node) -> Vertex:
        return self.vertices[node.number]

    def _enter(self, starts: list[Node], root: bool) -> None:
        if root and len(starts) > 1:
            self.entry.chooses = True
        if not starts:
            connect(Edge(self.entry, self.exit, 0, 0))
        beginning = self.plan.beginning
        for way, start in enumerate(starts):
            if start is beginning:
                self._begin_at_any(beginning)
            else:
                connect(Edge(self.entry, self.vertices[start.number], way, way))

    def _begin_at_any(self, beginning: Node) -> None:
        vertex = Vertex(Kind.EVENTS, beginning, waits=True, cost=1, inside=beginning.number, chooses=True)
        self.vertices[beginning.number] = vertex
        for way, start in enumerate(beginning.outs):
            connect(Edge(vertex, self.vertices[start.number], way, way))
        connect(Edge(self.entry, vertex, 0, 0))

    def _drop_dead(self) -> None:
        """What nothing leads to any more. A parallel join goes on waiting for it."""
        waiting = [vertex for vertex in self.vertices.values() if not vertex.ins]
        while waiting:
            vertex = waiting.pop()
            if self.vertices.pop(vertex.node.number, None) is None:
                continue
            for edge in list(vertex.outs):
                if edge.target.kind is not Kind.ALL:
                    disconnect(edge)
                    if not edge.target.ins and edge.target is not self.exit:
                        waiting.append(edge.target)

    # The rules.

    def run(self) -> None:
        waiting = dict.fromkeys([self.entry, *self.vertices.values()])
        while waiting:
            vertex = next(iter(waiting))
            del waiting[vertex]
            if vertex is self.entry or vertex.node.number in self.vertices:
                waiting.update(dict.fromkeys(self._simplify(vertex)))

    def _simplify(self, vertex: Vertex) -> list[Vertex]:
        """Whatever may have become simpler by it."""
        changed = self._without_beside(vertex) + self._without_loop(vertex) + self._fused(vertex)
        if vertex.is_join and len(vertex.ins) == 1:
            vertex.kind = Kind.PASS
        if vertex.opaque or vertex.kind is Kind.ARMED or len(vertex.outs) != 1:
            return changed
        if len(vertex.ins) == 1:
            return changed + self._without(vertex)
        if vertex.kind is not Kind.ALL and vertex.kind is not Kind.GATHER:
            changed += self._merged(vertex)
        elif vertex.kind is Kind.GATHER:
            changed += self._gathered(vertex)
        return changed

    def _without_beside(self, vertex: Vertex) -> list[Vertex]:
        """What an event beside a step sets off, and that ends by itself, concerns nobody else."""
        if vertex.kind is not Kind.ARMED or vertex.opaque:
            return []
        left = False
        for edge in list(vertex.outs):
            if edge.way and not vertex.node.outs[edge.way].interrupts:
                if edge.target is self.exit:
                    vertex.inside = (vertex.inside, edge.inside)
                    disconnect(edge)
                else:
                    left = True
        if not left:
            vertex.kind = Kind.EVENTS if len(vertex.outs) > 1 else Kind.PASS
            vertex.chooses = len(vertex.outs) > 1
            return [vertex]
        return []

    def _without_loop(self, vertex: Vertex) -> list[Vertex]:
        """Round and back to where another way may be taken as well."""
        if not vertex.chooses or vertex.opaque or vertex.kind is Kind.SOME or len(vertex.outs) < 2:
            return []
        round_ = [edge for edge in vertex.outs if edge.target is vertex]
        if len(round_) == len(vertex.outs):
            return []
        for edge in round_:
            vertex.inside = (vertex.inside, edge.inside)
            disconnect(edge)
        return [vertex] if round_ else []

    def _fused(self, vertex: Vertex) -> list[Vertex]:
        """Several ways to the same place, where they count as one."""
        if (vertex.opaque and vertex is not self.entry) or vertex.kind is Kind.ARMED or len(vertex.outs) < 2:
            return []
        by_target: dict[Vertex, list[Edge]] = {}
        for edge in vertex.outs:
            by_target.setdefault(edge.target, []).append(edge)
        changed = []
        for target, edges in by_target.items():
            if len(edges) > 1 and self._alike(vertex, target):
                self._fuse(vertex, target, edges)
                changed += [vertex, target]
        return changed

    def _alike(self, vertex: Vertex, target: Vertex) -> bool:
        if vertex.chooses and vertex.kind is not Kind.SOME:
            return target.kind is not Kind.ALL
        if target is self.exit or target.kind is Kind.GATHER:
            return True
        return target.kind is Kind.ALL and not vertex.chooses

    def _fuse(self, vertex: Vertex, target: Vertex, edges: list[Edge]) -> None:
        for edge in edges:
            disconnect(edge)
        quickest = min(edges, key=lambda edge: edge.cost)
        cost = quickest.cost if vertex.chooses else sum(edge.cost for edge in edges)
        ways = tuple(edge.ways for edge in edges)
        inside = tuple(edge.inside for edge in edges)
        waits, bare = any(one.waits for one in edges), all(one.bare for one in edges)
        connect(Edge(vertex, target, quickest.way, ways, waits, cost, inside, bare))

    def _without(self, vertex: Vertex) -> list[Vertex]:
        """One way in, one way out."""
        [into], [out] = vertex.ins, vertex.outs
        if into.source is vertex:
            return []
        self._pick(vertex, out)
        del self.vertices[vertex.node.number]
        disconnect(into)
        disconnect(out)
        waits = into.waits or vertex.waits or out.waits
        inside = (into.inside, vertex.inside, out.inside)
        cost = into.cost + vertex.cost + out.cost
        bare = into.bare and vertex.node.plain and out.bare
        connect(Edge(into.source, out.target, into.way, into.ways, waits, cost, inside, bare))
        return [into.source, out.target]

    def _pick(self, vertex: Vertex, out: Edge) -> None:
        node = vertex.node
        if node.kind is Kind.SOME:
            options = sorted((one for one in node.options if out.way in one), key=len)
            self.reducer.picks[node.number] = options[0] if options else (out.way,)
        elif vertex.chooses or node.kind in (Kind.ONE, Kind.EVENTS, Kind.ARMED):
            self.reducer.picks[node.number] = (out.way,)

    def _merged(self, vertex: Vertex) -> list[Vertex]:
        """Several ways in, one way out: the ways may as well lead to where that goes."""
        [out] = vertex.outs
        target = out.target
        if not self._may_merge(vertex, out):
            return []
        self._pick(vertex, out)
        del self.vertices[vertex.node.number]
        disconnect(out)
        inside: Rope = (vertex.inside, out.inside)
        if target is not self.exit and not target.ins:
            target.waits = target.waits or vertex.waits or out.waits
            target.cost += vertex.cost + out.cost
            target.inside = (inside, target.inside)
            inside = ()
        bare = vertex.node.plain and out.bare
        sources = []
        for into in list(vertex.ins):
            disconnect(into)
            whole = (into.inside, inside) if inside else into.inside
            connect(Edge(into.source, target, into.way, into.ways, into.waits, into.cost, whole, into.bare and bare))
            sources.append(into.source)
        return [*sources, target]

    def _may_merge(self, vertex: Vertex, out: Edge) -> bool:
        target = out.target
        waits = vertex.waits or out.waits
        if target is self.exit:
            return not waits and vertex.node.plain and out.bare
        if target is vertex or target.opaque or target.is_join:
            return False
        return not waits or (len(target.ins) == 1 and target.kind is not Kind.ARMED)

    def _gathered(self, vertex: Vertex) -> list[Vertex]:
        """To wait for each other and then end is to end."""
        [out] = vertex.outs
        if out.target is not self.exit or out.waits:
            return []
        vertex.kind = Kind.PASS
        return [vertex]
