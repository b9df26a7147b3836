"""Conditions as they stand in diagrams: what they say, in which spellings, and what they refuse."""

from __future__ import annotations

import datetime as python
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.diagram import language
from engine.diagram.language import CannotEvaluate, NotAnExpression, evaluate, expression, jsonable, passes

CASE: dict[str, Any] = {
    "amount": 1500,
    "rate": 0.1,
    "kind": "new",
    "urgent": False,
    "approved": True,
    "missing": None,
    "numbers": [1, 2, 3],
    "applicant": {"name": "李", "age": 30},
    "金额": 2000,
    "申请 人": "王",
}


def plain(source: str, **more: Any) -> Any:
    return jsonable(evaluate(source, {**CASE, **more}))


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("amount > 1000", True),
        ("${amount > 1000}", True),
        ("#{amount > 1000}", True),
        ("= amount > 1000", True),
        ("=amount>1000", True),
        ("amount == 1500 && kind == 'new'", True),
        ("urgent || amount != 1500", False),
        ("!urgent", True),
        ("not urgent and approved", True),
        ("not(urgent)", True),
        ("approved == True", True),
        ("missing = null", True),
        ("missing == None", True),
        ("金额 >= 2000", True),
        ('申请 人 = "王"', True),
        ("applicant.age >= 18", True),
        ('applicant.name = "李"', True),
        ("0.1 + 0.2 = 0.3", True),
        ("rate + 0.2", 0.3),
        ("1 + 2 * 3 ** 2", 19),
        ("-3 ** 2", 9),
        ("10 - 2 - 3", 5),
        ("amount between 1000 and 2000 and approved", True),
        ("amount in [1000..1500]", True),
        ("amount in [1000..1500)", False),
        ("amount in ]1000..1500[", False),
        ("amount in (< 100, > 1400)", True),
        ('kind in ("old", "new")', True),
        ('if amount > 1000 then "large" else "small"', "large"),
        ('kind + "er"', "newer"),
        ("amount > 1000 // what is large", True),
        ("amount /* in yuan */ > 1000", True),
        ('"\\u91d1\\n"', "金\n"),
        ("upper_case(kind)", "NEW"),
    ],
)
def test_a_condition_is_understood_as_the_tools_write_it(source: str, value: Any) -> None:
    assert plain(source) == value


@pytest.mark.parametrize(
    "source",
    [
        "amuont > 1000",
        'amount > "1000"',
        'amount = "1500"',
        "amount and approved",
        'if kind then "a" else "b"',
        "missing > 3",
        "missing.name",
        "applicant.address",
        "kind + 1",
        "-kind",
        "amount / 0",
        "upper case(amount)",
        "some n in numbers satisfies n",
        "for n in missing return n",
        "numbers[amount > kind]",
        'date("2026-02-30")',
        "count()",
    ],
)
def test_what_is_unknown_or_does_not_fit_is_refused_and_never_guessed(source: str) -> None:
    with pytest.raises(CannotEvaluate) as refused:
        evaluate(source, CASE)
    assert refused.value.facts["source"] == source
    assert refused.value.say("zh") != refused.value.say("en")


@pytest.mark.parametrize(
    ("source", "position"),
    [
        ("", 1),
        ("amount >", 9),
        ("amount > > 5", 10),
        ("(amount", 8),
        ("amount)", 7),
        ("a b", 3),
        ("'open", 1),
        ("amount # 5", 8),
        ("unheard_of(amount)", 1),
        ('("a", "b")', 1),
        ("{a: 1, a: 2}", 2),
        ("().__class__", 2),
        ('@"2026-02-30"', 1),
        ('"\\uD800"', 1),
        ("x > 1 ? 2", 10),
        ("applicant.name()", 1),
    ],
)
def test_what_is_no_expression_is_refused_with_its_place(source: str, position: int) -> None:
    with pytest.raises(NotAnExpression) as refused:
        expression(source)
    assert refused.value.facts["position"] == position


def test_a_full_width_sign_is_named_with_the_one_that_is_meant() -> None:
    with pytest.raises(NotAnExpression) as refused:
        expression("金额＝5")
    assert "“=”" in refused.value.say("zh")
    assert "“=”" in refused.value.say("en")


def test_braces_in_a_source_are_shown_as_they_stand() -> None:
    with pytest.raises(NotAnExpression) as refused:
        expression("{amount} { } {0}")
    assert "{amount} { } {0}" in refused.value.say("en")


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("amount > 1000 and kind = 'new'", {"amount", "kind"}),
        ("for n in numbers return n + rate", {"numbers", "rate"}),
        ("some n in n satisfies n > 1", {"n"}),
        ("{a: amount, b: a}.b", {"amount"}),
        ("(function(x) x + y)(z)", {"y", "z"}),
        ("applicant.age", {"applicant"}),
        ("upper case(kind)", {"kind"}),
        ("amount in (< limit, 5)", {"amount", "limit"}),
        ("today() > date(due)", {"due"}),
    ],
)
def test_an_expression_knows_the_variables_it_takes(source: str, names: set[str]) -> None:
    assert expression(source).names == names


def test_an_expression_is_read_once() -> None:
    assert expression("amount > 1") is expression("amount > 1")


def test_a_known_name_is_longer_than_an_operation() -> None:
    assert plain("a-b", **{"a-b": 3, "a": 10, "b": 1}) == 3
    assert plain("a-b", a=10, b=1) == 9


def test_logic_knows_three_values() -> None:
    assert plain("missing and urgent") is False
    assert plain("missing or approved") is True
    assert plain("missing and approved") is None
    assert plain("not(missing)") is None


def test_whether_something_is_there_can_be_asked() -> None:
    assert plain("is defined(nothing_of_the_kind)") is False
    assert plain("is defined(applicant.address)") is False
    assert plain("is defined(amount)") is True
    assert plain('get or else(missing, "none")') == "none"


def test_now_is_the_instant_that_is_given() -> None:
    now = python.datetime(2026, 3, 2, 9, 30, tzinfo=python.UTC)
    assert jsonable(evaluate("now()", {}, now=now)) == "2026-03-02T09:30:00Z"
    assert jsonable(evaluate('today() + duration("P30D")', {}, now=now)) == "2026-04-01"


def test_moments_of_python_are_understood() -> None:
    day, clock = python.date(2026, 3, 2), python.time(9, 30)
    instant = python.datetime(2026, 3, 2, 9, 30, tzinfo=python.timezone(python.timedelta(hours=8)))
    assert plain("day + length", day=day, length=python.timedelta(days=2)) == "2026-03-04"
    assert plain("clock", clock=clock) == "09:30:00"
    assert plain("instant", instant=instant) == "2026-03-02T09:30:00+08:00"
    assert plain('instant = date and time("2026-03-02T01:30:00Z")', instant=instant) is True


def test_what_comes_out_is_what_json_keeps() -> None:
    assert jsonable(Decimal("440701199001011234")) == 440701199001011234
    assert isinstance(jsonable(Decimal("2.00")), int)
    assert jsonable(Decimal("2.5")) == 2.5
    assert jsonable({"a": [1, None, True, "x"]}) == {"a": [1, None, True, "x"]}
    assert jsonable(python.timedelta(hours=36)) == "P1DT12H"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), b"bytes", {1, 2}, Decimal("1e6000")])
def test_what_json_cannot_keep_is_refused(value: object) -> None:
    with pytest.raises(CannotEvaluate):
        jsonable(value)


def test_a_variable_of_a_foreign_kind_is_refused_only_where_it_is_asked_for() -> None:
    variables = {"strange": object(), "amount": 3}
    assert evaluate("amount + 1", variables) == 4
    with pytest.raises(CannotEvaluate):
        evaluate("strange = 1", variables)


def test_an_evaluation_leaves_the_variables_as_they_were() -> None:
    variables = {"numbers": [1, 2], "more": {"a": 1.5}}
    evaluate("append(numbers, more.a)", variables)
    assert variables == {"numbers": [1, 2], "more": {"a": 1.5}}


@pytest.mark.parametrize(
    ("cell", "value", "holds"),
    [
        ("-", 5, True),
        ("", 5, True),
        ("5", 5, True),
        ("5", 6, False),
        ("< 10", 5, True),
        (">= 10", 5, False),
        ("[1..5]", 5, True),
        ("(1..5)", 5, False),
        ("]1..5[", 3, True),
        ("1, 3, 5", 3, True),
        ("not(1, 3)", 5, True),
        ("not(1, 3)", 3, False),
        ("not(< 10)", 5, False),
        ('"new", "old"', "old", True),
        ('not("new")', "new", False),
        ("? > 3 and ? < 6", 5, True),
        ("true", False, False),
        ("limit", 100, True),
        ("> limit - 1", 100, True),
        ("[1, 2, 3]", 2, True),
        ("null", None, True),
        ('contains(?, "x")', "axe", True),
    ],
)
def test_a_cell_holds_or_not(cell: str, value: Any, holds: bool) -> None:
    assert passes(language.tests(cell), value, {"limit": 100}) is holds


def test_a_cell_that_cannot_be_compared_is_refused() -> None:
    with pytest.raises(CannotEvaluate):
        passes(language.tests("> 5"), "six", {})
    with pytest.raises(CannotEvaluate):
        passes(language.tests("> unknown_limit"), 6, {})


def test_a_cell_knows_the_variables_it_takes() -> None:
    assert language.tests("> limit, ? = other").names == {"limit", "other"}


@given(st.integers(-(10**30), 10**30), st.integers(-(10**30), 10**30))
def test_whole_numbers_are_added_and_compared_exactly(left: int, right: int) -> None:
    variables = {"a": left, "b": right}
    assert evaluate("a + b", variables) == left + right
    assert evaluate("a < b", variables) is (left < right)
    assert evaluate("a = b", variables) is (left == right)


@given(st.decimals(-(10**9), 10**9, places=2), st.decimals(-(10**9), 10**9, places=2))
def test_money_is_counted_without_loss(left: Decimal, right: Decimal) -> None:
    assert evaluate("a + b - b = a", {"a": left, "b": right}) is True


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.text() | st.floats(-1e15, 1e15),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(_JSON)
def test_what_goes_in_comes_out(value: Any) -> None:
    assert jsonable(evaluate("value", {"value": value})) == value
