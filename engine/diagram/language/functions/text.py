"""Functions of text. Patterns are those of RE2: no pattern can make the office wait."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from engine.diagram.language import limits, reasons
from engine.diagram.language.functions.patterns import compiled
from engine.diagram.language.functions.signatures import Shelf
from engine.diagram.language.reasons import Fault, Stopped
from engine.diagram.language.running import spend
from engine.diagram.language.strings import shown
from engine.diagram.language.values import Value, kind, within_limit

SHELF: Final = Shelf()
_GROUP: Final = re.compile(r"\\(.)|\$(\d)|(\$)", re.DOTALL)


@SHELF.holds("string", "from")
def _string(value: Value) -> Value:
    return None if value is None else shown(value)


@SHELF.holds("string length", "string:string")
def _length(text: str) -> Decimal:
    return Decimal(len(text))


@SHELF.holds("substring", "string:string, start position:number, length?:number")
def _substring(text: str, start: Decimal, length: Decimal | None = None) -> str:
    whole = _clamped(start)
    if whole == 0 or (length is not None and length < 1):
        raise Fault(reasons.OUT_OF_RANGE, what=kind(start))
    first = whole - 1 if whole > 0 else max(0, len(text) + whole)
    return text[first:] if length is None else text[first : first + _clamped(length)]


def _clamped(count: Decimal) -> int:
    return int(max(Decimal(-limits.STRING), min(Decimal(limits.STRING), count)))


@SHELF.holds("upper case", "string:string")
def _upper(text: str) -> str:
    return text.upper()


@SHELF.holds("lower case", "string:string")
def _lower(text: str) -> str:
    return text.lower()


@SHELF.holds("substring before", "string:string, match:string")
def _before(text: str, match: str) -> str:
    return text.partition(match)[0] if match and match in text else ""


@SHELF.holds("substring after", "string:string, match:string")
def _after(text: str, match: str) -> str:
    return text.partition(match)[2] if match else text


@SHELF.holds("contains", "string:string, match:string")
def _contains(text: str, match: str) -> bool:
    return match in text


@SHELF.holds("starts with", "string:string, match:string")
def _starts(text: str, match: str) -> bool:
    return text.startswith(match)


@SHELF.holds("ends with", "string:string, match:string")
def _ends(text: str, match: str) -> bool:
    return text.endswith(match)


@SHELF.holds("trim", "string:string")
def _trim(text: str) -> str:
    return text.strip()


@SHELF.holds("matches", "input:string, pattern:string, flags?:string|null")
def _matches(text: str, pattern: str, flags: str | None = None) -> bool:
    return compiled(pattern, flags or "").search(text) is not None


@SHELF.holds("replace", "input:string, pattern:string, replacement:string, flags?:string|null")
def _replace(text: str, pattern: str, replacement: str, flags: str | None = None) -> str:
    found = compiled(pattern, flags or "")
    if found.search("") is not None:
        raise Fault(reasons.BAD_PATTERN, found=pattern)
    parts: list[str] = []
    length = last = 0
    for match in found.finditer(text):
        spend(2)
        parts += [text[last : match.start()], _filled(replacement, match)]
        length += len(parts[-2]) + len(parts[-1])
        last = match.end()
        if length > limits.STRING:
            raise Stopped(reasons.STRING_TOO_LONG, most=limits.STRING)
    return "".join([*parts, text[last:]])


def _filled(replacement: str, match: Any) -> str:
    """`$1` is what the first group found, and nothing where it found nothing."""

    def one(sign: re.Match[str]) -> str:
        if sign[1] is not None:
            return sign[1] if sign[1] in "\\$" else sign[0]
        if sign[2] is None:
            raise Fault(reasons.BAD_PATTERN, found=replacement)
        group = int(sign[2])
        return (match.group(group) or "") if group <= match.re.groups else ""

    return _GROUP.sub(one, replacement)


@SHELF.holds("split", "string:string, delimiter:string")
def _split(text: str, delimiter: str) -> list[Value]:
    found: list[Value] = []
    last = 0
    for match in compiled(delimiter, "").finditer(text):
        spend()
        if match.end() > match.start():
            found.append(text[last : match.start()])
            last = match.end()
    return within_limit([*found, text[last:]])


@SHELF.holds("extract", "input:string, pattern:string, flags?:string|null")
def _extract(text: str, pattern: str, flags: str | None = None) -> list[Value]:
    found: list[Value] = []
    for match in compiled(pattern, flags or "").finditer(text):
        spend()
        found.append(match.group())
    return within_limit(found)


@SHELF.holds("string join", "list:list, delimiter?:string|null")
def _join(entries: list[Value], delimiter: str | None = None) -> str:
    texts = [entry for entry in entries if entry is not None]
    for entry in texts:
        if not isinstance(entry, str):
            raise Fault(reasons.WRONG_ARGUMENT, name="string join", kind=kind(entry))
    length = sum(map(len, texts)) + len(delimiter or "") * len(texts)
    if length > limits.STRING:
        raise Stopped(reasons.STRING_TOO_LONG, most=limits.STRING)
    spend(1 + length // 100)
    return (delimiter or "").join(texts)
