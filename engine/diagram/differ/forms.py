"""What a form asks otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.text import Name, Text
from engine.diagram.differ.matching import Pairs
from engine.diagram.differ.sides import Change, Difference, Group, Side, filled
from engine.diagram.differ.steps import quoted
from engine.diagram.forms import Field, Form, Kind, every_field
from engine.diagram.forms.model import SAID_ONLY

_FORM_ADDED: Final = Text("{step} now has a form, which asks for {fields}.", "{step}新增表单，填写{fields}。")
_FORM_REMOVED: Final = Text("{step} no longer has a form.", "{step}不再有表单。")
_ADDED: Final = Text("The form of {step} now asks for “{field}”.", "{step}的表单新增“{field}”。")
_REMOVED: Final = Text("The form of {step} no longer asks for “{field}”.", "{step}的表单不再填写“{field}”。")
_REQUIRED: Final = Text(
    "In the form of {step}, “{field}” must now be filled in.", "{step}的表单中，“{field}”改为必填。"
)
_OPTIONAL: Final = Text(
    "In the form of {step}, “{field}” may now be left empty.", "{step}的表单中，“{field}”改为选填。"
)
_LABEL: Final = Text(
    "In the form of {step}, “{before}” is now called “{after}”.", "{step}的表单中，“{before}”更名为“{after}”。"
)
_KIND: Final = Text(
    "In the form of {step}, “{field}” is now {after} instead of {before}.",
    "{step}的表单中，“{field}”由{before}改为{after}。",
)
_OPTION_ADDED: Final = Text(
    "In the form of {step}, “{field}” can now be {options}.", "{step}的表单中，“{field}”新增选项{options}。"
)
_OPTION_REMOVED: Final = Text(
    "In the form of {step}, “{field}” can no longer be {options}.", "{step}的表单中，“{field}”取消选项{options}。"
)
_LIMITS: Final = Text(
    "In the form of {step}, what “{field}” accepts was changed.", "{step}的表单中，“{field}”可填写的范围已修改。"
)
_WORDS: Final = Text("The words in the form of {step} were changed.", "{step}表单中的说明文字已修改。")
_NOTHING: Final = Text("nothing", "无")
_MOST: Final = 6
_KINDS: Final = {
    Kind.TEXT: Text("a line of text", "单行文字"),
    Kind.LONG_TEXT: Text("a longer text", "多行文字"),
    Kind.NUMBER: Text("a number", "数字"),
    Kind.INTEGER: Text("a whole number", "整数"),
    Kind.DATE: Text("a date", "日期"),
    Kind.TIME: Text("a time", "时间"),
    Kind.MOMENT: Text("a date and time", "日期和时间"),
    Kind.YES_NO: Text("yes or no", "是或否"),
    Kind.RADIO: Text("one of several", "单选"),
    Kind.SELECT: Text("one of a list", "下拉单选"),
    Kind.SEVERAL: Text("several of a list", "多选"),
    Kind.FILE: Text("a file", "文件"),
    Kind.ROWS: Text("rows", "多行明细"),
    Kind.GROUP: Text("a group", "分组"),
}
_LIMITED: Final = (
    "minimum", "maximum", "decimals", "step", "min_length", "max_length", "pattern", "hide_when", "options_from",
    "readonly",
)  # fmt: skip


def differences(old: Side, new: Side, matched: Pairs) -> Iterator[Difference]:
    for here, there in matched.elements.items():
        one, other = old.forms.get(here), new.forms.get(there)
        if one is not None or other is not None:
            names = (old.element(here).name, new.element(there).name)
            yield from _form(_Place(quoted(new, there), here, there, names), one, other)


class _Place:
    def __init__(self, step: Text, here: str, there: str, names: tuple[str | None, str | None]) -> None:
        self.step, self.here, self.there = step, here, there
        self.names = names

    def told(self, code: str, change: Change, sentence: Text, **facts: Text | str) -> Difference:
        said = filled(sentence, step=self.step, **facts)
        return Difference(code, Group.FORMS, change, said, (self.here,), (self.there,))


def _form(place: _Place, one: Form | None, other: Form | None) -> Iterator[Difference]:
    if other is None:
        yield place.told("form-removed", Change.REMOVED, _FORM_REMOVED)
        return
    if one is None:
        asked = [field.asked for field in every_field(other.fields) if field.answers]
        yield place.told("form-added", Change.ADDED, _FORM_ADDED, fields=_listed(asked))
        return
    before, after = _fields(one), _fields(other)
    for key, field in after.items():
        if key not in before:
            yield place.told("field-added", Change.ADDED, _ADDED, field=field.asked)
    for key, field in before.items():
        if key not in after:
            yield place.told("field-removed", Change.REMOVED, _REMOVED, field=field.asked)
        else:
            yield from _field(place, field, after[key])
    if _words(one, place.names[0]) != _words(other, place.names[1]):
        yield place.told("form-words", Change.CHANGED, _WORDS)


def _fields(form: Form) -> dict[tuple[str, ...], Field]:
    """By where the answer is kept: a field without one says something only."""
    return {(*one.path, one.key): one for one in every_field(form.fields) if one.kind not in SAID_ONLY}


def _words(form: Form, name: str | None) -> list[tuple[str, ...]]:
    """A form without a title of its own is called like its step."""
    said = [(one.kind, one.label) for one in every_field(form.fields) if one.kind in SAID_ONLY]
    hints = [(one.key, one.hint) for one in every_field(form.fields) if one.hint]
    return [("title", "" if form.title == name else form.title), *said, *hints]


def _field(place: _Place, one: Field, other: Field) -> Iterator[Difference]:
    name = other.asked
    if one.kind is not other.kind:
        facts = {"before": _KINDS.get(one.kind, _NOTHING), "after": _KINDS.get(other.kind, _NOTHING)}
        yield place.told("field-kind", Change.CHANGED, _KIND, field=name, **facts)
    if one.required != other.required:
        sentence = _REQUIRED if other.required else _OPTIONAL
        yield place.told("field-required", Change.CHANGED, sentence, field=name)
    if one.asked != other.asked:
        yield place.told("field-label", Change.CHANGED, _LABEL, before=one.asked, after=other.asked)
    was, now = (
        {option.typed: option.label for option in one.options},
        {option.typed: option.label for option in other.options},
    )
    more = [label for value, label in now.items() if value not in was]
    fewer = [label for value, label in was.items() if value not in now]
    if more:
        yield place.told("options-added", Change.CHANGED, _OPTION_ADDED, field=name, options=_listed(more))
    if fewer:
        yield place.told("options-removed", Change.CHANGED, _OPTION_REMOVED, field=name, options=_listed(fewer))
    if any(getattr(one, what) != getattr(other, what) for what in _LIMITED):
        yield place.told("field-limits", Change.CHANGED, _LIMITS, field=name)


def _listed(names: list[str]) -> Text:
    if not names:
        return _NOTHING
    shown = [f"“{one}”" for one in names[:_MOST]] + (["…"] if len(names) > _MOST else [])
    return Name(", ".join(shown), "、".join(shown))
