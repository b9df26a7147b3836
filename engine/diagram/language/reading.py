"""Constants, variables and what values hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from engine.diagram.language import reasons
from engine.diagram.language.functions import function
from engine.diagram.language.moments import DAY, HOUR, MINUTE, SECOND, Date, DateTime, Days, Months, Time, zone_text
from engine.diagram.language.nodes import MISSING, Node, Scope, node
from engine.diagram.language.running import spend
from engine.diagram.language.testing import asked
from engine.diagram.language.values import Range, Value, kind


def constant(value: Value) -> Node:
    return Node(lambda _scope: value, kind="constant", parts=(value,))


def hole() -> Node:
    return Node(asked, names=frozenset("?"))


def variable(name: str) -> Node:
    ready = function(name)

    def run(scope: Scope) -> Value:
        frame = scope.frame
        if name in frame:
            return frame[name]
        value = scope.find(name)
        if value is not MISSING:
            return value
        return scope.unknown(name) if ready is None else ready

    return Node(run, names=frozenset((name,)), kind="name", parts=(name,))


def member(value: Node, name: str) -> Node:
    inner = value.run
    return node(lambda scope: member_of(scope, inner(scope), name), (value,), kind="member", keep=(value, name))


def member_of(scope: Scope, value: Value, name: str) -> Value:
    if isinstance(value, dict):
        if name in value:
            return value[name]
    elif isinstance(value, list):
        spend(1 + len(value) // 4)
        return [member_of(scope, entry, name) for entry in value]
    else:
        found = MEMBERS.get(type(value), {}).get(name)
        if found is not None:
            return found(value)
    return scope.fault(reasons.NO_MEMBER, kind=kind(value), name=name)


def _sign(count: int) -> int:
    return -1 if count < 0 else 1


def _part(size: int, of: int) -> Callable[[Value], Value]:
    def part(duration: Days) -> Decimal:
        whole = abs(duration.nanos)
        return Decimal(_sign(duration.nanos) * ((whole % of if of else whole) // size))

    return part


def _offset(moment: Time | DateTime) -> Days | None:
    return None if moment.offset is None else Days(moment.offset * SECOND)


def _zone(time: Time) -> str | None:
    return time.zone if isinstance(time.zone, str) else zone_text(time.zone) or None


_DATE: Final[Mapping[str, Callable[[Value], Value]]] = {
    "year": lambda date: Decimal(date.year),
    "month": lambda date: Decimal(date.month),
    "day": lambda date: Decimal(date.day),
    "weekday": lambda date: Decimal(date.weekday),
}
_TIME: Final[Mapping[str, Callable[[Value], Value]]] = {
    "hour": lambda time: Decimal(time.hour),
    "minute": lambda time: Decimal(time.minute),
    "second": lambda time: Decimal(time.second),
    "time offset": _offset,
    "timezone": _zone,
}


def _of(take: Callable[[Value], Value], part: Callable[[Value], Value]) -> Callable[[Value], Value]:
    return lambda value: take(part(value))


MEMBERS: Final[Mapping[type, Mapping[str, Callable[[Value], Value]]]] = {
    Date: _DATE,
    Time: _TIME,
    DateTime: {
        **{name: _of(take, lambda moment: moment.date) for name, take in _DATE.items()},
        **{name: _of(take, lambda moment: moment.time) for name, take in _TIME.items()},
        "time offset": _offset,
    },
    Days: {
        "days": _part(DAY, 0),
        "hours": _part(HOUR, DAY),
        "minutes": _part(MINUTE, HOUR),
        "seconds": _part(SECOND, MINUTE),
    },
    Months: {
        "years": lambda value: Decimal(_sign(value.months) * (abs(value.months) // 12)),
        "months": lambda value: Decimal(_sign(value.months) * (abs(value.months) % 12)),
    },
    Range: {
        "start": lambda range_: range_.start,
        "end": lambda range_: range_.end,
        "start included": lambda range_: range_.with_start,
        "end included": lambda range_: range_.with_end,
    },
}
