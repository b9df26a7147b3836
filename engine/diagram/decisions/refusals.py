"""Why a decision file is not read, or a decision not made."""

from __future__ import annotations

from typing import Final

from engine.base.errors import Refusal
from engine.base.text import Text


class NotADecisionFile(Refusal):
    """“{file}” cannot be read as a decision file (DMN): {why}. Export it again as DMN 1.3 and attach that file."""

    zh = "“{file}”无法作为决策文件（DMN）读取：{why}。请重新导出为 DMN 1.3 后再附上。"


class NoSingleAnswer(Refusal):
    """The decision “{decision}” has no single answer: the rules {rules} apply together, which its hit policy does not allow."""

    zh = "决策“{decision}”没有唯一结果：第{rules}条规则同时适用，其命中策略不允许。"


# Why the file is not read
NOT_DMN: Final = Text(
    "its root element is <{element}>, not <definitions> of DMN", "根元素是 <{element}>，不是 DMN 的 <definitions>"
)
NO_DECISION: Final = Text("it holds no decision", "其中没有任何决策")
BROKEN_XML: Final = Text("line {line} is not well-formed XML: {why}", "第{line}行不是格式正确的 XML：{why}")
REFUSED_XML: Final = Text("it is empty, too large, or no plain XML ({what})", "文件为空、过大或不是普通 XML（{what}）")
TOO_LARGE_A_TABLE: Final = Text(
    "a table in it has more than {rules} rules, {columns} columns or {cells} cells",
    "其中有决策表超过{rules}条规则、{columns}列或{cells}个单元格",
)
TOO_MANY_CELLS: Final = Text("it holds more than {most} expressions", "表达式超过{most}个")

# Why a decision is not made
NO_SUCH_DECISION: Final = Text("there is no such decision in the file", "文件中没有该决策")
UNREADABLE_CELL: Final = Text("line {line} is not understood: {why}", "第{line}行无法识别：{why}")
IN_A_CIRCLE: Final = Text("decisions require each other in a circle", "决策之间相互循环依赖")
NOT_ALLOWED_VALUE: Final = Text("the value of “{name}” is none of those allowed", "“{name}”的值不在允许范围内")
FOREIGN_LANGUAGE: Final = Text(
    "it is written in “{language}”; only FEEL is evaluated", "使用的语言是“{language}”，只支持 FEEL"
)
FOREIGN_FUNCTION: Final = Text(
    "the function is one of {kind}; only functions in FEEL are evaluated", "该函数属于 {kind}，只支持 FEEL 函数"
)
NO_LOGIC: Final = Text("it says nothing about how it is decided", "没有写明如何决策")
UNKNOWN_LOGIC: Final = Text("<{element}> is not known here", "不支持 <{element}>")
