"""What is refused by name because it cannot be run right, and what is kept as drawn but does nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from engine.base.text import Name, Text
from engine.diagram.checked import Checked
from engine.diagram.drawn import is_true, tag, triggers
from engine.diagram.normalise.compensation import undone_at
from engine.diagram.normalise.supported import EVENTS, STARTS_HANDLER, cancels
from engine.diagram.shape import Element, Finding, Rule, Severity
from engine.diagram.xml import MODEL

UNSUPPORTED_ELEMENT: Final = Rule(
    "unsupported-element",
    Severity.BLOCKS,
    Text(
        en="“{name}” (line {line}) is {what}, which cannot be run here as BPMN means it.",
        zh="“{name}”（第 {line} 行）是{what}，此处无法按 BPMN 的含义运行。",
    ),
    Text(en="{instead}", zh="{instead}"),
)
UNDONE_BY_HAND: Final = Rule(
    "undone-by-hand",
    Severity.ATTENTION,
    Text(
        en="Where a case comes to “{name}” (line {line}), it stops until the person in charge has seen to what undoes the "
        "work: {steps}.",
        zh="办件到达“{name}”（第 {line} 行）时会停下，直到负责人落实撤销工作的事项：{steps}。",
    ),
    Text(
        en="Nothing need be done if a person undoes it anyway. To have it done by a post, draw the steps that undo the work as "
        "an ordinary way of the procedure.",
        zh="如果本来就由人撤销，则无需处理；如需由某个岗位办理，请将撤销工作的环节画成程序中的普通路径。",
    ),
)
DOCUMENTATION_ONLY: Final = Rule(
    "documentation-only",
    Severity.INFO,
    Text(
        en="{what} are shown, and do nothing when a case runs: {count} in all, the first in line {line}.",
        zh="{what}会显示出来，但办件运行时不起作用：共 {count} 处，第一处在第 {line} 行。",
    ),
    Text(
        en="Nothing need be done. What a step needs to know belongs in its form; what it must wait for, in an event.",
        zh="无需处理。环节所需的信息请放入表单；需要等待的事项请使用事件。",
    ),
)
_WHAT: Final[Mapping[str, tuple[Text, Text]]] = {
    "cancel": (
        Text(en="a cancel event that belongs to no transaction", zh="不属于任何事务的取消事件"),
        Text(
            en="Use an error event: an error end event inside, and an error boundary event on the sub-process.",
            zh="请改用错误事件：内部用错误结束事件，子流程边界上用错误边界事件。",
        ),
    ),
    "complexGateway": (
        Text(en="a complex gateway", zh="复杂网关"),
        Text(
            en="Use an exclusive, inclusive or parallel gateway, and say the condition on its flows.",
            zh="请改用排他、包容或并行网关，并在流向上写明条件。",
        ),
    ),
    "adHocSubProcess": (
        Text(en="an ad-hoc sub-process", zh="即席子流程"),
        Text(
            en="Draw the steps with an inclusive gateway before them, so that a person chooses which of them are done.",
            zh="请在这些环节之前画一个包容网关，由人选择办理哪些环节。",
        ),
    ),
    "several": (
        Text(en="an event with several triggers", zh="带有多个触发条件的事件"),
        Text(
            en="Draw one event for each trigger, behind an event-based gateway or side by side on the step’s border.",
            zh="请为每个触发条件各画一个事件：置于事件网关之后，或并列在环节边界上。",
        ),
    ),
    "elsewhere": (
        Text(en="an event whose trigger is defined elsewhere in the file", zh="触发条件在文件别处定义的事件"),
        Text(en="Define the trigger in the event itself.", zh="请在事件本身中定义触发条件。"),
    ),
    "instantiating": (
        Text(
            en="an event-based gateway that begins cases or waits for all its events",
            zh="用于发起办件或等待全部事件的事件网关",
        ),
        Text(
            en="Begin with one start event for each message; to wait for all events use a parallel gateway.",
            zh="请为每种消息各画一个开始事件；需等待全部事件时请用并行网关。",
        ),
    ),
    "dynamic": (
        Text(en="a call to a process that is only known while the case runs", zh="运行时才确定被调用流程的调用活动"),
        Text(
            en="Call each process by its id, behind an exclusive gateway that chooses among them.",
            zh="请用排他网关选择，并按编号分别调用各流程。",
        ),
    ),
}
_OTHER: Final = Text(
    en="Draw it with the events and steps of the BPMN 2.0 palette; leave out what only shows how the work is organised.",
    zh="请使用 BPMN 2.0 工具栏中的事件和环节来画；仅用于说明的部分请删除。",
)
_DOCUMENTS: Final[Mapping[str, Text]] = {
    "dataStoreReference": Text(en="Data stores", zh="数据存储"),
    "dataObjectReference": Text(en="Data objects", zh="数据对象"),
    "dataInputAssociation": Text(en="Data associations that read", zh="读取数据的关联"),
    "dataOutputAssociation": Text(en="Data associations that write", zh="写入数据的关联"),
    "messageFlow": Text(en="Message flows", zh="消息流"),
    "conversation": Text(en="Conversations", zh="会话"),
}
_CHOREOGRAPHY: Final = frozenset({"choreography", "globalChoreographyTask"})


def findings(all_of: Checked) -> Iterator[Finding]:
    for element in all_of.diagram.elements.values():
        for what, instead in _unsupported(all_of, element):
            yield all_of.finding(UNSUPPORTED_ELEMENT, element.id, what=what, instead=instead)
        yield from _undone(all_of, element)
    for place in all_of.drawn.unknown:
        yield _unknown(all_of, place.node)
    for child in all_of.drawn.root:
        if tag(child) in _CHOREOGRAPHY:
            yield _unknown(all_of, child)
    yield from _documents(all_of)


def _unsupported(all_of: Checked, element: Element) -> Iterator[tuple[Text, Text]]:
    node = all_of.place(element.id).node
    defined = [tag(one).removesuffix("EventDefinition") for one in triggers(node)]
    if element.kind in _WHAT:
        yield _WHAT[element.kind]
    if len(defined) > 1:
        yield _WHAT["several"]
    if node.find(f"{{{MODEL}}}eventDefinitionRef") is not None:
        yield _WHAT["elsewhere"]
    if element.kind == "eventBasedGateway" and (
        is_true(node.get("instantiate")) or node.get("eventGatewayType") == "Parallel"
    ):
        yield _WHAT["instantiating"]
    if element.kind == "callActivity":
        yield from _call(element)
    for trigger in dict.fromkeys(defined):
        if trigger not in _allowed(all_of, element) and not (trigger == "cancel" and _is_cancelled(node)):
            yield _WHAT.get(trigger, _named(f"<{element.kind}> + <{trigger}EventDefinition>"))


def _allowed(all_of: Checked, element: Element) -> frozenset[str]:
    around = all_of.diagram.elements.get(element.scope)
    if element.kind == "startEvent" and around is not None and around.triggered_by_event:
        return STARTS_HANDLER
    return EVENTS.get(element.kind, frozenset())


def _is_cancelled(node: etree._Element) -> bool:
    scope = node.getparent()
    return scope is not None and cancels(scope, node)


def _undone(all_of: Checked, element: Element) -> Iterator[Finding]:
    node = all_of.place(element.id).node
    scope = node.getparent()
    steps = None if scope is None or element.event is None else undone_at(all_of.drawn.root, scope, node)
    if steps is not None:
        yield all_of.finding(UNDONE_BY_HAND, element.id, steps=steps)


def _call(element: Element) -> Iterator[tuple[Text, Text]]:
    if element.called and element.called.startswith(("$", "#", "=")):
        yield _WHAT["dynamic"]


def _named(tags: str) -> tuple[Text, Text]:
    return Name(en=tags, zh=tags), _OTHER


def _unknown(all_of: Checked, node: etree._Element) -> Finding:
    what, instead = _named(f"<{tag(node)}>")
    facts = {"what": what, "instead": instead}
    element = node.get("id") or tag(node)
    return Finding(UNSUPPORTED_ELEMENT, all_of.drawn.line(node), element, node.get("name") or None, facts)


def _documents(all_of: Checked) -> Iterator[Finding]:
    for kind, what in _DOCUMENTS.items():
        found = list(all_of.drawn.root.iter(f"{{{MODEL}}}{kind}"))
        if found:
            first = found[0]
            facts = {"count": len(found), "what": what}
            line = all_of.drawn.line(first)
            yield Finding(DOCUMENTATION_ONLY, line, first.get("id"), first.get("name") or None, facts)
