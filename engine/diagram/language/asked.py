"""What an expression asks of the variables it takes from outside: which it needs, and what it compares them with."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, Literal

from engine.base.frozen import frozen
from engine.diagram.language.expressions import bare, built_in, expression
from engine.diagram.language.reasons import NotAnExpression, Unreadable

Kind = Literal["number", "text", "yes/no", "list", "date"]

_LITERALS: Final[dict[str, Kind]] = {
    "number": "number",
    "string": "text",
    "true": "yes/no",
    "false": "yes/no",
    "list": "list",
    "empty_list": "list",
}
_TRUTHS: Final = frozenset({"compared", "between", "within", "all_of", "any_of", "negated", "instance", "quantified"})
_LOGIC: Final = frozenset({"all_of", "any_of", "negated", "bracketed", "not_all"})
_MAYBE: Final = frozenset({"is defined", "get or else"})
"""Functions that may be asked about what nobody set."""


@frozen
class Operand:
    """A variable by its name, or a value that is written out; `kind` is what is known of it from the source alone."""

    name: str | None
    kind: Kind | None
    value: str | None = None  # of a text


@frozen
class Comparison:
    """`sign` is the operator; empty where the variable stands alone where yes or no is wanted."""

    left: Operand
    sign: str
    right: Operand


@frozen
class Asked:
    """`needed`: without them it cannot be worked out. `kind` is that of the whole."""

    needed: frozenset[str]
    names: frozenset[str]
    comparisons: tuple[Comparison, ...]
    kind: Kind | None


_NOTHING: Final = Asked(frozenset(), frozenset(), (), None)


@lru_cache(2048)
def asked(source: str, *, truth: bool = False) -> Asked:
    """`truth`: the whole must be yes or no. Nothing where it cannot be read: that is told by whoever reads it."""
    # The grammar is large: a process without a single expression never needs it.
    from engine.diagram.language.grammar import tree  # noqa: PLC0415

    try:
        names = expression(source).names
        root = tree(bare(source), known=built_in())
    except (NotAnExpression, Unreadable, RecursionError):
        return _NOTHING
    needed = names & frozenset(_sure(root)) - frozenset(_guarded(root))
    return Asked(needed, names, tuple(_comparisons(root, truth)), _kind_of(root))


def _rule(part: Any) -> str:
    return str(part.data) if hasattr(part, "data") else ""


def _parts(part: Any) -> list[Any]:
    return [one for one in part.children if hasattr(one, "data")]


def _name(part: Any) -> str | None:
    """As `a` and `a.b`; only the former is a variable whose kind can be known."""
    return str(part.children[0].value) if _rule(part) == "name" else None


def _sure(root: Any) -> Iterator[str]:
    """Names that are looked at whatever their value: not those of entries that a filter goes through."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        rule = _rule(part)
        name = _name(part)
        if name is not None:
            yield name
        elif rule == "filtered":
            waiting.append(part.children[0])
        elif rule == "emptiness" or (rule == "call" and _name(part.children[0]) in _MAYBE):
            continue
        elif rule == "conditional":
            waiting.append(_parts(part)[0])
        else:
            waiting += _parts(part)


def _guarded(root: Any) -> Iterator[str]:
    """Names of which the expression itself asks whether there is anything."""
    for part in root.iter_subtrees() if hasattr(root, "iter_subtrees") else ():
        rule = _rule(part)
        if rule == "emptiness" or (rule == "call" and _name(part.children[0]) in _MAYBE):
            yield from (name for one in part.iter_subtrees() if (name := _name(one)) is not None)


def _comparisons(root: Any, truth: bool) -> Iterator[Comparison]:
    waiting = [(root, truth)]
    while waiting:
        part, wanted = waiting.pop()
        rule, parts = _rule(part), _parts(part)
        if wanted and rule == "name":
            yield Comparison(_operand(part), "", Operand(None, "yes/no"))
        elif rule == "compared":
            sign = next(str(one.value) for one in part.children if not hasattr(one, "data"))
            yield Comparison(_operand(parts[0]), "=" if sign == "==" else sign, _operand(parts[1]))
        elif rule == "within":
            yield from _choices(parts)
        elif rule == "between":
            yield from (Comparison(_operand(parts[0]), "<", _operand(one)) for one in parts[1:])
        elif rule == "calculated":
            yield from _sums(part, parts)
        elif rule == "filtered":
            parts = parts[:1]
        elif rule in ("loop", "quantified", "function", "context"):
            parts = []
        waiting += ((one, rule in _LOGIC and (wanted or rule != "bracketed")) for one in reversed(parts))


def _choices(parts: list[Any]) -> Iterator[Comparison]:
    tests = _parts(parts[1]) if _rule(parts[1]) in ("choice", "list") else [parts[1]]
    for test in tests:
        if _rule(test) in _LITERALS:
            yield Comparison(_operand(parts[0]), "=", _operand(test))


def _sums(part: Any, parts: list[Any]) -> Iterator[Comparison]:
    """What is multiplied or divided is a number; what is added must be of one kind."""
    signs = [one.type for one in part.children if not hasattr(one, "data")]
    if any(sign in ("TIMES", "DIVIDE", "POWER", "REST") for sign in signs):
        number = Operand(None, "number")
        yield from (Comparison(_operand(one), "×", number) for one in parts if _rule(one) == "name")
        return
    for one, other in itertools.pairwise(parts):
        yield Comparison(_operand(one), "+", _operand(other))


def _operand(part: Any) -> Operand:
    while _rule(part) == "bracketed" and len(_parts(part)) == 1:
        part = _parts(part)[0]
    value = str(part.children[0].value) if _rule(part) == "string" else None
    return Operand(_name(part), _kind_of(part), value)


def _kind_of(part: Any) -> Kind | None:
    rule = _rule(part)
    if rule in _LITERALS:
        return _LITERALS[rule]
    if rule in _TRUTHS:
        return "yes/no"
    if rule in ("bracketed", "minus"):
        inner = _parts(part)
        return _kind_of(inner[0]) if len(inner) == 1 else None
    if rule == "calculated":
        kinds = {_kind_of(one) for one in _parts(part)}
        return next(iter(kinds)) if len(kinds) == 1 else None
    return None
