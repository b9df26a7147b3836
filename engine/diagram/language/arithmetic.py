"""What can be added, subtracted, multiplied and divided. Faults where something cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, DecimalException
from typing import Final

from engine.diagram.language import limits, reasons
from engine.diagram.language.moments import (
    DAY,
    FURTHEST_YEAR,
    Date,
    DateTime,
    Days,
    Months,
    Time,
    date_of,
    moved,
    moved_by_months,
)
from engine.diagram.language.reasons import Fault, Stopped
from engine.diagram.language.running import spend
from engine.diagram.language.values import NUMBERS, Value, kind

LONGEST_DURATION: Final = DAY * 366 * 2 * FURTHEST_YEAR
MIDNIGHT: Final = Time(0, 0)
Operation = Callable[[Value, Value], Value]


def number(calculated: Callable[[], Decimal]) -> Decimal:
    """Within the digits that are kept, or a fault."""
    try:
        return calculated()
    except ZeroDivisionError as error:
        raise Fault(reasons.BY_ZERO) from error
    except DecimalException as error:
        raise Fault(reasons.NUMBER_RANGE) from error


def days(nanos: int | Decimal) -> Days:
    whole = int(nanos)
    if abs(whole) > LONGEST_DURATION:
        raise Fault(reasons.OUT_OF_RANGE, what=kind(Days(0)))
    return Days(whole)


def months(count: int | Decimal) -> Months:
    whole = int(count)
    if abs(whole) > 24 * FURTHEST_YEAR:
        raise Fault(reasons.OUT_OF_RANGE, what=kind(Months(0)))
    return Months(whole)


def add(left: Value, right: Value) -> Value:
    found = _SUMS.get((type(left), type(right)))
    if found is None:
        raise _impossible(left, "+", right)
    return found(left, right)


def subtract(left: Value, right: Value) -> Value:
    found = _DIFFERENCES.get((type(left), type(right)))
    if found is None:
        raise _impossible(left, "-", right)
    return found(left, right)


def multiply(left: Value, right: Value) -> Value:
    found = _PRODUCTS.get((type(left), type(right)))
    if found is None:
        raise _impossible(left, "*", right)
    return found(left, right)


def divide(left: Value, right: Value) -> Value:
    found = _QUOTIENTS.get((type(left), type(right)))
    if found is None:
        raise _impossible(left, "/", right)
    return number(lambda: found(left, right))


def power(left: Value, right: Value) -> Value:
    if type(left) is not Decimal or type(right) is not Decimal:
        raise _impossible(left, "**", right)
    if abs(right) > limits.EXPONENT:
        raise Fault(reasons.EXPONENT, most=limits.EXPONENT)
    return number(lambda: NUMBERS.power(left, right))


def rest(left: Value, right: Value) -> Value:
    """What a division in whole numbers leaves, with the sign of what is divided, as Java has it."""
    if type(left) is not Decimal or type(right) is not Decimal:
        raise _impossible(left, "%", right)
    if right == 0:
        raise Fault(reasons.BY_ZERO)
    return number(lambda: NUMBERS.remainder(left, right))


def negative(value: Value) -> Value:
    if isinstance(value, Decimal):
        return NUMBERS.minus(value)
    if isinstance(value, Days):
        return Days(-value.nanos)
    if isinstance(value, Months):
        return Months(-value.months)
    raise Fault(reasons.NO_NEGATIVE, kind=kind(value))


def _impossible(left: Value, operator: str, right: Value) -> Fault:
    return Fault(reasons.NOT_CALCULABLE, left=kind(left), operator=operator, right=kind(right))


def _joined(left: str, right: str) -> str:
    length = len(left) + len(right)
    if length > limits.STRING:
        raise Stopped(reasons.STRING_TOO_LONG, most=limits.STRING)
    spend(length // 100)
    return left + right


def _date_plus(date: Date, by: Days) -> Date:
    return in_years(date_of(date.ordinal + by.nanos // DAY))


def _date_plus_months(date: Date, by: Months) -> Date:
    return in_years(moved_by_months(date, by))


def _moment_plus(moment: DateTime, by: Days) -> DateTime:
    found = moved(moment, by)
    in_years(found.date)
    return found


def _moment_plus_months(moment: DateTime, by: Months) -> DateTime:
    return DateTime(_date_plus_months(moment.date, by), moment.time)


def _time_plus(time: Time, by: Days) -> Time:
    return Time((time.nanos + by.nanos) % DAY, time.zone)


def in_years(date: Date) -> Date:
    if abs(date.year) > FURTHEST_YEAR:
        raise Fault(reasons.OUT_OF_RANGE, what=kind(date))
    return date


def _between_moments(left: DateTime, right: DateTime) -> Days:
    if (left.offset is None) is not (right.offset is None):
        raise _impossible(left, "-", right)
    return days(left.instant - right.instant)


def _between_times(left: Time, right: Time) -> Days:
    if (left.offset is None) is not (right.offset is None):
        raise _impossible(left, "-", right)
    return days(left.instant - right.instant)


def at_midnight(date: Date) -> DateTime:
    return DateTime(date, MIDNIGHT)


def _times(duration: Days | Months, factor: Decimal) -> Days | Months:
    if isinstance(duration, Days):
        return days(number(lambda: NUMBERS.multiply(Decimal(duration.nanos), factor)))
    return months(number(lambda: NUMBERS.multiply(Decimal(duration.months), factor)))


_SUMS: Final[Mapping[tuple[type, type], Operation]] = {
    (Decimal, Decimal): lambda left, right: number(lambda: NUMBERS.add(left, right)),
    (str, str): _joined,
    (Days, Days): lambda left, right: days(left.nanos + right.nanos),
    (Months, Months): lambda left, right: months(left.months + right.months),
    (Date, Days): _date_plus,
    (Days, Date): lambda left, right: _date_plus(right, left),
    (Date, Months): _date_plus_months,
    (Months, Date): lambda left, right: _date_plus_months(right, left),
    (DateTime, Days): _moment_plus,
    (Days, DateTime): lambda left, right: _moment_plus(right, left),
    (DateTime, Months): _moment_plus_months,
    (Months, DateTime): lambda left, right: _moment_plus_months(right, left),
    (Time, Days): _time_plus,
    (Days, Time): lambda left, right: _time_plus(right, left),
}
_DIFFERENCES: Final[Mapping[tuple[type, type], Operation]] = {
    (Decimal, Decimal): lambda left, right: number(lambda: NUMBERS.subtract(left, right)),
    (Days, Days): lambda left, right: days(left.nanos - right.nanos),
    (Months, Months): lambda left, right: months(left.months - right.months),
    (Date, Date): lambda left, right: days((left.ordinal - right.ordinal) * DAY),
    (DateTime, DateTime): _between_moments,
    (Date, DateTime): lambda left, right: _between_moments(at_midnight(left), right),
    (DateTime, Date): lambda left, right: _between_moments(left, at_midnight(right)),
    (Time, Time): _between_times,
    (Date, Days): lambda left, right: _date_plus(left, Days(-right.nanos)),
    (Date, Months): lambda left, right: _date_plus_months(left, Months(-right.months)),
    (DateTime, Days): lambda left, right: _moment_plus(left, Days(-right.nanos)),
    (DateTime, Months): lambda left, right: _moment_plus_months(left, Months(-right.months)),
    (Time, Days): lambda left, right: _time_plus(left, Days(-right.nanos)),
}
_PRODUCTS: Final[Mapping[tuple[type, type], Operation]] = {
    (Decimal, Decimal): lambda left, right: number(lambda: NUMBERS.multiply(left, right)),
    (Days, Decimal): _times,
    (Decimal, Days): lambda left, right: _times(right, left),
    (Months, Decimal): _times,
    (Decimal, Months): lambda left, right: _times(right, left),
}
_QUOTIENTS: Final[Mapping[tuple[type, type], Operation]] = {
    (Decimal, Decimal): NUMBERS.divide,
    (Days, Decimal): lambda left, right: days(NUMBERS.divide(Decimal(left.nanos), right)),
    (Months, Decimal): lambda left, right: months(NUMBERS.divide(Decimal(left.months), right)),
    (Days, Days): lambda left, right: NUMBERS.divide(Decimal(left.nanos), Decimal(right.nanos)),
    (Months, Months): lambda left, right: NUMBERS.divide(Decimal(left.months), Decimal(right.months)),
}
