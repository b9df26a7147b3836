"""Why an expression is refused or cannot be evaluated, in the office's two languages."""

from __future__ import annotations

from typing import Any, Final

from engine.base.errors import Refusal
from engine.base.text import Name, Text

LONGEST_QUOTE: Final = 80


class NotAnExpression(Refusal):
    """The expression “{source}” is not understood, at character {position}: {why}."""

    zh = "表达式“{source}”无法识别（第{position}个字符处）：{why}。"


class CannotEvaluate(Refusal):
    """The expression “{source}” cannot be evaluated: {why}."""

    zh = "表达式“{source}”无法求值：{why}。"


class Fault(Exception):
    """An operation has no result. Outside of decisions it becomes CannotEvaluate; within them, null."""

    def __init__(self, reason: Text, **facts: Any) -> None:
        self.why = because(reason, **facts)
        super().__init__(self.why.en)


class Stopped(Exception):
    """A limit was reached. No mode forgives it."""

    def __init__(self, reason: Text, **facts: Any) -> None:
        self.why = because(reason, **facts)
        super().__init__(self.why.en)


class Missing(Stopped):
    """A name of which nothing is known, where that is not the same as null."""


class Unreadable(Exception):
    """The source breaks off or goes wrong at `position` (from 0)."""

    def __init__(self, position: int, reason: Text, **facts: Any) -> None:
        self.position = position
        self.why = because(reason, **facts)
        super().__init__(self.why.en)


def because(reason: Text, **facts: Any) -> Name:
    """The reason with its facts filled in; quotations are cut to a readable length."""
    short = {key: quoted(fact) if isinstance(fact, str) else fact for key, fact in facts.items()}
    return Name(en=reason.say("en", **short), zh=reason.say("zh", **short))


def quoted(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…"


# What can be wrong with the source
TOO_LONG = Text("it is longer than {most} characters", "长度超过{most}个字符")
TOO_DEEP = Text("it is nested more than {most} levels deep", "嵌套超过{most}层")
EMPTY = Text("nothing is written", "内容为空")
BAD_CHARACTER = Text("“{found}” has no meaning here", "此处的“{found}”没有意义")
FULL_WIDTH = Text("“{found}” is a full-width sign; type “{meant}”", "“{found}”是全角符号，请输入半角“{meant}”")
OPEN_STRING = Text("a quotation mark is not closed", "引号没有闭合")
BAD_ESCAPE = Text("“{found}” stands for no character", "“{found}”不表示任何字符")
UNEXPECTED = Text("“{found}” was not expected here", "此处不应出现“{found}”")
ENDS_EARLY = Text("it ends too early", "表达式不完整")
UNKNOWN_FUNCTION = Text("there is no function “{name}”", "没有名为“{name}”的函数")
EXTERNAL_FUNCTION = Text(
    "a function in another language (Java, PMML) is never run; write it in FEEL",
    "不运行其他语言（Java、PMML）的函数，请改用 FEEL 编写",
)
BAD_LITERAL = Text("“{found}” is no date, time or duration", "“{found}”不是日期、时间或时长")
BAD_TYPE = Text("“{found}” is no type", "“{found}”不是类型")
TESTS_ELSEWHERE = Text("a list of tests may only follow “in”", "一组条件只能跟在“in”之后")
NUMBER_TOO_LONG = Text("the number {found} is too long", "数字{found}过长")
DOUBLE_NAME = Text("“{name}” stands there twice", "“{name}”重复出现")
NOT_ASSIGNED = Text("line {line} is not of the form “name = expression”", "第{line}行不是“名称 = 表达式”的形式")
TOO_MANY_LINES = Text("a script has at most {most} lines", "脚本最多{most}行")

# What can go wrong when it is evaluated
UNKNOWN_VARIABLE = Text("nothing is known of “{name}”", "没有“{name}”的值")
NO_MEMBER = Text("{kind} has no “{name}”", "{kind}没有“{name}”")
NOT_COMPARABLE = Text("{left} cannot be compared with {right}", "{left}不能与{right}比较")
NOT_CALCULABLE = Text("{left} {operator} {right} cannot be calculated", "{left} {operator} {right} 无法计算")
NO_NEGATIVE = Text("{kind} has no negative", "{kind}不能取负")
BY_ZERO = Text("division by zero", "除数为零")
NUMBER_RANGE = Text("the result is no number that can be kept", "结果超出数值范围")
EXPONENT = Text("the exponent is larger than {most}", "指数超过{most}")
NOT_BOOLEAN = Text("yes or no was expected, but it is {kind}", "此处应为是或否，但得到的是{kind}")
NOT_A_LIST = Text("a list was expected, but it is {kind}", "此处应为列表，但得到的是{kind}")
NOT_AN_INDEX = Text("{kind} does not number an entry of a list", "{kind}不能作为列表序号")
NOT_A_FUNCTION = Text("“{name}” is no function", "“{name}”不是函数")
WRONG_ARGUMENTS = Text("the function “{name}” was given other arguments than it takes", "函数“{name}”的参数不符")
WRONG_ARGUMENT = Text("the function “{name}” cannot take {kind}", "函数“{name}”不接受{kind}")
NOT_READ = Text("“{found}” cannot be read as {kind}", "“{found}”不能读作{kind}")
OUT_OF_RANGE = Text("{what} is out of range", "{what}超出范围")
BAD_PATTERN = Text("the pattern “{found}” cannot be used", "模式“{found}”无法使用")
WRONG_TYPE = Text("{kind} is not of the type {type}", "{kind}不是{type}类型")
NOT_A_RANGE = Text("{left} and {right} are not the ends of a range", "{left}与{right}不能构成区间")
FOREIGN_VALUE = Text("a value of the kind {kind} is not known here", "不支持{kind}类的值")
NOT_KEPT = Text("{kind} cannot be kept as an answer", "{kind}不能作为结果保存")

# What stops it
TOO_MANY_STEPS = Text("it takes more than {most} steps", "计算超过{most}步")
LIST_TOO_LONG = Text("a list has more than {most} entries", "列表超过{most}项")
STRING_TOO_LONG = Text("a text has more than {most} characters", "文本超过{most}个字符")
TOO_MANY_VALUES = Text("a variable holds more than {most} values", "一个变量的值超过{most}个")
CALLS_TOO_DEEP = Text("functions call each other too deeply", "函数相互调用层数过多")
