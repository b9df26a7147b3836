"""Turns over lists: `for`, `some`, `every`, filters; and functions written in an expression."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from engine.base.frozen import frozen
from engine.diagram.language import limits, reasons
from engine.diagram.language.coercion import coerced
from engine.diagram.language.comparing import order
from engine.diagram.language.moments import Date, date_of
from engine.diagram.language.nodes import Node, Run, Scope, free, node
from engine.diagram.language.reasons import Stopped
from engine.diagram.language.running import enter, leave, spend
from engine.diagram.language.types import Type, resolved
from engine.diagram.language.values import Function, Range, Value, kind

ONE: Final = Decimal(1)


@frozen
class Turn:
    """`name in start`, or `name in start .. end`."""

    name: str
    start: Node
    end: Node | None


def listed(scope: Scope, value: Value) -> list[Value] | None:
    """What a turn goes over: a list, the steps of a closed range, or the one value there is."""
    if isinstance(value, list):
        return value
    if isinstance(value, Range):
        return _steps_of(scope, value)
    if value is None:
        scope.fault(reasons.NOT_A_LIST, kind=kind(value))
        return None
    return [value]


def _steps_of(scope: Scope, range_: Range) -> list[Value] | None:
    steps = None if None in (range_.start, range_.end) else steps_between(scope, range_.start, range_.end)
    if not steps:
        return steps
    if not range_.with_start:
        steps = steps[1:]
    return steps if range_.with_end or not steps or order(steps[-1], range_.end) != 0 else steps[:-1]


def steps_between(scope: Scope, start: Value, end: Value) -> list[Value] | None:
    """One by one from start to end, upwards or downwards: whole numbers or days."""
    if isinstance(start, Date) and isinstance(end, Date):
        first, last = start.ordinal, end.ordinal
    elif isinstance(start, Decimal) and isinstance(end, Decimal) and start == start.to_integral_value():
        if abs(end - start) > limits.LIST:
            raise Stopped(reasons.LIST_TOO_LONG, most=limits.LIST)
        first, last = int(start), int(end)
    else:
        scope.fault(reasons.NOT_A_RANGE, left=kind(start), right=kind(end))
        return None
    count = abs(last - first) + 1
    if count > limits.LIST:
        raise Stopped(reasons.LIST_TOO_LONG, most=limits.LIST)
    spend(1 + count // 8)
    way = range(first, last + 1) if last >= first else range(first, last - 1, -1)
    return [date_of(step) for step in way] if isinstance(start, Date) else [Decimal(step) for step in way]


def _domain(turn: Turn) -> Run:
    first, last = turn.start.run, None if turn.end is None else turn.end.run
    if last is None:
        return lambda scope: listed(scope, first(scope))
    return lambda scope: steps_between(scope, first(scope), last(scope))


def _parts(turns: tuple[Turn, ...], body: Node) -> tuple[Node, ...]:
    parts: list[Node] = []
    bound: list[str] = []
    for turn in turns:
        parts += free([part for part in (turn.start, turn.end) if part is not None], bound)
        bound.append(turn.name)
    return (*parts, *free([body], [*bound, "partial"]))


class Unlisted(Exception):
    """There is nothing to go over."""


def _scopes(scope: Scope, turns: tuple[tuple[str, Run], ...], cost: int) -> Iterator[Scope]:
    """One scope for each combination, the last name changing fastest."""
    (name, domain), rest = turns[0], turns[1:]
    entries = domain(scope)
    if entries is None:
        raise Unlisted
    for entry in entries:
        spend(cost)
        inner = scope.within({name: entry})
        if rest:
            yield from _scopes(inner, rest, cost)
        else:
            yield inner


def looping(turns: tuple[Turn, ...], body: Node) -> Node:
    ways = tuple((turn.name, _domain(turn)) for turn in turns)
    cost, inner, wants_partial = body.cost, body.run, "partial" in body.names

    def run(scope: Scope) -> Value:
        found: list[Value] = []
        try:
            for turn in _scopes(scope, ways, cost):
                if wants_partial:
                    spend(1 + len(found) // 4)
                    turn.frame["partial"] = list(found)
                found.append(inner(turn))
        except Unlisted:
            return None
        if len(found) > limits.LIST:
            raise Stopped(reasons.LIST_TOO_LONG, most=limits.LIST)
        return found

    return node(run, _parts(turns, body))


def quantifying(some: bool, turns: tuple[Turn, ...], body: Node) -> Node:
    ways = tuple((turn.name, _domain(turn)) for turn in turns)
    cost, inner = body.cost, body.run

    def run(scope: Scope) -> Value:
        result: bool | None = not some
        try:
            for turn in _scopes(scope, ways, cost):
                held = inner(turn)
                if held is some:
                    return some
                if held is not (not some):
                    scope.fault(reasons.NOT_BOOLEAN, kind=kind(held))
                    result = None
        except Unlisted:
            return None
        return result

    return node(run, _parts(turns, body))


def filtered(value: Node, condition: Node) -> Node:
    outer, asked, cost = value.run, condition.run, condition.cost

    def by_condition(scope: Scope, entries: list[Value]) -> Value:
        found: list[Value] = []
        for entry in entries:
            spend(cost)
            frame = {"item": entry, **entry} if isinstance(entry, dict) else {"item": entry}
            held = asked(scope.within(frame))
            if held is True:
                found.append(entry)
            elif isinstance(held, Decimal):
                return _indexed(scope, entries, held)
            elif held is not False:
                scope.fault(reasons.NOT_BOOLEAN, kind=kind(held))
        return found

    def run(scope: Scope) -> Value:
        entries = outer(scope)
        if entries is None:
            return scope.fault(reasons.NOT_A_LIST, kind=kind(entries))
        if not isinstance(entries, list):
            entries = [entries]
        if numbered:
            return _indexed(scope, entries, asked(scope))
        return by_condition(scope, entries)

    numbered = condition.kind == "constant"
    return node(run, (value, *free([condition], ["item"])))


def _indexed(scope: Scope, entries: list[Value], place: Value) -> Value:
    """Null where the list has no such entry: that is what the language says of it."""
    if place is True or place is False:
        return entries if place else []
    if not isinstance(place, Decimal) or place != place.to_integral_value():
        return scope.fault(reasons.NOT_AN_INDEX, kind=kind(place))
    if not 0 < abs(place) <= len(entries):
        return None
    return entries[int(place) - 1 if place > 0 else int(place)]


def functional(formals: tuple[tuple[str, Type | None], ...], body: Node) -> Node:
    names, types = tuple(name for name, _type in formals), tuple(type_ for _name, type_ in formals)
    cost, inner = body.cost, body.run

    def run(scope: Scope) -> Value:
        def applied(*arguments: Value) -> Value:
            spend(cost)
            frame: dict[str, Value] = {}
            for name, type_, argument in zip(names, types, arguments, strict=True):
                known = resolved(type_, scope.world.types) if type_ is not None and scope.world.types else type_
                fitting, value = coerced(argument, known)
                if not fitting:
                    return scope.fault(reasons.WRONG_TYPE, kind=kind(argument), type=str(known))
                frame[name] = value
            enter()
            try:
                return inner(scope.within(frame))
            finally:
                leave()

        return Function("function", names, applied, types)

    return node(run, free([body], names))
