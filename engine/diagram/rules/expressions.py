"""Whether what is written in the diagram to be worked out can be worked out, and where a person is asked instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from engine.base.text import Name, Text
from engine.diagram import language
from engine.diagram.checked import Checked, listed
from engine.diagram.dialects import collection_of
from engine.diagram.drawn import child_text, tag, triggers
from engine.diagram.kinds import CHOOSING
from engine.diagram.limits import MOST_INSTANCES
from engine.diagram.owners import is_split, must_ask
from engine.diagram.shape import Element, Finding, Flow, Rule, Severity

EXPRESSION_UNREADABLE: Final = Rule(
    "expression-unreadable",
    Severity.BLOCKS,
    Text(
        en="{where} of “{name}” (line {line}) cannot be read: {expression}: {why}",
        zh="“{name}”（第 {line} 行）的{where}无法读取：{expression}：{why}",
    ),
    Text(
        en="Write it in FEEL, for example: amount > 1000 and approved = true. On a flow, you can also choose that a person "
        "is asked instead.",
        zh="请用 FEEL 书写，例如：amount > 1000 and approved = true。流向上的条件也可以选择改为由人判断。",
    ),
)
CONDITION_IGNORED: Final = Rule(
    "condition-ignored",
    Severity.ATTENTION,
    Text(
        en="The condition of the flow “{name}” (line {line}) is never looked at: {because}.",
        zh="流向“{name}”（第 {line} 行）的条件不会被查看：{because}。",
    ),
    Text(
        en="Delete the condition, or draw an exclusive gateway where the way is to be chosen.",
        zh="请删除该条件，或在需要选择路径之处画一个排他网关。",
    ),
)
GATEWAY_WITHOUT_CONDITION: Final = Rule(
    "gateway-without-condition",
    Severity.INFO,
    Text(
        en="At “{name}” (line {line}) a person is asked which way the case goes: {choices}.",
        zh="在“{name}”（第 {line} 行）处，由人选择办件的去向：{choices}。",
    ),
    Text(
        en="Nothing need be done. To have it decided by what the forms say, write a condition on each flow.",
        zh="无需处理。如需根据表单内容自动判断，请在每条流向上写明条件。",
    ),
)
CHOICE_WITHOUT_NAME: Final = Rule(
    "choice-without-name",
    Severity.ATTENTION,
    Text(
        en="At “{name}” (line {line}) a person chooses the way, and {count} of the flows have no name to choose by.",
        zh="在“{name}”（第 {line} 行）处由人选择去向，但有 {count} 条流向没有可供选择的名称。",
    ),
    Text(
        en="Write on each flow what choosing it means, such as “granted” and “refused”.",
        zh="请在每条流向上写明其含义，例如“准予”和“不予”。",
    ),
)
SCRIPT_UNREADABLE: Final = Rule(
    "script-unreadable",
    Severity.ATTENTION,
    Text(
        en="The script of “{name}” (line {line}) cannot be run here: {why} A case stops there until it is done by hand.",
        zh="“{name}”（第 {line} 行）的脚本无法在此运行：{why} 办件将停在此处，等待人工处理。",
    ),
    Text(
        en="Write one “name = expression” on each line, in FEEL; or make the step a user task.",
        zh="请每行写一个“名称 = 表达式”（FEEL）；或将该环节改为用户任务。",
    ),
)
TOO_MANY_INSTANCES: Final = Rule(
    "too-many-instances",
    Severity.BLOCKS,
    Text(
        en="“{name}” (line {line}) is to be done {count} times; at most {limit} are possible.",
        zh="“{name}”（第 {line} 行）需办理 {count} 次；最多允许 {limit} 次。",
    ),
    Text(en="Lower the number, or let one step deal with a list.", zh="请减少次数，或用一个环节处理整个清单。"),
)
REPETITION_MISSING: Final = Rule(
    "repetition-missing",
    Severity.ATTENTION,
    Text(
        en="“{name}” (line {line}) is marked to be done several times, but not how often. It is done once.",
        zh="“{name}”（第 {line} 行）标明需多次办理，但未说明次数，将只办理一次。",
    ),
    Text(
        en="Say how often: a number, a list to go through, or the condition under which it is done again.",
        zh="请说明次数：填写数字、要逐项处理的清单，或再次办理的条件。",
    ),
)

_CONDITION: Final = Text(en="The condition", zh="条件")
_CARDINALITY: Final = Text(en="The number of times", zh="次数")
_COLLECTION: Final = Text(en="The list to go through", zh="清单")
_COMPLETION: Final = Text(en="The condition that ends the repetition", zh="结束重复的条件")
_LOOP: Final = Text(en="The condition for doing it again", zh="再次办理的条件")
_TAKEN_OTHERWISE: Final = Text(
    en="it is the flow taken when no other condition holds", zh="该流向在其他条件都不成立时采用"
)
_ALL_WAYS: Final = Text(en="the gateway before it follows every flow", zh="其前的网关会走所有流向")
_EVENT_DECIDES: Final = Text(en="the event that comes first decides", zh="由最先发生的事件决定")
_ONLY_WAY: Final = Text(en="it is the only way out of the gateway", zh="它是网关唯一的出口")

_PERSON_SAYS: Final = Text(
    en="another way out of the gateway has no condition, so a person is asked about all of them",
    zh="该网关的另一条出口没有条件，因此全部由人选择",
)

_MOST_SCRIPT: Final = 8_192
_NUMBER: Final = re.compile(r"[=${}#\s]*(\d{1,30})[}\s]*")


def unreadable(expression: str) -> Text | None:
    """Why an expression cannot be read; None where it can."""
    try:
        language.expression(expression)
    except language.NotAnExpression as refusal:
        return _reason(refusal)
    return None


def _reason(refusal: language.NotAnExpression) -> Text:
    reason = refusal.facts.get("why")
    return reason if isinstance(reason, Text) else Name(en=str(reason), zh=str(reason))


def findings(all_of: Checked) -> Iterator[Finding]:
    for flow in all_of.diagram.flows.values():
        if flow.condition is not None:
            yield from _flow(all_of, flow, flow.condition)
    for element in all_of.diagram.elements.values():
        yield from _choices(all_of, element)
        yield from _conditional(all_of, element)
        yield from _repetition(all_of, element)
        if element.kind == "scriptTask":
            yield from _script(all_of, element)


def broken(all_of: Checked, element: str, expression: str | None, where: Text) -> Iterator[Finding]:
    reason = unreadable(expression) if expression else None
    if reason is not None:
        yield all_of.finding(EXPRESSION_UNREADABLE, element, expression=expression, where=where, why=reason)


def _flow(all_of: Checked, flow: Flow, condition: str) -> Iterator[Finding]:
    ignored = _ignored_because(all_of, flow)
    if ignored:
        yield all_of.finding(CONDITION_IGNORED, flow.id, because=ignored)
    else:
        yield from broken(all_of, flow.id, condition, _CONDITION)


def _ignored_because(all_of: Checked, flow: Flow) -> Text | None:
    source = all_of.diagram.elements[flow.source]
    if source.default == flow.id:
        return _TAKEN_OTHERWISE
    if source.kind == "parallelGateway":
        return _ALL_WAYS
    if source.kind == "eventBasedGateway":
        return _EVENT_DECIDES
    leaving = all_of.outgoing[source.id]
    if source.kind in CHOOSING and len(leaving) == 1:
        return _ONLY_WAY
    return _PERSON_SAYS if is_split(source, leaving) and must_ask(source, leaving) else None


def _choices(all_of: Checked, element: Element) -> Iterator[Finding]:
    leaving = all_of.outgoing.get(element.id, ())
    if not is_split(element, leaving) or not must_ask(element, leaving):
        return
    choices = listed(flow.name or all_of.called(flow.target) for flow in leaving)
    yield all_of.finding(GATEWAY_WITHOUT_CONDITION, element.id, choices=choices)
    nameless = sum(flow.name is None for flow in leaving)
    if nameless:
        yield all_of.finding(CHOICE_WITHOUT_NAME, element.id, count=nameless)


def _conditional(all_of: Checked, element: Element) -> Iterator[Finding]:
    for trigger in triggers(all_of.place(element.id).node):
        yield from broken(all_of, element.id, child_text(trigger, "condition"), _CONDITION)


def _repetition(all_of: Checked, element: Element) -> Iterator[Finding]:
    for child in all_of.place(element.id).node:
        if tag(child) == "multiInstanceLoopCharacteristics":
            yield from _instances(all_of, element.id, child)
        elif tag(child) == "standardLoopCharacteristics":
            again = child_text(child, "loopCondition")
            yield from broken(all_of, element.id, again, _LOOP)
            if not again and not (child.get("loopMaximum") or "").strip():
                yield all_of.finding(REPETITION_MISSING, element.id)


def _instances(all_of: Checked, element: str, child: etree._Element) -> Iterator[Finding]:
    cardinality, collection = child_text(child, "loopCardinality"), collection_of(child)
    yield from broken(all_of, element, cardinality, _CARDINALITY)
    yield from broken(all_of, element, collection, _COLLECTION)
    yield from broken(all_of, element, child_text(child, "completionCondition"), _COMPLETION)
    number = _NUMBER.fullmatch(cardinality or "")
    if number and int(number[1]) > MOST_INSTANCES:
        yield all_of.finding(TOO_MANY_INSTANCES, element, count=number[1], limit=MOST_INSTANCES)
    if not (cardinality or collection or child_text(child, "loopDataInputRef")):
        yield all_of.finding(REPETITION_MISSING, element)


def _script(all_of: Checked, element: Element) -> Iterator[Finding]:
    script = child_text(all_of.place(element.id).node, "script")
    if not script:
        nothing = Text(en="nothing is written in it.", zh="其中没有内容。")
        yield all_of.finding(SCRIPT_UNREADABLE, element.id, why=nothing)
        return
    if len(script) > _MOST_SCRIPT:
        too_long = Text(en="it is longer than a script may be.", zh="其内容过长。")
        yield all_of.finding(SCRIPT_UNREADABLE, element.id, why=too_long)
        return
    try:
        language.assignments(script)
    except language.NotAnExpression as refusal:
        shown = refusal.facts["source"]
        reason = _reason(refusal)
        because = Name(en=f"“{shown}”: {reason.en}.", zh=f"“{shown}”：{reason.zh}。")
        yield all_of.finding(SCRIPT_UNREADABLE, element.id, why=because)
