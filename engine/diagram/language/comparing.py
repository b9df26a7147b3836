"""Equality and order of values. None: the two cannot be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final

from engine.diagram.language.moments import MILLISECOND, Date, DateTime, Days, Months, Time
from engine.diagram.language.running import spend
from engine.diagram.language.values import Function, Range, Value

_PLAIN: Final = (bool, Decimal, str, Date, Days, Months)
_ORDERED: Final = (Decimal, str, Date, Days, Months)


def equal(left: Value, right: Value) -> bool | None:
    """Null equals null and nothing else."""
    if left is None or right is None:
        return left is right
    if isinstance(left, Function) and isinstance(right, Function):
        return left is right  # whether of the language or written here
    kind = type(left)
    if kind is not type(right):
        return None
    if kind in _PLAIN:
        return bool(left == right)
    return _EQUALITIES[kind](left, right)


def _same_list(left: list[Value], right: list[Value]) -> bool | None:
    # Entries may be shared, so that what is small to write is endless to compare.
    spend(1 + len(left) // 4)
    return len(left) == len(right) and _all_equal(zip(left, right, strict=True))


def _same_context(left: dict[str, Value], right: dict[str, Value]) -> bool | None:
    spend(1 + len(left) // 4)
    return left.keys() == right.keys() and _all_equal((left[key], right[key]) for key in left)


def _all_equal(pairs: Iterable[tuple[Value, Value]]) -> bool | None:
    for left, right in pairs:
        same = equal(left, right)
        if not same:
            return same
    return True


def _same_moment(left: Time | DateTime, right: Time | DateTime) -> bool:
    if (left.offset is None) is not (right.offset is None):
        return False
    return left.instant // MILLISECOND == right.instant // MILLISECOND


def _same_range(left: Range, right: Range) -> bool | None:
    if (left.with_start, left.with_end, left.sign) != (right.with_start, right.with_end, right.sign):
        return False
    return _all_equal(((left.start, right.start), (left.end, right.end)))


_EQUALITIES: Final[Mapping[type, Callable[[Value, Value], bool | None]]] = {
    list: _same_list,
    dict: _same_context,
    Time: _same_moment,
    DateTime: _same_moment,
    Range: _same_range,
}


def order(left: Value, right: Value) -> int | None:
    """Below zero, zero or above, as left comes before, with or after right."""
    kind = type(left)
    if kind is not type(right):
        return None
    if kind in _ORDERED:
        return int(left > right) - int(left < right)
    if kind is Time or kind is DateTime:
        if (left.offset is None) is not (right.offset is None):
            return None
        return int(left.instant > right.instant) - int(left.instant < right.instant)
    return None


def contains(range_: Range, value: Value) -> bool | None:
    """Whether the value lies in the range."""
    if range_.sign == "!=":
        same = equal(value, range_.start)
        return None if same is None else not same
    if None in (range_.start, range_.end) and not range_.sign:
        return None
    return _after_start(range_, value) and _before_end(range_, value)


def _after_start(range_: Range, value: Value) -> bool | None:
    if range_.start is None:
        return True
    found = order(value, range_.start)
    return None if found is None else found > 0 or (found == 0 and range_.with_start)


def _before_end(range_: Range, value: Value) -> bool | None:
    if range_.end is None:
        return True
    found = order(value, range_.end)
    return None if found is None else found < 0 or (found == 0 and range_.with_end)
