"""From a file to plans. What is read is the file as it will be run: rewritten by `normalise`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

from lxml import etree

from engine.diagram.kinds import HUMAN, SUB_PROCESSES
from engine.diagram.normalise import mended, normalise
from engine.diagram.normalise.dialects import name_called
from engine.diagram.normalise.supported import refused
from engine.diagram.normalise.tree import (
    ASKED,
    ASKS,
    MODEL_TAG,
    OF,
    SERVICE,
    child_text,
    drawn_id,
    flows,
    nodes,
    outgoing,
    tag,
    triggers,
)
from engine.diagram.reach import circles
from engine.diagram.shape import Diagram
from engine.diagram.soundness.net import Kind, Node, Plan, reach
from engine.diagram.xml import parse

MOST_WAYS: Final = 6
"""Of an inclusive gateway with more ways out, not every set of ways is tried."""

_KINDS: Final = {
    "exclusiveGateway": Kind.ONE,
    "inclusiveGateway": Kind.SOME,
    "eventBasedGateway": Kind.EVENTS,
    "subProcess": Kind.HOST,
    "transaction": Kind.HOST,
    "callActivity": Kind.HOST,
    "boundaryEvent": Kind.BORDER,
}
_TRIGGERS: Final = ("timer", "message", "signal", "conditional", "error", "escalation", "terminate")
_REFERENCES: Final = {"signal": "name", "error": "errorCode", "escalation": "escalationCode"}


class Net:
    """The plans of a file, each made when it is first asked for."""

    def __init__(self, diagram: Diagram, asked: Collection[str] = ()) -> None:
        root = mended(parse(diagram.source, diagram.file))
        self.nodes: list[Node] = []
        self.drawn = _runnable(root)
        for process in root.findall(f"{MODEL_TAG}process"):
            if process.get("id") not in self.drawn:
                root.remove(process)
        self._root = normalise(root, ask=asked).root
        self._scopes = {one.get("id") or "": one for one in self._root.findall(f"{MODEL_TAG}process")}
        self._words = {one.get("id"): one for one in self._root if tag(one) in _REFERENCES}
        self.plans: dict[str, Plan] = {}
        """Those made so far, a called process before its callers."""
        self.signals = frozenset(self._thrown("signal"))
        self.escalates = any(True for _ in self._root.iter(f"{MODEL_TAG}escalationEventDefinition"))

    def plan(self, process: str) -> Plan:
        """Called processes first, so that however deep the calls go nothing is nested in making them."""
        waiting = [process]
        while waiting:
            name = waiting[-1]
            missing = [one for one in self.drawn[name] if one not in self.plans]
            if missing:
                waiting += missing
                continue
            waiting.pop()
            if name not in self.plans:
                self.plans[name] = _Maker(self, name).plan(self._scopes[name], top=True)
        return self.plans[process]

    def called(self, process: str) -> Plan | None:
        return self.plans.get(process)

    def new(self, kind: Kind, element: str, process: str) -> Node:
        node = Node(len(self.nodes), kind, element, process)
        self.nodes.append(node)
        return node

    def word(self, definition: etree._Element, kind: str) -> str | None:
        """As the engine tells them apart: signals by name, errors and escalations by code."""
        referred = self._words.get(definition.get(f"{kind}Ref"))
        return None if referred is None else referred.get(_REFERENCES[kind])

    def _thrown(self, kind: str) -> Iterator[str]:
        for event in self._root.iter(f"{MODEL_TAG}intermediateThrowEvent", f"{MODEL_TAG}endEvent"):
            for definition in triggers(event):
                if tag(definition) == f"{kind}EventDefinition":
                    yield self.word(definition, kind) or ""


def _runnable(root: etree._Element) -> dict[str, set[str]]:
    """Processes that can be run, and which of the file each calls. What calls one that cannot, cannot either."""
    everything = {one.get("id") or "": one for one in root.findall(f"{MODEL_TAG}process")}
    calls: dict[str, set[str]] = {}
    callers: dict[str, list[str]] = {name: [] for name in everything}
    bad = []
    for name, process in everything.items():
        name_called(process)
        called = {one.get("calledElement") or "" for one in process.iter(f"{MODEL_TAG}callActivity")}
        calls[name] = called & set(everything)
        for other in calls[name]:
            callers[other].append(name)
        dynamic = any(one.startswith(("$", "#", "=")) for one in called)
        if dynamic or not nodes(process) or any(True for _ in refused(process)):
            bad.append(name)
    bad += [one for circle in circles({name: sorted(called) for name, called in calls.items()}) for one in circle]
    while bad:
        name = bad.pop()
        if calls.pop(name, None) is not None:
            bad += callers[name]
    return calls


class _Maker:
    """One process."""

    def __init__(self, net: Net, process: str) -> None:
        self.net = net
        self.process = process

    def plan(self, scope: etree._Element, *, top: bool = False) -> Plan:
        made = Plan(drawn_id(scope), self.process, self.net.new(Kind.ENTRY, drawn_id(scope), self.process), top=top)
        made.entry.drawn = False
        made.nodes.append(made.entry)
        mains: dict[str, Node] = {}
        entered: dict[str, Node] = {}
        for drawn in nodes(scope):
            name = drawn.get("id") or ""
            mains[name] = entered[name] = self._node(drawn, made)
            made.nodes.append(mains[name])
        self._arm(scope, made, mains, entered)
        for flow in flows(scope):
            written = flow.get("id") or ""
            shown = "" if written.startswith("flow:") else written
            mains[flow.get("sourceRef") or ""].connect(entered[flow.get("targetRef") or ""], shown)
        self._choices(scope, mains)
        self._begin(made)
        for node in made.nodes:
            if node.kind is Kind.GATHER:
                made.gathers = True
                node.reach = reach(node)
            if node.plan is not None:
                made.depth = max(made.depth, node.plan.depth + 1)
        _mark_plain(made)
        return made

    def _node(self, drawn: etree._Element, around: Plan) -> Node:
        kind = tag(drawn)
        node = self.net.new(_KINDS.get(kind, Kind.PASS), drawn_id(drawn), self.process)
        node.drawn = drawn.get(OF) is None
        if kind in HUMAN:
            node.kind, node.trigger, node.asks = Kind.WAIT, "person", bool(drawn.get(ASKS))
        elif kind == "serviceTask" or (kind == "sendTask" and drawn.get(SERVICE)):
            node.kind, node.trigger = Kind.WAIT, "hand"
        elif kind == "receiveTask":
            node.kind, node.trigger = Kind.WAIT, "message"
        elif kind.endswith("Event"):
            self._event(drawn, kind, node, around)
        elif kind in SUB_PROCESSES:
            core = (drawn.get("id") or "").startswith("core:")
            node.plan = self.plan(drawn, top=core and around.top)
            node.plan.core = core
        elif kind == "callActivity":
            node.plan = self.net.called(drawn.get("calledElement") or "")
            if node.plan is None:
                node.kind, node.trigger = Kind.WAIT, "call"
        return self._repeated(drawn, node)

    def _event(self, drawn: etree._Element, kind: str, node: Node, around: Plan) -> None:
        found = [
            one for one in _TRIGGERS for definition in triggers(drawn) if tag(definition) == f"{one}EventDefinition"
        ]
        trigger = found[0] if found else ""
        definition = next((one for one in triggers(drawn) if tag(one) == f"{trigger}EventDefinition"), None)
        if definition is not None and trigger in _REFERENCES:
            node.word = self.net.word(definition, trigger)
        if kind == "startEvent":
            node.trigger = trigger
            around.starts.append(node)
        elif kind == "boundaryEvent":
            node.trigger = trigger
            node.interrupts = (drawn.get("cancelActivity") or "true").strip().lower() in ("true", "1")
            cycle = None if definition is None else child_text(definition, "timeCycle")
            node.again = not node.interrupts and (trigger != "timer" or cycle is not None)
        elif kind == "intermediateCatchEvent":
            node.kind, node.trigger = (Kind.WAIT, trigger) if trigger else (Kind.PASS, "")
        else:
            node.throws = trigger
            node.ends = kind == "endEvent" and not trigger

    def _repeated(self, drawn: etree._Element, node: Node) -> Node:
        """The token of the whole holds a token for each turn; one turn is as good as another."""
        loop = next((one for one in drawn if tag(one).endswith("LoopCharacteristics")), None)
        if loop is None:
            return node
        whole = self.net.new(Kind.HOST, node.element, self.process)
        whole.drawn, node.drawn = node.drawn, False
        whole.plan = Plan(node.element, self.process, node, [node], [node], turns=True)
        whole.plan.depth = 1 + (node.plan.depth if node.plan is not None else 0)
        if tag(loop) == "standardLoopCharacteristics":
            whole.skips = loop.get("testBefore") == "true" and child_text(loop, "loopCondition") is not None
        else:
            times = child_text(loop, "loopCardinality") or ""
            whole.skips = not (times.isdecimal() and int(times) > 0)
        return whole

    def _arm(self, scope: etree._Element, made: Plan, mains: Mapping[str, Node], entered: dict[str, Node]) -> None:
        for drawn in nodes(scope):
            if tag(drawn) != "boundaryEvent":
                continue
            host = drawn.get("attachedToRef") or ""
            armed = entered[host]
            if armed.kind is not Kind.ARMED:
                armed = self.net.new(Kind.ARMED, mains[host].element, self.process)
                armed.drawn = False
                armed.connect(mains[host])
                made.nodes.append(armed)
                entered[host] = armed
            border = mains[drawn.get("id") or ""]
            if mains[host].trigger == "call" and border.trigger in ("error", "escalation"):
                border.trigger = "thrown"
            armed.borders.append(border)
            armed.connect(border)

    def _choices(self, scope: etree._Element, mains: Mapping[str, Node]) -> None:
        leaving = outgoing(scope)
        for drawn in nodes(scope):
            node = mains[drawn.get("id") or ""]
            if node.kind in (Kind.ONE, Kind.SOME):
                node.asked = drawn.get(ASKED) is not None
                _options(leaving.get(drawn.get("id") or "", []), drawn, node)
            elif tag(drawn) == "parallelGateway" and len(node.ins) > 1:
                node.kind = Kind.ALL

    def _begin(self, made: Plan) -> None:
        for start in made.starts:
            made.entry.connect(start)
        if made.top and len(made.starts) > 1 and all(one.trigger for one in made.starts):
            made.beginning = self.net.new(Kind.EVENTS, made.element, self.process)
            made.beginning.drawn = False
            made.beginning.outs = list(made.starts)


def _options(ways: Sequence[etree._Element], drawn: etree._Element, node: Node) -> None:
    """A gateway with one way out is passed; an inclusive one that several ways lead to waits for them."""
    if len(ways) < 2:
        node.kind = Kind.GATHER if node.kind is Kind.SOME and len(node.ins) > 1 else Kind.PASS
        return
    everything = range(len(ways))
    if node.kind is Kind.ONE:
        node.options = [(way,) for way in everything]
        return
    default = [way for way in everything if ways[way].get("id") == drawn.get("default")]
    followed = tuple(
        way for way in everything if way not in default and child_text(ways[way], "conditionExpression") is None
    )
    if node.asked:
        default, followed = [], ()
    free = [way for way in everything if way not in default and way not in followed]
    sizes = range(len(free) + 1) if len(free) <= MOST_WAYS else (0, 1, 2, len(free))
    node.curtailed = len(free) > MOST_WAYS
    chosen = [tuple(sorted((*followed, *some))) for size in sizes for some in combinations(free, size)]
    node.options = [one for one in chosen if one] + ([tuple(default)] if default and not followed else [])


def _mark_plain(plan: Plan) -> None:
    """Where all a token does is to end, two of them end as well as one."""
    waiting = [node for node in plan.nodes if node.ends or _passes(node)]
    while waiting:
        node = waiting.pop()
        if not node.plain and (node.ends or all(one.plain for one in node.outs)):
            node.plain = True
            waiting += [one for one in node.ins if _passes(one)]


def _passes(node: Node) -> bool:
    """A merge, or what was only added."""
    return node.kind is Kind.PASS and not node.throws and (len(node.ins) > 1 or not node.drawn)


__all__ = ["MOST_WAYS", "Net"]
