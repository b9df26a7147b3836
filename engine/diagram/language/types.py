"""The types FEEL knows, and whether a value is of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Final

from engine.base.frozen import frozen
from engine.diagram.language.reasons import BAD_TYPE, TOO_DEEP, Unreadable
from engine.diagram.language.running import spend
from engine.diagram.language.values import KINDS, Function, Range, Value

DEEPEST: Final = 20


@frozen
class Type:
    """`kind` is a name of FEEL's own (`number`, `list` …) or, where `open`, one a scope has to know."""

    kind: str
    of: tuple[Type, ...] = ()  # the entry of a list or range; the parameters of a function
    fields: Mapping[str, Type] = field(default_factory=dict)  # of a context
    result: Type | None = None  # of a function
    open: bool = False
    allows: Callable[[Value], bool] | None = None  # what else a value must be
    written: tuple[str, ...] = ()  # the same, as the tests it is written in

    def __str__(self) -> str:
        if self.kind == "context" and self.fields:
            return f"context<{', '.join(f'{name}: {type_}' for name, type_ in self.fields.items())}>"
        inner = f"<{', '.join(map(str, self.of))}>" if self.of or self.result else ""
        return f"{self.kind}{inner}" + (f"->{self.result}" if self.result else "")


ANY: Final = Type("Any")
SIMPLE: Final[Mapping[str, Type]] = {
    name: Type(name) for name, _text in KINDS.values() if name not in ("list", "context", "function", "range")
} | {
    "Any": ANY,
    "dateTime": Type("date and time"),
    "dayTimeDuration": Type("days and time duration"),
    "yearMonthDuration": Type("years and months duration"),
}
_COMPOSED: Final = ("list", "context", "function", "range")
_NAME: Final = re.compile(
    r"\s*(years and months duration|days and time duration|date and time|[^\W\d][\w.\-]*(?:\s*\.\s*[^\W\d]\w*)*)"
)
_KEY: Final = re.compile(r"\s*([^\W\d][^:,<>(){}\[\]\"]*?)\s*:")
_MARK: Final = re.compile(r"\s*(->|[<>,])")


def type_at(text: str, position: int, depth: int = 0) -> tuple[Type, int]:
    """The type that is written at the position, and where it ends."""
    if depth > DEEPEST:
        raise Unreadable(position, TOO_DEEP, most=DEEPEST)
    match = _NAME.match(text, position)
    if match is None:
        raise Unreadable(position, BAD_TYPE, found=text[position:].strip())
    name, end = match[1], match.end()
    if name in SIMPLE:
        return SIMPLE[name], end
    if name not in _COMPOSED:
        return Type(name, open=True), end
    opening = _MARK.match(text, end)
    if opening is None or opening[1] != "<":
        return Type(name), end
    if name == "context":
        return _context_at(text, opening.end(), depth)
    of, end = _types_at(text, opening.end(), depth)
    arrow = _MARK.match(text, end)
    if name != "function" or arrow is None or arrow[1] != "->":
        return Type(name, of), end
    result, end = type_at(text, arrow.end(), depth + 1)
    return Type(name, of, result=result), end


def _types_at(text: str, position: int, depth: int) -> tuple[tuple[Type, ...], int]:
    found: list[Type] = []
    mark = _MARK.match(text, position)
    if mark and mark[1] == ">":
        return (), mark.end()
    while True:
        type_, position = type_at(text, position, depth + 1)
        found.append(type_)
        position, last = _after_one(text, position)
        if last:
            return tuple(found), position


def _context_at(text: str, position: int, depth: int) -> tuple[Type, int]:
    fields: dict[str, Type] = {}
    mark = _MARK.match(text, position)
    if mark and mark[1] == ">":
        return Type("context"), mark.end()
    while True:
        key = _KEY.match(text, position)
        if key is None:
            raise Unreadable(position, BAD_TYPE, found=text[position:].strip())
        fields[key[1]], position = type_at(text, key.end(), depth + 1)
        position, last = _after_one(text, position)
        if last:
            return Type("context", fields=fields), position


def _after_one(text: str, position: int) -> tuple[int, bool]:
    mark = _MARK.match(text, position)
    if mark is None or mark[1] not in (",", ">"):
        raise Unreadable(position, BAD_TYPE, found=text[position:].strip())
    return mark.end(), mark[1] == ">"


def is_of(value: Value, type_: Type) -> bool:
    """Null is of the types Any and Null only."""
    return is_of_kind(value, type_) and (type_.allows is None or type_.allows(value))


def resolved(type_: Type, known: Mapping[str, Type]) -> Type:
    """The type with those that a scope defines in place of their names."""
    if type_.open:
        return known.get(type_.kind, type_)
    return replace(
        type_,
        of=tuple(resolved(inner, known) for inner in type_.of),
        fields={name: resolved(inner, known) for name, inner in type_.fields.items()},
        result=None if type_.result is None else resolved(type_.result, known),
    )


def is_of_kind(value: Value, type_: Type) -> bool:
    """Whatever else it allows."""
    if type_.kind == "Any":
        return True
    if type_.open or type(value) not in KINDS or KINDS[type(value)][0] != type_.kind:
        return False
    if isinstance(value, list):
        spend(1 + len(value) // 4)
        return not type_.of or all(entry is None or is_of(entry, type_.of[0]) for entry in value)
    if isinstance(value, dict):
        spend(1 + len(value) // 4)
        return all(
            name in value and (value[name] is None or is_of(value[name], field_))
            for name, field_ in type_.fields.items()
        )
    if isinstance(value, Range):
        ends = [end for end in (value.start, value.end) if end is not None]
        return not type_.of or (bool(ends) and all(is_of(end, type_.of[0]) for end in ends))
    return not isinstance(value, Function) or _takes(value, type_)


def _takes(function: Function, type_: Type) -> bool:
    """It takes at least what the type is called with, and gives at most what the type promises."""
    if not type_.of and type_.result in (None, ANY):
        return True
    if len(function.parameters) != len(type_.of):
        return False
    own = function.types or (None,) * len(function.parameters)
    takes = all(fits(given, asked or ANY) for given, asked in zip(type_.of, own, strict=True))
    return takes and (type_.result in (None, ANY) or fits(function.result or ANY, type_.result))


def fits(narrow: Type, wide: Type | None) -> bool:
    """Every value of `narrow` is one of `wide`."""
    if wide is None or wide.kind == "Any" or narrow.kind == "Null":
        return True
    if narrow.kind != wide.kind:
        return False
    if wide.kind in ("list", "range"):
        return not wide.of or (bool(narrow.of) and fits(narrow.of[0], wide.of[0]))
    if wide.kind == "context":
        return all(name in narrow.fields and fits(narrow.fields[name], type_) for name, type_ in wide.fields.items())
    return wide.kind != "function" or _function_fits(narrow, wide)


def _function_fits(narrow: Type, wide: Type) -> bool:
    if len(narrow.of) != len(wide.of) or not fits(narrow.result or ANY, wide.result):
        return False
    return all(fits(given, taken) for given, taken in zip(wide.of, narrow.of, strict=True))
