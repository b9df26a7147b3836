"""How points and ranges lie to each other."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from engine.diagram.language import literals, reasons
from engine.diagram.language.functions.signatures import Shelf
from engine.diagram.language.functions.statistics import compared
from engine.diagram.language.reasons import Fault
from engine.diagram.language.values import NUMBERS, Range, Value, kind

SHELF: Final = Shelf()
_READ: Final = {
    "date": literals.date,
    "time": literals.time,
    "date and time": literals.date_time,
    "duration": literals.duration,
}
_CALLED: Final = re.compile(r'(date|time|date and time|duration)\(\s*"([^"]*)"\s*\)')
POINTS: Final = "number|string|date|time|moment|days|months"
Relation = Callable[[Range, Range], bool]


def _range(value: Value) -> Range:
    """A point is the range that holds nothing else."""
    if not isinstance(value, Range):
        return Range(value, value, True, True)
    if value.start is None or value.end is None:
        raise Fault(reasons.NOT_A_RANGE, left=kind(value.start), right=kind(value.end))
    return value


def _starts(left: Range, right: Range) -> int:
    """The order of where the two begin."""
    return compared(left.start, right.start) or (not left.with_start) - (not right.with_start)


def _ends(left: Range, right: Range) -> int:
    return compared(left.end, right.end) or left.with_end - right.with_end


def _gap(left: Range, right: Range) -> int:
    """Below zero: left is over when right begins. Zero: both hold the point between."""
    found = compared(left.end, right.start)
    return found if found else (0 if left.with_end and right.with_start else -1)


def _before(left: Range, right: Range) -> bool:
    return _gap(left, right) < 0


def _meets(left: Range, right: Range) -> bool:
    return _gap(left, right) == 0


def _overlaps(left: Range, right: Range) -> bool:
    return _gap(left, right) >= 0 and _gap(right, left) >= 0


def _overlaps_before(left: Range, right: Range) -> bool:
    return _starts(left, right) < 0 and _gap(left, right) >= 0 and _ends(left, right) <= 0


def _includes(left: Range, right: Range) -> bool:
    return _starts(left, right) <= 0 and _ends(left, right) >= 0


def _finishes(left: Range, right: Range) -> bool:
    return _ends(left, right) == 0 and _starts(left, right) >= 0


def _starting(left: Range, right: Range) -> bool:
    return _starts(left, right) == 0 and _ends(left, right) <= 0


def _coincides(left: Range, right: Range) -> bool:
    return _starts(left, right) == 0 and _ends(left, right) == 0


def _turned(relation: Relation) -> Relation:
    return lambda left, right: relation(right, left)


def _kept(name: str, relation: Relation, left: str, right: str) -> None:
    names = ("range1", "range2") if left == right == "range" else _names(left, right)
    SHELF.holds(name, f"{names[0]}:{left}, {names[1]}:{right}")(lambda one, other: relation(_range(one), _range(other)))


def _names(left: str, right: str) -> tuple[str, str]:
    one, other = "range" if left == "range" else "point", "range" if right == "range" else "point"
    return (f"{one}1", f"{other}2") if one == other else (one, other)


for _name, _relation in (("before", _before), ("after", _turned(_before)), ("coincides", _coincides)):
    for _left, _right in ((POINTS, POINTS), (POINTS, "range"), ("range", POINTS), ("range", "range")):
        if _name != "coincides" or _left == _right:
            _kept(_name, _relation, _left, _right)
for _name, _relation in (
    ("meets", _meets),
    ("met by", _turned(_meets)),
    ("overlaps", _overlaps),
    ("overlaps before", _overlaps_before),
    ("overlaps after", _turned(_overlaps_before)),
):
    _kept(_name, _relation, "range", "range")
for _name, _relation in (("finishes", _finishes), ("starts", _starting), ("during", _turned(_includes))):
    _kept(_name, _relation, POINTS, "range")
    _kept(_name, _relation, "range", "range")
for _name, _relation in (
    ("finished by", _turned(_finishes)),
    ("started by", _turned(_starting)),
    ("includes", _includes),
):
    _kept(_name, _relation, "range", POINTS)
    _kept(_name, _relation, "range", "range")


@SHELF.holds("range", "from:string")
def _read_range(text: str) -> Range:
    """A range out of text: its ends are numbers, texts in quotation marks, dates, times or durations."""
    written = text.strip()
    inside, dots, _rest = written[1:-1].partition("..")
    first, last = inside.strip(), _rest.strip()
    if not dots or written[0] not in "[(]" or written[-1] not in "])[" or not (first or last):
        raise Fault(reasons.NOT_READ, found=text, kind=kind(Range(None, None, False, False)))
    low, high = _end(first, text), _end(last, text)
    if (low is None and written[0] == "[") or (high is None and written[-1] == "]"):
        raise Fault(reasons.NOT_READ, found=text, kind=kind(Range(None, None, False, False)))
    if low is not None and high is not None and compared(low, high) > 0:
        raise Fault(reasons.NOT_A_RANGE, left=kind(low), right=kind(high))
    return Range(low, high, written[0] == "[", written[-1] == "]")


def _end(text: str, whole: str) -> Value:
    if not text or text == "null":
        return None
    found: Value = None
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        found = text[1:-1]
    elif text.startswith('@"') and text.endswith('"'):
        found = literals.moment(text[2:-1])
    elif called := _CALLED.fullmatch(text):
        found = _READ[called[1]](called[2])
    elif set(text) <= set("0123456789.-+eE") and len(text) < 100:
        try:
            found = NUMBERS.create_decimal(text)
        except ArithmeticError:
            found = None
    if found is None:
        raise Fault(reasons.NOT_READ, found=whole, kind=kind(Decimal(0)))
    return found
