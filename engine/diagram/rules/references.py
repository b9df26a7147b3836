"""What refers to something that is not there, and flows that may not go where they go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from engine.base.text import Text
from engine.diagram.checked import Checked
from engine.diagram.drawn import references_of, tag, taken_name
from engine.diagram.kinds import ACTIVITIES
from engine.diagram.shape import Element, Finding, Flow, Rule, Severity

DANGLING_REFERENCE: Final = Rule(
    "dangling-reference",
    Severity.BLOCKS,
    Text(
        en="“{name}” (line {line}) refers to “{target}” by its {attribute}, and there is no such {wanted} in the file.",
        zh="“{name}”（第 {line} 行）的 {attribute} 指向“{target}”，但文件中没有这样的{wanted}。",
    ),
    Text(
        en="Connect it again in the program you draw with, or delete it if it is a remainder of something deleted.",
        zh="请在绘图软件中重新连接；如果是删除后的残留，请将其删除。",
    ),
)
REFERENCE_AS_NAME: Final = Rule(
    "reference-as-name",
    Severity.ATTENTION,
    Text(
        en="“{name}” (line {line}) refers to “{target}” by its {attribute}. There is no such {wanted} in the file, so "
        "“{target}” is taken as its name.",
        zh="“{name}”（第 {line} 行）的 {attribute} 指向“{target}”。文件中没有这样的{wanted}，因此将“{target}”当作其名称。",
    ),
    Text(
        en="Nothing need be done if that is meant; some programs write it so. Otherwise choose the {wanted} in the "
        "properties of the event.",
        zh="如果本意如此，则无需处理（有些软件就是这样书写的）；否则请在该事件的属性中选择{wanted}。",
    ),
)
STALE_LANE_ENTRY: Final = Rule(
    "stale-lane-entry",
    Severity.INFO,
    Text(
        en="The lane “{name}” (line {line}) lists “{target}”, which is not in the file.",
        zh="泳道“{name}”（第 {line} 行）列出了“{target}”，但文件中没有该元素。",
    ),
    Text(
        en="Nothing need be done: it is left over from a step that was deleted. Saving the diagram again clears it.",
        zh="无需处理：这是已删除环节的残留，重新保存流程图即可清除。",
    ),
)
BOUNDARY_ON_NOTHING: Final = Rule(
    "boundary-on-nothing",
    Severity.BLOCKS,
    Text(
        en="The boundary event “{name}” (line {line}) is attached to {target}, not to a step beside it.",
        zh="边界事件“{name}”（第 {line} 行）附着于{target}，而不是同一层的环节。",
    ),
    Text(
        en="Drag the event onto the border of the step it belongs to, or delete it.",
        zh="请将该事件拖到所属环节的边框上，或将其删除。",
    ),
)
FLOW_CROSSES_BORDER: Final = Rule(
    "flow-crosses-border",
    Severity.BLOCKS,
    Text(
        en="The flow from “{source}” to “{target}” (line {line}) crosses the border of {border}. A case cannot follow it.",
        zh="从“{source}”到“{target}”的流向（第 {line} 行）穿越了{border}的边界，办件无法沿此流转。",
    ),
    Text(
        en="Let the flow end at the border: between pools draw a message flow; into a sub-process, lead the flow to the "
        "sub-process itself and begin inside with a start event.",
        zh="请让流向止于边界：泳池之间请用消息流；进入子流程时，请将流向连到子流程本身，并在其中以开始事件起始。",
    ),
)
FLOW_NOT_ALLOWED: Final = Rule(
    "flow-not-allowed",
    Severity.BLOCKS,
    Text(
        en="The flow from “{source}” to “{target}” (line {line}) {problem}, which BPMN does not allow.",
        zh="从“{source}”到“{target}”的流向（第 {line} 行）{problem}，BPMN 不允许这样画。",
    ),
    Text(
        en="Lead the flow to the step that follows, or make the event an intermediate event.",
        zh="请将流向连到下一环节，或将该事件改为中间事件。",
    ),
)

_NODE: Final = Text(en="step", zh="环节")
_WANTED: Final = {
    "messageRef": ("message", Text(en="message", zh="消息")),
    "signalRef": ("signal", Text(en="signal", zh="信号")),
    "errorRef": ("error", Text(en="error", zh="错误")),
    "escalationRef": ("escalation", Text(en="escalation", zh="升级")),
}
_FLOW_OUT: Final = Text(en="flow that leaves it", zh="由其流出的流向")


def findings(all_of: Checked) -> Iterator[Finding]:
    yield from _flow_ends(all_of)
    yield from _definitions(all_of)
    yield from _defaults(all_of)
    yield from _lanes(all_of)
    yield from _boundaries(all_of)
    for flow in all_of.diagram.flows.values():
        yield from _way(all_of, flow)


def _flow_ends(all_of: Checked) -> Iterator[Finding]:
    for name, place in all_of.drawn.flows.items():
        for attribute in ("sourceRef", "targetRef"):
            if all_of.drawn.reference(place.node, attribute, all_of.drawn.nodes) is None:
                yield _dangling(all_of, name, place.node, attribute, place.node.get(attribute), _NODE)


def _definitions(all_of: Checked) -> Iterator[Finding]:
    anything = {one.get("id") or "": one for one in all_of.drawn.root.iter()}
    for name, place in all_of.drawn.nodes.items():
        for node in (place.node, *place.node):
            if node is not place.node and not tag(node).endswith("EventDefinition"):
                continue
            for attribute, (kind, wanted) in _WANTED.items():
                written = node.get(attribute)
                found = all_of.drawn.target(written, all_of.drawn.definitions)
                if written and (found is None or tag(all_of.drawn.definitions[found]) != kind):
                    named = all_of.drawn.target(written, anything) is None and taken_name(node, attribute)
                    rule = REFERENCE_AS_NAME if named else DANGLING_REFERENCE
                    yield _dangling(all_of, name, node, attribute, named or written, wanted, rule)


def _defaults(all_of: Checked) -> Iterator[Finding]:
    for name, place in all_of.drawn.nodes.items():
        written = place.node.get("default")
        if written:
            leaving = {flow.id: flow for flow in all_of.outgoing.get(name, ())}
            if all_of.drawn.target(written, leaving) is None:
                yield _dangling(all_of, name, place.node, "default", written, _FLOW_OUT)


def _dangling(
    all_of: Checked,
    name: str,
    node: etree._Element,
    attribute: str,
    written: str | None,
    wanted: Text,
    rule: Rule = DANGLING_REFERENCE,
) -> Finding:
    called = all_of.drawn.flows.get(name, all_of.drawn.nodes.get(name))
    shown = called.node.get("name") if called else None
    facts = {"attribute": attribute, "target": (written or "").strip() or "–", "wanted": wanted}
    return Finding(rule, all_of.drawn.line(node), name, shown or None, facts)


def _lanes(all_of: Checked) -> Iterator[Finding]:
    anything = {one.get("id") or "": one for one in all_of.drawn.root.iter()}
    for lane, place in all_of.drawn.lanes.items():
        for written in references_of(place.node):
            if all_of.drawn.target(written, anything) is None:
                yield all_of.finding(STALE_LANE_ENTRY, lane, target=written)


def _boundaries(all_of: Checked) -> Iterator[Finding]:
    elements = all_of.diagram.elements
    for element in elements.values():
        if element.kind != "boundaryEvent":
            continue
        host = elements.get(element.attached_to or "")
        if host is None or host.kind not in ACTIVITIES or host.scope != element.scope:
            written = all_of.place(element.id).node.get("attachedToRef")
            target = f"“{written}”" if written else Text(en="nothing", zh="空处")
            yield all_of.finding(BOUNDARY_ON_NOTHING, element.id, target=target)


def _way(all_of: Checked, flow: Flow) -> Iterator[Finding]:
    source, target = all_of.diagram.elements[flow.source], all_of.diagram.elements[flow.target]
    facts = {"source": all_of.called(source.id), "target": all_of.called(target.id)}
    if source.scope != target.scope:
        yield all_of.finding(FLOW_CROSSES_BORDER, flow.id, border=_border(source, target), **facts)
    for wrong, en, zh in (
        (target.kind == "startEvent", "leads into a start event", "流入开始事件"),
        (target.kind == "boundaryEvent", "leads into a boundary event", "流入边界事件"),
        (source.kind == "endEvent", "leaves an end event", "从结束事件流出"),
    ):
        if wrong:
            yield all_of.finding(FLOW_NOT_ALLOWED, flow.id, problem=Text(en=en, zh=zh), **facts)


def _border(source: Element, target: Element) -> Text:
    if source.process != target.process:
        return Text(en="a pool", zh="泳池")
    return Text(en="a sub-process", zh="子流程")
