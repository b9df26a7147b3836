"""Whether the tables that business rule tasks ask are there and can be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.text import Name, Text
from engine.diagram import decisions
from engine.diagram.checked import Checked, why
from engine.diagram.decisions.rules import (
    DECISION_CELL,
    DECISION_CIRCLE,
    DECISION_GAP,
    DECISION_IMPORT,
    DECISION_NOT_PROVEN,
    DECISION_OVERLAP,
    DECISION_RULE_UNREACHABLE,
    DECISION_TAKES_NAME,
    DECISION_TWICE,
    DECISION_VALUES_OPEN,
    REQUIRED_UNKNOWN,
)
from engine.diagram.dialects import decision_of
from engine.diagram.shape import Element, Finding, Rule, Severity

OF_THE_FILE: Final = (
    DECISION_CELL,
    DECISION_CIRCLE,
    DECISION_GAP,
    DECISION_IMPORT,
    DECISION_NOT_PROVEN,
    DECISION_OVERLAP,
    DECISION_RULE_UNREACHABLE,
    DECISION_TAKES_NAME,
    DECISION_TWICE,
    DECISION_VALUES_OPEN,
    REQUIRED_UNKNOWN,
)
"""The rules that decision files are checked by, whatever diagram they stand beside."""

DECISION_MISSING: Final = Rule(
    "decision-missing",
    Severity.ATTENTION,
    Text(
        en="“{name}” (line {line}) {problem}. A case stops there until the person in charge has decided by hand.",
        zh="“{name}”（第 {line} 行）{problem}。办件将停在此处，直到负责人手工作出决定。",
    ),
    Text(
        en="Attach the .dmn file that holds the decision, and name the decision in the task (officium:decision).",
        zh="请附上包含该决策的 .dmn 文件，并在任务中写明决策编号（officium:decision）。",
    ),
)
DECISION_UNREADABLE: Final = Rule(
    "decision-unreadable",
    Severity.ATTENTION,
    Text(en="The attached decision file cannot be read. {why}", zh="随附的决策文件无法读取。{why}"),
    Text(en="Export it again as DMN 1.3 and attach it anew.", zh="请重新导出为 DMN 1.3 并再次附上。"),
)

_NONE: Final = Text(en="names no decision", zh="没有写明决策")


def findings(all_of: Checked) -> Iterator[Finding]:
    known: set[str] = set()
    for file, content in all_of.attachments.items():
        if not file.lower().endswith(".dmn"):
            continue
        try:
            found = decisions.read(content, file, all_of.attachments)
        except decisions.NotADecisionFile as refusal:
            yield Finding(DECISION_UNREADABLE, None, None, file, {"why": why(refusal)})
            continue
        known.update(found.decisions)
        yield from decisions.findings(found)
    for element in all_of.diagram.elements.values():
        asked = decision_of(all_of.place(element.id).node)
        if element.kind == "businessRuleTask" or (element.kind == "serviceTask" and asked):
            yield from _task(all_of, element, asked, known)


def _task(all_of: Checked, element: Element, asked: str | None, known: set[str]) -> Iterator[Finding]:
    if not asked:
        yield all_of.finding(DECISION_MISSING, element.id, problem=_NONE)
    elif asked not in known:
        problem = Name(
            en=f"asks for the decision “{asked}”, which no attached file holds",
            zh=f"需要决策“{asked}”，但随附文件中没有",
        )
        yield all_of.finding(DECISION_MISSING, element.id, problem=problem)
