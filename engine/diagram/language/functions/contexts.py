"""Functions of groups of named values."""

from __future__ import annotations

from typing import Final

from engine.diagram.language import limits, reasons
from engine.diagram.language.functions.signatures import Shelf
from engine.diagram.language.reasons import Fault
from engine.diagram.language.values import Value, kind

SHELF: Final = Shelf()


@SHELF.holds("get value", "m:context, key:string")
def _value(context: dict[str, Value], key: str) -> Value:
    """Null where there is no such name: to ask is what the function is for."""
    return context.get(key)


@SHELF.holds("get value", "m:context, keys:list")
def _value_at(context: Value, keys: list[Value]) -> Value:
    found = context
    for key in _path(keys):
        if not isinstance(found, dict):
            return None
        found = found.get(key)
    return found


def _path(keys: list[Value]) -> list[str]:
    for key in keys:
        if not isinstance(key, str):
            raise Fault(reasons.WRONG_ARGUMENT, name="key", kind=kind(key))
    if not 0 < len(keys) <= limits.DEPTH:
        raise Fault(reasons.WRONG_ARGUMENT, name="keys", kind=kind(keys))
    return keys


@SHELF.holds("get entries", "m:context")
def _entries(context: dict[str, Value]) -> list[Value]:
    return [{"key": key, "value": value} for key, value in context.items()]


@SHELF.holds("context", "entries:list")
def _context(entries: list[Value]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("key"), str) or "value" not in entry:
            raise Fault(reasons.WRONG_ARGUMENT, name="context", kind=kind(entry))
        if entry["key"] in found:
            raise Fault(reasons.DOUBLE_NAME, name=entry["key"])
        found[entry["key"]] = entry["value"]
    return found


@SHELF.holds("context put", "context:context, key:string, value")
def _put(context: dict[str, Value], key: str, value: Value) -> dict[str, Value]:
    return {**context, key: value}


@SHELF.holds("context put", "context:context, keys:list, value")
def _put_at(context: dict[str, Value], keys: list[Value], value: Value) -> dict[str, Value]:
    first, *rest = _path(keys)
    if not rest:
        return {**context, first: value}
    inner = context.get(first)
    if inner is not None and not isinstance(inner, dict):
        raise Fault(reasons.WRONG_ARGUMENT, name="context put", kind=kind(inner))
    return {**context, first: _put_at(inner or {}, rest, value)}


@SHELF.holds("context merge", "contexts:list")
def _merge(contexts: list[Value]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for context in contexts:
        if not isinstance(context, dict):
            raise Fault(reasons.WRONG_ARGUMENT, name="context merge", kind=kind(context))
        found.update(context)
    return found
