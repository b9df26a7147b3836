"""Decision tables: which rules apply, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.diagram.decisions import CannotEvaluate, NoSingleAnswer, decide, read
from tests.engine.diagram.tables import decision, dmn, input_, literal, table

FEES: Sequence[Sequence[str]] = (
    ("< 1000", "-", '"small"', "10"),
    (">= 1000", '"old"', '"large"', "50"),
    ("[500..2000]", '"new", "renewed"', '"middle"', "30"),
)


def ask(logic: str, variables: dict[str, Any]) -> Any:
    return decide(read(dmn(decision("fee", logic)), "fee.dmn"), "fee", variables)["fee"]


def fees(policy: str, *, outputs: int = 1, **more: Any) -> str:
    rules = [rule[: 2 + outputs] for rule in FEES]
    return table(["amount", "kind"], ["size", "price"][:outputs], rules, policy=policy, **more)


BOTH = {"amount": 700, "kind": "new"}  # the first and the third rule apply
ONE = {"amount": 1500, "kind": "old"}
NONE = {"amount": 9000, "kind": "new"}


@pytest.mark.parametrize("policy", ["UNIQUE", "ANY", "PRIORITY", "FIRST"])
def test_one_rule_that_applies_is_the_answer(policy: str) -> None:
    assert ask(fees(policy, values=['"large", "middle", "small"']), ONE) == "large"


def test_unique_refuses_two_rules_and_says_which() -> None:
    with pytest.raises(NoSingleAnswer) as refused:
        ask(fees("UNIQUE"), BOTH)
    assert refused.value.facts == {"decision": "fee", "rules": "1, 3"}


def test_any_takes_rules_that_say_the_same() -> None:
    same = table(["amount"], ["yes"], [("> 1", "true"), ("> 2", "true")], policy="ANY")
    assert ask(same, {"amount": 5}) is True


def test_any_refuses_rules_that_differ() -> None:
    with pytest.raises(NoSingleAnswer):
        ask(fees("ANY"), BOTH)


def test_first_takes_the_first() -> None:
    assert ask(fees("FIRST"), BOTH) == "small"


def test_priority_takes_what_its_column_names_first() -> None:
    assert ask(fees("PRIORITY", values=['"large", "middle", "small"']), BOTH) == "middle"
    assert ask(fees("PRIORITY", values=['"small", "middle", "large"']), BOTH) == "small"


def test_rule_order_keeps_the_order_of_the_rules() -> None:
    assert ask(fees("RULE ORDER"), BOTH) == ["small", "middle"]


def test_output_order_follows_the_columns_own_order() -> None:
    assert ask(fees("OUTPUT ORDER", values=['"large", "middle", "small"']), BOTH) == ["middle", "small"]


def test_collect_gathers_everything() -> None:
    assert sorted(ask(fees("COLLECT"), BOTH)) == ["middle", "small"]


@pytest.mark.parametrize(("aggregation", "expected"), [("SUM", 60), ("MIN", 10), ("MAX", 30), ("COUNT", 3)])
def test_collect_can_sum_up(aggregation: str, expected: int) -> None:
    rules = [("> 1", "10"), ("> 2", "30"), ("> 3", "20"), ("> 100", "99")]
    logic = table(["amount"], ["points"], rules, policy="COLLECT", aggregation=aggregation)
    assert ask(logic, {"amount": 5}) == expected


@given(st.lists(st.integers(-99, 99), min_size=1, max_size=8), st.integers(0, 8))
def test_collect_sums_up_what_applies(points: list[int], reached: int) -> None:
    rules = [(f"> {place}", str(point)) for place, point in enumerate(points)]
    expected = points[:reached]
    for aggregation, of in (("SUM", sum), ("MIN", min), ("MAX", max)):
        logic = table(["amount"], ["points"], rules, policy="COLLECT", aggregation=aggregation)
        assert ask(logic, {"amount": reached}) == (of(expected) if expected else None)


def test_nothing_applies_and_nothing_is_answered() -> None:
    assert ask(fees("UNIQUE"), NONE) is None


def test_nothing_applies_and_the_default_is_answered() -> None:
    assert ask(fees("UNIQUE", defaults=['"ask the head"']), NONE) == "ask the head"


def test_several_columns_answer_under_their_names_and_together() -> None:
    found = decide(read(dmn(decision("fee", fees("UNIQUE", outputs=2))), "fee.dmn"), "fee", ONE)
    assert found == {"size": "large", "price": 50, "fee": {"size": "large", "price": 50}}


def test_several_rules_of_several_columns_answer_as_lists() -> None:
    found = decide(read(dmn(decision("fee", fees("RULE ORDER", outputs=2))), "fee.dmn"), "fee", BOTH)
    assert found["price"] == [10, 30]
    assert found["fee"] == [{"size": "small", "price": 10}, {"size": "middle", "price": 30}]


def test_a_single_column_answers_under_its_own_name_too() -> None:
    assert decide(read(dmn(decision("fee", fees("FIRST"))), "fee.dmn"), "fee", ONE) == {"size": "large", "fee": "large"}


def test_cells_may_ask_for_other_variables() -> None:
    logic = table(["amount"], ["over"], [("> limit", "amount - limit"), ("<= limit", "0")])
    assert ask(logic, {"amount": 7, "limit": 5}) == 2


def test_an_unknown_variable_is_refused_and_not_taken_for_nothing() -> None:
    with pytest.raises(CannotEvaluate) as refused:
        ask(fees("FIRST"), {"amount": 700})
    assert "kind" in refused.value.say("en")


def test_an_unknown_decision_is_refused() -> None:
    with pytest.raises(CannotEvaluate):
        decide(read(dmn(decision("fee", literal("1"))), "fee.dmn"), "other", {})


def test_a_date_kept_as_text_is_read_as_the_date_the_table_says_it_is() -> None:
    logic = table(["due"], ["late"], [('< date("2026-03-02")', "true"), ("-", "false")], policy="FIRST", types=["date"])
    assert ask(logic, {"due": "2026-03-01"}) is True
    assert ask(logic, {"due": "2026-03-03"}) is False


def test_an_input_of_another_type_is_refused() -> None:
    file = read(dmn(input_("amount", type_="number"), decision("d", literal("amount"), requires=["input:amount"])), "d")
    assert decide(file, "d", {"amount": 5}) == {"d": 5}
    with pytest.raises(CannotEvaluate):
        decide(file, "d", {"amount": "five"})


def test_a_result_of_another_type_is_refused() -> None:
    with pytest.raises(CannotEvaluate):
        decide(read(dmn(decision("d", literal('"x"'), type_="number")), "d.dmn"), "d", {})


def test_decisions_build_on_each_other_and_each_is_made_once() -> None:
    file = read(
        dmn(
            input_("a", name="base amount"),
            decision("one", literal("base amount + 1"), requires=["input:a"], name="first step"),
            decision("two", literal("first step * 10"), requires=["decision:one"]),
            decision("three", literal("first step + two"), requires=["decision:one", "decision:two"]),
        ),
        "chain.dmn",
    )
    assert decide(file, "three", {"base amount": 4}) == {"three": 55}
    assert file.names("three") == {"base amount"}


def test_decisions_in_a_circle_are_refused() -> None:
    file = read(
        dmn(
            decision("a", literal("b"), requires=["decision:b"]),
            decision("b", literal("a"), requires=["decision:a"]),
        ),
        "circle.dmn",
    )
    with pytest.raises(CannotEvaluate):
        decide(file, "a", {})


def test_a_cell_that_cannot_be_read_refuses_only_who_asks_it() -> None:
    file = read(dmn(decision("good", literal("1")), decision("bad", literal("1 +"))), "cells.dmn")
    assert decide(file, "good", {}) == {"good": 1}
    with pytest.raises(CannotEvaluate) as refused:
        decide(file, "bad", {})
    assert "line" in refused.value.say("en")


def test_now_is_the_instant_that_is_given() -> None:
    now = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert decide(read(dmn(decision("d", literal("today()"))), "d.dmn"), "d", {}, now) == {"d": "2026-03-02"}


def test_a_table_knows_the_variables_it_takes() -> None:
    rules = [("> limit", "amount * rate")]
    file = read(dmn(decision("fee", table(["amount"], ["due"], rules))), "fee.dmn")
    assert file.names("fee") == {"amount", "limit", "rate"}


def test_a_decision_that_asks_for_too_much_is_stopped() -> None:
    source = "count(for a in 1..10000, b in 1..10000 return a)"
    with pytest.raises(CannotEvaluate):
        decide(read(dmn(decision("d", literal(source))), "d.dmn"), "d", {})
