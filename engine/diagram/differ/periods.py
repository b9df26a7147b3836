"""What a procedure's periods go by, beside how long they are: compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from engine.base.text import Name, Text
from engine.diagram.dialects import own
from engine.diagram.differ.sides import Change, Difference, Group, filled
from engine.diagram.shape import Element

_REFUSAL: Final = Text(
    "When {name} is a refusal went from {before} to {after}.", "{name}何时为不予办理由{before}改为{after}。"
)
_GROUND: Final = Text(
    "Where the ground of a refusal at {name} stands went from {before} to {after}.",
    "{name}不予办理的理由字段由{before}改为{after}。",
)
_STOPS_CLOCK: Final = Text(
    "The ground on which the clock stands at {name} went from {before} to {after}.",
    "{name}中止计时的事由由{before}改为{after}。",
)
_GOES_BY: Final = Text("{what} went from {before} to {after}.", "{what}由{before}改为{after}。")
_NONE: Final = Text("none", "无")
_SAID: Final = (
    ("ruleSet", Text("The law its periods go by", "期限所依规则")),
    ("countsFrom", Text("What its period begins with", "期限的起算环节")),
    ("promiseFrom", Text("What its promise begins with", "承诺的起算环节")),
    ("noticeBy", Text("What counts as telling what is missing", "视为已告知的环节")),
    ("decidedBy", Text("What its period ends with", "期限的截止环节")),
    ("joint", Text("Whether it is handled jointly", "是否联合办理")),
    ("countsFirstDay", Text("Whether the first day counts", "首日是否计入")),
    ("rolls", Text("Whether a last day gives way", "末日是否顺延")),
    ("stops", Text("The grounds on which its clock may stand", "可中止计时的事由")),
    ("extension", Text("By how much its period is extended", "期限的延长")),
    ("expiry", Text("What the end of its period means", "期限届满的效力")),
)


def rules_of_step(one: Element, other: Element) -> Iterator[tuple[str, Group, Text, str | None, str | None]]:
    """What supervision and the clock go by at a step, where it is another than before."""
    for kind, group, said, before, after in (
        ("stops-clock", Group.TIME, _STOPS_CLOCK, one.stops_clock, other.stops_clock),
        ("refusal", Group.WAY, _REFUSAL, one.refusal, other.refusal),
        ("ground", Group.WAY, _GROUND, " ".join(one.ground) or None, " ".join(other.ground) or None),
    ):
        if before != after:
            yield kind, group, said, before, after


def rules_of_periods(node: etree._Element, other: etree._Element) -> Iterator[Difference]:
    """Of the process before and after."""
    for attribute, what in _SAID:
        yield from _one(node, other, attribute, what)


def _one(node: etree._Element, other: etree._Element, attribute: str, what: Text) -> Iterator[Difference]:
    before, after = own(node, attribute), own(other, attribute)
    if before != after:
        said = filled(_GOES_BY, what=what, before=_shown(before), after=_shown(after))
        yield Difference("period-rule", Group.TIME, Change.CHANGED, said)


def _shown(written: str | None) -> Text:
    return Name(f"“{written}”", f"“{written}”") if written else _NONE
