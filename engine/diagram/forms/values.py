"""One answer as typed, made into a value, or told what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from engine.base.text import Text
from engine.diagram.forms import faults, patterns
from engine.diagram.forms.faults import told
from engine.diagram.forms.model import JSON, Field, Kind, Option, as_typed

MOST_CHARACTERS: Final = 4_000
MOST_CHARACTERS_LONG: Final = 100_000
_LONGEST_NUMBER: Final = 64
_LARGEST: Final = 2**63 - 1

# Full-width letters and the mathematical minus, as a Chinese keyboard gives them.
_NARROW: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x2212: "-", 0x00A0: " "}
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+|[0-9]+)(?:\.[0-9]+)?", re.ASCII)
_ISO: Final = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?", re.ASCII)
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})", re.ASCII)
_TIME: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.0+)?)?", re.ASCII)

_TRUE: Final = frozenset({"true", "on", "yes", "1", "是"})
_FALSE: Final = frozenset({"", "false", "off", "no", "0", "否"})


@dataclass(slots=True)  # one for each field that is sent: frozen it would take six times as long
class Reading:
    """`typed` is what is shown again; `value` is None where nothing was answered or it is at fault."""

    value: JSON
    fault: Text | None
    typed: tuple[str, ...]


class _Fault(Exception):
    def __init__(self, sentence: Text, **facts: Any) -> None:
        self.sentence = sentence
        self.facts = facts


def strings(given: Any) -> tuple[str, ...]:
    """Whatever was submitted under a name, as text that can be kept and shown."""
    if isinstance(given, str):
        return (cleaned(given),)
    if isinstance(given, Sequence) and not isinstance(given, bytes | bytearray):
        return tuple(cleaned(one if isinstance(one, str) else as_typed(one)) for one in given)
    return (cleaned(as_typed(given)),)


def cleaned(text: str) -> str:
    """One kind of line end; no control characters, no halves of characters."""
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in text if one in "\n\t" or not _is_no_text(one))


def _is_no_text(letter: str) -> bool:
    return letter < " " or "\x7f" <= letter <= "\x9f" or "\ud800" <= letter <= "\udfff"


def narrowed(text: str) -> str:
    return text.translate(_NARROW).strip()


def reading(field: Field, typed: tuple[str, ...], asked: str | Text) -> Reading:
    """`asked` is what the field is called in a fault. A blank answer is no fault here, however required."""
    try:
        value = _READERS[field.kind](field, typed)
    except _Fault as fault:
        return Reading(None, told(fault.sentence, label=asked, **fault.facts), typed)
    if field.kind in _REWRITTEN and value is not None:
        return Reading(value, None, (again(field, value),))
    return Reading(value, None, typed)


def again(field: Field, value: JSON) -> str:
    """How one value is shown in its input."""
    text = as_typed(value)
    return text.removesuffix(":00") if field.kind in (Kind.TIME, Kind.MOMENT) and text.count(":") == 2 else text


def missing(field: Field, asked: str | Text) -> Text:
    if field.kind is Kind.YES_NO:
        return told(faults.TICK, label=asked)
    if field.kind is Kind.SEVERAL:
        return told(faults.CHOOSE_SOME, label=asked)
    if field.kind is Kind.ROWS:
        return told(faults.ADD_A_ROW, label=asked)
    if field.kind is Kind.FILE:
        return told(faults.CHOOSE_FILE, label=asked)
    return told(faults.CHOOSE if field.kind in (Kind.RADIO, Kind.SELECT) else faults.ENTER, label=asked)


def is_blank(field: Field, value: JSON) -> bool:
    return value is None or value == [] or (field.kind is Kind.YES_NO and value is False)


def number_of(text: str) -> Decimal | None:
    """The number a person wrote, exactly; None where it is none."""
    plain = narrowed(text)
    if len(plain) > _LONGEST_NUMBER or not _NUMBER.fullmatch(plain):
        return None
    return Decimal(plain.replace(",", "").replace(" ", ""))


def date_of(text: str) -> date | None:
    plain = narrowed(text).replace(" ", "")
    try:
        if found := _ISO.fullmatch(plain):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DAY_FIRST.fullmatch(plain):
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None
    return None


def time_of(text: str) -> time | None:
    found = _TIME.fullmatch(narrowed(text))
    try:
        return time(int(found[1]), int(found[2]), int(found[3] or 0)) if found else None
    except ValueError:
        return None


def moment_of(text: str) -> datetime | None:
    day, _, hour = narrowed(text).replace("T", " ", 1).rpartition(" ")
    on, at = date_of(day), time_of(hour)
    return datetime.combine(on, at) if on and at else None


def _one(typed: tuple[str, ...]) -> str:
    return typed[0].strip() if typed else ""


def _text(field: Field, typed: tuple[str, ...]) -> JSON:
    text = _one(typed)
    if field.kind is Kind.TEXT:
        text = " ".join(text.split("\n")).replace("\t", " ")
    if not text:
        return None
    most = MOST_CHARACTERS_LONG if field.kind is Kind.LONG_TEXT else MOST_CHARACTERS
    most = min(most, field.max_length) if field.max_length is not None else most
    if len(text) > most:
        raise _Fault(faults.TOO_LONG, most=f"{most:,}", count=f"{len(text):,}")
    if field.min_length is not None and len(text) < field.min_length:
        raise _Fault(faults.TOO_SHORT, least=f"{field.min_length:,}", count=f"{len(text):,}")
    if field.pattern is not None and not patterns.holds(field.pattern, text):
        raise _unlike(field)
    return text


def _unlike(field: Field) -> _Fault:
    if field.entry == "email" and not field.pattern_message:
        return _Fault(faults.NOT_AN_ADDRESS)
    if field.entry == "tel" and not field.pattern_message:
        return _Fault(faults.NOT_A_PHONE)
    example = field.pattern_message or field.hint
    return _Fault(faults.NOT_MATCHING, example=Text(f": {_bare(example)}", f"：{_bare(example)}") if example else "")


def _bare(text: str) -> str:
    """A Text is filled in when it is said: braces of a designer's hint are not facts."""
    return text.rstrip(".。 ").replace("{", "{{").replace("}", "}}")


def _number(field: Field, typed: tuple[str, ...]) -> JSON:
    text = _one(typed)
    if not text:
        return None
    number = number_of(text)
    if number is None:
        raise _Fault(faults.NOT_A_NUMBER if field.kind is Kind.NUMBER else faults.NOT_WHOLE)
    _check_number(field, number)
    if _is_whole(number):
        if abs(number) > _LARGEST:
            raise _Fault(faults.TOO_MANY_DIGITS)
        return int(number)
    nearest = float(number)
    if Decimal(repr(nearest)) != number:
        raise _Fault(faults.TOO_MANY_DIGITS)
    return nearest


def _is_whole(number: Decimal) -> bool:
    return number == number.to_integral_value()


def _check_number(field: Field, number: Decimal) -> None:
    if field.kind is Kind.INTEGER and not _is_whole(number):
        raise _Fault(faults.NOT_WHOLE)
    if field.decimals is not None and _decimals(number) > field.decimals:
        raise _Fault(faults.TOO_MANY_DECIMALS, most=field.decimals)
    if field.minimum is not None and number < field.minimum:
        raise _Fault(faults.TOO_SMALL, least=as_typed(field.minimum))
    if field.maximum is not None and number > field.maximum:
        raise _Fault(faults.TOO_BIG, most=as_typed(field.maximum))
    if field.step and Fraction(number) % Fraction(field.step) != 0:
        raise _Fault(faults.NOT_IN_STEPS, step=as_typed(field.step))


def _decimals(number: Decimal) -> int:
    """Digits after the point that matter: 6.40 has one."""
    return len(format(number, "f").partition(".")[2].rstrip("0"))


def _date(_field: Field, typed: tuple[str, ...]) -> JSON:
    text = _one(typed)
    found = date_of(text)
    if text and found is None:
        raise _Fault(faults.NOT_A_DATE)
    return found.isoformat() if found else None


def _time(_field: Field, typed: tuple[str, ...]) -> JSON:
    text = _one(typed)
    found = time_of(text)
    if text and found is None:
        raise _Fault(faults.NOT_A_TIME)
    return found.isoformat() if found else None


def _moment(_field: Field, typed: tuple[str, ...]) -> JSON:
    text = _one(typed)
    found = moment_of(text)
    if text and found is None:
        raise _Fault(faults.NOT_A_MOMENT)
    return found.isoformat() if found else None


def _yes_no(_field: Field, typed: tuple[str, ...]) -> JSON:
    answer = typed[-1].strip().lower() if typed else ""
    if answer in _TRUE:
        return True
    if answer in _FALSE:
        return False
    raise _Fault(faults.NOT_YES_OR_NO)


def _offered(options: Sequence[Option]) -> Mapping[str, JSON]:
    found: dict[str, JSON] = {}
    for option in options:
        found.setdefault(cleaned(option.typed).strip(), option.value)
    return found


def _choice(field: Field, typed: tuple[str, ...]) -> JSON:
    text = _one(typed)
    if not text:
        return None
    offered = _offered(field.options)
    if text not in offered:
        raise _Fault(faults.NOT_OFFERED)
    return offered[text]


def _several(field: Field, typed: tuple[str, ...]) -> JSON:
    chosen = {one.strip() for one in typed} - {""}
    offered = _offered(field.options)
    if not chosen <= offered.keys():
        raise _Fault(faults.NOT_OFFERED)
    if field.maximum is not None and len(chosen) > field.maximum:
        raise _Fault(faults.TOO_MANY_CHOSEN, most=as_typed(field.maximum), count=len(chosen))
    if chosen and field.minimum is not None and len(chosen) < field.minimum:
        raise _Fault(faults.TOO_FEW_CHOSEN, least=as_typed(field.minimum), count=len(chosen))
    return [value for text, value in offered.items() if text in chosen]


_READERS: Final[Mapping[Kind, Callable[[Field, tuple[str, ...]], JSON]]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _text,
    Kind.NUMBER: _number,
    Kind.INTEGER: _number,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.MOMENT: _moment,
    Kind.YES_NO: _yes_no,
    Kind.RADIO: _choice,
    Kind.SELECT: _choice,
    Kind.SEVERAL: _several,
}
# A native date input shows nothing but ISO: what was understood is shown again as it was understood.
_REWRITTEN: Final = frozenset({Kind.DATE, Kind.TIME, Kind.MOMENT})
