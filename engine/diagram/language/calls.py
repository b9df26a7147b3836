"""Calling functions, by place or by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.diagram.language import reasons
from engine.diagram.language.functions import applied, applied_by_name, function
from engine.diagram.language.nodes import MISSING, Node, Scope, node
from engine.diagram.language.reasons import Fault, Missing
from engine.diagram.language.running import spend
from engine.diagram.language.values import Function, Value, kind

Arguments = tuple[Node, ...] | Mapping[str, Node]


def called(callee: Node, arguments: Arguments) -> Node:
    name = callee.parts[0] if callee.kind == "name" else None
    parts = tuple(arguments.values()) if isinstance(arguments, Mapping) else arguments
    if name in FORGIVING:
        return _forgiving(FORGIVING[name], parts)
    find = _named(name) if name is not None else _computed(callee)
    given = tuple((key, part.run) for key, part in arguments.items()) if isinstance(arguments, Mapping) else None
    runs = tuple(part.run for part in parts)

    def run(scope: Scope) -> Value:
        chosen = find(scope)
        if chosen is None:
            return None
        try:
            if given is None:
                return applied(chosen, tuple(argument(scope) for argument in runs))
            return applied_by_name(chosen, {key: argument(scope) for key, argument in given})
        except Fault:
            if scope.world.strict:
                raise
            return None

    if name is None:
        path = _path(callee) if callee.kind == "member" else None
        target = callee if path is None else replace(callee, calls=callee.calls | {path})
        return node(run, (target, *parts))
    target = Node(callee.run, calls=frozenset() if function(name) else frozenset((name,)))
    return node(run, (target, *parts))


def _path(callee: Node) -> str | None:
    """`a.b.c`, where it leads from a variable: what comes from outside holds no functions."""
    names: list[str] = []
    while callee.kind == "member":
        callee, name = callee.parts
        names.append(name)
    return ".".join([callee.parts[0], *reversed(names)]) if callee.kind == "name" else None


def _named(name: str) -> Any:
    ready = function(name)

    def find(scope: Scope) -> Function | None:
        value = scope.find(name)
        if isinstance(value, Function):
            return value
        if ready is None:
            reason = reasons.UNKNOWN_FUNCTION if value is MISSING else reasons.NOT_A_FUNCTION
            scope.fault(reason, name=name)
        return ready

    return find


def _computed(callee: Node) -> Any:
    def find(scope: Scope) -> Function | None:
        value = callee.run(scope)
        if isinstance(value, Function):
            return value
        scope.fault(reasons.NOT_A_FUNCTION, name=kind(value))
        return None

    return find


def _tried(scope: Scope, part: Node) -> Value:
    """Null where the part has no result."""
    spend(part.cost)
    try:
        return part.run(scope)
    except (Fault, Missing):
        return None


def _is_defined(scope: Scope, value: Node) -> Value:
    return _tried(scope, value) is not None


def _or_else(scope: Scope, value: Node, otherwise: Node) -> Value:
    found = _tried(scope, value)
    return otherwise.run(scope) if found is None else found


FORGIVING: Mapping[Any, tuple[Any, int]] = {
    "is defined": (_is_defined, 1),
    "is_defined": (_is_defined, 1),
    "get or else": (_or_else, 2),
}


def _forgiving(chosen: tuple[Any, int], parts: tuple[Node, ...]) -> Node:
    """Functions that ask whether something can be evaluated at all."""
    apply, count = chosen
    if len(parts) != count:
        raise reasons.Unreadable(0, reasons.WRONG_ARGUMENTS, name=apply.__name__.strip("_"))
    return node(lambda scope: apply(scope, *parts), parts)
