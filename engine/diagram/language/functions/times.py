"""Functions of dates, times and durations."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, TypeVar

from engine.diagram.language import literals, reasons, running
from engine.diagram.language.arithmetic import in_years
from engine.diagram.language.comparing import equal
from engine.diagram.language.functions.signatures import Shelf
from engine.diagram.language.moments import (
    HOUR,
    MINUTE,
    SECOND,
    Date,
    DateTime,
    Days,
    Months,
    Time,
    date_of,
    days_in,
    from_python,
)
from engine.diagram.language.reasons import Fault
from engine.diagram.language.values import Value, kind

T = TypeVar("T")
SHELF: Final = Shelf()
ABSENT: Final = object()
EPOCH: Final = Date(1970, 1, 1)
DAY_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTH_NAMES: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _read(text: str, found: T | None, example: Value) -> T:
    if found is None:
        raise Fault(reasons.NOT_READ, found=text, kind=kind(example))
    return found


def _whole(count: Decimal) -> int:
    if abs(count) > 10**10 or count != count.to_integral_value():
        raise Fault(reasons.OUT_OF_RANGE, what=kind(count))
    return int(count)


@SHELF.holds("date", "from:string|date|moment")
def _date(value: str | Date | DateTime) -> Date:
    if isinstance(value, str):
        return _read(value, literals.date(value), EPOCH)
    return value.date if isinstance(value, DateTime) else value


@SHELF.holds("date", "year:number, month:number, day:number")
def _date_of_parts(year: Decimal, month: Decimal, day: Decimal) -> Date:
    found = literals.valid_date(_whole(year), _whole(month), _whole(day))
    return _read(f"{year}-{month}-{day}", found, EPOCH)


@SHELF.holds("date and time", "from:string|date|moment")
def _moment(value: str | Date | DateTime) -> DateTime:
    if isinstance(value, str):
        return _read(value, literals.date_time(value), DateTime(EPOCH, Time(0)))
    return DateTime(value, Time(0)) if isinstance(value, Date) else value


@SHELF.holds("date and time", "date:date|moment, time:time")
def _moment_of_parts(date: Date | DateTime, time: Time) -> DateTime:
    return DateTime(date.date if isinstance(date, DateTime) else date, time)


@SHELF.holds("time", "from:string|time|date|moment")
def _time(value: str | Time | Date | DateTime) -> Time:
    if isinstance(value, str):
        return _read(value, literals.time(value), Time(0))
    if isinstance(value, Date):
        return Time(0, 0)
    return value.time if isinstance(value, DateTime) else value


@SHELF.holds("time", "hour:number, minute:number, second:number, offset?:days|null")
def _time_of_parts(hour: Decimal, minute: Decimal, second: Decimal, offset: Days | None = None) -> Time:
    hours, minutes = _whole(hour), _whole(minute)
    if not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= second < 60):
        raise Fault(reasons.OUT_OF_RANGE, what=kind(Time(0)))
    if offset is not None and abs(offset.nanos) > literals.LARGEST_OFFSET * SECOND:
        raise Fault(reasons.OUT_OF_RANGE, what=kind(offset))
    zone = None if offset is None else int(offset.nanos / SECOND)
    return Time(hours * HOUR + minutes * MINUTE + int(second * SECOND), zone)


@SHELF.holds("duration", "from:string|days|months")
def _duration(value: str | Days | Months) -> Days | Months:
    if not isinstance(value, str):
        return value
    found = literals.duration(value)
    if found is None:
        raise Fault(reasons.NOT_READ, found=value, kind=kind(Days(0)))
    return found


@SHELF.holds("years and months duration", "from:date|moment, to:date|moment")
def _months_between(start: Date | DateTime, end: Date | DateTime) -> Months:
    first, last = _day(start), _day(end)
    sign = 1 if first <= last else -1
    low, high = (first, last) if sign > 0 else (last, first)
    count = (high.year - low.year) * 12 + high.month - low.month
    short = high.day < low.day
    return Months(sign * (count - short))


def _day(value: Date | DateTime) -> Date:
    return value.date if isinstance(value, DateTime) else value


@SHELF.holds("is", "value1?, value2?")
def _is(left: Value = ABSENT, right: Value = None) -> bool:
    """The same value in the same form: a zone by name is not one by offset."""
    if left is ABSENT:
        raise Fault(reasons.WRONG_ARGUMENTS, name="is")
    if type(left) is not type(right):
        return False
    if isinstance(left, Time | DateTime):
        return bool(left == right)
    return equal(left, right) is True


@SHELF.holds("now")
def _now() -> DateTime:
    return from_python(running.now())


@SHELF.holds("today")
def _today() -> Date:
    return from_python(running.now()).date


@SHELF.holds("day of year", "date:date|moment")
def _day_of_year(value: Date | DateTime) -> Decimal:
    date = _day(value)
    return Decimal(date.ordinal - Date(date.year, 1, 1).ordinal + 1)


@SHELF.holds("day of week", "date:date|moment")
def _day_of_week(value: Date | DateTime) -> str:
    return DAY_NAMES[_day(value).weekday - 1]


@SHELF.holds("month of year", "date:date|moment")
def _month_of_year(value: Date | DateTime) -> str:
    return MONTH_NAMES[_day(value).month - 1]


@SHELF.holds("week of year", "date:date|moment")
def _week_of_year(value: Date | DateTime) -> Decimal:
    """As ISO 8601 counts: the week belongs to the year of its Thursday."""
    date = _day(value)
    thursday = date_of(date.ordinal - date.weekday + 4)
    return Decimal((thursday.ordinal - Date(thursday.year, 1, 1).ordinal) // 7 + 1)


@SHELF.holds("last day of month", "date:date|moment")
def _last_day(value: Date | DateTime) -> Date:
    date = in_years(_day(value))
    return Date(date.year, date.month, days_in(date.year, date.month))
