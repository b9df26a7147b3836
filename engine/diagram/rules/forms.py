"""What the forms of a diagram were found to lack when they were read, and whether they agree with each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import PurePosixPath
from typing import Final

from lxml import etree

from engine.base.text import Text
from engine.diagram.checked import Checked, listed
from engine.diagram.dialects import decision_of
from engine.diagram.forms.model import Field, Kind, every_field
from engine.diagram.forms.rules import ELSEWHERE, KEY_TWICE, MISSING, RULE_UNREAD, UNREADABLE, UNSUPPORTED
from engine.diagram.language.asked import asked
from engine.diagram.shape import Finding, Rule, Severity
from engine.diagram.variables.sources import Given, Sources, asked_fields

OF_THE_FILE: Final = (ELSEWHERE, KEY_TWICE, MISSING, RULE_UNREAD, UNREADABLE, UNSUPPORTED)
"""The rules that forms are checked by as they are read."""

FORM_KEY_CLASH: Final = Rule(
    "form-key-clash",
    Severity.ATTENTION,
    Text(
        en="“{name}” (line {line}) keeps under “{key}” {kind}, but “{other}” keeps {other_kind} under the same key: the "
        "later answer takes the place of the earlier one.",
        zh="“{name}”（第 {line} 行）以“{key}”保存{kind}，而“{other}”以同一键保存{other_kind}：后填的答案会取代先填的。",
    ),
    Text(en="Give one of the two fields another key.", zh="请为其中一个字段另设键。"),
)
ANSWERS_UNREAD: Final = Rule(
    "answers-unread",
    Severity.INFO,
    Text(
        en="{count} of the answers that are asked for are read by people alone, not by any condition, script, table or "
        "later form; the first in “{name}” (line {line}): {fields}.",
        zh="所询问的答案中有 {count} 项仅供人查阅，未被任何条件、脚本、决策表或后续表单使用；最先出现在“{name}”（第 {line} 行）：{fields}。",
    ),
    Text(
        en="Nothing need be done where somebody needs to know them. Ask for nothing that nobody reads.",
        zh="若有人需要了解，则无需处理。无人查看的内容不必询问。",
    ),
)
ATTACHMENT_UNUSED: Final = Rule(
    "attachment-unused",
    Severity.INFO,
    Text(
        en="The attached file “{name}” is used by no step of the diagram.",
        zh="随附文件“{name}”未被流程图中的任何环节使用。",
    ),
    Text(
        en="Name it in the step that it is for, or take it away.",
        zh="请在相应环节中引用该文件，或将其移除。",
    ),
)

TOGETHER_ASKS: Final = Rule(
    "together-asks",
    Severity.ATTENTION,
    Text(
        en="Several “{name}” (line {line}) may be completed at once, but its form must be filled in: {fields}. Each has to "
        "be opened all the same.",
        zh="“{name}”（第 {line} 行）允许批量完成，但其表单有必填项：{fields}，仍须逐件打开办理。",
    ),
    Text(
        en="Take the requirement off the fields, or let each be completed by itself.",
        zh="请取消字段的必填要求，或不允许批量完成。",
    ),
)

_MOST_SOUGHT: Final = 50  # what asks for so many decisions is not looked through
_KINDS: Final = {
    Kind.TEXT: ("text", Text(en="a text", zh="文本")),
    Kind.LONG_TEXT: ("text", Text(en="a text", zh="文本")),
    Kind.NUMBER: ("number", Text(en="a number", zh="数字")),
    Kind.INTEGER: ("number", Text(en="a number", zh="数字")),
    Kind.DATE: ("date", Text(en="a date", zh="日期")),
    Kind.TIME: ("time", Text(en="a time", zh="时间")),
    Kind.MOMENT: ("moment", Text(en="a date and time", zh="日期时间")),
    Kind.YES_NO: ("yes/no", Text(en="yes or no", zh="是或否")),
    Kind.RADIO: ("choice", Text(en="one of several options", zh="单选答案")),
    Kind.SELECT: ("choice", Text(en="one of several options", zh="单选答案")),
    Kind.SEVERAL: ("list", Text(en="several options", zh="多选答案")),
    Kind.FILE: ("file", Text(en="a file", zh="文件")),
    Kind.ROWS: ("rows", Text(en="rows", zh="多行内容")),
}


def findings(all_of: Checked) -> Iterator[Finding]:
    for form in all_of.forms.values():
        yield from form.warnings
    yield from _clashes(all_of)
    yield from _together(all_of)


def _together(all_of: Checked) -> Iterator[Finding]:
    for element, form in all_of.forms.items():
        place = all_of.diagram.elements.get(element)
        required = [one.asked for one in asked_fields(form.fields) if one.required]
        if place is not None and place.together and required:
            yield all_of.finding(TOGETHER_ASKS, element, fields=listed(required))


def _clashes(all_of: Checked) -> Iterator[Finding]:
    first: dict[str, tuple[str, Field]] = {}
    told: set[tuple[str, str]] = set()
    for element, form in all_of.forms.items():
        for one in asked_fields(form.fields):
            key = ".".join(one.path)
            before, other = first.setdefault(key, (element, one))
            if _KINDS[one.kind][0] != _KINDS[other.kind][0] and (key, element) not in told:
                told.add((key, element))
                kinds = {"kind": _KINDS[one.kind][1], "other_kind": _KINDS[other.kind][1]}
                yield all_of.finding(FORM_KEY_CLASH, element, key=key, other=all_of.called(before), **kinds)


def answers(all_of: Checked, found: Sources, read: Collection[str]) -> Iterator[Finding]:
    """Told once, at the first step that asks for such an answer. `read`: the names that anything else asks for."""
    also = _read_by_forms(all_of)
    unread: dict[str, Given] = {}
    for name, given in found.by_name.items():
        if name not in read and name not in also and all(one.answer for one in given) and len(given) == 1:
            unread[name] = given[0]
    if unread:
        first = next(
            element for element in all_of.diagram.elements if element in {one.element for one in unread.values()}
        )
        names = listed(name for name, one in unread.items() if one.element == first)
        yield all_of.finding(ANSWERS_UNREAD, first, count=len(unread), fields=names)


def _read_by_forms(all_of: Checked) -> set[str]:
    """What forms ask of earlier answers; words may hold `{{…}}`."""
    found: set[str] = set()
    for form in all_of.forms.values():
        for one in every_field(form.fields):
            for source in (one.hide_when, one.options_from):
                if source:
                    found |= asked(source).names
            for part in one.label.split("{{")[1:]:
                found |= asked(part.partition("}}")[0]).names
    return found


def attached(all_of: Checked) -> Iterator[Finding]:
    """Whatever a step may call a file by stands somewhere in the diagram."""
    if not all_of.attachments:
        return
    said = _said(all_of)
    made_from = {template for one in all_of.diagram.elements.values() for template in one.produces}
    asked_for = {decision_of(place.node) for place in all_of.drawn.nodes.values()} - {None}
    for file, content in all_of.attachments.items():
        name = PurePosixPath(file).name
        if file.lower().endswith(".dmn"):
            used = len(asked_for) > _MOST_SOUGHT or any(one and one.encode() in content for one in asked_for)
        elif name in made_from:
            used = True
        else:
            stem = name.partition(".")[0]
            used = any(one.endswith((name, stem)) or f'"{one}"'.encode() in content for one in said)
        if not used:
            yield Finding(ATTACHMENT_UNUSED, None, None, file)


def _said(all_of: Checked) -> set[str]:
    """Every value of an attribute that is not BPMN's own, as steps name their forms."""
    found: set[str] = set()
    for place in all_of.drawn.nodes.values():
        for one in place.node.iter(etree.Element):
            found.update(
                str(value) for name, value in one.attrib.items() if str(name).startswith("{") or one is not place.node
            )
    return {one for one in found if one}
