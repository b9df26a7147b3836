"""Laws of the language: what is printed reads as the same, values have one order, nothing costs more than its budget."""

from __future__ import annotations

import contextlib
import functools
import itertools
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.diagram.language import CannotEvaluate, NotAnExpression, evaluate, jsonable, limits
from engine.diagram.language.comparing import equal, order
from engine.diagram.language.grammar import tree
from engine.diagram.language.moments import Date, DateTime, Days, Months, Time
from engine.diagram.language.printed import as_feel, written
from tests.thorough import examples

NAMES = st.sampled_from(["amount", "kind", "list", "group", "金额", "flag"])
VARIABLES: dict[str, Any] = {
    "amount": 1500, "kind": "new", "list": [1, 2, 3], "group": {"a": 1, "b": [1, 2]}, "金额": 2, "flag": True,
}  # fmt: skip
CLOSE = st.one_of(
    NAMES,
    st.integers(0, 99).map(str),
    st.sampled_from(["1.5", ".5", "1e3", "true", "null", '@"P1D"', '@"2026-03-02"', "[]", "{}", "'one'", "group.a"]),
    st.text(alphabet=st.sampled_from("ab\"\\\n\t'审{}"), max_size=4).map(
        lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'
    ),
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Everything the grammar has, around smaller parts; what could be read otherwise stands in brackets."""
    held = inner.map("({})".format)
    close = st.one_of(CLOSE, held)
    two = st.tuples(close, close)
    return st.one_of(
        st.tuples(close, st.sampled_from([" + ", "-", "*", " / ", "**", " % "]), close, st.sampled_from(["+", " - "]), close).map("".join),
        st.tuples(close, st.sampled_from(["=", " == ", "!=", "<", " >= ", " eq ", " lt "]), close).map("".join),
        st.tuples(close, st.sampled_from([" and ", " && ", " or ", " || "]), close).map("".join),
        st.tuples(st.sampled_from(["-", "!", "not ", "not(", "empty "]), close).map(
            lambda pair: f"{pair[0]}{pair[1]})" if pair[0] == "not(" else f"{pair[0]}({pair[1]})" if pair[0] == "empty " else "".join(pair)
        ),
        st.tuples(close, close, close).map(lambda three: f"{three[0]} between {three[1]} and {three[2]}"),
        two.map(lambda pair: f"{pair[0]} in [{pair[1]}..5)"),
        two.map(lambda pair: f"{pair[0]} in (< {pair[1]}, 7, not(3))"),
        st.tuples(inner, inner, inner).map(lambda three: f"if {three[0]} then {three[1]} else {three[2]}"),
        st.tuples(close, inner, inner).map(lambda three: f"{three[0]} ? {three[1]} : {three[2]}"),
        two.map(lambda pair: f"for x in [{pair[0]}], y in 1..2 return {pair[1]}"),
        two.map(lambda pair: f"some x in [{pair[0]}] satisfies x = {pair[1]}"),
        two.map(lambda pair: f"every long name in [{pair[0]}] satisfies long name = {pair[1]}"),
        two.map(lambda pair: f"(function(a, b: number) {pair[0]})({pair[1]}, 2)"),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        two.map(lambda pair: f'{{a: {pair[0]}, "b c": {pair[1]}}}'),
        two.map(lambda pair: f"list[item > {pair[0]}] = {pair[1]}"),
        two.map(lambda pair: f"max({pair[0]}, {pair[1]})"),
        inner.map(lambda part: f"string(from: {part})"),
        close.map(lambda part: f"{part} instance of list<number>"),
        close.map(lambda part: f"kind.equals({part})"),
        inner,
    )  # fmt: skip


SOURCES = st.recursive(CLOSE, _grown, max_leaves=12)
CELLS = st.lists(
    st.one_of(
        SOURCES,
        st.tuples(st.sampled_from(["< ", ">=", "!= "]), CLOSE).map("".join),
        st.just("? > 3 and not(? in (4, 5))"),
        st.just("[1..3[, ]4..5]"),
    ),
    min_size=1,
    max_size=4,
).map(", ".join)


def found(source: str) -> Any:
    try:
        return jsonable(evaluate(source, VARIABLES))
    except CannotEvaluate as refusal:
        return type(refusal)


@settings(max_examples=examples(400), deadline=None)
@given(SOURCES)
def test_what_is_printed_reads_as_the_same_and_means_the_same(source: str) -> None:
    read = tree(source)
    printed = written(read)
    assert tree(printed) == read
    assert written(tree(printed)) == printed
    with contextlib.suppress(NotAnExpression):
        assert found(printed) == found(source)


@settings(max_examples=examples(200), deadline=None)
@given(CELLS)
def test_tests_of_a_cell_are_printed_as_they_read(source: str) -> None:
    read = tree(source, "tests")
    assert tree(written(read), "tests") == read


@pytest.mark.parametrize(
    ("foreign", "feel"),
    [
        ("${!empty flags.on && amount ge 5}", "!empty flags.on and amount >= 5"),
        ("#{a == 'x' ? 1 : 2}", 'if a = "x" then 1 else 2'),
        ("=amount  >=5", "amount >= 5"),
        ("not (a)", "not(a)"),
    ],
)
def test_a_dialect_is_printed_in_plain_feel(foreign: str, feel: str) -> None:
    assert as_feel(foreign) == feel


MOMENTS = st.one_of(
    st.decimals(-1000, 1000, places=3),
    st.text(max_size=4),
    st.builds(Date, st.integers(1, 9999), st.integers(1, 12), st.integers(1, 28)),
    st.builds(Time, st.integers(0, 86_399_999).map(lambda ms: ms * 1_000_000), st.sampled_from([None, 0, 3600])),
    st.builds(Days, st.integers(-(10**15), 10**15)),
    st.builds(Months, st.integers(-2000, 2000)),
    st.builds(
        DateTime,
        st.builds(Date, st.integers(1900, 2100), st.integers(1, 12), st.integers(1, 28)),
        st.builds(Time, st.integers(0, 86_399_999).map(lambda ms: ms * 1_000_000), st.just(0)),
    ),
)


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(MOMENTS, min_size=2, max_size=6))
def test_values_of_a_kind_have_one_order(values: list[Any]) -> None:
    """Whatever can be compared is one way round only, in one place, and sorted alike from any beginning."""
    for one, other in itertools.permutations(values, 2):
        first, second = order(one, other), order(other, one)
        assert (first is None) is (second is None)
        if first is not None and second is not None:
            assert (first > 0) is (second < 0)
            assert (first == 0) is (equal(one, other) is True)
    for one, other, third in itertools.permutations(values, 3):
        pair = order(one, other), order(other, third)
        if None not in pair and pair[0] <= 0 and pair[1] <= 0:  # type: ignore[operator]
            assert order(one, third) <= 0  # type: ignore[operator]
    alike = [one for one in values if order(values[0], one) is not None]
    by_order = functools.cmp_to_key(lambda one, other: order(one, other) or 0)
    there, back = sorted(alike, key=by_order), sorted(reversed(alike), key=by_order)
    assert all(order(one, other) == 0 for one, other in zip(there, back, strict=True))
    assert all((order(one, other) or 0) <= 0 for one, other in itertools.pairwise(there))


@settings(max_examples=examples(150), deadline=None)
@given(st.integers(1, 12), st.integers(1, 400), st.sampled_from(["x0", "x0 + 1", "[x0]", "string(x0)", "{a: x0}"]))
def test_a_budget_is_never_overdrawn(depth: int, width: int, body: str) -> None:
    """However loops are nested: what is little is worked out, what is too much is refused, and neither takes long."""
    source = "".join(f"for x{level} in 1..{width} return " for level in range(depth)) + body
    began = time.thread_time()
    result = found(f"count({source})")
    assert time.thread_time() - began < 10
    if width**depth > limits.STEPS:
        assert result is CannotEvaluate
    elif width**depth * 30 < limits.STEPS:
        assert result == width
    else:
        assert result in (width, CannotEvaluate)


def test_a_number_is_compared_to_the_last_digit() -> None:
    assert order(Decimal("0.1"), Decimal("0.10")) == 0
    assert evaluate("0.1 + 0.2 = 0.3", {}) is True
