"""What is said of a decision table before anybody asks it is what those who ask it find."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.diagram.decisions import NoSingleAnswer, decide, findings, read
from engine.diagram.decisions.analysis import Analysis, analysed
from engine.diagram.language import CannotEvaluate
from tests.engine.diagram.tables import decision, dmn, input_, table
from tests.thorough import examples

NUMBERS = st.integers(0, 4).map(str)
AMOUNT = st.one_of(
    st.just("-"),
    NUMBERS,
    st.tuples(st.sampled_from(["<", "<=", ">", ">=", "!="]), NUMBERS).map(" ".join),
    st.tuples(st.sampled_from("[(]"), NUMBERS, NUMBERS, st.sampled_from("])[")).map(
        lambda parts: f"{parts[0]}{min(parts[1:3])}..{max(parts[1:3])}{parts[3]}"
    ),
    st.tuples(NUMBERS, NUMBERS).map(", ".join),
    NUMBERS.map("not({})".format),
    st.tuples(NUMBERS, NUMBERS).map(lambda pair: f"? > {pair[0]} and not(? >= {pair[1]})"),
    NUMBERS.map("? between 1 and {}".format),
)
KIND = st.sampled_from(["-", '"a"', '"b"', '"a", "b"', 'not("a")', 'not("a", "b")', '? = "b" or ? = "a"'])
FLAG = st.sampled_from(["-", "true", "false"])
AMOUNTS = [half / 2 for half in range(-2, 12)]
GRID: Sequence[dict[str, Any]] = [
    {"amount": amount, "kind": kind, "flag": flag}
    for amount, kind, flag in itertools.product(AMOUNTS, ["a", "b", "something else"], [True, False])
]
"""One value at least of each piece that the cells above can tell apart."""


@st.composite
def rules(draw: st.DrawFn) -> list[tuple[str, ...]]:
    rows = draw(st.lists(st.tuples(AMOUNT, KIND, FLAG), min_size=1, max_size=7))
    return [(*row, str(number)) for number, row in enumerate(rows, 1)]


def asked(rows: Sequence[Sequence[str]], policy: str, **more: Any) -> tuple[Any, Analysis]:
    logic = table(
        ["amount", "kind", "flag"], ["rule"], rows, policy=policy, types=["number", "string", "boolean"], **more
    )
    file = read(dmn(decision("d", logic)), "d.dmn")
    found = file.decisions["d"].table
    assert found is not None
    return file, analysed(found, file)


def answer(file: Any, example: Mapping[str, Any]) -> Any:
    try:
        return decide(file, "d", {"amount": 1, "kind": "a", "flag": True, **example})["d"]
    except NoSingleAnswer as refusal:
        return {int(number) for number in refusal.facts["rules"].split(", ")}


@settings(max_examples=examples(150), deadline=None)
@given(rules())
def test_a_gap_is_told_where_there_is_one_and_its_example_finds_no_rule(rows: list[tuple[str, ...]]) -> None:
    file, found = asked(rows, "UNIQUE")
    assert found.unproven == ()
    for gap in found.gaps:
        assert answer(file, gap.example) is None
    assert bool(found.gaps) is any(answer(file, one) is None for one in GRID)
    assert found.complete is not bool(found.gaps)


@settings(max_examples=examples(150), deadline=None)
@given(rules())
def test_an_overlap_is_told_where_there_is_one_and_its_example_finds_both_rules(rows: list[tuple[str, ...]]) -> None:
    file, found = asked(rows, "UNIQUE")
    for overlap in found.overlaps:
        assert set(overlap.rules) <= answer(file, overlap.example)
    assert bool(found.overlaps) is any(isinstance(answer(file, one), set) for one in GRID)


@settings(max_examples=examples(150), deadline=None)
@given(rules())
def test_a_rule_is_told_never_to_answer_where_none_of_all_inputs_finds_it(rows: list[tuple[str, ...]]) -> None:
    file, found = asked(rows, "FIRST")
    answering = {answer(file, one) for one in GRID}
    silent = {number for number in range(1, len(rows) + 1) if number not in answering}
    told = {one.rule for one in found.unreachable}
    assert told <= silent
    assert told == silent or len(told) == 3
    for one in found.unreachable:
        if one.before:
            assert answer(file, one.example) == min(one.before)


@settings(max_examples=examples(60), deadline=None)
@given(rules(), st.permutations(range(1, 8)))
def test_with_priorities_a_rule_told_never_to_answer_is_found_by_no_input(
    rows: list[tuple[str, ...]], order: list[int]
) -> None:
    file, found = asked(rows, "PRIORITY", values=[", ".join(map(str, order))])
    answering = {answer(file, one) for one in GRID}
    assert not {one.rule for one in found.unreachable} & answering


@settings(max_examples=examples(80), deadline=None)
@given(rules(), st.lists(st.sampled_from(["1", "2"]), min_size=7, max_size=7))
def test_where_any_may_answer_only_different_answers_overlap(rows: list[tuple[str, ...]], said: list[str]) -> None:
    file, found = asked([(*row[:3], result) for row, result in zip(rows, said, strict=False)], "ANY")
    assert bool(found.overlaps) is any(isinstance(answer(file, one), set) for one in GRID)


DAYS = [f"2026-01-{day:02}" for day in range(1, 12)]


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["<", "<=", ">", ">=", ""]), st.sampled_from(DAYS[2:9])), max_size=5))
def test_dates_have_nothing_between_one_day_and_the_next(cells: list[tuple[str, str]]) -> None:
    rows = [(f'{sign} date("{day}")', str(number)) for number, (sign, day) in enumerate(cells, 1)]
    file = read(dmn(decision("d", table(["due"], ["rule"], rows, policy="FIRST", types=["date"]))), "d.dmn")
    found = analysed(file.decisions["d"].table, file)  # type: ignore[arg-type]
    assert bool(found.gaps) is any(decide(file, "d", {"due": day})["d"] is None for day in DAYS)
    for gap in found.gaps:
        assert decide(file, "d", {"due": "2026-05-05", **gap.example})["d"] is None


def of(inputs: Sequence[str], rows: Sequence[Sequence[str]], *parts: str, **more: Any) -> Analysis:
    file = read(dmn(*parts, decision("d", table(inputs, ["out"], rows, **more))), "d.dmn")
    found = file.decisions["d"].table
    assert found is not None
    return analysed(found, file)


@pytest.mark.parametrize(
    ("type_", "cells"),
    [
        ("time", ['< time("12:00:00")', '> time("12:00:00")']),
        ("date and time", ['< date and time("2026-01-01T00:00:00")', '> @"2026-01-01T00:00:00"']),
        ("days and time duration", ['< duration("P3D")', '> @"P3D"']),
        ("years and months duration", ['< duration("P1Y")', '> @"P12M"']),
    ],
)
def test_every_kind_of_value_that_has_an_order_is_weighed(type_: str, cells: list[str]) -> None:
    (gap,) = of(["x"], [(cell, "1") for cell in cells], types=[type_]).gaps
    assert len(gap.example) == 1
    closed = of(["x"], [(cells[0].replace("<", "<="), "1"), (cells[1], "2")], types=[type_])
    assert closed.complete
    assert closed.overlaps == ()


def test_values_that_the_column_does_not_allow_are_no_gap() -> None:
    rows = [('"a"', "1"), ('"b"', "2")]
    types = '<itemDefinition name="tKind"><typeRef>string</typeRef><allowedValues><text>"a", "b"</text></allowedValues></itemDefinition>'
    assert [gap.open for gap in of(["kind"], rows).gaps] == [True]
    assert of(["kind"], rows, types, input_("kind", type_="tKind"), types=["tKind"]).complete
    three = types.replace('"a", "b"', '"a", "b", "c"')
    (gap,) = of(["kind"], rows, three, types=["tKind"]).gaps
    assert (gap.open, gap.example) == (False, {"kind": "c"})


def test_a_test_that_depends_on_something_else_is_unproven_and_nothing_is_claimed_of_it() -> None:
    found = of(["amount"], [("> limit", "1"), ("<= limit", "2")])
    assert (found.gaps, found.overlaps, found.complete) == ((), (), False)
    assert found.unproven[0].rule == 1
    found = of(["amount", "kind"], [("> limit", '"a"', "1"), ("-", '"b"', "2")], types=["number", "string"])
    assert [gap.open for gap in found.gaps] == [True]


def test_a_count_is_never_half_of_one() -> None:
    assert of(["count(items)"], [("0, 1, 2", "1"), (">= 3", "2")]).complete
    assert not of(["items"], [("0, 1, 2", "1"), (">= 3", "2")]).complete


def test_the_same_question_in_two_columns_has_one_answer() -> None:
    assert of(["a", "a"], [("< 5", "-", "1"), ("-", ">= 5", "2")]).complete
    assert of(["a", "a"], [("< 5", ">= 5", "1"), ("-", "-", "2")], policy="FIRST").unreachable[0].rule == 1


def test_where_several_may_answer_or_a_default_is_given_nothing_is_missing() -> None:
    for policy in ("COLLECT", "RULE ORDER", "OUTPUT ORDER"):
        assert of(["a"], [("1", "1"), ("1", "2")], policy=policy) == Analysis()
    assert of(["a"], [("1", "1")], defaults=["0"]).gaps == ()


def test_a_table_without_rules_answers_nothing() -> None:
    assert len(of(["a"], []).gaps) == 1


def wide(rows: int, columns: int) -> Iterator[tuple[str, ...]]:
    for row in range(rows):
        yield (
            *(f"[{(row * 7 + column * 3) % 20}..{(row * 7 + column * 3) % 20 + 5})" for column in range(columns)),
            "1",
        )


@pytest.mark.parametrize(("rows", "columns"), [(60, 6), (300, 9), (30, 30), (500, 1), (4900, 3), (3, 90)])
def test_a_large_table_is_looked_through_within_limits_or_left_unproven(rows: int, columns: int) -> None:
    file = read(dmn(decision("d", table([f"a{one}" for one in range(columns)], ["o"], list(wide(rows, columns))))), "d")
    made = file.decisions["d"].table
    assert made is not None
    began = time.thread_time()
    found = analysed(made, file)
    assert time.thread_time() - began < 10
    assert found.gaps or found.unproven


@pytest.mark.parametrize(
    "logic",
    [
        table(["a"], ["o"], [["-", "1"]] * 5_001),
        table([f"a{one}" for one in range(60)], ["o"] * 50, []),
        table([f"a{one}" for one in range(50)], ["o"], [["1"] * 51] * 500),
        "<decisionTable>" + "<input/>" * 90 + '<output name="o"/>' + "<rule/>" * 4_000 + "</decisionTable>",
        "<decisionTable>" + "<rule/>" * 90_000 + "</decisionTable>",
    ],
    ids=["rules", "columns", "cells", "empty cells", "empty rules"],
)
def test_a_table_too_large_is_refused_before_it_is_read(logic: str) -> None:
    source = dmn(decision("d", logic))
    began = time.thread_time()
    with pytest.raises(Exception, match="cannot be read as a decision file") as refused:
        read(source, "d.dmn")
    assert "5000" in refused.value.say("zh")  # type: ignore[attr-defined]
    assert time.thread_time() - began < 10


def test_findings_say_it_in_both_languages_with_the_input_that_shows_it() -> None:
    rows = [("< 5000", "-", "1"), ("> 5000", '"repair", "build"', "2"), ("> 9000", '"build"', "3")]
    values = ["amount", "kind"]
    file = read(dmn(decision("fee", table(values, ["o"], rows), name="Fee")), "fee.dmn")
    said = {one.rule.code: one for one in findings(file)}
    assert set(said) == {"decision-gap", "decision-overlap"}
    assert "no rule answers if amount = 5000 and kind = " in said["decision-gap"].sentence("en")
    assert "没有规则适用" in said["decision-gap"].sentence("zh")
    overlap = said["decision-overlap"]
    assert 'rules 2 and 3 both apply if amount = 9001 and kind = "build"' in overlap.sentence("en")
    assert overlap.facts["marks"] == (2, 3)
    assert all(one.line and one.element == "fee" and one.remedy("zh") for one in said.values())


def test_a_table_that_cannot_be_read_is_told_of_its_cells_alone() -> None:
    file = read(dmn(decision("fee", table(["a"], ["o"], [("1 +", "1")]))), "fee.dmn")
    assert {one.rule.code for one in findings(file)} == {"decision-cell-unreadable"}
    with pytest.raises(CannotEvaluate):
        decide(file, "fee", {"a": 1})
