"""Expressions and tests: read once, evaluated often."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Final

from engine.diagram.language import limits, names, reasons, running
from engine.diagram.language.functions import functions as built_in_functions
from engine.diagram.language.nodes import Node, Scope, World
from engine.diagram.language.reasons import CannotEvaluate, Fault, NotAnExpression, Stopped, Unreadable, quoted
from engine.diagram.language.values import Value, known, plain

_WRAPPED: Final = re.compile(r"[$#]\{(.*)\}", re.DOTALL)
_RETURNED: Final = re.compile(r"return\b([^;]+);?")


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """`names` are the variables it takes from outside; names within a filter may also be those of the entries."""

    source: str
    names: frozenset[str]
    node: Node


@dataclass(frozen=True, slots=True, eq=False)
class UnaryTests:
    """What a cell of a decision demands. Empty or `-`: nothing."""

    source: str
    names: frozenset[str]
    node: Node | None


def expression(source: str, names: Collection[str] = ()) -> Expression:
    """`names`: those known to be there, needed where one of them is more than one word. Raises NotAnExpression."""
    return _expression(source, _peculiar(names))


def tests(source: str, names: Collection[str] = ()) -> UnaryTests:  # noqa: PT028 - no test, but what reads them
    """Raises NotAnExpression."""
    return _tests(source, _peculiar(names))


def _peculiar(known_names: Collection[str]) -> frozenset[str]:
    return names.peculiar(known_names) if known_names else frozenset()


def bare(source: str) -> str:
    """Without what other tools wrap around an expression: `${…}`, `#{…}`, a leading `=`, `return …;`."""
    text = source.strip()
    wrapped = _WRAPPED.fullmatch(text) or _RETURNED.fullmatch(text)
    if wrapped:
        return wrapped[1].strip()
    return text[1:].strip() if text.startswith("=") and not text.startswith("==") else text


@cache
def built_in() -> frozenset[str]:
    """Names of more than one word that every expression knows."""
    return frozenset(names.peculiar(built_in_functions()) - {"date and time"} | {"is defined", "get or else"})


def compiled(source: str, start: str, known_names: frozenset[str], *, functions: bool) -> Node:
    """`functions`: names that are called may be those of the scope."""
    # Lark is 11 MB that a process without a single expression never needs.
    from engine.diagram.language.grammar import parsed  # noqa: PLC0415

    try:
        node = parsed(source, start, known_names | built_in())
        unknown = node.calls if not functions else frozenset()
        if unknown:
            name = min(unknown)
            raise Unreadable(max(0, source.find(name)), reasons.UNKNOWN_FUNCTION, name=name)
    except Unreadable as error:
        raise NotAnExpression(source=quoted(source), position=error.position + 1, why=error.why) from error
    except RecursionError as error:
        raise NotAnExpression(
            source=quoted(source), position=1, why=reasons.because(reasons.TOO_DEEP, most=limits.DEPTH)
        ) from error
    return node


@lru_cache(4096)
def _expression(source: str, known_names: frozenset[str]) -> Expression:
    node = compiled(bare(source), "expression", known_names, functions=False)
    return Expression(source=source, names=node.names, node=node)


@lru_cache(4096)
def _tests(source: str, known_names: frozenset[str]) -> UnaryTests:
    text = source.strip()
    if text in ("", "-"):
        return UnaryTests(source=source, names=frozenset(), node=None)
    node = compiled(text, "tests", known_names, functions=False)
    return UnaryTests(source=source, names=node.names - {"?"}, node=node)


def evaluate(expr: str | Expression, variables: Mapping[str, Any], *, now: datetime | None = None) -> Value:
    """Raises CannotEvaluate where something is unknown or does not fit; NotAnExpression where a source is none."""
    read = expression(expr, variables) if isinstance(expr, str) else expr
    return _run(read.source, read.node, {}, variables, now)


def passes(unary: str | UnaryTests, value: Any, variables: Mapping[str, Any], *, now: datetime | None = None) -> bool:
    """Whether the value is what the tests demand. Raises CannotEvaluate."""
    read = tests(unary, variables) if isinstance(unary, str) else unary
    if read.node is None:
        return True
    found = _run(read.source, read.node, {"?": value}, variables, now)
    if not isinstance(found, bool):
        raise CannotEvaluate(source=quoted(read.source), why=reasons.because(reasons.NOT_BOOLEAN, kind=""))
    return found


def _run(source: str, node: Node, frame: dict[str, Any], variables: Mapping[str, Any], now: datetime | None) -> Value:
    running.begin(now=now)
    try:
        bound = {name: known(value) for name, value in frame.items()} if frame else {}
        return node.run(Scope(bound, None, World(variables)))
    except (Fault, Stopped) as error:
        raise CannotEvaluate(source=quoted(source), why=error.why) from error
    except RecursionError as error:
        raise CannotEvaluate(source=quoted(source), why=reasons.because(reasons.CALLS_TOO_DEEP)) from error


def jsonable(value: Any) -> Any:
    """As JSON keeps it: dates and durations in their ISO form. Raises CannotEvaluate for what cannot be kept."""
    running.begin(2 * limits.STEPS)
    try:
        return plain(value)
    except (Fault, Stopped) as error:
        raise CannotEvaluate(source=quoted(repr(type(value).__name__)), why=error.why) from error
    except RecursionError as error:
        raise CannotEvaluate(source="", why=reasons.because(reasons.TOO_DEEP, most=limits.DEPTH)) from error
