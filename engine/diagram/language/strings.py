"""Text between quotation marks, and values as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from engine.diagram.language import limits
from engine.diagram.language.names import is_plain
from engine.diagram.language.reasons import BAD_ESCAPE, NOT_KEPT, STRING_TOO_LONG, Fault, Stopped, Unreadable
from engine.diagram.language.running import spend
from engine.diagram.language.values import Function, Range, Value, kind

_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)
_SIGNS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\", "/": "/"}
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_HALF: Final = re.compile("[\ud800-\udfff]")


def unescaped(text: str, position: int) -> str:
    """An unknown escape stands for itself, as patterns need it (`\\d`)."""
    if "\\" not in text:
        return text
    joined = _PAIR.sub(_one_of_pair, _ESCAPE.sub(lambda match: _sign(match, position), text))
    if _HALF.search(joined):
        raise Unreadable(position, BAD_ESCAPE, found=text)
    return joined


def _sign(match: re.Match[str], position: int) -> str:
    if match[3] is not None:
        return _SIGNS.get(match[3], match[0])
    code = int(match[1] or match[2], 16)
    if code > 0x10FFFF:
        raise Unreadable(position, BAD_ESCAPE, found=match[0])
    return chr(code)


def _one_of_pair(match: re.Match[str]) -> str:
    pair = match[0]
    return chr(0x10000 + ((ord(pair[0]) - 0xD800) << 10) + ord(pair[1]) - 0xDC00)


def number_text(number: Decimal) -> str:
    text = format(number, "f") if -30 < number.adjusted() < 40 else str(number)
    return "0" if number == 0 and text.startswith("-") else text


def shown(value: Value) -> str:
    """A value as text; within lists and groups, text stands between quotation marks."""
    return value if isinstance(value, str) else _inner(value)


def _inner(value: Value) -> str:
    text = _text(value)
    spend(1 + len(text) // 100)
    if len(text) > limits.STRING:
        raise Stopped(STRING_TOO_LONG, most=limits.STRING)
    return text


def _text(value: Value) -> str:
    return _WRITTEN.get(type(value), str)(value)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _list_text(entries: list[Value]) -> str:
    return f"[{', '.join(map(_inner, entries))}]"


def _context_text(context: dict[str, Value]) -> str:
    rows = (f"{key if is_plain(key) else _quoted(key)}: {_inner(entry)}" for key, entry in context.items())
    return f"{{{', '.join(rows)}}}"


def _function_text(function: Function) -> str:
    raise Fault(NOT_KEPT, kind=kind(function))


def _range_text(value: Range) -> str:
    if value.sign:
        return f"{value.sign} {_inner(value.end if value.start is None else value.start)}"
    left, right = "[" if value.with_start else "(", "]" if value.with_end else ")"
    return f"{left}{_inner(value.start)}..{_inner(value.end)}{right}"


_WRITTEN: Final[Mapping[type, Callable[[Value], str]]] = {
    type(None): lambda _nothing: "null",
    bool: lambda truth: "true" if truth else "false",
    str: _quoted,
    Decimal: number_text,
    list: _list_text,
    dict: _context_text,
    Range: _range_text,
    Function: _function_text,
}
