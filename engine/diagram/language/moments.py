"""Dates, times and durations as FEEL has them: any year, nanoseconds, zones by offset or by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from engine.base.frozen import frozen

Zone = int | str | None  # seconds east of Greenwich, an IANA name, or unknown

MILLISECOND: Final = 1_000_000  # nanoseconds
SECOND: Final = 1_000 * MILLISECOND
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
FURTHEST_YEAR: Final = 999_999_999
ERA: Final = 400  # years after which the Gregorian calendar repeats itself


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % ERA == 0)


def days_in(year: int, month: int) -> int:
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@dataclass(frozen=True, slots=True, order=True)
class Date:
    year: int
    month: int
    day: int

    @property
    def ordinal(self) -> int:
        """Days since 1970-01-01."""
        year = self.year - (self.month <= 2)
        era, of_era = divmod(year, ERA)
        of_year = (153 * ((self.month + 9) % 12) + 2) // 5 + self.day - 1
        return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468

    @property
    def weekday(self) -> int:
        """Monday is 1, Sunday 7."""
        return (self.ordinal + 3) % 7 + 1

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"


def date_of(ordinal: int) -> Date:
    era, day = divmod(ordinal + 719_468, 146_097)
    of_era = (day - day // 1_460 + day // 36_524 - day // 146_096) // 365
    of_year = day - (365 * of_era + of_era // 4 - of_era // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return Date(of_era + era * ERA + (month <= 2), month, of_year - (153 * shifted + 2) // 5 + 1)


@frozen
class Time:
    """A time of day; `nanos` since midnight."""

    nanos: int
    zone: Zone = None

    @property
    def hour(self) -> int:
        return self.nanos // HOUR

    @property
    def minute(self) -> int:
        return self.nanos // MINUTE % 60

    @property
    def second(self) -> int:
        return self.nanos // SECOND % 60

    @property
    def offset(self) -> int | None:
        """Seconds east of Greenwich; a named zone without a date counts by its winter."""
        return offset_at(self.zone, Date(1970, 1, 1), 0)

    @property
    def instant(self) -> int:
        return self.nanos - (self.offset or 0) * SECOND

    def __str__(self) -> str:
        text = f"{self.hour:02d}:{self.minute:02d}:{self.second:02d}"
        fraction = self.nanos % SECOND
        if fraction:
            text += f".{fraction:09d}".rstrip("0")
        return text + zone_text(self.zone)


@frozen
class DateTime:
    date: Date
    time: Time

    @property
    def offset(self) -> int | None:
        return offset_at(self.time.zone, self.date, self.time.nanos)

    @property
    def instant(self) -> int:
        """Nanoseconds since 1970 in UTC; where the zone is unknown, as if it were UTC."""
        return self.date.ordinal * DAY + self.time.nanos - (self.offset or 0) * SECOND

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """A duration of days and time."""

    nanos: int

    def __str__(self) -> str:
        sign, rest = ("-", -self.nanos) if self.nanos < 0 else ("", self.nanos)
        days, rest = divmod(rest, DAY)
        hours, rest = divmod(rest, HOUR)
        minutes, rest = divmod(rest, MINUTE)
        seconds, fraction = divmod(rest, SECOND)
        second = f"{seconds}.{fraction:09d}".rstrip("0") if fraction else str(seconds)
        clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
        clock += f"{second}S" if seconds or fraction else ""
        text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
        return f"{sign}P{text or 'T0S'}"


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A duration of years and months."""

    months: int

    def __str__(self) -> str:
        sign, rest = ("-", -self.months) if self.months < 0 else ("", self.months)
        years, months = divmod(rest, 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return f"{sign}P{text or '0M'}"


def moved(moment: DateTime, by: Days) -> DateTime:
    """On the clock on the wall: a named zone keeps its name."""
    days, nanos = divmod(moment.time.nanos + by.nanos, DAY)
    return DateTime(date_of(moment.date.ordinal + days), Time(nanos, moment.time.zone))


def moved_by_months(date: Date, by: Months) -> Date:
    """The last day of the month where the month is too short."""
    year, month = divmod(date.year * 12 + date.month - 1 + by.months, 12)
    return Date(year, month + 1, min(date.day, days_in(year, month + 1)))


def zone_text(zone: Zone) -> str:
    if zone is None:
        return ""
    if isinstance(zone, str):
        return f"@{zone}"
    if zone == 0:
        return "Z"
    hours, rest = divmod(abs(zone), 3600)
    text = f"{'-' if zone < 0 else '+'}{hours:02d}:{rest // 60:02d}"
    return f"{text}:{rest % 60:02d}" if rest % 60 else text


@cache
def zone_named(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError):
        # No such zone, or a name that is no path of the database (ZoneInfoNotFoundError is a KeyError).
        return None
    except KeyError:
        return None


def offset_at(zone: Zone, date: Date, nanos: int) -> int | None:
    if not isinstance(zone, str):
        return zone
    known = zone_named(zone)
    if known is None:
        return None
    # Python's years end at 9999; the calendar repeats itself after 400 of them.
    year = date.year if 1 < date.year < 9999 else 2000 + date.year % ERA
    offset = (datetime(year, date.month, date.day, tzinfo=known) + timedelta(microseconds=nanos // 1000)).utcoffset()
    return None if offset is None else round(offset.total_seconds())


def from_python(moment: datetime) -> DateTime:
    return DateTime(Date(moment.year, moment.month, moment.day), time_from_python(moment))


def time_from_python(moment: datetime) -> Time:
    nanos = moment.hour * HOUR + moment.minute * MINUTE + moment.second * SECOND + moment.microsecond * 1000
    info = moment.tzinfo
    if isinstance(info, ZoneInfo) and info.key != "UTC":
        return Time(nanos, info.key)
    offset = moment.utcoffset()
    return Time(nanos, None if offset is None else round(offset.total_seconds()))


def to_python(moment: DateTime) -> datetime:
    """Raises ValueError or OverflowError outside the years Python knows."""
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment.instant // 1000)
    if moment.offset is None:
        return instant.replace(tzinfo=None)
    return instant.astimezone(timezone(timedelta(seconds=moment.offset)))
