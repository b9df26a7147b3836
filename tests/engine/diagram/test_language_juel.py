"""Conditions written for engines in Java: what says the same in FEEL is read, everything else is refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from engine.diagram.language import CannotEvaluate, NotAnExpression, evaluate, expression, jsonable

CASE: dict[str, Any] = {
    "flags": {"on": True, "off": False, "none": None, "size": "large"},
    "kind": "new",
    "amount": 7,
    "items": [1, 2],
    "nothing": [],
    "blank": "",
    "empty": 3,
}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("return amount > 5;", True),
        ("return  kind == 'new' && !flags.off", True),
        ("return kcontext.getVariable('amount') == 7;", True),
        ("${empty flags.missing}", True),
        ("${empty flags.none}", True),
        ("${empty flags.on}", False),
        ("${empty flags.off}", False),
        ("${!empty flags.on && flags.on}", True),
        ("${empty flags.missing || !flags.missing}", True),
        ("${not empty kind and kind eq 'new'}", True),
        ("${empty blank and empty nothing}", True),
        ("${empty (items)}", False),
        ("${empty neverHeardOf}", True),
        ("${amount > 5 ? 'large' : 'small'}", "large"),
        ("${amount > 9 ? 'large' : amount > 6 ? 'middle' : 'small'}", "middle"),
        ("${(amount lt 5 ? 1 : 2) eq 2}", True),
        ("${kind != null ? kind : 'P2D'}", "new"),
        ("max(amount > 5 ? 10 : 20, 3)", 10),
        ("{a: amount > 5 ? 1 : 2}.a", 1),
        ("${amount ge 7 && amount le 7 && amount ne 8 && amount gt 6}", True),
        ("${amount div 2}", 3.5),
        ("${amount mod 4 == 3}", True),
        ("${-7 % 3}", -1),
        ("${kind.equals('new')}", True),
        ('${"new".equals(kind) && !"old".equals(kind)}', True),
        ("${kind.equals(5)}", False),
        ("${kind.equalsIgnoreCase('NEW')}", True),
        ("${kind.contains('ew') and items.contains(2) and not items.contains(3)}", True),
        ("${kind.startsWith('n') && kind.endsWith('w')}", True),
        ("${items.size() == 2 && nothing.isEmpty() && blank.isEmpty()}", True),
        ("${kind.length() + kind.toUpperCase().length()}", 6),
        ("${flags.containsKey('on')}", True),
        ("${flags.size}", "large"),
        ("${execution.getVariable('amount') == 7}", True),
        ("${execution.hasVariable('delay') ? delay : 'at once'}", "at once"),
        # `empty` is still a name where a name is what can stand there
        ("empty + 1", 4),
        ("empty = 3", True),
        ("[empty, empty]", [3, 3]),
        ("if empty > 2 then 1 else 2", 1),
    ],
)
def test_what_says_the_same_is_read(source: str, value: Any) -> None:
    assert jsonable(evaluate(source, CASE)) == value


@pytest.mark.parametrize(
    "source",
    [
        "${mailer.send(execution)}",
        "return amount > 5; return false;",
        "var x = 5; return x;",
        "return;",
        "return new Date();",
        "${kind.getClass().forName('java.lang.Runtime')}",
        "${execution.setVariable('x', 1)}",
        "${execution.getVariable(kind)}",
        "${kind.equals()}",
        "${flags.on.execute()}",
        "${amount > 5 ? 1}",
        "${? 1 : 2}",
        "${amount eq}",
        "${5 % }",
    ],
)
def test_everything_else_is_refused_when_it_is_read(source: str) -> None:
    with pytest.raises(NotAnExpression) as refused:
        expression(source)
    assert refused.value.say("zh") != refused.value.say("en")


@pytest.mark.parametrize(
    "source",
    ["${amount.startsWith('7')}", "${kind.startsWith(7)}", "${neverHeardOf.size()}", "${amount % 0}", "${kind % 2}"],
)
def test_a_method_of_something_else_is_never_guessed(source: str) -> None:
    with pytest.raises(CannotEvaluate):
        evaluate(source, CASE)


def test_the_variables_it_takes_are_known() -> None:
    assert expression("${execution.getVariable('amount') > 1 && !empty flags.on}").names == {"amount", "flags"}
    assert expression("${kind.equals(other) ? one : two}").names == {"kind", "other", "one", "two"}
