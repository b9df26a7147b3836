"""What holds of a value: comparisons, ranges, and the tests of a decision's cells (of the value `?`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from engine.diagram.language import reasons
from engine.diagram.language.comparing import contains, equal, order
from engine.diagram.language.nodes import MISSING, Node, Run, Scope, node
from engine.diagram.language.values import Range, Value, kind

ORDERS: Final[dict[str, Callable[[int], bool]]] = {
    "<": lambda found: found < 0,
    "<=": lambda found: found <= 0,
    ">": lambda found: found > 0,
    ">=": lambda found: found >= 0,
}


def truth(scope: Scope, value: Value) -> bool | None:
    if value is True or value is False or value is None:
        return value
    scope.fault(reasons.NOT_BOOLEAN, kind=kind(value))
    return None


def compared_by(sign: str, left: Run, right: Run) -> Run:
    if sign in ORDERS:
        return _ordered_by(ORDERS[sign], left, right)
    wanted = sign == "="

    def run(scope: Scope) -> Value:
        one, other = left(scope), right(scope)
        same = equal(one, other)
        if same is None:
            return scope.fault(reasons.NOT_COMPARABLE, left=kind(one), right=kind(other))
        return same is wanted

    return run


def _ordered_by(holds: Callable[[int], bool], left: Run, right: Run) -> Run:
    def run(scope: Scope) -> Value:
        one, other = left(scope), right(scope)
        found = order(one, other)
        if found is None:
            return scope.fault(reasons.NOT_COMPARABLE, left=kind(one), right=kind(other))
        return holds(found)

    return run


def ranging(start: Node, end: Node, with_start: bool, with_end: bool) -> Node:
    first, last = start.run, end.run

    def run(scope: Scope) -> Value:
        low, high = first(scope), last(scope)
        if low is None and high is None:
            return scope.fault(reasons.NOT_A_RANGE, left=kind(low), right=kind(high))
        if low is not None and high is not None and order(low, high) is None:
            return scope.fault(reasons.NOT_A_RANGE, left=kind(low), right=kind(high))
        return Range(low, high, with_start and low is not None, with_end and high is not None)

    return node(run, (start, end))


def unary(sign: str, value: Node) -> Node:
    """`< 5` and its like: a test of `?`, and a range where a value is wanted."""
    inner = value.run

    def run(scope: Scope) -> Value:
        end = inner(scope)
        if sign in ("<", "<="):
            return Range(None, end, False, sign == "<=", sign)
        if sign in (">", ">="):
            return Range(end, None, sign == ">=", False, sign)
        return Range(end, end, sign == "=", sign == "=", sign)

    return node(run, (value,), kind="unary", keep=(sign, value))


def choice(tests: Iterable[Node]) -> Node:
    """One of the tests holds of `?`. Null where none does and some cannot be told."""
    parts = tuple(tests)
    runs = tuple(_test(part) for part in parts)
    if len(runs) == 1:
        return node(runs[0], parts)

    def run(scope: Scope) -> Value:
        found: bool | None = False
        for test in runs:
            value = test(scope)
            if value is True:
                return True
            if value is None:
                found = None
        return found

    return node(run, parts)


def none_of(tests: Iterable[Node]) -> Node:
    some = choice(tests)

    def run(scope: Scope) -> Value:
        found = some.run(scope)
        return None if found is None else not found

    return node(run, (some,))


def _test(part: Node) -> Run:
    if part.kind == "unary":
        sign, value = part.parts
        return compared_by(sign, asked, value.run)
    if part.kind == "not_all":
        return none_of(part.parts).run
    if part.kind == "choice":
        return choice(part.parts).run
    inner = part.run
    if "?" in part.names:
        return lambda scope: truth(scope, inner(scope))
    return lambda scope: satisfied(scope, asked(scope), inner(scope))


def asked(scope: Scope) -> Value:
    value = scope.find("?")
    return scope.fault(reasons.UNKNOWN_VARIABLE, name="?") if value is MISSING else value


def satisfied(scope: Scope, value: Value, wanted: Any) -> bool | None:
    """The value is what is wanted, lies in it, or is one of its entries."""
    if isinstance(wanted, Range):
        inside = contains(wanted, value)
        if inside is None:
            scope.fault(reasons.NOT_COMPARABLE, left=kind(value), right=kind(wanted))
        return inside
    if isinstance(wanted, list):
        return _satisfied_by_one(value, wanted)
    if isinstance(wanted, bool) and not isinstance(value, bool):
        return wanted
    same = equal(value, wanted)
    if same is None:
        scope.fault(reasons.NOT_COMPARABLE, left=kind(value), right=kind(wanted))
    return same


def _satisfied_by_one(value: Value, wanted: list[Value]) -> bool:
    if isinstance(value, list) and equal(value, wanted):
        return True
    return any(
        contains(entry, value) is True if isinstance(entry, Range) else equal(value, entry) is True for entry in wanted
    )
