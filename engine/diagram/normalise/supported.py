"""What cannot be run as BPMN means it. Checked on the file as it is, before it is rewritten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from lxml import etree

from engine.base.frozen import frozen
from engine.base.text import Text
from engine.diagram.drawn import NODES
from engine.diagram.normalise.scopes import is_event_sub_process, roots_of
from engine.diagram.normalise.tree import MODEL_TAG, flows, inner_scopes, name_of, nodes, outgoing, tag, triggers

EVENTS: Final[Mapping[str, frozenset[str]]] = {
    "startEvent": frozenset({"message", "signal", "timer", "conditional"}),
    "endEvent": frozenset({"message", "signal", "error", "escalation", "terminate", "compensate"}),
    "intermediateCatchEvent": frozenset({"message", "signal", "timer", "conditional", "link"}),
    "intermediateThrowEvent": frozenset({"message", "signal", "escalation", "link", "compensate"}),
    "boundaryEvent": frozenset({"message", "signal", "timer", "conditional", "error", "escalation", "compensate"}),
}
"""What each kind of event may be triggered by, or trigger."""
STARTS_HANDLER: Final = frozenset({"message", "signal", "timer", "conditional", "error", "escalation", "compensate"})
REFUSED: Final[Mapping[str, Text]] = {
    "complexGateway": Text(en="complex gateways have no single meaning", zh="复杂网关没有唯一的含义"),
    "adHocSubProcess": Text(en="ad-hoc sub-processes are not run here", zh="此处不运行即席子流程"),
}
CANCEL: Final = Text(en="only a transaction can be cancelled", zh="只有事务可以取消")
SEVERAL: Final = Text(en="it has several triggers", zh="它有多个触发条件")
TRIGGER: Final = Text(en="this trigger is not possible here", zh="此处不能使用该触发条件")
ELSEWHERE: Final = Text(en="its trigger is defined elsewhere in the file", zh="其触发条件在文件别处定义")
NO_TRIGGER: Final = Text(
    en="an event sub-process needs one start event with a trigger", zh="事件子流程需要一个带触发条件的开始事件"
)
NO_HOST: Final = Text(en="it is attached to no step", zh="它没有附着在任何环节上")
NO_LINK: Final = Text(en="no link event of the same name receives it", zh="没有同名的链接事件接收它")
NO_BEGINNING: Final = Text(en="nothing in it begins", zh="其中没有起点")
EVENT_GATEWAY: Final = Text(
    en="an event-based gateway must lead to events or receive tasks, and may not begin a case",
    zh="事件网关之后只能是事件或接收任务，且不能用于发起办件",
)
NO_ENTRY: Final = Text(
    en="a flow may not lead into a start event, a boundary event or an event sub-process",
    zh="流向不能进入开始事件、边界事件或事件子流程",
)
NO_EXIT: Final = Text(
    en="a flow may not lead out of an end event or an event sub-process", zh="流向不能从结束事件或事件子流程引出"
)
UNKNOWN: Final = Text(en="this kind of element is not known", zh="无法识别此类元素")

_WAITS_FOR: Final = frozenset({"message", "signal", "timer", "conditional"})
_FLOWING: Final = frozenset({"callChoreography", "choreographyTask", "subChoreography", "implicitThrowEvent", "event"})


@frozen
class Refused:
    """One element, and why it cannot be run."""

    element: str
    name: str | None
    why: Text


class _Around:
    """What stands beside an element, looked up once for all of a process or sub-process."""

    def __init__(self, scope: etree._Element) -> None:
        self.scope = scope
        self.here = {one.get("id"): one for one in nodes(scope)}

    @cached_property
    def hosts(self) -> frozenset[str | None]:
        return frozenset(
            name for name, one in self.here.items() if tag(one) not in EVENTS and not tag(one).endswith("Gateway")
        )

    @cached_property
    def received(self) -> frozenset[str | None]:
        return frozenset(_link_name(one) for one in nodes(self.scope) if tag(one) == "intermediateCatchEvent")

    @cached_property
    def guarded(self) -> frozenset[str | None]:
        return frozenset(one.get("attachedToRef") for one in self.here.values())

    @cached_property
    def outgoing(self) -> dict[str, list[etree._Element]]:
        return outgoing(self.scope)


def refused(process: etree._Element) -> Iterator[Refused]:
    """Everything in the process, and in what stands inside it, that cannot be run right. The file has been mended."""
    waiting = [process]
    while waiting:
        scope = waiting.pop()
        waiting += inner_scopes(scope)
        around = _Around(scope)
        for child in scope:
            if tag(child) in NODES or tag(child) in _FLOWING:
                for why in _node(around, child):
                    yield Refused(child.get("id") or tag(child), name_of(child), why)
        yield from _flows(scope)
        has_start = any(tag(node) == "startEvent" for node in nodes(scope))
        if nodes(scope) and not has_start and not roots_of(scope):
            yield Refused(scope.get("id") or "", name_of(scope), NO_BEGINNING)


def _flows(scope: etree._Element) -> Iterator[Refused]:
    here = {node.get("id"): node for node in nodes(scope)}
    for flow in flows(scope):
        source, target = here.get(flow.get("sourceRef")), here.get(flow.get("targetRef"))
        if source is None or target is None:
            continue
        name = name_of(flow) or flow.get("id")
        if tag(target) in ("startEvent", "boundaryEvent") or is_event_sub_process(target):
            yield Refused(flow.get("id") or "", name, NO_ENTRY)
        elif tag(source) == "endEvent" or is_event_sub_process(source):
            yield Refused(flow.get("id") or "", name, NO_EXIT)


def _node(around: _Around, node: etree._Element) -> Iterator[Text]:
    kind = tag(node)
    if kind in _FLOWING:
        yield UNKNOWN
    elif kind in REFUSED:
        yield REFUSED[kind]
    if kind in EVENTS:
        yield from _event(around, node)
    elif kind == "eventBasedGateway":
        yield from _event_gateway(around, node)
    if is_event_sub_process(node):
        yield from _handler(node)


def _event(around: _Around, node: etree._Element) -> Iterator[Text]:
    kind, scope = tag(node), around.scope
    defined = [tag(one).removesuffix("EventDefinition") for one in triggers(node)]
    if node.find(f"{MODEL_TAG}eventDefinitionRef") is not None:
        yield ELSEWHERE
    if defined == ["cancel"]:
        if not cancels(scope, node):
            yield CANCEL
    elif len(defined) > 1:
        yield SEVERAL
    elif defined and defined[0] not in _allowed(scope, kind):
        yield TRIGGER
    if kind == "boundaryEvent":
        yield from _border(around, node, defined)
    if defined == ["link"] and kind == "intermediateThrowEvent" and _link_name(node) not in around.received:
        yield NO_LINK


def cancels(scope: etree._Element, node: etree._Element) -> bool:
    """An end inside a transaction, or an event on the border of one."""
    if tag(node) == "endEvent":
        return tag(scope) == "transaction"
    host = (node.get("attachedToRef") or "").strip()
    return tag(node) == "boundaryEvent" and any(
        tag(one) == "transaction" and one.get("id") in (host, host.rpartition(":")[2]) for one in nodes(scope)
    )


def _allowed(scope: etree._Element, kind: str) -> frozenset[str]:
    return STARTS_HANDLER if kind == "startEvent" and is_event_sub_process(scope) else EVENTS[kind]


def _border(around: _Around, node: etree._Element, defined: list[str]) -> Iterator[Text]:
    host = (node.get("attachedToRef") or "").strip()
    if host not in around.hosts and host.rpartition(":")[2] not in around.hosts:
        yield NO_HOST
    if not defined:
        yield TRIGGER


def _link_name(node: etree._Element) -> str | None:
    for definition in triggers(node):
        if tag(definition) == "linkEventDefinition":
            return name_of(definition) or name_of(node) or ""
    return None


def _handler(node: etree._Element) -> Iterator[Text]:
    starts = [one for one in nodes(node) if tag(one) == "startEvent"]
    if len(starts) != 1 or not triggers(starts[0]):
        yield NO_TRIGGER


def _event_gateway(around: _Around, node: etree._Element) -> Iterator[Text]:
    parallel = node.get("eventGatewayType") == "Parallel"
    targets = [around.here.get(flow.get("targetRef")) for flow in around.outgoing.get(node.get("id") or "", [])]
    waited = bool(targets) and all(_is_waited_for(one, around.guarded) for one in targets)
    if parallel or node.get("instantiate") == "true" or not waited:
        yield EVENT_GATEWAY


def _is_waited_for(node: etree._Element | None, guarded: frozenset[str | None]) -> bool:
    if node is None:
        return False
    if tag(node) == "receiveTask":
        repeated = any(tag(child).endswith("LoopCharacteristics") for child in node)
        return node.get("id") not in guarded and not repeated
    defined = {tag(one).removesuffix("EventDefinition") for one in triggers(node)}
    return tag(node) == "intermediateCatchEvent" and bool(defined & _WAITS_FOR)
