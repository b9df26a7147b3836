"""Functions of numbers."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Final

from engine.diagram.language import reasons
from engine.diagram.language.arithmetic import LONGEST_DURATION, number
from engine.diagram.language.functions.signatures import Shelf
from engine.diagram.language.moments import Days, Months
from engine.diagram.language.reasons import Fault
from engine.diagram.language.values import NUMBERS, Value, kind

SHELF: Final = Shelf()
FINEST: Final = 6176
COARSEST: Final = -6111


def rounded(value: Decimal, scale: Decimal, how: str) -> Decimal:
    if not COARSEST <= scale <= FINEST:
        raise Fault(reasons.OUT_OF_RANGE, what=kind(scale))
    places = int(scale)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places:
        return value
    wide = NUMBERS.copy()
    wide.rounding = how
    # Places beyond the digits that are kept change nothing; quantizing to them would overflow.
    return number(lambda: value.quantize(Decimal(1).scaleb(-places, NUMBERS), rounding=how, context=wide))


for _name, _how in {
    "decimal": ROUND_HALF_EVEN,
    "round up": ROUND_UP,
    "round down": ROUND_DOWN,
    "round half up": ROUND_HALF_UP,
    "round half down": ROUND_HALF_DOWN,
    "round half even": ROUND_HALF_EVEN,
}.items():
    SHELF.holds(_name, "n:number, scale:number")(lambda n, scale, how=_how: rounded(n, scale, how))

for _name, _how in {"floor": ROUND_FLOOR, "ceiling": ROUND_CEILING}.items():
    SHELF.holds(_name, "n:number, scale?:number")(lambda n, scale=Decimal(0), how=_how: rounded(n, _scale(scale), how))
SHELF.holds("round", "n:number, scale?:number")(lambda n, scale=Decimal(0): rounded(n, _scale(scale), ROUND_HALF_UP))


def _scale(scale: Decimal | None) -> Decimal:
    if scale is None:
        raise Fault(reasons.WRONG_ARGUMENT, name="scale", kind=kind(scale))
    return scale


@SHELF.holds("abs", "n:number|days|months")
def _absolute(n: Value) -> Value:
    if isinstance(n, Days):
        return Days(abs(n.nanos))
    return Months(abs(n.months)) if isinstance(n, Months) else NUMBERS.abs(n)


@SHELF.holds("modulo", "dividend:number, divisor:number")
def _modulo(dividend: Decimal, divisor: Decimal) -> Decimal:
    """With the sign of the divisor."""
    whole = number(lambda: NUMBERS.divide(dividend, divisor)).to_integral_value(ROUND_FLOOR)
    return number(lambda: NUMBERS.subtract(dividend, NUMBERS.multiply(divisor, whole)))


@SHELF.holds("sqrt", "number:number")
def _root(value: Decimal) -> Decimal:
    return number(lambda: NUMBERS.sqrt(value))


@SHELF.holds("log", "number:number")
def _log(value: Decimal) -> Decimal:
    if value <= 0:
        raise Fault(reasons.OUT_OF_RANGE, what=kind(value))
    return number(lambda: NUMBERS.ln(value))


@SHELF.holds("exp", "number:number")
def _exp(value: Decimal) -> Decimal:
    return number(lambda: NUMBERS.exp(value))


@SHELF.holds("odd", "number:number")
def _odd(value: Decimal) -> bool:
    return _whole(value) and value % 2 != 0


@SHELF.holds("even", "number:number")
def _even(value: Decimal) -> bool:
    return _whole(value) and value % 2 == 0


def _whole(value: Decimal) -> bool:
    if abs(value) > LONGEST_DURATION:
        raise Fault(reasons.OUT_OF_RANGE, what=kind(value))
    return value == value.to_integral_value()


@SHELF.holds("number", "from:number")
def _same(number: Decimal) -> Decimal:
    return number


@SHELF.holds("number", "from:string, grouping separator?:string|null, decimal separator?:string|null")
def _number(text: str, grouping: str | None = None, decimal: str | None = None) -> Decimal:
    if grouping not in (None, " ", ",", ".") or decimal not in (None, ",", ".") or (grouping and grouping == decimal):
        raise Fault(reasons.NOT_READ, found=text, kind=kind(Decimal(0)))
    plain = text.replace(grouping, "") if grouping else text
    plain = plain.replace(decimal, ".") if decimal else plain
    if len(plain) > 100 or not set(plain) <= set("0123456789.-+eE"):
        raise Fault(reasons.NOT_READ, found=text, kind=kind(Decimal(0)))
    try:
        return number(lambda: NUMBERS.create_decimal(plain))
    except Fault as error:
        raise Fault(reasons.NOT_READ, found=text, kind=kind(Decimal(0))) from error
