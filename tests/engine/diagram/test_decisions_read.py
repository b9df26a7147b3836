"""Decision files: which are read, in which forms a decision may be written, and what is found wrong in them."""

from __future__ import annotations

from typing import Any

import pytest

from engine.diagram.decisions import CannotEvaluate, NotADecisionFile, decide, findings, read
from engine.diagram.shape import Severity
from tests.engine.diagram.tables import MODEL, decision, dmn, input_, literal, table, text


def ask(logic: str, variables: dict[str, Any], *more: str, requires: tuple[str, ...] = ()) -> Any:
    return decide(read(dmn(*more, decision("d", logic, requires=requires)), "d.dmn"), "d", variables)["d"]


@pytest.mark.parametrize(
    "model",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_every_edition_of_the_standard_is_read(model: str) -> None:
    assert decide(read(dmn(decision("d", literal("1")), model=model), "d.dmn"), "d", {}) == {"d": 1}


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"not xml",
        b"<definitions/>",
        b"<a><b></a>",
        dmn(decision("d", literal("1")), model="urn:other"),
        dmn(input_("only")),
        b'<!DOCTYPE definitions [<!ENTITY a "b">]>' + dmn(decision("d", literal("1"))),
        b"\xff\xfe\x00",
        b"PK\x03\x04",
        b"<x>" * 60,
        b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p"/></definitions>',
    ],
)
def test_what_is_no_decision_file_is_refused(source: bytes) -> None:
    with pytest.raises(NotADecisionFile) as refused:
        read(source, "attached.dmn")
    assert "attached.dmn" in refused.value.say("en")
    assert "BPMN diagram" not in refused.value.say("en")


def test_a_group_of_values_may_end_in_a_result() -> None:
    rows = (
        f'<contextEntry><variable name="tax rate"/>{literal("0.13")}</contextEntry>'
        f'<contextEntry><variable name="tax"/>{literal("amount * tax rate")}</contextEntry>'
    )
    assert ask(f"<context>{rows}</context>", {"amount": 100}) == {"tax rate": 0.13, "tax": 13}
    ending = f"<contextEntry>{literal('amount + tax')}</contextEntry>"
    assert ask(f"<context>{rows}{ending}</context>", {"amount": 100}) == 113


def test_lists_and_relations_are_lists() -> None:
    assert ask(f"<list>{literal('1')}{literal('x')}</list>", {"x": 2}) == [1, 2]
    columns = '<column name="name"/><column name="days"/>'
    rows = f"<row>{literal(chr(34) + 'a' + chr(34))}{literal('3')}</row>"
    assert ask(f"<relation>{columns}{rows}</relation>", {}) == [{"name": "a", "days": 3}]


KNOWLEDGE = (
    '<businessKnowledgeModel id="k" name="monthly payment"><encapsulatedLogic>'
    '<formalParameter name="sum" typeRef="number"/><formalParameter name="months" typeRef="number"/>'
    f"{literal('sum / months')}</encapsulatedLogic></businessKnowledgeModel>"
)


def test_a_business_knowledge_model_is_called_by_name_or_invoked() -> None:
    requires = ("knowledge:k",)
    assert ask(literal("monthly payment(1200, 12)"), {}, KNOWLEDGE, requires=requires) == 100
    assert ask(literal("monthly payment(months: 12, sum: x)"), {"x": 24}, KNOWLEDGE, requires=requires) == 2
    invocation = (
        f"<invocation>{literal('monthly payment')}"
        f'<binding><parameter name="sum"/>{literal("x")}</binding>'
        f'<binding><parameter name="months"/>{literal("6")}</binding></invocation>'
    )
    assert ask(invocation, {"x": 60}, KNOWLEDGE, requires=requires) == 10


def test_conditions_loops_and_filters_may_be_drawn_as_boxes() -> None:
    conditional = (
        f"<conditional><if>{literal('x > 1')}</if><then>{literal('1')}</then><else>{literal('2')}</else></conditional>"
    )
    assert ask(conditional, {"x": 0}) == 2
    loop = f'<for iteratorVariable="n"><in>{literal("[1, 2]")}</in><return>{literal("n * x")}</return></for>'
    assert ask(loop, {"x": 5}) == [5, 10]
    every = f'<every iteratorVariable="n"><in>{literal("[1, 2]")}</in><satisfies>{literal("n < x")}</satisfies></every>'
    assert ask(every, {"x": 5}) is True
    filter_ = f"<filter><in>{literal('[1, 2, 3]')}</in><match>{literal('item > x')}</match></filter>"
    assert ask(filter_, {"x": 1}) == [2, 3]


def test_types_that_the_file_defines_are_kept_to() -> None:
    types = (
        '<itemDefinition name="tLevel"><typeRef>string</typeRef>'
        f"<allowedValues>{text(chr(34) + 'low' + chr(34) + ', ' + chr(34) + 'high' + chr(34))}</allowedValues></itemDefinition>"
        '<itemDefinition name="tCase"><itemComponent name="level"><typeRef>tLevel</typeRef></itemComponent></itemDefinition>'
    )
    file = read(
        dmn(types, input_("case", type_="tCase"), decision("d", literal("case.level"), requires=["input:case"])), "d"
    )
    assert decide(file, "d", {"case": {"level": "low"}}) == {"d": "low"}
    with pytest.raises(CannotEvaluate):
        decide(file, "d", {"case": {"level": "unheard of"}})


def test_a_decision_service_is_called_with_its_inputs() -> None:
    service = (
        '<decisionService id="s" name="sum up"><outputDecision href="#total"/><inputData href="#n"/></decisionService>'
    )
    parts = (input_("n", type_="number"), decision("total", literal("n * 2"), requires=["input:n"]), service)
    assert ask(literal("sum up(21)"), {}, *parts, requires=("knowledge:s",)) == 42


@pytest.mark.parametrize(
    "logic",
    [
        '<functionDefinition kind="Java"><context/></functionDefinition>',
        literal("(function(x) external {java: {class: 'java.lang.Math', 'method signature': 'cos(double)'}})(1)"),
        '<literalExpression expressionLanguage="groovy"><text>1</text></literalExpression>',
        '<literalExpression expressionLanguage="javascript"><text>1</text></literalExpression>',
    ],
)
def test_other_languages_are_refused_by_name(logic: str) -> None:
    file = read(dmn(decision("d", logic)), "d.dmn")
    (finding,) = findings(file)
    assert any(word in finding.sentence("en") for word in ("Java", "groovy", "javascript"))
    with pytest.raises(CannotEvaluate):
        decide(file, "d", {})


def test_a_file_in_order_has_no_findings() -> None:
    parts = (input_("n"), decision("a", literal("n"), requires=["input:n"]))
    assert findings(read(dmn(*parts, decision("b", literal("a"), requires=["decision:a"])), "d.dmn")) == ()


def test_a_cell_that_cannot_be_read_is_found_with_rule_line_and_decision() -> None:
    source = dmn(decision("fee", table(["amount"], ["due"], [("> 1", "1"), ("large sum", "2")]), name="The fee 费用"))
    (finding,) = findings(read(source, "fee.dmn"))
    line = next(number for number, row in enumerate(source.decode().splitlines(), 1) if "large sum" in row)
    assert finding.line == line
    assert finding.element == "fee"
    assert finding.rule.severity is Severity.BLOCKS
    for word in ("The fee 费用", "rule 2", "large sum", "fee.dmn"):
        assert word in finding.sentence("en")
    assert "第2条规则" in finding.sentence("zh")


@pytest.mark.parametrize("cell", ["> ", "[1..", "not(", "a b", '"open'])
def test_every_unreadable_cell_is_found(cell: str) -> None:
    assert len(findings(read(dmn(decision("d", table(["x"], ["y"], [(cell, "1")]))), "d.dmn"))) == 1
    assert len(findings(read(dmn(decision("d", table(["x"], ["y"], [("1", cell)]))), "d.dmn"))) == 1
    assert len(findings(read(dmn(decision("d", table([cell], ["y"], [("1", "1")]))), "d.dmn"))) == 1


def test_an_id_that_is_given_twice_is_found() -> None:
    (finding,) = findings(read(dmn(decision("d", literal("1")), decision("d", literal("2"))), "d.dmn"))
    assert (finding.rule.code, finding.element) == ("decision-id-twice", "d")


@pytest.mark.parametrize("required", ["decision:nowhere", "input:nowhere", "knowledge:nowhere"])
def test_what_is_required_and_not_there_is_found(required: str) -> None:
    (finding,) = findings(read(dmn(decision("d", literal("1"), requires=[required])), "d.dmn"))
    assert finding.rule.code == "decision-required-unknown"
    assert "nowhere" in finding.sentence("zh")


def test_a_circle_is_found_and_what_stands_beside_it_is_not() -> None:
    file = read(
        dmn(
            decision("a", literal("b"), requires=["decision:b"]),
            decision("b", literal("a"), requires=["decision:a"]),
            decision("above", literal("a"), requires=["decision:a"]),
        ),
        "d.dmn",
    )
    assert [(finding.rule.code, finding.element) for finding in findings(file)] == [
        ("decision-circle", "a"),
        ("decision-circle", "b"),
    ]


def test_an_import_is_told() -> None:
    imported = f'<import name="other" namespace="urn:other" importType="{MODEL}"/>'
    (finding,) = findings(read(dmn(imported, decision("d", literal("1"))), "d.dmn"))
    assert (finding.rule.code, finding.name) == ("decision-import", "other")


def test_a_rule_with_too_few_cells_is_found() -> None:
    broken = table(["a", "b"], ["y"], [("1", "2", "3")]).replace("<inputEntry><text>2</text></inputEntry>", "")
    assert [finding.rule.code for finding in findings(read(dmn(decision("d", broken)), "d.dmn"))] == [
        "decision-cell-unreadable"
    ]


def test_a_decision_without_logic_is_found() -> None:
    assert len(findings(read(dmn(decision("d", "")), "d.dmn"))) == 1


def test_a_type_whose_values_cannot_be_read_is_found() -> None:
    broken = f'<itemDefinition name="t"><typeRef>number</typeRef><allowedValues>{text("[1..")}</allowedValues></itemDefinition>'
    (finding,) = findings(read(dmn(broken, decision("d", literal("1"))), "types.dmn"))
    assert (finding.rule.code, finding.name) == ("decision-cell-unreadable", "types.dmn")
