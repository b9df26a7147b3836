"""The rules a decision file is checked by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from engine.base.text import Text
from engine.diagram.decisions.model import Decision, Decisions, Knowledge, Problem
from engine.diagram.shape import Finding, Rule, Severity

DECISION_TWICE: Final = Rule(
    "decision-id-twice",
    Severity.BLOCKS,
    Text(
        "The id “{element}” is given twice in “{file}”; the second time in line {line}.",
        "“{file}”中编号“{element}”重复，第二次出现在第{line}行。",
    ),
    Text("Give the second one an id of its own.", "请为第二个另定编号。"),
)
DECISION_CELL: Final = Rule(
    "decision-cell-unreadable",
    Severity.BLOCKS,
    Text(
        "In the decision “{name}” ({file}, line {line}{rule}), “{source}” is not understood: {why}.",
        "决策“{name}”（{file}，第{line}行{rule}）中的“{source}”无法识别：{why}。",
    ),
    Text(
        "Correct the cell. Text stands between quotation marks, numbers and names without.",
        "请更正该单元格：文字需加引号，数字和名称不加引号。",
    ),
)
REQUIRED_UNKNOWN: Final = Rule(
    "decision-required-unknown",
    Severity.BLOCKS,
    Text(
        "The decision “{name}” ({file}, line {line}) requires “{required}”, which the file does not hold.",
        "决策“{name}”（{file}，第{line}行）依赖“{required}”，但文件中没有。",
    ),
    Text(
        "Draw what is required into the same file, or remove the requirement.",
        "请在同一文件中补画所依赖的内容，或删除该依赖。",
    ),
)
DECISION_CIRCLE: Final = Rule(
    "decision-circle",
    Severity.BLOCKS,
    Text(
        "The decision “{name}” ({file}, line {line}) requires itself, by way of others.",
        "决策“{name}”（{file}，第{line}行）经由其他决策依赖于自身。",
    ),
    Text("Take one of the requirements out of the circle.", "请去掉循环中的一条依赖。"),
)
DECISION_IMPORT: Final = Rule(
    "decision-import",
    Severity.ATTENTION,
    Text(
        "“{file}” builds on another file, “{name}” (line {line}), which is not read.",
        "“{file}”引用了另一文件“{name}”（第{line}行），系统不会读取。",
    ),
    Text("Copy what is needed into this file.", "请将所需内容复制到本文件。"),
)


def findings(decisions: Decisions) -> tuple[Finding, ...]:
    """By line."""
    return tuple(sorted(_all(decisions), key=lambda finding: (finding.line or 0, finding.rule.code)))


def _all(decisions: Decisions) -> Iterator[Finding]:
    file = {"file": decisions.file}
    for id_, line in decisions.twice:
        yield Finding(DECISION_TWICE, line, id_, None, file)
    for name, line in decisions.imported:
        yield Finding(DECISION_IMPORT, line, None, name, file)
    yield from _cells(decisions.problems, None, decisions.file, decisions.file)
    holders: list[Decision | Knowledge] = [*decisions.decisions.values(), *decisions.knowledge.values()]
    for one in holders:
        yield from _cells(one.problems, one.id, one.name, decisions.file)
        yield from _unknown(one, decisions)
    for id_ in _in_circles(decisions):
        decision = decisions.decisions[id_]
        yield Finding(DECISION_CIRCLE, decision.line, id_, decision.name, file)


def _cells(problems: Iterable[Problem], id_: str | None, name: str, file: str) -> Iterator[Finding]:
    for problem in problems:
        number = problem.rule
        rule: Text | str = "" if number is None else Text(f", rule {number}", f"，第{number}条规则")
        facts = {"file": file, "source": problem.source, "why": problem.why, "rule": rule}
        yield Finding(DECISION_CELL, problem.line, id_, name, facts)


def _unknown(one: Decision | Knowledge, decisions: Decisions) -> Iterator[Finding]:
    known = {
        "decisions": decisions.decisions.keys(),
        "inputs": decisions.inputs.keys(),
        "knowledge": decisions.knowledge.keys() | decisions.services.keys(),
    }
    for kind, ids in known.items():
        for required in getattr(one.requires, kind):
            if required not in ids:
                facts = {"file": decisions.file, "required": required}
                yield Finding(REQUIRED_UNKNOWN, one.line, one.id, one.name, facts)


def _in_circles(decisions: Decisions) -> list[str]:
    """Take away again and again what requires nothing that is left; what stays is in a circle or above one."""
    left = {id_: set(one.requires.decisions) & decisions.decisions.keys() for id_, one in decisions.decisions.items()}
    while True:
        done = {id_ for id_, requires in left.items() if not requires & left.keys()}
        if not done:
            return [id_ for id_ in left if _reaches(left, id_)]
        left = {id_: requires for id_, requires in left.items() if id_ not in done}


def _reaches(requires: dict[str, set[str]], start: str) -> bool:
    seen: set[str] = set()
    open_ = list(requires[start])
    while open_:
        one = open_.pop()
        if one == start:
            return True
        if one not in seen:
            seen.add(one)
            open_ += requires.get(one, ())
    return False
