"""Methods of texts and lists, as conditions written for engines in Java call them: `kind.equals("new")`.

Only what FEEL says as well, in words of its own. A name that is none of these is no method, and refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from engine.diagram.language import reasons
from engine.diagram.language.comparing import equal
from engine.diagram.language.functions import applied
from engine.diagram.language.nodes import MISSING, Node, Scope, node
from engine.diagram.language.reading import variable
from engine.diagram.language.reasons import Fault, Missing
from engine.diagram.language.running import spend
from engine.diagram.language.values import Function, Value, kind

EXECUTION: Final = frozenset({"execution", "kcontext"})
"""What those engines call the running case."""


def is_empty(value: Value) -> bool:
    return value is None or value == "" or (isinstance(value, list | dict) and not value)


def emptiness(part: Node) -> Node:
    """`empty x`: nothing is known of it, or nothing is in it."""

    def run(scope: Scope) -> Value:
        spend(part.cost)
        try:
            return is_empty(part.run(scope))
        except (Fault, Missing):
            return True

    return node(run, (part,))


def _size(of: Value) -> Decimal:
    return Decimal(len(of))


def _holds(of: Value, wanted: Value) -> bool:
    if isinstance(of, str):
        return wanted in of
    spend(1 + len(of) // 4)
    return any(equal(entry, wanted) is True for entry in of)


def _same_letters(of: str, other: str) -> bool:
    return of.casefold() == other.casefold()


_TEXT: Final = (str,)
_MANY: Final = (list, dict)
_METHODS: Final[Mapping[tuple[str, int], tuple[tuple[type, ...], Callable[..., Value]]]] = {
    ("equals", 1): ((object,), lambda of, other: equal(of, other) is True),
    ("equalsIgnoreCase", 1): (_TEXT, _same_letters),
    ("contains", 1): ((str, list), _holds),
    ("containsKey", 1): ((dict,), lambda of, key: key in of),
    ("startsWith", 1): (_TEXT, lambda of, start: of.startswith(start)),
    ("endsWith", 1): (_TEXT, lambda of, end: of.endswith(end)),
    ("isEmpty", 0): ((str, *_MANY), is_empty),
    ("size", 0): (_MANY, _size),
    ("length", 0): (_TEXT, _size),
    ("trim", 0): (_TEXT, lambda of: of.strip()),
    ("toLowerCase", 0): (_TEXT, lambda of: of.lower()),
    ("toUpperCase", 0): (_TEXT, lambda of: of.upper()),
    ("toString", 0): (_TEXT, lambda of: of),
}
_TAKING_TEXT: Final = frozenset({"equalsIgnoreCase", "containsKey", "startsWith", "endsWith"})


def method(called: Node, arguments: tuple[Node, ...]) -> Node | None:
    """A member that is called. None where no method of ours has the name and takes as many arguments."""
    owner, name = called.parts
    asked = _of_the_case(owner, name, arguments)
    if asked is not None:
        return asked
    found = _METHODS.get((name, len(arguments)))
    if found is None:
        return None
    kinds, apply = found
    whose, runs = owner.run, tuple(argument.run for argument in arguments)

    def run(scope: Scope) -> Value:
        value = whose(scope)
        if isinstance(value, dict) and isinstance(value.get(name), Function):
            return applied(value[name], tuple(argument(scope) for argument in runs))
        given = [argument(scope) for argument in runs]
        if value is None or not isinstance(value, kinds) or not _fits(name, value, given):
            return scope.fault(reasons.NO_MEMBER, kind=kind(value), name=f"{name}()")
        if isinstance(value, str):
            spend(1 + len(value) // 500)
        return apply(value, *given)

    return node(run, (owner, *arguments))


def _fits(name: str, value: Value, given: list[Value]) -> bool:
    needs_text = name in _TAKING_TEXT or (name == "contains" and isinstance(value, str))
    return not needs_text or isinstance(given[0], str)


def _of_the_case(owner: Node, name: str, arguments: tuple[Node, ...]) -> Node | None:
    """`execution.getVariable("x")` is x."""
    if owner.kind != "name" or owner.parts[0] not in EXECUTION or len(arguments) != 1:
        return None
    (argument,) = arguments
    if argument.kind != "constant" or not isinstance(argument.parts[0], str):
        return None
    taken = variable(argument.parts[0])
    if name == "getVariable":
        return node(taken.run, (taken,))
    if name != "hasVariable":
        return None

    def has(scope: Scope) -> bool:
        return scope.find(argument.parts[0]) is not MISSING

    return node(has, (taken,))
