"""What steps, questions and lanes are called, in both languages, and whether somebody new could do the work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engine.base.text import Name, Text
from engine.diagram.checked import Checked
from engine.diagram.kinds import CHOOSING
from engine.diagram.owners import is_split, must_ask
from engine.diagram.rules.periods import human_steps, it_has, none_has
from engine.diagram.shape import Element, Finding, Rule, Severity

STEP_WITHOUT_NAME: Final = Rule(
    "step-without-name",
    Severity.ATTENTION,
    Text(
        en="The step “{element}” (line {line}) {problem}: nobody who finds it in their tray knows what to do.",
        zh="环节“{element}”（第 {line} 行）{problem}：收到该任务的人无法知道要做什么。",
    ),
    Text(
        en="Name it by what is done, with a verb first: “Review the plans 审图”.",
        zh="请以所做的事命名，动词在前，例如“Review the plans 审图”。",
    ),
)
QUESTION_WITHOUT_NAME: Final = Rule(
    "question-without-name",
    Severity.ATTENTION,
    Text(
        en="At the gateway “{element}” (line {line}) a person chooses the way, but it does not say what is asked.",
        zh="在网关“{element}”（第 {line} 行）处由人选择去向，但未写明所问的问题。",
    ),
    Text(en="Write the question on it, such as “Complete? 是否齐全”.", zh="请写上问题，例如“Complete? 是否齐全”。"),
)
GATEWAY_WITHOUT_NAME: Final = Rule(
    "gateway-without-name",
    Severity.INFO,
    Text(
        en="The gateway “{element}” (line {line}), where ways part, has no name.",
        zh="路径在网关“{element}”（第 {line} 行）处分开，但该网关没有名称。",
    ),
    Text(
        en="Nothing need be done. A question on it makes the diagram readable without its conditions.",
        zh="无需处理。写上问题可使流程图无需查看条件即可读懂。",
    ),
)
DUPLICATE_NAMES: Final = Rule(
    "duplicate-names",
    Severity.ATTENTION,
    Text(
        en="“{name}” (line {line}) is called as another step is (line {first_line}): in a tray the two look alike.",
        zh="“{name}”（第 {line} 行）与另一环节（第 {first_line} 行）同名：在待办中无法区分。",
    ),
    Text(
        en="Say in each name what is different: “Review the plans again”.",
        zh="请在名称中写明区别，例如“再次审图”。",
    ),
)
NAME_IN_ONE_LANGUAGE: Final = Rule(
    "name-in-one-language",
    Severity.INFO,
    Text(
        en="{who} in {spoken} only (line {line}); whoever reads {missing} sees it as it is.",
        zh="{who}（第 {line} 行）只有{spoken}，阅读{missing}的人也只能看到原文。",
    ),
    Text(
        en="Write both, English first: “Review the plans 审图”.",
        zh="请同时写上两种语言，英文在前，例如“Review the plans 审图”。",
    ),
)
NAME_WITHOUT_VERB: Final = Rule(
    "name-without-verb",
    Severity.INFO,
    Text(
        en="“{name}” (line {line}) names a thing, not what is done with it.",
        zh="“{name}”（第 {line} 行）是事物名称，没有说明要做什么。",
    ),
    Text(
        en="Nothing need be done. A verb first says it at a glance: “Approve the budget” rather than “Budget approval”.",
        zh="无需处理。动词在前更一目了然：用“Approve the budget”，不用“Budget approval”。",
    ),
)
INSTRUCTION_MISSING: Final = Rule(
    "instruction-missing",
    Severity.INFO,
    Text(
        en="{who} no work instruction (line {line}): whoever does it for the first time has nobody to tell them how.",
        zh="{who}（第 {line} 行）没有作业指导：首次办理的人无从得知如何办理。",
    ),
    Text(
        en="Write what is done, how, and to what standard; two sentences of each are enough.",
        zh="请写明做什么、如何做、达到什么标准，各两句话即可。",
    ),
)

_NAMELESS: Final = Text(en="has no name", zh="没有名称")
_SAYS_NOTHING: Final = Text(en="is called as the drawing program called it", zh="使用绘图软件的默认名称")
_DEFAULTS: Final = re.compile(
    r"(?:new |user |manual |neue |nuova |nouvelle )?"
    r"(?:task|activity|step|action|aufgabe|aktivität|attività|tâche|tarea|taak|任务|活动|环节)[ _-]?\d*",
    re.IGNORECASE,
)
_LATIN: Final = re.compile(r"[A-Za-zÀ-ɏ]{2,}")
_HAN: Final = re.compile(r"[㐀-鿿]")
_ENGLISH: Final = Text(en="English", zh="英文")
_LATIN_LETTERS: Final = Text(en="Latin letters", zh="拉丁字母")
_CHINESE: Final = Text(en="Chinese", zh="中文")
_THING: Final = re.compile(
    r"(?P<first>[A-Za-z]{3,}(?:tion|sion|ment|ance|ence|ity|ness|ship|val|sal))(?: (?:of|by|for|to) .*)?"
)
_VERBS: Final = (
    "advance",
    "balance",
    "commence",
    "commission",
    "complement",
    "condition",
    "document",
    "experience",
    "finance",
    "implement",
    "influence",
    "mention",
    "partition",
    "petition",
    "position",
    "question",
    "ration",
    "reference",
    "requisition",
    "sanction",
    "sequence",
    "station",
    "supplement",
    "transition",
)


def findings(all_of: Checked) -> Iterator[Finding]:
    yield from _steps(all_of)
    yield from _gateways(all_of)
    yield from _languages(all_of)
    yield from _instructions(all_of)


def _steps(all_of: Checked) -> Iterator[Finding]:
    for steps in human_steps(all_of).values():
        first: dict[str, Element] = {}
        for step in steps:
            if not step.name or _DEFAULTS.fullmatch(step.name):
                yield all_of.finding(STEP_WITHOUT_NAME, step.id, problem=_SAYS_NOTHING if step.name else _NAMELESS)
                continue
            before = first.setdefault(step.name.casefold(), step)
            if before is not step:
                yield all_of.finding(DUPLICATE_NAMES, step.id, first_line=before.line)
            if _is_thing(step.name):
                yield all_of.finding(NAME_WITHOUT_VERB, step.id)


def _is_thing(name: str) -> bool:
    """Only where it is plain: a noun by its ending stands alone, or is followed by what it is of."""
    match = _THING.fullmatch(_HAN.split(name)[0].strip())
    return match is not None and match["first"].lower() not in _VERBS


def _gateways(all_of: Checked) -> Iterator[Finding]:
    for element in all_of.diagram.elements.values():
        leaving = all_of.outgoing.get(element.id, ())
        if element.kind in CHOOSING and not element.name and is_split(element, leaving):
            asks = must_ask(element, leaving)
            yield all_of.finding(QUESTION_WITHOUT_NAME if asks else GATEWAY_WITHOUT_NAME, element.id)


def _languages(all_of: Checked) -> Iterator[Finding]:
    """One by one where some are in both; else once, of the process."""
    diagram = all_of.diagram
    named = [(one.process, one.id, one.name) for one in diagram.lanes.values() if one.name]
    named += [(one.process, one.id, one.name) for one in diagram.elements.values() if one.name]
    spoken: dict[str, list[tuple[str, Text, Text]]] = {}
    both: set[str] = set()
    for process, element, name in named:
        latin, han = _LATIN.search(name) is not None, _HAN.search(name) is not None
        if latin and han:
            both.add(process)
        elif latin or han:
            said = (_LATIN_LETTERS, _CHINESE) if latin else (_CHINESE, _ENGLISH)
            spoken.setdefault(process, []).append((element, *said))
    for process, found in spoken.items():
        if process in both:
            for element, has, lacks in found:
                yield all_of.finding(
                    NAME_IN_ONE_LANGUAGE, element, who=_named(all_of.called(element)), spoken=has, missing=lacks
                )
        else:
            _, has, lacks = found[0]
            who = _everything(all_of.called(process))
            yield all_of.finding(NAME_IN_ONE_LANGUAGE, process, who=who, spoken=has, missing=lacks)


def _named(name: str) -> Name:
    return Name(en=f"“{name}” is written", zh=f"“{name}”")


def _everything(process: str) -> Name:
    return Name(en=f"Everything in “{process}” is written", zh=f"“{process}”中的全部名称")


def _instructions(all_of: Checked) -> Iterator[Finding]:
    known = all_of.diagram.instructions
    for process, steps in human_steps(all_of).items():
        without = [one for one in steps if one.id not in known]
        if len(without) == len(steps) > 1:
            yield all_of.finding(INSTRUCTION_MISSING, process, who=none_has(all_of.called(process), len(steps)))
        else:
            for one in without:
                yield all_of.finding(INSTRUCTION_MISSING, one.id, who=it_has(all_of.called(one.id)))
