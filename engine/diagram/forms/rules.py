"""What a form may be: the rules it is checked by when a diagram is handed in."""

from __future__ import annotations

from typing import Final

from engine.base.errors import Refusal
from engine.base.text import Text
from engine.diagram.shape import Rule, Severity


class NotAForm(Refusal):
    """This form cannot be read: {why}"""

    zh = "无法读取此表单：{why}"


MISSING: Final = Rule(
    "form-missing",
    Severity.BLOCKS,
    Text("“{name}” asks with the form {form}, but {form} is not there.", "“{name}”使用表单 {form}，但未找到该表单。"),
    Text(
        "Attach {form} to this edition, or take the form off the step.",
        "请将 {form} 附在本版中，或从该环节中去掉表单。",
    ),
)
ELSEWHERE: Final = Rule(
    "form-elsewhere",
    Severity.ATTENTION,
    Text(
        "“{name}” names the form {form}, which another system keeps: here the step asks nothing.",
        "“{name}”引用的表单 {form} 保存在其他系统中：在此该环节不会询问任何内容。",
    ),
    Text(
        "Attach the form as a .form or .json file of that name, or leave the step without one.",
        "请以该名称附上 .form 或 .json 表单文件，或让该环节不带表单。",
    ),
)
UNREADABLE: Final = Rule(
    "form-unreadable",
    Severity.BLOCKS,
    Text("The form {form} of “{name}” cannot be read: {why}", "“{name}”的表单 {form} 无法读取：{why}"),
    Text(
        "Mend {form} in the tool that made it and attach it again.",
        "请用制作该表单的工具修正 {form} 后重新附上。",
    ),
)
UNSUPPORTED: Final = Rule(
    "form-component-unsupported",
    Severity.ATTENTION,
    Text(
        "The form {form} of “{name}” has “{part}” of the kind {component}, which is left out: {why}",
        "“{name}”的表单 {form} 中“{part}”属于 {component} 类型，已略去：{why}",
    ),
    Text(
        "Ask for it with another kind of field, or take it out of the form.",
        "请改用其他类型的字段，或将其从表单中删除。",
    ),
)
KEY_TWICE: Final = Rule(
    "form-key-twice",
    Severity.BLOCKS,
    Text(
        "Two fields of the form {form} of “{name}” keep their answer under “{key}”: one would overwrite the other.",
        "“{name}”的表单 {form} 中有两个字段都以“{key}”保存答案：后者会覆盖前者。",
    ),
    Text("Give each field a key of its own.", "请为每个字段设置各自的键。"),
)
RULE_UNREAD: Final = Rule(
    "form-rule-unread",
    Severity.ATTENTION,
    Text(
        "In the form {form} of “{name}”, {what} of “{key}” is not applied: {why}",
        "“{name}”的表单 {form} 中，“{key}”的{what}不会生效：{why}",
    ),
    Text("Write it another way, or take it out.", "请换一种写法，或将其删除。"),
)

IN_THE_DIAGRAM: Final = Text("in the diagram", "（图中）")

# Why a form, a part or a rule of it is not taken.
TOO_LARGE: Final = Text("it is larger than {most} kB.", "超过 {most} kB。")
NOT_UTF8: Final = Text("it is not UTF-8 text.", "不是 UTF-8 文本。")
NOT_JSON: Final = Text("it is not JSON: {why}.", "不是 JSON：{why}。")
TOO_DEEP: Final = Text("it is nested deeper than {most} levels.", "嵌套超过 {most} 层。")
TOO_MUCH: Final = Text("it holds more than {most} parts.", "内容超过 {most} 项。")
MEMBER_TWICE: Final = Text("one object says “{key}” twice.", "同一对象中“{key}”出现两次。")
BAD_NUMBER: Final = Text("it holds the number {number}, which is too large.", "其中数值 {number} 过大。")
BAD_TEXT: Final = Text("it holds characters that are no text.", "其中含有非文本字符。")
NO_FORM_IN_IT: Final = Text(
    "it is neither a form-js form nor a JSON Schema of an object.", "既不是 form-js 表单，也不是对象的 JSON Schema。"
)
BAD_SCHEMA: Final = Text("its JSON Schema is not valid at {place}.", "其 JSON Schema 在 {place} 处无效。")
REFERENCE: Final = Text(
    "it refers to {reference}; only parts of the same file can be referred to.",
    "引用了 {reference}；只能引用同一文件中的部分。",
)
REFERS_TO_ITSELF: Final = Text("{reference} refers to itself without end.", "{reference} 无限地引用自身。")

RUNS_CODE: Final = Text(
    "pages and scripts of others are never shown inside a form.", "表单中绝不显示他人的网页或脚本。"
)
UNKNOWN_KIND: Final = Text("this kind is not known here.", "此处不支持该类型。")
NO_KEY: Final = Text("it has no key to keep the answer under.", "没有用于保存答案的键。")
COMPUTED: Final = Text("answers are given by people, not worked out in a form.", "答案由人填写，不在表单中计算。")

HIDE_CONDITION: Final = Text("the condition that hides", "隐藏条件")
PATTERN: Final = Text("the pattern", "格式规则")
LIMIT: Final = Text("a limit", "限值")
OPTIONS: Final = Text("the list of options", "选项列表")
READ_ONLY: Final = Text("the read-only condition", "只读条件")
CHECK: Final = Text("a check of its own kind", "自定义校验")
PAST_DATES: Final = Text("the ban on past dates", "禁止过去日期的规则")
BRANCH: Final = Text("a part asked only under conditions", "按条件询问的部分")
NOT_RE2: Final = Text("{pattern} is not a pattern that can be checked in safety.", "{pattern} 不是可安全校验的格式。")
NOT_EXPRESSION: Final = Text("{expression} cannot be read.", "无法读取 {expression}。")
NOT_A_NUMBER: Final = Text("{limit} is not a number.", "{limit} 不是数字。")
NO_OPTIONS: Final = Text("none is offered, so any text is accepted.", "未提供任何选项，因此接受任意文本。")
NOT_KNOWN_HERE: Final = Text("it is not known here.", "此处不支持。")
