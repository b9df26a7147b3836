"""Circles that a case would run round for ever without anybody or anything to wait for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.text import Text
from engine.diagram.checked import Checked, listed
from engine.diagram.drawn import child_text, tag, triggers
from engine.diagram.durations import duration
from engine.diagram.kinds import HUMAN, SUB_PROCESSES, WAITING_EVENTS
from engine.diagram.owners import is_split, must_ask
from engine.diagram.reach import beginnings, circles, jumps
from engine.diagram.shape import Element, Finding, Rule, Severity

LOOP_WITHOUT_WAIT: Final = Rule(
    "loop-without-wait",
    Severity.BLOCKS,
    Text(
        en="A case can go round and round through {way} (from line {line}) without ever waiting for a person, a time or a "
        "message.",
        zh="办件可能在 {way}（自第 {line} 行起）之间无限循环，而从不等待人员、时间或消息。",
    ),
    Text(
        en="Put a step that a person does, or a timer, into the circle; or say at most how often a repeated step is done.",
        zh="请在循环中加入由人办理的环节或定时器；或为重复的环节规定最多次数。",
    ),
)

_OUT: Final = "\0out"
_THROWN: Final = frozenset({"error", "escalation"})
_CATCHING: Final = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"})


def findings(all_of: Checked) -> Iterator[Finding]:
    graph = _Ways(all_of)
    for circle in circles(graph.without_waiting(graph.passable())):
        elements = list(dict.fromkeys(node.removesuffix(_OUT) for node in circle))
        elements.sort(key=lambda name: all_of.diagram.elements[name].line)
        way = listed(all_of.called(name) for name in elements)
        yield all_of.finding(LOOP_WITHOUT_WAIT, elements[0], way=way)


class _Ways:
    """From where a token comes in to where it may go at once. A sub-process is left by a node of its own."""

    def __init__(self, all_of: Checked) -> None:
        self._all = all_of
        self._ways: dict[str, list[str]] = {}
        for one in all_of.diagram.elements.values():
            self._ways[one.id] = []
            if one.kind in SUB_PROCESSES:
                self._ways[one.id + _OUT] = []
        for flow in all_of.diagram.flows.values():
            self._ways[self._left_by(flow.source)].append(flow.target)
        for throwing, catching in jumps(all_of):
            self._ways[throwing].append(catching)
        for one in all_of.diagram.elements.values():
            self._inside(one)
            self._caught(one)
            if _is_repeated(all_of, one):
                self._ways[self._left_by(one.id)].append(one.id)

    def _left_by(self, element: str) -> str:
        return element + _OUT if element + _OUT in self._ways else element

    def _inside(self, one: Element) -> None:
        if one.kind not in SUB_PROCESSES:
            return
        inside = self._all.inside.get(one.id, ())
        if not inside:
            self._ways[one.id].append(one.id + _OUT)
        for first in beginnings(self._all, one.id):
            if first.event not in _THROWN or not one.triggered_by_event:
                self._ways[one.id].append(first.id)
        for inner in inside:
            if inner.triggered_by_event:
                self._ways[one.id].append(inner.id)
                self._ways[inner.id + _OUT].append(one.id + _OUT)
            elif not self._all.outgoing.get(inner.id) and inner.event != "link":
                self._ways[self._left_by(inner.id)].append(one.id + _OUT)

    def _caught(self, one: Element) -> None:
        """What catches an error or an escalation comes after whatever throws one inside; the rest after its host."""
        if one.event not in _THROWN:
            if one.kind == "boundaryEvent" and one.attached_to in self._ways and one.attached_to != one.id:
                self._ways[one.attached_to].append(one.id)
            return
        around = self._all.diagram.elements.get(one.scope)
        if one.kind == "boundaryEvent":
            scope = one.attached_to
        elif one.kind == "startEvent" and around is not None and around.triggered_by_event:
            scope = around.scope
        else:
            return
        for thrower in self._throwers(scope or "", one.event):
            self._ways[thrower].append(one.id)

    def _throwers(self, scope: str, event: str | None) -> Iterator[str]:
        waiting, seen = [scope], {scope}
        while waiting:
            for inner in self._all.inside.get(waiting.pop(), ()):
                if inner.event == event and inner.kind in ("endEvent", "intermediateThrowEvent"):
                    yield inner.id
                if inner.kind in SUB_PROCESSES and inner.id not in seen:
                    seen.add(inner.id)
                    waiting.append(inner.id)

    def passable(self) -> set[str]:
        """Processes of the file that can be gone through without waiting: calling one is no wait either.

        Those that are called are looked at first; one that calls itself is refused elsewhere.
        """
        calls: dict[str, set[str]] = {process: set() for process in self._all.diagram.processes}
        callers: dict[str, set[str]] = {process: set() for process in calls}
        for one in self._all.diagram.elements.values():
            if one.called in calls:
                calls[one.process].add(one.called)
                callers[one.called].add(one.process)
        found: set[str] = set()
        waiting = [process for process, called in calls.items() if not called]
        while waiting:
            process = waiting.pop()
            if self._passes(process, found):
                found.add(process)
            for caller in callers[process]:
                calls[caller].discard(process)
                if not calls[caller]:
                    waiting.append(caller)
        return found

    def _passes(self, process: str, passable: set[str]) -> bool:
        known: set[str] = set()
        waiting = [one.id for one in beginnings(self._all, process)]
        while waiting:
            node = waiting.pop()
            if node not in known and not self._is_wait(node, passable):
                known.add(node)
                waiting += self._ways[node]
        inside = self._all.inside.get(process, ())
        return any(self._left_by(one.id) in known for one in inside if not self._all.outgoing.get(one.id))

    def _is_wait(self, node: str, passable: set[str]) -> bool:
        return not node.endswith(_OUT) and _waits(self._all, self._all.diagram.elements[node], passable)

    def without_waiting(self, passable: set[str]) -> dict[str, list[str]]:
        through = {node for node in self._ways if not self._is_wait(node, passable)}
        return {node: [one for one in self._ways[node] if one in through] for node in self._ways if node in through}


def _waits(all_of: Checked, one: Element, passable: set[str]) -> bool:
    if one.kind in HUMAN or one.kind in ("receiveTask", "eventBasedGateway", "adHocSubProcess"):
        return True
    if one.kind == "callActivity":
        return one.called not in passable
    if one.kind in _CATCHING:
        return one.event in WAITING_EVENTS and not _is_immediate(all_of, one)
    leaving = all_of.outgoing.get(one.id, ())
    return is_split(one, leaving) and must_ask(one, leaving)


def _is_immediate(all_of: Checked, one: Element) -> bool:
    """A timer of no time at all."""
    written = [child_text(trigger, "timeDuration") for trigger in triggers(all_of.place(one.id).node)]
    lengths = [duration(text.strip("\"'")) for text in written if text]
    return any(length is not None and not length for length in lengths)


def _is_repeated(all_of: Checked, one: Element) -> bool:
    """A standard loop without an upper limit."""
    if one.loop != "standard":
        return False
    loop = [child for child in all_of.place(one.id).node if tag(child) == "standardLoopCharacteristics"]
    without_limit = not any((child.get("loopMaximum") or "").strip().isdecimal() for child in loop)
    return without_limit and any(child_text(child, "loopCondition") for child in loop)
