"""Decision files written, and files of every version and several files together read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.diagram.decisions import decide, findings, read, told
from engine.diagram.decisions.outline import outline
from engine.diagram.decisions.sheet import Asked, Line, Said, Sheet, faults
from engine.diagram.decisions.trying import taken, wanted
from engine.diagram.decisions.written import id_from, new_file, with_decision, with_sheet
from engine.diagram.xml import safe
from tests.engine.diagram.tables import MODEL, decision, dmn, input_, literal, table
from tests.thorough import examples

VERSIONS = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
]
FEES = table(["amount"], ["price"], [("< 10", "1"), (">= 10", "2")], types=["feel:number"])
TEXT = st.text(alphabet=st.characters(blacklist_categories=["Cc", "Cs", "Cn", "Co"]), max_size=12).map(str.strip)


@pytest.mark.parametrize("model", VERSIONS)
def test_every_version_is_read_and_written_as_the_newest(model: str) -> None:
    source = dmn(decision("fee", FEES), model=model).replace(
        b'id="file"', b'id="file" xmlns:feel="http://www.omg.org/spec/FEEL/20140401"'
    )
    assert decide(read(source, "old.dmn"), "fee", {"amount": 10}) == {"fee": 2, "price": 2}
    shown = outline(source, "old.dmn").find("fee")
    assert shown is not None
    assert shown.sheet is not None
    assert shown.sheet.asked[0].type == "number"
    made = with_sheet(source, "old.dmn", "fee", shown.sheet)
    assert safe(made, "new.dmn", counted="").root.nsmap[None] == VERSIONS[-1]
    assert b"feel:" not in made
    assert decide(read(made, "new.dmn"), "fee", {"amount": 9}) == {"fee": 1, "price": 1}


def test_a_table_of_camunda_seven_is_read() -> None:
    source = (
        b'<definitions xmlns="http://www.omg.org/spec/DMN/20151101/dmn.xsd" xmlns:camunda="http://camunda.org/schema/1.0/dmn"'
        b' id="d" name="d" namespace="http://camunda.org/schema/1.0/dmn"><decision id="dish" name="Dish">'
        b'<decisionTable id="t"><input id="i" label="Season" camunda:inputVariable="season"><inputExpression id="e" typeRef="string">'
        b'<text>season</text></inputExpression></input><output id="o" label="Dish" name="dish" typeRef="string"/>'
        b'<rule id="r"><inputEntry id="c"><text>"Winter"</text></inputEntry><outputEntry id="x"><text>"Roast"</text></outputEntry></rule>'
        b"</decisionTable></decision></definitions>"
    )
    assert decide(read(source, "dish.dmn"), "dish", {"season": "Winter"})["dish"] == "Roast"
    shown = outline(source, "dish.dmn").find("dish")
    assert shown is not None
    assert shown.sheet is not None
    made = with_sheet(source, "dish.dmn", "dish", shown.sheet)
    assert b'camunda:inputVariable="season"' in made
    assert all(f'id="{one}"'.encode() in made for one in "dtieorcx")


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, TEXT, TEXT), max_size=5), TEXT, TEXT)
def test_whatever_is_typed_comes_back_as_it_was(rows: list[tuple[str, str, str, str]], label: str, name: str) -> None:
    sheet = Sheet(
        policy="FIRST",
        aggregation="",
        asked=(Asked("", label, "a", "number", ""), Asked("", "", name or "b", "", '"x"')),
        said=(Said("", label, "out", "string", "", "1"),),
        lines=tuple(Line("", row[:2], (row[2],), row[3]) for row in rows),
    )
    once = outline(new_file("d", name or "d", sheet), "d").find("d")
    assert once is not None
    assert once.sheet is not None
    twice = outline(with_sheet(new_file("d", "d"), "d", "d", once.sheet, "named"), "d").find("d")
    assert twice is not None
    for shown in (once, twice):
        assert shown.sheet is not None
        assert [(one.label, one.expression, one.type, one.values) for one in shown.sheet.asked] == [
            (one.label, one.expression, one.type, one.values) for one in sheet.asked
        ]
        assert [replace(one, id="") for one in shown.sheet.said] == list(sheet.said)
        assert [(line.asked, line.said, line.note) for line in shown.sheet.lines] == [
            (tuple(cell or "-" for cell in line.asked), line.said, line.note) for line in sheet.lines
        ]


def test_the_rest_of_the_file_stays() -> None:
    source = dmn(
        '<itemDefinition name="tKind"><typeRef>string</typeRef></itemDefinition>',
        input_("amount", type_="number"),
        decision("fee", FEES, requires=["input:amount"], type_="number"),
        decision("double", literal("fee * 2"), requires=["decision:fee"]),
        f'<x:more xmlns:x="urn:x" model="{MODEL}">kept</x:more>',
    ).replace(b'id="file"', b'id="file" xmlns:feel="urn:none"')
    shown = outline(source, "f").find("fee")
    assert shown is not None
    assert shown.sheet is not None
    made = with_sheet(source, "f", "fee", replace(shown.sheet, aggregation="SUM", policy="COLLECT"))
    assert decide(read(made, "f"), "double", {"amount": 3}) == {"double": 2}
    assert b">kept</x:more>" in made
    more = with_decision(made, "f", "third", "Third")
    assert set(read(more, "f").decisions) == {"fee", "double", "third"}
    several = replace(shown.sheet, policy="COLLECT")
    assert decide(read(with_sheet(source, "f", "fee", several), "f"), "fee", {"amount": 3})["fee"] == [1]


@pytest.mark.parametrize(
    ("name", "id_"),
    [("Fee for repairs", "fee_for_repairs"), ("收费", "decision"), ("3 days", "decision"), ("", "decision")],
)
def test_an_id_is_made_of_the_name_and_never_given_twice(name: str, id_: str) -> None:
    assert id_from(name, ()) == id_
    assert id_from(name, {id_}) == f"{id_}_2"


def test_faults_name_their_place() -> None:
    sheet = Sheet(
        policy="FIRST",
        aggregation="SUM",
        asked=(Asked("", "", "", "", "> >"), Asked("", "", "a b", "", "")),
        said=(Said("", "", "x", "money", "", ""), Said("", "", "x", "", "", "(")),
        lines=(Line("", ("1 +", "-"), ("", "a b c"), ""),),
    )
    assert set(faults(sheet)) == {
        "policy", "asked.0.expression", "asked.0.values", "asked.1.expression", "said.0.name", "said.0.type",
        "said.1.name", "said.1.otherwise", "line.0.asked.0", "line.0.said.1",
    }  # fmt: skip
    assert "asked.1.expression" not in faults(sheet, known=frozenset({"a b"}))
    assert set(faults(Sheet("UNIQUE", "", (), (), ()))) == {""}


# several files


def shop() -> dict[str, bytes]:
    prices = dmn(
        input_("amount", type_="number"),
        decision("price", literal("amount * 2"), requires=["input:amount"], name="unit price"),
        '<itemDefinition name="money"><typeRef>number</typeRef></itemDefinition>',
        '<businessKnowledgeModel id="tax" name="tax"><encapsulatedLogic><formalParameter name="of"/>'
        "<literalExpression><text>of / 10</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>",
    ).replace(b'namespace="urn:test"', b'namespace="urn:prices"')
    total = (
        dmn(
            '<import namespace="urn:prices" name="Price list" importType="DMN"/>',
            decision(
                "total", literal("Price list.unit price + Price list.tax(100)"), type_="Price list.money",
            ),
        )
        .replace(b'namespace="urn:test"', b'namespace="urn:total"')
        .replace(
            b"<literalExpression>",
            b'<informationRequirement><requiredDecision href="urn:prices#price"/></informationRequirement>'
            b'<knowledgeRequirement><requiredKnowledge href="urn:prices#tax"/></knowledgeRequirement><literalExpression>',
        )
    )  # fmt: skip
    return {"prices.dmn": prices, "total.dmn": total}


def test_a_file_builds_on_another_that_stands_beside_it() -> None:
    files = shop()
    together = read(files["total.dmn"], "total.dmn", files)
    assert decide(together, "total", {"amount": 4}) == {"total": 18}
    assert together.names("total") == {"amount"}
    assert findings(together) == ()
    alone = read(files["total.dmn"], "total.dmn")
    assert {one.rule.code for one in findings(alone)} >= {"decision-import", "decision-required-unknown"}


def test_files_that_import_each_other_come_to_an_end() -> None:
    files: dict[str, bytes] = {}
    for number in range(30):
        imports = "".join(
            f'<import namespace="urn:{other}" name="f{other}" importType="DMN"/>'
            for other in range(30)
            if other != number
        )
        files[f"{number}.dmn"] = dmn(imports, decision("d", literal("1"))).replace(
            b"urn:test", f"urn:{number}".encode()
        )
    assert decide(read(files["0.dmn"], "0.dmn", files), "d", {}) == {"d": 1}
    broken = {**shop(), "prices.dmn": b"<definitions"}
    assert "decision-import" in {one.rule.code for one in findings(read(broken["total.dmn"], "total.dmn", broken))}


# trying out


def test_trying_out_asks_for_what_the_decision_takes_in_its_own_types() -> None:
    file = read(
        dmn(
            input_("amount", type_="number"),
            decision("base", literal("amount * 2"), requires=["input:amount"]),
            decision(
                "fee",
                table(["amount", "kind", "due", "urgent", "x"], ["price"], [("1", '"a"', "-", "true", "f(1)", "base")],
                      types=["number", "string", "date", "", ""], policy="FIRST"),
                requires=["input:amount", "decision:base"],
            ),
        ),
        "fee.dmn",
    )  # fmt: skip
    asked = wanted(file, "fee")
    assert {one.name: one.kind for one in asked} == {
        "amount": "number", "kind": "string", "due": "date", "urgent": "boolean", "x": "",
    }  # fmt: skip
    typed = {"amount": " 5 ", "kind": "a b", "due": "2026-03-02", "urgent": "true", "x": "[1, 2]"}
    values, wrong = taken(asked, typed)
    assert wrong == {}
    assert (values["kind"], values["urgent"]) == ("a b", True)
    assert str(values["due"]) == str(date(2026, 3, 2))
    values, wrong = taken(asked, {"amount": "many", "due": "tomorrow", "x": "1 +", "kind": ""})
    assert set(wrong) == {"amount", "due", "x"}
    assert values == {}


def test_what_is_told_holds_the_rules_and_what_was_built_on() -> None:
    def asked(rows: Any, variables: Any, policy: str = "UNIQUE") -> Any:
        logic = table(["amount"], ["price"], rows, policy=policy)
        file = read(dmn(decision("base", literal("7")), decision("fee", logic, requires=["decision:base"])), "fee.dmn")
        return told(file, "fee", variables)

    found = asked([("> 1", "base"), ("> 5", "base + 1")], {"amount": 9}, "COLLECT")
    assert (found.result, found.rules, found.required, found.refusal) == ([7, 8], (1, 2), {"base": 7}, None)
    refused = asked([("> 1", "base"), ("> 5", "base + 1")], {"amount": 9})
    assert refused.rules == (1, 2)
    assert refused.refusal.code == "NoSingleAnswer"
    assert asked([("> 1", "1")], {}).refusal.code == "CannotEvaluate"
