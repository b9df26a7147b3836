"""The values expressions calculate with, and how they come in and go out."""

from __future__ import annotations

import datetime as python
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any, Final

from engine.base.frozen import frozen
from engine.base.text import Text
from engine.diagram.language import limits
from engine.diagram.language.moments import Date, DateTime, Days, Months, Time, from_python, time_from_python
from engine.diagram.language.reasons import (
    FOREIGN_VALUE,
    LIST_TOO_LONG,
    NOT_KEPT,
    STRING_TOO_LONG,
    TOO_DEEP,
    TOO_MANY_VALUES,
    Fault,
    Stopped,
)
from engine.diagram.language.running import spend

# None, bool, Decimal, str, a moment or duration, Range, Function, or lists and dicts of these.
Value = Any

# Shared by all threads: only its methods are called, and its flags are never read.
NUMBERS: Final = Context(
    prec=limits.DIGITS,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
LARGEST_WHOLE: Final = 2**63


@frozen
class Range:
    """None at an end: nothing is known of that side. `sign`: it is written as a test, as `< 5` or `!= 5`."""

    start: Value
    end: Value
    with_start: bool
    with_end: bool
    sign: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """`run` takes the arguments in the order of `parameters`; `types` are their types, None where any will do."""

    name: str
    parameters: tuple[str, ...]
    run: Callable[..., Value]
    types: tuple[Any, ...] = ()
    result: Any = None


KINDS: Final[Mapping[type, tuple[str, Text]]] = {
    type(None): ("Null", Text("nothing (null)", "空值")),
    bool: ("boolean", Text("a yes or no", "是/否值")),
    Decimal: ("number", Text("a number", "数字")),
    str: ("string", Text("a text", "文本")),
    Date: ("date", Text("a date", "日期")),
    Time: ("time", Text("a time of day", "时间")),
    DateTime: ("date and time", Text("a date and time", "日期时间")),
    Days: ("days and time duration", Text("a duration of days and time", "日时长")),
    Months: ("years and months duration", Text("a duration of years and months", "年月时长")),
    Range: ("range", Text("a range", "区间")),
    Function: ("function", Text("a function", "函数")),
    list: ("list", Text("a list", "列表")),
    dict: ("context", Text("a group of values", "一组值")),
}


def kind(value: Value) -> Text:
    """How a value is spoken of in a sentence."""
    return KINDS[type(value)][1] if type(value) in KINDS else Text("something unknown", "未知内容")


def known(value: object) -> Value:
    """The value of the outside world as one of ours; copies, so that nothing outside can change."""
    return _known(value, 0, [limits.VALUES])


def _known(value: Any, depth: int, left: list[int]) -> Value:
    simple = _SIMPLE.get(type(value))
    if simple is not None:
        return simple(value)
    if depth > limits.DEPTH:
        raise Stopped(TOO_DEEP, most=limits.DEPTH)
    if isinstance(value, list | tuple | Mapping):
        # Counted, because what is shared between many places is copied to each of them.
        left[0] -= len(within_limit(list(value)))
        if left[0] < 0:
            raise Stopped(TOO_MANY_VALUES, most=limits.VALUES)
        if isinstance(value, Mapping):
            return {str(key): _known(entry, depth + 1, left) for key, entry in value.items()}
        return [_known(entry, depth + 1, left) for entry in value]
    if isinstance(value, str):
        return _text(str(value))
    if type(value) in KINDS:
        return value
    raise Fault(FOREIGN_VALUE, kind=type(value).__name__)


def _text(text: str) -> str:
    if len(text) > limits.STRING:
        raise Stopped(STRING_TOO_LONG, most=limits.STRING)
    return text


def _number(number: int | float | Decimal) -> Decimal:
    if type(number) is float:
        if not math.isfinite(number):
            raise Fault(FOREIGN_VALUE, kind=str(number))
        return Decimal(repr(number))
    exact = Decimal(number)
    if not exact.is_finite():
        raise Fault(FOREIGN_VALUE, kind=str(number))
    return exact if -(10**30) < exact < 10**30 else NUMBERS.plus(exact)


_SIMPLE: Final[Mapping[type, Callable[[Any], Value]]] = {
    type(None): lambda value: value,
    bool: lambda value: value,
    str: _text,
    int: _number,
    float: _number,
    Decimal: _number,
    python.datetime: from_python,
    python.date: lambda value: Date(value.year, value.month, value.day),
    python.time: lambda value: time_from_python(python.datetime.combine(python.date(1970, 1, 1), value)),
    python.timedelta: lambda value: Days((value // python.timedelta(microseconds=1)) * 1000),
}


def within_limit(entries: list[Any]) -> list[Any]:
    if len(entries) > limits.LIST:
        raise Stopped(LIST_TOO_LONG, most=limits.LIST)
    return entries


def plain(value: Value) -> Any:
    """As JSON keeps it: a whole number as int, another as float; dates and durations in their ISO form."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal):
        return _plain_number(value)
    if isinstance(value, list | tuple):
        spend(1 + len(value) // 4)
        return [plain(entry) for entry in value]
    if isinstance(value, Mapping):
        spend(1 + len(value) // 4)
        return {str(key): plain(entry) for key, entry in value.items()}
    return _plain_moment(value)


def _plain_moment(value: Value) -> Any:
    found = known(value)
    if isinstance(found, Range | Function):
        raise Fault(NOT_KEPT, kind=kind(found))
    return _plain_number(found) if isinstance(found, Decimal) else str(found)


def _plain_number(number: Decimal) -> int | float:
    if abs(number) < LARGEST_WHOLE and number == number.to_integral_value():
        return int(number)
    near = float(number)
    if not math.isfinite(near):
        raise Fault(NOT_KEPT, kind=kind(number))
    return near
