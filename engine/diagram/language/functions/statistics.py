"""Functions of many numbers, and of many answers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cmp_to_key
from typing import Final

from engine.diagram.language import reasons
from engine.diagram.language.arithmetic import add, divide, multiply, number
from engine.diagram.language.comparing import order
from engine.diagram.language.functions.signatures import Shelf
from engine.diagram.language.reasons import Fault
from engine.diagram.language.values import NUMBERS, Value, kind

SHELF: Final = Shelf()
Summary = Callable[[list[Value]], Value]


def _kept(name: str, summary: Summary) -> None:
    SHELF.holds(name, "list:list")(summary)
    SHELF.holds(name, "n, more*")(lambda *entries: summary(list(entries)))


def _numbers(entries: list[Value]) -> list[Decimal]:
    for entry in entries:
        if not isinstance(entry, Decimal):
            raise Fault(reasons.NOT_READ, found="", kind=kind(entry))
    return entries


def total(entries: list[Value]) -> Value:
    if not entries:
        return None
    found = entries[0]
    _summable(found)
    for entry in entries[1:]:
        found = add(found, entry)
    return found


def _summable(value: Value) -> None:
    """Texts can be joined, but not summed."""
    if value is None or isinstance(value, str | bool | list | dict):
        raise Fault(reasons.WRONG_ARGUMENT, name="sum", kind=kind(value))


def product(entries: list[Value]) -> Value:
    if not entries:
        return None
    found: Value = Decimal(1)
    for entry in _numbers(entries):
        found = multiply(found, entry)
    return found


def mean(entries: list[Value]) -> Value:
    return divide(total(entries), Decimal(len(entries))) if entries else None


def median(entries: list[Value]) -> Value:
    if not entries:
        return None
    ordered = sorted(_numbers(entries))
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return divide(add(ordered[middle - 1], ordered[middle]), Decimal(2))


def deviation(entries: list[Value]) -> Value:
    """Of a sample."""
    if len(entries) < 2:
        return None
    centre = mean(_numbers(entries))
    squares = total([multiply(entry - centre, entry - centre) for entry in entries])
    return number(lambda: NUMBERS.sqrt(divide(squares, Decimal(len(entries) - 1))))


def mode(entries: list[Value]) -> Value:
    counts: dict[Decimal, int] = {}
    for entry in _numbers(entries):
        counts[entry] = counts.get(entry, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(entry for entry, count in counts.items() if count == most)


def compared(left: Value, right: Value) -> int:
    found = order(left, right)
    if found is None:
        raise Fault(reasons.NOT_COMPARABLE, left=kind(left), right=kind(right))
    return found


def least(entries: list[Value]) -> Value:
    _comparable(entries)
    return min(entries, key=cmp_to_key(compared)) if entries else None


def greatest(entries: list[Value]) -> Value:
    _comparable(entries)
    return max(entries, key=cmp_to_key(compared)) if entries else None


def _comparable(entries: list[Value]) -> None:
    if len(entries) == 1:
        compared(entries[0], entries[0])


def every(entries: list[Value]) -> Value:
    return _decided(entries, by=False)


def some(entries: list[Value]) -> Value:
    return _decided(entries, by=True)


def _decided(entries: list[Value], *, by: bool) -> bool | None:
    found: bool | None = not by
    for entry in entries:
        if entry is by:
            return entry is True
        if entry is not (not by):
            found = None
    return found


for _name, _summary in (
    ("sum", total),
    ("product", product),
    ("mean", mean),
    ("median", median),
    ("stddev", deviation),
    ("mode", mode),
    ("min", least),
    ("max", greatest),
    ("all", every),
    ("any", some),
    ("and", every),
    ("or", some),
):
    _kept(_name, _summary)
