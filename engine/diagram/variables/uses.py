"""Where the value of a variable is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.frozen import frozen
from engine.base.text import Text
from engine.diagram.checked import Checked
from engine.diagram.dialects import ZEEBE, collection_of, decision_of, extension
from engine.diagram.drawn import child_text, tag, triggers
from engine.diagram.durations import is_literal
from engine.diagram.kinds import CHOOSING, GATEWAYS
from engine.diagram.language import NotAnExpression, assignments
from engine.diagram.language.asked import Asked, asked
from engine.diagram.owners import is_split, must_ask
from engine.diagram.passages import Passages
from engine.diagram.shape import Element, Flow
from engine.diagram.variables.sources import Sources

CONDITION: Final = Text(en="the condition", zh="条件")
TIMER: Final = Text(en="the timer", zh="定时器")
SCRIPT: Final = Text(en="the script", zh="脚本")
TABLE: Final = Text(en="the decision table", zh="决策表")
CONNECTOR: Final = Text(en="what the connector is given", zh="提供给连接器的内容")
CORRELATION: Final = Text(en="what messages are correlated by", zh="消息的关联依据")
REPETITION: Final = Text(en="the repetition", zh="重复设置")
_TIMES: Final = ("timeDate", "timeDuration", "timeCycle")
_COUNTERS: Final = frozenset(
    {"loopCounter", "nrOfInstances", "nrOfCompletedInstances", "nrOfActiveInstances", "numberOfInstances"}
    | {"numberOfCompletedInstances", "numberOfActiveInstances"}
)


@frozen
class Use:
    """`at` is a node of the passages; `done`: once what stands there is done. `element` is what a finding points at."""

    at: str
    done: bool
    element: str
    where: Text
    source: str
    asked: Asked
    needed: frozenset[str]


def uses(all_of: Checked, ways: Passages, found: Sources) -> Iterator[Use]:
    """In the order of the file."""
    for flow in all_of.diagram.flows.values():
        if flow.condition and _is_looked_at(all_of, flow):
            at = ways.left_by(flow.source)
            yield _use(at, True, flow.id, CONDITION, flow.condition, truth=True)
    for element in all_of.diagram.elements.values():
        yield from _events(all_of, element)
        yield from _repetitions(all_of, element, found)
        yield from _outside(element)
        if element.kind == "scriptTask":
            yield from _script(all_of, element)
        elif element.kind in ("businessRuleTask", "serviceTask"):
            yield from _decision(all_of, element, found)


def _use(at: str, done: bool, element: str, where: Text, source: str, *, truth: bool = False) -> Use:
    read = asked(source, truth=truth)
    return Use(at, done, element, where, source, read, read.needed)


def _is_looked_at(all_of: Checked, flow: Flow) -> bool:
    """Not where it is told elsewhere that nobody looks at it."""
    source = all_of.diagram.elements[flow.source]
    leaving = all_of.outgoing[source.id]
    if source.default == flow.id or source.kind in GATEWAYS - CHOOSING:
        return False
    if source.kind in CHOOSING and len(leaving) == 1:
        return False
    return not (is_split(source, leaving) and must_ask(source, leaving))


def _events(all_of: Checked, element: Element) -> Iterator[Use]:
    for trigger in triggers(all_of.place(element.id).node):
        condition = child_text(trigger, "condition")
        if condition:
            yield _use(element.id, False, element.id, CONDITION, condition, truth=True)
        for kind in _TIMES:
            time = child_text(trigger, kind)
            if time and not is_literal(time):
                yield _use(element.id, False, element.id, TIMER, time)


def _repetitions(all_of: Checked, element: Element, found: Sources) -> Iterator[Use]:
    items = {one.name for one in found.given.get(element.id, ()) if one.within}
    for child in all_of.place(element.id).node:
        before: list[str | None] = []
        after: list[str | None] = []
        if tag(child) == "multiInstanceLoopCharacteristics":
            before = [child_text(child, "loopCardinality"), collection_of(child)]
            after = [
                child_text(child, "completionCondition"),
                extension(child, ZEEBE, "loopCharacteristics", "outputElement"),
            ]
        elif tag(child) == "standardLoopCharacteristics":
            after = [child_text(child, "loopCondition")]
        for done, sources in ((False, before), (True, after)):
            for source in sources:
                if source:
                    read = asked(source)
                    needed = read.needed - _COUNTERS - items
                    yield Use(element.id, done, element.id, REPETITION, source, read, needed)


def _outside(element: Element) -> Iterator[Use]:
    """What a connector is given, and by what messages are correlated."""
    if element.connector:
        for _name, said in element.inputs:
            yield _use(element.id, False, element.id, CONNECTOR, said)
    if element.correlation:
        yield _use(element.id, False, element.id, CORRELATION, element.correlation)


def _script(all_of: Checked, element: Element) -> Iterator[Use]:
    try:
        lines = assignments(child_text(all_of.place(element.id).node, "script") or "")
    except NotAnExpression:
        return
    known: set[str] = set()
    for name, expression in lines:
        read = asked(expression.source)
        yield Use(element.id, False, element.id, SCRIPT, expression.source, read, read.needed - known)
        known.add(name)


def _decision(all_of: Checked, element: Element, found: Sources) -> Iterator[Use]:
    name = decision_of(all_of.place(element.id).node) or ""
    if found.tables is not None and name in found.tables.decisions:
        names = found.tables.names(name)
        nothing = Asked(names, names, (), None)
        within = {one.name for one in found.given.get(element.id, ()) if one.within}
        yield Use(element.id, False, element.id, TABLE, name, nothing, names - within)
