"""Functions of lists."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key
from typing import Final

from engine.diagram.language import reasons
from engine.diagram.language.comparing import equal
from engine.diagram.language.functions.signatures import Shelf, applied
from engine.diagram.language.functions.statistics import compared
from engine.diagram.language.reasons import Fault
from engine.diagram.language.running import spend
from engine.diagram.language.values import Function, Value, kind, within_limit

SHELF: Final = Shelf()


@SHELF.holds("count", "list:list")
def _count(entries: list[Value]) -> Decimal:
    return Decimal(len(entries))


@SHELF.holds("list contains", "list:list, element")
def _contains(entries: list[Value], element: Value) -> bool:
    spend(len(entries) // 8)
    return any(equal(entry, element) is True for entry in entries)


@SHELF.holds("sublist", "list:list, start position:number, length?:number")
def _sublist(entries: list[Value], start: Decimal, length: Decimal | None = None) -> list[Value]:
    first = _place(start, len(entries))
    if length is None:
        return entries[first:]
    end = first + int(length)
    if length < 1 or end > len(entries):
        raise Fault(reasons.OUT_OF_RANGE, what=kind(length))
    return entries[first:end]


def _place(position: Decimal, length: int) -> int:
    """From 0; positions below zero count from the end."""
    whole = int(position) if abs(position) <= length else 0
    if whole == 0 or whole != position:
        raise Fault(reasons.OUT_OF_RANGE, what=kind(position))
    return whole - 1 if whole > 0 else length + whole


@SHELF.holds("append", "list:list, item*")
def _append(entries: list[Value], *items: Value) -> list[Value]:
    return within_limit([*entries, *items])


@SHELF.holds("concatenate", "list*:list")
def _concatenate(*lists: list[Value]) -> list[Value]:
    return within_limit([entry for entries in lists for entry in entries])


@SHELF.holds("insert before", "list:list, position:number, newItem")
def _insert(entries: list[Value], position: Decimal, item: Value) -> list[Value]:
    place = _place(position, len(entries))
    return within_limit([*entries[:place], item, *entries[place:]])


@SHELF.holds("remove", "list:list, position:number")
def _remove(entries: list[Value], position: Decimal) -> list[Value]:
    place = _place(position, len(entries))
    return [*entries[:place], *entries[place + 1 :]]


@SHELF.holds("list replace", "list:list, position:number, newItem")
def _replace(entries: list[Value], position: Decimal, item: Value) -> list[Value]:
    place = _place(position, len(entries))
    return [*entries[:place], item, *entries[place + 1 :]]


@SHELF.holds("list replace", "list:list, match:function, newItem")
def _replace_matching(entries: list[Value], match: Function, item: Value) -> list[Value]:
    return [item if _held(applied(match, (entry, item))) else entry for entry in entries]


def _held(value: Value) -> bool:
    if not isinstance(value, bool):
        raise Fault(reasons.NOT_BOOLEAN, kind=kind(value))
    return value


@SHELF.holds("reverse", "list:list")
def _reverse(entries: list[Value]) -> list[Value]:
    return entries[::-1]


@SHELF.holds("index of", "list:list, match")
def _index(entries: list[Value], match: Value) -> list[Value]:
    spend(len(entries) // 8)
    return [Decimal(place) for place, entry in enumerate(entries, 1) if equal(entry, match) is True]


@SHELF.holds("union", "list*:list")
def _union(*lists: list[Value]) -> list[Value]:
    found: list[Value] = _distinct(_concatenate(*lists))
    return found


@SHELF.holds("distinct values", "list:list")
def _distinct(entries: list[Value]) -> list[Value]:
    found: list[Value] = []
    plain: set[tuple[type, Value]] = set()
    for entry in entries:
        if isinstance(entry, Decimal | str | bool):
            if (type(entry), entry) not in plain:
                plain.add((type(entry), entry))
                found.append(entry)
            continue
        spend(1 + len(found) // 8)
        if not any(equal(entry, known) is True for known in found):
            found.append(entry)
    return found


@SHELF.holds("duplicate values", "list:list")
def _duplicates(entries: list[Value]) -> list[Value]:
    spend(len(entries) ** 2 // 16)
    found: list[Value] = _distinct([one for place, one in enumerate(entries) if _contains(entries[:place], one)])
    return found


@SHELF.holds("flatten", "list:list")
def _flatten(entries: list[Value]) -> list[Value]:
    found: list[Value] = []
    for entry in entries:
        spend()
        found += _flatten(entry) if isinstance(entry, list) else [entry]
    return within_limit(found)


@SHELF.holds("sort", "list:list, precedes?:function")
def _sort(entries: list[Value], precedes: Function | None = None) -> list[Value]:
    """In the order of the function; without one, in the order the values have."""
    if precedes is None:
        return sorted(entries, key=cmp_to_key(compared))

    def before(left: Value, right: Value) -> int:
        spend()
        if _held(applied(precedes, (left, right))):
            return -1
        return 1 if _held(applied(precedes, (right, left))) else 0

    return sorted(entries, key=cmp_to_key(before))


@SHELF.holds("partition", "list:list, size:number")
def _partition(entries: list[Value], size: Decimal) -> list[Value]:
    step = int(size) if 1 <= size <= max(1, len(entries)) else 0
    if not step and size < 1:
        raise Fault(reasons.OUT_OF_RANGE, what=kind(size))
    step = step or max(1, len(entries))
    return [entries[place : place + step] for place in range(0, len(entries), step)]
