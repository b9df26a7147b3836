"""JSON that strangers wrote, taken in without trusting it."""

from __future__ import annotations

import json
from typing import Final, NoReturn

from engine.base.text import Text
from engine.diagram.forms import rules
from engine.diagram.forms.faults import told
from engine.diagram.forms.model import JSON

MOST_BYTES: Final = 512 * 1024
MOST_DEPTH: Final = 32
MOST_NODES: Final = 50_000


def refuse(sentence: Text, /, **facts: object) -> NoReturn:
    raise rules.NotAForm(why=told(sentence, **facts))


def load(text: str | bytes) -> JSON:
    """Raises NotAForm: too large, too deep, not JSON, a member said twice, a number that is none."""
    if len(text) > MOST_BYTES:
        refuse(rules.TOO_LARGE, most=MOST_BYTES // 1024)
    try:
        read = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    except UnicodeDecodeError:
        refuse(rules.NOT_UTF8)
    try:
        document = json.loads(
            read, object_pairs_hook=_object, parse_float=_float, parse_int=_int, parse_constant=_constant
        )
    except RecursionError:
        refuse(rules.TOO_DEEP, most=MOST_DEPTH)
    except ValueError as fault:
        refuse(rules.NOT_JSON, why=str(fault))
    _check(document)
    return document


def _object(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    found: dict[str, JSON] = {}
    for key, value in pairs:
        if key in found:
            refuse(rules.MEMBER_TWICE, key=key[:80].encode(errors="replace").decode())
        found[key] = value
    return found


def _float(written: str) -> float:
    number = float(written)
    if number in (float("inf"), float("-inf")):
        refuse(rules.BAD_NUMBER, number=written[:40])
    return number


def _int(written: str) -> int:
    if len(written) > 18:
        refuse(rules.BAD_NUMBER, number=written[:40])
    return int(written)


def _constant(written: str) -> NoReturn:
    refuse(rules.BAD_NUMBER, number=written)


def _check(document: JSON) -> None:
    waiting: list[tuple[JSON, int]] = [(document, 1)]
    seen = 0
    while waiting:
        one, depth = waiting.pop()
        seen += 1
        if seen > MOST_NODES:
            refuse(rules.TOO_MUCH, most=MOST_NODES)
        if depth > MOST_DEPTH:
            refuse(rules.TOO_DEEP, most=MOST_DEPTH)
        if isinstance(one, str):
            _check_text(one)
        elif isinstance(one, dict):
            for key in one:
                _check_text(key)
            waiting += [(value, depth + 1) for value in one.values()]
        elif isinstance(one, list):
            waiting += [(value, depth + 1) for value in one]


def _check_text(text: str) -> None:
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        refuse(rules.BAD_TEXT)
