"""Whether what is switched off at a step can be switched off there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.base.text import Name, Text
from engine.diagram.checked import Checked
from engine.diagram.duties import MOVES
from engine.diagram.kinds import HUMAN
from engine.diagram.shape import Element, Finding, Rule, Severity

MOVE_UNKNOWN: Final = Rule(
    "move-unknown",
    Severity.ATTENTION,
    Text(
        en="“{name}” (line {line}) switches off {moves}, but {problem}. Nothing is switched off by that.",
        zh="“{name}”（第 {line} 行）关闭了{moves}，但{problem}，实际并未关闭任何操作。",
    ),
    Text(
        en="Choose among: {known}. Only a step that a person does can be without them.",
        zh="可选：{known}。只有由人办理的环节可以关闭。",
    ),
)
_NO_MOVE: Final = Text(en="there is no such move", zh="没有这样的操作")
_NO_PERSON: Final = Text(en="no person does this step", zh="该环节不由人办理")


def findings(all_of: Checked) -> Iterator[Finding]:
    for element in all_of.diagram.elements.values():
        if not element.without:
            continue
        if element.kind not in HUMAN:
            yield _told(all_of, element, element.without, _NO_PERSON)
        elif unknown := element.without.difference(MOVES):
            yield _told(all_of, element, unknown, _NO_MOVE)


def _told(all_of: Checked, element: Element, words: frozenset[str], problem: Text) -> Finding:
    quoted = sorted(words)
    moves = Name(en=", ".join(f"“{one}”" for one in quoted), zh="、".join(f"“{one}”" for one in quoted))
    return all_of.finding(MOVE_UNKNOWN, element.id, moves=moves, problem=problem, known=", ".join(MOVES))
