"""What a case will do by itself, and where it will need the person in charge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.text import Text
from engine.diagram.checked import Checked, listed
from engine.diagram.dialects import decision_of, implementation_of
from engine.diagram.drawn import child_text, tag, triggers
from engine.diagram.reach import circles
from engine.diagram.shape import Element, Finding, Rule, Severity

SERVICE_WITHOUT_CONNECTOR: Final = Rule(
    "service-without-connector",
    Severity.ATTENTION,
    Text(
        en="No connector does “{name}” (line {line}). A case stops there until the person in charge has done "
        "it by hand.",
        zh="没有连接器执行“{name}”（第 {line} 行）。办件将停在此处，直到负责人手工完成。",
    ),
    Text(
        en="If a person does this work anyway, make it a user task in the lane of the post that does it.",
        zh="如果此项工作本来就由人办理，请改为用户任务，并放入负责岗位的泳道。",
    ),
)
EVENT_WITHOUT_REFERENCE: Final = Rule(
    "event-without-reference",
    Severity.ATTENTION,
    Text(
        en="“{name}” (line {line}) does not say which {what}. {then}",
        zh="“{name}”（第 {line} 行）没有写明是哪个{what}。{then}",
    ),
    Text(
        en="Choose the {what} in the properties of the event, or make it a plain step.",
        zh="请在该事件的属性中选择{what}，或改为普通环节。",
    ),
)
EVENT_WITHOUT_TRIGGER: Final = Rule(
    "event-without-trigger",
    Severity.BLOCKS,
    Text(
        en="“{name}” (line {line}) is an event that does not say what it waits for.",
        zh="事件“{name}”（第 {line} 行）没有写明等待什么。",
    ),
    Text(
        en="Choose a timer, a message or a signal for it, or delete it.",
        zh="请为其选择定时器、消息或信号，或将其删除。",
    ),
)
EVENT_GATEWAY_TARGET: Final = Rule(
    "event-gateway-target",
    Severity.BLOCKS,
    Text(
        en="The event-based gateway “{gateway}” leads to “{name}” (line {line}), which waits for no event.",
        zh="事件网关“{gateway}”通向“{name}”（第 {line} 行），而后者并不等待任何事件。",
    ),
    Text(
        en="Put a timer, message or signal event, or a receive task, directly behind the gateway.",
        zh="请在该网关之后直接放置定时器、消息或信号事件，或接收任务。",
    ),
)
EVENT_GATEWAY_ALONE: Final = Rule(
    "event-gateway-alone",
    Severity.BLOCKS,
    Text(
        en="No flow leaves the event-based gateway “{name}” (line {line}), so a case would wait there for ever.",
        zh="事件网关“{name}”（第 {line} 行）没有流出的流向，办件将永远等待。",
    ),
    Text(
        en="Draw the events it waits for behind it, or use an end event.",
        zh="请在其后画出所等待的事件，或改用结束事件。",
    ),
)
CALLS_ITSELF: Final = Rule(
    "calls-itself",
    Severity.BLOCKS,
    Text(
        en="“{name}” (line {line}) calls a process that calls itself: {way}. A case would never get out of it.",
        zh="“{name}”（第 {line} 行）调用的流程会调用自身：{way}。办件将永远无法结束。",
    ),
    Text(en="To do the work again, lead a flow back to the step instead.", zh="如需重新办理，请改用流向返回相应环节。"),
)
CALL_WITHOUT_PROCESS: Final = Rule(
    "call-without-process",
    Severity.ATTENTION,
    Text(
        en="The call activity “{name}” (line {line}) does not say which procedure it calls. A case stops there until the "
        "person in charge has done the work by hand.",
        zh="调用活动“{name}”（第 {line} 行）没有写明调用哪个程序。办件将停在此处，直到负责人手工完成。",
    ),
    Text(
        en="Enter the id of the process it calls. If a person does this work, make it a user task.",
        zh="请填写被调用流程的编号；如果此项工作由人办理，请改为用户任务。",
    ),
)
CALLS_ANOTHER_PROCEDURE: Final = Rule(
    "calls-another-procedure",
    Severity.INFO,
    Text(
        en="“{name}” (line {line}) calls the process “{called}”, which is not in this file.",
        zh="“{name}”（第 {line} 行）调用的流程“{called}”不在本文件中。",
    ),
    Text(
        en="The procedure that has that process must be in force before this one can be.",
        zh="包含该流程的程序须先生效，本程序才能生效。",
    ),
)

_KINDS: Final = {
    "message": Text(en="message", zh="消息"),
    "signal": Text(en="signal", zh="信号"),
    "error": Text(en="error", zh="错误"),
    "escalation": Text(en="escalation", zh="升级"),
    "conditional": Text(en="condition", zh="条件"),
}
_WAITS: Final = Text(
    en="A case waits there until the person in charge says that it has come.",
    zh="办件将在此等待，直到负责人确认其已到达。",
)
_BY_HAND: Final = Text(en="A case is begun there by hand only.", zh="只能由人手工从此处发起办件。")
_SENT_ANYHOW: Final = Text(
    en="It is sent under the event’s own name, and the case goes on.", zh="将以该事件自身的名称发送，办件继续流转。"
)
_NAMELESS: Final = Text(
    en="It is thrown without a name, and only an event that catches every one takes it.",
    zh="将以无名方式抛出，只有捕获全部的事件才能接收。",
)
_NEVER: Final = Text(en="It never comes about by itself.", zh="它不会自行发生。")
_CATCHING: Final = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})
_BEHIND_EVENT_GATEWAY: Final = frozenset({"timer", "message", "signal", "conditional"})


def findings(all_of: Checked) -> Iterator[Finding]:
    for element in all_of.diagram.elements.values():
        if _is_for_a_machine(all_of, element):
            yield all_of.finding(SERVICE_WITHOUT_CONNECTOR, element.id)
        elif element.kind == "callActivity":
            yield from _call(all_of, element)
        elif element.kind == "eventBasedGateway":
            yield from _event_gateway(all_of, element)
        yield from _reference(all_of, element)
        yield from _trigger(all_of, element)
    yield from _calls_itself(all_of)


def _is_for_a_machine(all_of: Checked, element: Element) -> bool:
    node = all_of.place(element.id).node
    if element.connector:
        return False
    if element.kind == "sendTask":
        return implementation_of(node) is not None
    return element.kind == "serviceTask" and decision_of(node) is None


def _call(all_of: Checked, element: Element) -> Iterator[Finding]:
    if not element.called:
        yield all_of.finding(CALL_WITHOUT_PROCESS, element.id)
    elif not element.called.startswith(("$", "#", "=")) and not _is_in_file(all_of, element.called):
        yield all_of.finding(CALLS_ANOTHER_PROCEDURE, element.id, called=element.called)


def _is_in_file(all_of: Checked, called: str) -> bool:
    return called in all_of.diagram.processes or called in all_of.at_root


def _event_gateway(all_of: Checked, gateway: Element) -> Iterator[Finding]:
    leaving = all_of.outgoing.get(gateway.id, ())
    if not leaving:
        yield all_of.finding(EVENT_GATEWAY_ALONE, gateway.id)
    for flow in leaving:
        target = all_of.diagram.elements[flow.target]
        catches = target.kind == "intermediateCatchEvent" and target.event in _BEHIND_EVENT_GATEWAY
        if not catches and target.kind != "receiveTask":
            yield all_of.finding(EVENT_GATEWAY_TARGET, target.id, gateway=all_of.called(gateway.id))


def _reference(all_of: Checked, element: Element) -> Iterator[Finding]:
    kind = "message" if element.kind in ("sendTask", "receiveTask") else element.event
    if kind not in _KINDS or _refers(all_of, element, kind) or element.connector or _is_for_a_machine(all_of, element):
        return
    then = _BY_HAND if _begins_a_case(all_of, element) else _then(element.kind in _CATCHING, kind)
    if then:
        yield all_of.finding(EVENT_WITHOUT_REFERENCE, element.id, what=_KINDS[kind], then=then)


def _refers(all_of: Checked, element: Element, kind: str) -> bool:
    """A reference that leads nowhere is told of elsewhere."""
    node = all_of.place(element.id).node
    if kind == "conditional":
        return any(child_text(one, "condition") for one in triggers(node))
    return any(one.get(f"{kind}Ref") for one in (node, *triggers(node)))


def _begins_a_case(all_of: Checked, element: Element) -> bool:
    return element.kind == "startEvent" and element.scope in all_of.diagram.processes


def _then(catching: bool, kind: str) -> Text | None:
    if kind in ("error", "escalation"):
        return None if catching else _NAMELESS  # catching without a name means: every one
    if kind == "conditional":
        return _NEVER
    return _WAITS if catching else _SENT_ANYHOW


def _trigger(all_of: Checked, element: Element) -> Iterator[Finding]:
    if element.kind not in ("intermediateCatchEvent", "boundaryEvent") or element.event is not None:
        return
    if not any(tag(child) == "eventDefinitionRef" for child in all_of.place(element.id).node):
        yield all_of.finding(EVENT_WITHOUT_TRIGGER, element.id)


def _calls_itself(all_of: Checked) -> Iterator[Finding]:
    calls: dict[str, list[str]] = {process: [] for process in all_of.diagram.processes}
    calling = [one for one in all_of.diagram.elements.values() if one.called in calls]
    for one in calling:
        calls[one.process].append(one.called or "")
    for circle in circles(calls):
        first = next(one for one in calling if one.process in circle and one.called in circle)
        way = listed(all_of.called(process) for process in circle)
        yield all_of.finding(CALLS_ITSELF, first.id, way=way)
