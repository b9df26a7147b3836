"""Dates, times and durations out of text. None where the text is none."""

from __future__ import annotations

import re
from typing import Final

from engine.diagram.language.moments import (
    DAY,
    FURTHEST_YEAR,
    HOUR,
    MINUTE,
    SECOND,
    Date,
    DateTime,
    Days,
    Months,
    Time,
    Zone,
    days_in,
    zone_named,
)

Moment = Date | Time | DateTime | Days | Months

_DATE: Final = re.compile(r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d\d)-(\d\d)", re.ASCII)
_TIME: Final = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d{0,20})?(Z|z|[+-]\d\d:\d\d(?::\d\d)?|@[\w/+-]{1,60})?", re.ASCII
)
_DAYS: Final = re.compile(
    r"(-)?P(?:(\d{1,15})D)?(?:(T)(?:(\d{1,15})H)?(?:(\d{1,15})M)?(?:(\d{1,15})(?:\.(\d{0,9}))?S)?)?", re.ASCII
)
_MONTHS: Final = re.compile(r"(-)?P(?:(\d{1,12})Y)?(?:(\d{1,12})M)?", re.ASCII)
LARGEST_OFFSET: Final = 18 * 3600


def date(text: str) -> Date | None:
    match = _DATE.fullmatch(text)
    return valid_date(*(int(part) for part in match.groups())) if match else None


def valid_date(year: int, month: int, day: int) -> Date | None:
    if abs(year) > FURTHEST_YEAR or not 1 <= month <= 12 or not 1 <= day <= days_in(year, month):
        return None
    return Date(year, month, day)


def time(text: str) -> Time | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, fraction, zone = match.groups()
    known, place = _zone(zone)
    if not known:
        return None
    nanos = int((fraction or "0").ljust(9, "0"))
    if int(hours) == 24 and int(minutes) == int(seconds) == nanos == 0:
        return Time(0, place)
    if int(hours) > 23 or int(minutes) > 59 or int(seconds) > 59:
        return None
    return Time(int(hours) * HOUR + int(minutes) * MINUTE + int(seconds) * SECOND + nanos, place)


def _zone(text: str | None) -> tuple[bool, Zone]:
    if text is None:
        return True, None
    if text in ("Z", "z"):
        return True, 0
    if text.startswith("@"):
        return zone_named(text[1:]) is not None, text[1:]
    hours, minutes, *seconds = (int(part) for part in text[1:].split(":"))
    offset = hours * 3600 + minutes * 60 + (seconds[0] if seconds else 0)
    if minutes > 59 or offset > LARGEST_OFFSET:
        return False, None
    return True, -offset if text[0] == "-" else offset


def date_time(text: str) -> DateTime | None:
    """A date alone is its midnight."""
    day, mark, clock = text.partition("T")
    read_date, read_time = date(day), time(clock) if mark else Time(0)
    return DateTime(read_date, read_time) if read_date and read_time else None


def duration(text: str) -> Days | Months | None:
    match = _MONTHS.fullmatch(text)
    if match and (match[2] or match[3]):
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return Months(-months if match[1] else months)
    match = _DAYS.fullmatch(text)
    if match is None:
        return None
    sign, days, mark, hours, minutes, seconds, fraction = match.groups()
    if (mark and not (hours or minutes or seconds)) or not (mark or days):
        return None
    nanos = int(days or 0) * DAY + int(hours or 0) * HOUR + int(minutes or 0) * MINUTE
    nanos += int(seconds or 0) * SECOND + int((fraction or "0").ljust(9, "0"))
    return Days(-nanos if sign else nanos)


def moment(text: str) -> Moment | None:
    """What follows an `@`: whichever of them it is."""
    return date(text) or time(text) or (date_time(text) if "T" in text else None) or duration(text)
