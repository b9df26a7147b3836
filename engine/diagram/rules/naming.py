"""What reading a file finds by itself: ids that are missing, or there twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.text import Text
from engine.diagram.drawn import Drawn, tag
from engine.diagram.shape import Finding, Rule, Severity
from engine.diagram.xml import GIVEN

DUPLICATE_ID: Final = Rule(
    "duplicate-id",
    Severity.BLOCKS,
    Text(
        en="The id “{element}” is used twice: first by <{first_tag}> in line {first_line}, and again by <{tag}> in line "
        "{line}. Only the first was read.",
        zh="编号“{element}”重复：先用于第 {first_line} 行的 <{first_tag}>，又用于第 {line} 行的 <{tag}>。只读取了第一个。",
    ),
    Text(
        en="Give the element in line {line} an id of its own, and let its flows and its lane refer to that one.",
        zh="请为第 {line} 行的元素另取编号，并让相关流向和泳道引用新编号。",
    ),
)
MISSING_ID: Final = Rule(
    "missing-id",
    Severity.ATTENTION,
    Text(
        en="The <{tag}> in line {line} has no id; it is called “{element}” here.",
        zh="第 {line} 行的 <{tag}> 没有编号，此处称为“{element}”。",
    ),
    Text(
        en="Give it an id in the program you draw with: without one, running cases cannot be moved to a later edition.",
        zh="请在绘图软件中为其设置编号；否则运行中的办件无法转到以后的版本。",
    ),
)


def findings(drawn: Drawn) -> Iterator[Finding]:
    for one in drawn.twice:
        facts = {"tag": tag(one.node), "first_tag": tag(one.first), "first_line": drawn.line(one.first)}
        yield Finding(DUPLICATE_ID, drawn.line(one.node), one.node.get("id"), one.node.get("name"), facts)
    for node, line in drawn.lines.items():
        if node.get(GIVEN):
            yield Finding(MISSING_ID, line, node.get("id"), node.get("name"), {"tag": tag(node)})
