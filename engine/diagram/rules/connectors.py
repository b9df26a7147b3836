"""Whether what is asked of connectors, and by what messages find a case, can be worked out; whether the connector is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.text import Name, Text
from engine.diagram import language
from engine.diagram.checked import Checked, listed, placed
from engine.diagram.connecting import ANSWER, KINDS
from engine.diagram.rules.expressions import broken
from engine.diagram.shape import Diagram, Element, Finding, Rule, Severity
from engine.diagram.staffing import Staffing

CONNECTOR_UNFIT: Final = Rule(
    "connector-unfit",
    Severity.BLOCKS,
    Text(
        en="What “{name}” (line {line}) says of its connector cannot be done: {why}.",
        zh="“{name}”（第 {line} 行）关于连接器的说明无法执行：{why}。",
    ),
    Text(
        en="Name a connector at a service task, give each input and each variable a name of its own, and write of the answer "
        "what stands in body, status or given, as body.owner.",
        zh="请在服务任务上引用连接器，为每个输入和变量各取一个名称，并从 body、status 或 given 中取用答复，如 body.owner。",
    ),
)
CONNECTOR_UNKNOWN: Final = Rule(
    "connector-unknown",
    Severity.ATTENTION,
    Text(
        en="“{name}” (line {line}) asks the connector “{code}”, which is not set up for this procedure. A case stops there "
        "until somebody sees to it by hand.",
        zh="“{name}”（第 {line} 行）调用连接器“{code}”，但该连接器未为本程序设置。办件将停在此处，等待人工处理。",
    ),
    Text(
        en="Have an administrator set it up, or correct the code.",
        zh="请由管理员设置该连接器，或更正代码。",
    ),
)

_INPUT: Final = Text(en="What the connector is given", zh="提供给连接器的内容")
_OUTPUT: Final = Text(en="What is kept of the answer", zh="保留的答复内容")
_CORRELATION: Final = Text(en="What messages are correlated by", zh="消息的关联依据")
_NOT_HERE: Final = Text(en="only a service or send task has one", zh="只有服务任务或发送任务可以引用连接器")
_NO_NAME: Final = Text(en="an input has no name or no expression", zh="某项输入缺少名称或表达式")
_NO_VARIABLE: Final = Text(
    en="what is kept of the answer needs a variable of letters, digits and underscores, and an expression",
    zh="保留的答复须有变量名（字母、数字和下划线）和表达式",
)
_TWICE: Final = Text(en="a name stands twice", zh="名称重复")
_ASKS_FOR: Final = Text(
    en="the answer holds only body, status and given, not {names}", zh="答复中只有 body、status 和 given，没有{names}"
)


def findings(all_of: Checked) -> Iterator[Finding]:
    for element in all_of.diagram.elements.values():
        if element.connector or element.inputs or element.outputs or element.correlation:
            for why in _unfit(element):
                yield all_of.finding(CONNECTOR_UNFIT, element.id, why=why)
            yield from _expressions(all_of, element)


def _unfit(element: Element) -> Iterator[Text]:
    if element.connector and element.kind not in KINDS:
        yield _NOT_HERE
    if not all(name and said for name, said in element.inputs):
        yield _NO_NAME
    if not all(name.isidentifier() and said for name, said in element.outputs):
        yield _NO_VARIABLE
    for parts in (element.inputs, element.outputs):
        if len({name for name, _said in parts}) < len(parts):
            yield _TWICE
    asked = {name for _variable, said in element.outputs for name in _names(said)} - set(ANSWER)
    if asked:
        names = listed(sorted(asked))
        yield Name(_ASKS_FOR.say("en", names=names), _ASKS_FOR.say("zh", names=names))


def _names(expression: str) -> frozenset[str]:
    try:
        return language.expression(expression).names
    except language.NotAnExpression:
        return frozenset()  # told by another rule


def _expressions(all_of: Checked, element: Element) -> Iterator[Finding]:
    for _name, said in element.inputs:
        yield from broken(all_of, element.id, said, _INPUT)
    for _variable, said in element.outputs:
        yield from broken(all_of, element.id, said, _OUTPUT)
    yield from broken(all_of, element.id, element.correlation, _CORRELATION)


def staffed(diagram: Diagram, staffing: Staffing) -> Iterator[Finding]:
    for element in diagram.elements.values():
        code = element.connector
        if code and element.kind in KINDS and code not in staffing.connectors:
            yield placed(diagram, CONNECTOR_UNKNOWN, element.id, code=code)
