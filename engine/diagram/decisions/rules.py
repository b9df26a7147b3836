"""The rules a decision file is checked by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from engine.base.text import Name, Text
from engine.diagram.decisions.analysis import Example, Unreachable, analysed
from engine.diagram.decisions.axes import Unproven
from engine.diagram.decisions.model import Decision, Decisions, Knowledge, Problem
from engine.diagram.decisions.table import Column, Table
from engine.diagram.language.strings import shown
from engine.diagram.language.values import Value
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
        "“{file}” builds on another file, “{name}” (line {line}), which is not beside it or cannot be read.",
        "“{file}”引用了另一文件“{name}”（第{line}行），但该文件未随附或无法读取。",
    ),
    Text(
        "Attach that file as well; or copy what is needed into this one.",
        "请同时附上该文件，或将所需内容复制到本文件。",
    ),
)
DECISION_GAP: Final = Rule(
    "decision-gap",
    Severity.ATTENTION,
    Text(
        "In the decision “{name}” ({file}, line {line}), no rule answers if {example}.",
        "决策“{name}”（{file}，第{line}行）中，当 {example} 时没有规则适用。",
    ),
    Text(
        "Add a rule for it, widen one of those there are, or give the result a default value.",
        "请为此添加规则，放宽已有规则，或为结果设定默认值。",
    ),
)
DECISION_OVERLAP: Final = Rule(
    "decision-overlap",
    Severity.ATTENTION,
    Text(
        "In the decision “{name}” ({file}, line {line}), the rules {one} and {other} both apply if {example}, {but}.",
        "决策“{name}”（{file}，第{line}行）中，当 {example} 时，第{one}条和第{other}条规则同时适用，{but}。",
    ),
    Text(
        "Narrow one of the two, or choose a hit policy that says which of them answers, such as FIRST.",
        "请收窄其中一条，或改用能确定先后的命中策略，例如 FIRST。",
    ),
)
DECISION_RULE_UNREACHABLE: Final = Rule(
    "decision-rule-unreachable",
    Severity.ATTENTION,
    Text(
        "In the decision “{name}” ({file}, line {line}), rule {rule} never answers: {because}.",
        "决策“{name}”（{file}，第{line}行）中，第{rule}条规则永远不会生效：{because}。",
    ),
    Text(
        "Delete the rule, move it up, or correct its cells.",
        "请删除该规则、将其上移，或更正其单元格。",
    ),
)
DECISION_VALUES_OPEN: Final = Rule(
    "decision-values-open",
    Severity.INFO,
    Text(
        "In the decision “{name}” ({file}, line {line}), a rule answers every text that the table names, and none answers "
        "if {example}.",
        "决策“{name}”（{file}，第{line}行）对表中写明的文本都有规则适用；但当 {example} 时没有规则适用。",
    ),
    Text(
        "Nothing need be done where no other text can come. To have it refused by name, list the values that the column "
        "allows; to have it answered, add a rule with “-”.",
        "如不会出现其他文本，则无需处理。如需明确拒绝，请列出该列允许的值；如需给出结果，请添加一条“-”规则。",
    ),
)
DECISION_NOT_PROVEN: Final = Rule(
    "decision-not-proven",
    Severity.INFO,
    Text(
        "Whether the decision “{name}” ({file}, line {line}) answers every input is not proven: {because}.",
        "决策“{name}”（{file}，第{line}行）是否对所有输入都有结果，未能证明：{because}。",
    ),
    Text(
        "Nothing need be done. Try the decision out with the inputs that matter.",
        "无需处理。请用重要的输入试算该决策。",
    ),
)
DECISION_TAKES_NAME: Final = Rule(
    "decision-takes-name",
    Severity.INFO,
    Text(
        "A cell of the decision “{name}” ({file}, line {line}) speaks of “{taken}”, which no column asks for: it is taken "
        "from what the case knows.",
        "决策“{name}”（{file}，第{line}行）的单元格使用了“{taken}”，但没有任何列以其为依据；其值取自办件。",
    ),
    Text(
        "Nothing need be done where the case has that answer. A text stands between quotation marks.",
        "如办件中确有该项，则无需处理。若本意是文本，请加引号。",
    ),
)

_TAKES: Final = Text(
    "“{taken}” is taken from what the case knows; no column asks for it. A text stands between quotation marks.",
    "“{taken}”取自办件，没有任何列以其为依据。若本意是文本，请加引号。",
)
_GAP: Final = Text("No rule answers if {example}.", "当 {example} 时没有规则适用。")
_OPEN: Final = Text(
    "Every text that the table names is answered; none answers if {example}.",
    "表中写明的文本都有规则适用；当 {example} 时没有规则适用。",
)
_OVERLAP: Final = Text(
    "The rules {one} and {other} both apply if {example}, {but}.",
    "当 {example} 时，第{one}条和第{other}条规则同时适用，{but}。",
)
_NEVER: Final = Text("Rule {rule} never answers: {because}.", "第{rule}条规则永远不会生效：{because}。")
_NOT_PROVEN: Final = Text(
    "Whether every input is answered is not proven: {because}.", "是否对所有输入都有结果，未能证明：{because}。"
)
_ONLY_ONE: Final = Text("and only one may", "而只允许一条适用")
_DIFFERENT: Final = Text("and they say different things", "且结果不一致")
_FITS_NOTHING: Final = Text("no value fits all its cells", "没有任何值能满足其全部单元格")
_TOO_LARGE: Final = Text("the table is too large to be looked through", "决策表过大，无法逐一检查")
_MOST_FINDINGS: Final = 200  # of one file: more help nobody


def findings(decisions: Decisions) -> tuple[Finding, ...]:
    """By line."""
    found = islice(_all(decisions), _MOST_FINDINGS)
    return tuple(sorted(found, key=lambda finding: (finding.line or 0, finding.rule.code)))


def _all(decisions: Decisions) -> Iterator[Finding]:
    file = {"file": decisions.file}
    for id_, line in decisions.twice:
        yield Finding(DECISION_TWICE, line, id_, None, file)
    for name, line in decisions.imported:
        yield Finding(DECISION_IMPORT, line, None, name, file)
    yield from _cells(decisions.problems, None, decisions.file, decisions.file)
    own = [one for one in decisions.decisions.values() if one.id not in decisions.foreign]
    holders: list[Decision | Knowledge] = [
        *own,
        *(one for one in decisions.knowledge.values() if one.id not in decisions.foreign),
    ]
    for one in holders:
        yield from _cells(one.problems, one.id, one.name, decisions.file)
        yield from _unknown(one, decisions)
    for decision in own:
        if decision.table is not None and not decision.problems:
            yield from _of_the_table(decision, decision.table, decisions)
    for id_ in _in_circles(decisions):
        decision = decisions.decisions[id_]
        yield Finding(DECISION_CIRCLE, decision.line, id_, decision.name, file)


def _cells(problems: Iterable[Problem], id_: str | None, name: str, file: str) -> Iterator[Finding]:
    for problem in problems:
        number = problem.rule
        rule: Text | str = "" if number is None else Text(f", rule {number}", f"，第{number}条规则")
        facts = {"file": file, "source": problem.source, "why": problem.why, "rule": rule}
        yield Finding(DECISION_CELL, problem.line, id_, name, facts)


def _of_the_table(decision: Decision, table: Table, decisions: Decisions) -> Iterator[Finding]:
    """What can be said of it before anybody asks it. `marks`: the rules that are meant, for whoever shows the table."""

    def found(broken: Rule, /, **facts: Any) -> Finding:
        return Finding(broken, table.line, decision.id, decision.name, {"file": decisions.file, **facts})

    for name in sorted(_taken_in_cells(decision, table, decisions)):
        yield found(DECISION_TAKES_NAME, taken=name, short=_short(_TAKES, taken=name))
    seen = analysed(table, decisions)
    for gap in seen.gaps:
        example = said(gap.example, table)
        rule, short = (DECISION_VALUES_OPEN, _OPEN) if gap.open else (DECISION_GAP, _GAP)
        yield found(rule, example=example, short=_short(short, example=example))
    for overlap in seen.overlaps:
        one, other = overlap.rules
        facts = {"one": one, "other": other, "example": said(overlap.example, table)}
        facts["but"] = _ONLY_ONE if table.policy == "UNIQUE" else _DIFFERENT
        yield found(DECISION_OVERLAP, **facts, marks=overlap.rules, short=_short(_OVERLAP, **facts))
    for never in seen.unreachable:
        facts = {"rule": never.rule, "because": _instead(never, table)}
        yield found(DECISION_RULE_UNREACHABLE, **facts, marks=(never.rule,), short=_short(_NEVER, **facts))
    for one_ in seen.unproven:
        because = _unproven(one_)
        marks = () if one_.rule is None else (one_.rule,)
        yield found(DECISION_NOT_PROVEN, because=because, marks=marks, short=_short(_NOT_PROVEN, because=because))


def _short(sentence: Text, **facts: Any) -> Name:
    """Where the decision is seen, it need not be named."""
    return Name(sentence.say("en", **facts), sentence.say("zh", **facts))


def _taken_in_cells(decision: Decision, table: Table, decisions: Decisions) -> frozenset[str]:
    """Variables that only cells speak of: often a text that wants its quotation marks."""
    asked = frozenset().union(*(column.value.names for column in table.columns))
    in_cells = frozenset().union(*(test.names for row in table.rules for test in row.tests if test is not None))
    in_cells |= frozenset().union(*(result.names for row in table.rules for result in row.results))
    told = {decisions.inputs[one].name for one in decision.requires.inputs if one in decisions.inputs}
    told |= {decisions.decisions[one].variable for one in decision.requires.decisions if one in decisions.decisions}
    told |= {decisions.knowledge[one].name for one in decision.requires.knowledge if one in decisions.knowledge}
    return in_cells - asked - told - {"?"}


def said(example: Example, table: Table) -> Name:
    """`amount = 5000 and kind = "repair"`, in both languages."""
    texts = {text for column in table.columns for text in _texts(column, table)}
    parts = [_one_said(source, value, texts) for source, value in example.items()]
    if not parts:
        return Name("anything is asked", "无论输入为何")
    return Name(" and ".join(part.en for part in parts), " 且 ".join(part.zh for part in parts))


def _one_said(source: str, value: Value, texts: set[str]) -> Name:
    if isinstance(value, str) and value not in texts:
        return Name(f"{source} is any other text", f"{source} 为其他文本")
    shown_ = f'"{value}"' if isinstance(value, str) else shown(value)
    return Name(f"{source} = {shown_}", f"{source} = {shown_}")


def _texts(column: Column, table: Table) -> Iterator[str]:
    """The texts a column speaks of."""
    place = table.columns.index(column)
    for written in [column.written, *(row.sources[place] for row in table.rules if place < len(row.sources))]:
        yield from re.findall(r'"((?:[^"\\]|\\.)*)"', written)


def _instead(never: Unreachable, table: Table) -> Text:
    if not never.before:
        return _FITS_NOTHING
    example, first = said(never.example, table), never.before[0]
    return Name(
        f"wherever it applies, a rule before it does, such as rule {first} if {example.en}",
        f"凡其适用之处，均有更优先的规则适用，例如当 {example.zh} 时由第{first}条规则决定",
    )


def _unproven(one: Unproven) -> Text:
    if one.column is None:
        return _TOO_LARGE
    if one.rule is None:
        return Name(
            f"the values that the column “{one.column}” allows are not looked through",
            f"“{one.column}”列允许的值无法逐一检查",
        )
    return Name(
        f"what rule {one.rule} asks of “{one.column}” depends on more than that value",
        f"第{one.rule}条规则对“{one.column}”的要求不仅取决于该值",
    )


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
