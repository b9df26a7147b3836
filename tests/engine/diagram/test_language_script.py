"""Scripts: assignments and nothing else."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.diagram.language import NotAnExpression, assignments, evaluate, jsonable


def test_each_line_gives_a_name_its_value() -> None:
    script = """
        // what it costs
        fee = amount * 0.05
        金额 := fee + 10;
        # and who decides
        large == true
    """
    with pytest.raises(NotAnExpression) as refused:
        assignments(script)
    assert refused.value.facts["line"] == 6

    found = assignments(script.replace("large ==", "large ="))
    assert [name for name, _value in found] == ["fee", "金额", "large"]
    assert jsonable(evaluate(found[0][1], {"amount": 200})) == 10
    assert found[1][1].names == {"fee"}


def test_nothing_written_assigns_nothing() -> None:
    assert assignments("") == ()
    assert assignments("\n // later \n\n") == ()


def test_an_expression_that_is_compared_is_assigned_whole() -> None:
    ((name, value),) = assignments("large = amount = 5")
    assert name == "large"
    assert evaluate(value, {"amount": 5}) is True


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("import os", 1),
        ("x = 1\nprint(x)", 2),
        ("x = 1\n\ny = (", 3),
        ("for x in y: pass", 1),
        ("x.y = 1", 1),
        ("1 = x", 1),
        ("x =", 1),
        ("x = open('f')", 1),
        ("a = 1; b = 2", 1),
    ],
)
def test_what_is_no_assignment_is_refused_with_its_line(script: str, line: int) -> None:
    with pytest.raises(NotAnExpression) as refused:
        assignments(script)
    assert refused.value.facts["line"] == line


def test_a_script_without_end_is_refused() -> None:
    with pytest.raises(NotAnExpression):
        assignments("x = 1\n" * 201)


@given(st.text(max_size=80))
def test_whatever_is_typed_is_read_or_refused(script: str) -> None:
    with contextlib.suppress(NotAnExpression):
        assert all(value.source for _name, value in assignments(script))
