"""Repetitions in the words of cron, as Quartz, Spring and Unix write them: `0 0/15 8-17 ? * MON-FRI`.

Five fields begin with the minute, six with the second; a seventh is the year. With a `?` in it Sunday is day 1, as in
Quartz; without one it is day 0 or 7. Where both kinds of days are told, five fields mean either, more mean both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from engine.base.frozen import frozen
from engine.base.text import Name, Text

_MACROS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_SHAPE: Final = re.compile(r"[\d*/,-]+(?:[ \t]+[\d*/,A-Za-z?#-]+){4,6}")
_PART: Final = re.compile(r"(?:(\*|\?)|([0-9]{1,4}|[A-Z]{3})(?:-([0-9]{1,4}|[A-Z]{3}))?)(?:/([0-9]{1,4}))?")
_MOST: Final = 200
_LAST_YEAR: Final = 2199
_SECOND: Final = timedelta(seconds=1)
_MOST_COUNTED: Final = 10_000
"""Turns that were missed are counted one by one; nobody needs to know of more."""

_SIGN: Final = Text(
    "“{sign}” is not known here: only numbers, names, lists, ranges and steps are",
    "此处不支持“{sign}”，只能使用数字、名称、列表、范围和步长",
)
_FIELD: Final = Text("“{field}” cannot be read as {what}", "“{field}”无法读作{what}")
_COUNT: Final = Text("it must have five to seven fields", "须有五至七个字段")
_SECONDS: Final = ("second", 0, 59, Text("seconds", "秒"))
_MINUTES: Final = ("minute", 0, 59, Text("minutes", "分"))
_HOURS: Final = ("hour", 0, 23, Text("hours", "时"))
_DAYS_OF_MONTH: Final = ("day", 1, 31, Text("days of the month", "日"))
_MONTHS_OF_YEAR: Final = ("month", 1, 12, Text("months", "月"))
_DAYS_OF_WEEK: Final = ("weekday", 0, 7, Text("days of the week", "星期"))
_YEARS: Final = ("year", 1970, _LAST_YEAR, Text("years", "年"))
_Field = tuple[str, int, int, Text]


class NotACron(ValueError):
    """`why` says it in both languages."""

    def __init__(self, why: Text, **facts: str | Text) -> None:
        super().__init__(why.say("en", **facts))
        self.why = Name(why.say("en", **facts), why.say("zh", **facts))


@frozen
class Cron:
    """Sorted, without doubles. `days` and `weekdays` (0 is Sunday) are None where any day will do."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int] | None
    months: frozenset[int]
    weekdays: frozenset[int] | None
    years: frozenset[int] | None
    either: bool

    @property
    def is_fast(self) -> bool:
        """More than once in a minute."""
        return len(self.seconds) > 1

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The first turn after the moment; None where none ever comes.

        It comes once for each time that the clocks of the zone show: of an hour shown twice the first time, and when an
        hour is left out at its end.
        """
        for wall in self._walls(moment.astimezone(zone).replace(tzinfo=None)):
            instant = _instant(wall, zone)
            if instant > moment:
                return instant
        return None

    def turns(self, behind: datetime, until: datetime, zone: ZoneInfo) -> tuple[int, datetime | None]:
        """How many turns come behind the one moment up to and with the other, and the first after that."""
        count, found = 0, behind
        for wall in self._walls(behind.astimezone(zone).replace(tzinfo=None)):
            instant = _instant(wall, zone)
            if instant <= found:
                continue  # an hour that is shown twice
            found = instant
            if found > until:
                return count, found
            count += 1
            if count == _MOST_COUNTED:
                return count, self.after(until, zone)
        return count, None

    def _walls(self, after: datetime) -> Iterator[datetime]:
        first = after.replace(microsecond=0) + _SECOND
        day = first.date()
        while True:
            found = self._day(day)
            if found is None:
                return
            for hour in self.hours:
                for minute in self.minutes:
                    for second in self.seconds:
                        wall = datetime(found.year, found.month, found.day, hour, minute, second)  # noqa: DTZ001 - what clocks show
                        if wall >= first:
                            yield wall
            day = found + timedelta(days=1)

    def _day(self, day: date) -> date | None:
        """The first day that will do, from this one on."""
        while day.year <= _LAST_YEAR:
            if self.years is not None and day.year not in self.years:
                day = date(day.year + 1, 1, 1)
            elif day.month not in self.months:
                day = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
            elif self._is_day(day):
                return day
            else:
                day += timedelta(days=1)
        return None

    def _is_day(self, day: date) -> bool:
        by_month = self.days is None or day.day in self.days
        by_week = self.weekdays is None or day.isoweekday() % 7 in self.weekdays
        if self.either and self.days is not None and self.weekdays is not None:
            return by_month or by_week
        return by_month and by_week


def is_cron(text: str) -> bool:
    """Meant as one, rightly or not."""
    bare = text.strip()
    return bare.lower() in _MACROS or (len(bare) <= _MOST and _SHAPE.fullmatch(bare) is not None)


@lru_cache(256)
def read(text: str) -> Cron:
    """Raises NotACron."""
    bare = text.strip()
    fields = _MACROS.get(bare.lower(), bare).upper().split()
    if not 5 <= len(fields) <= 7 or len(bare) > _MOST:
        raise NotACron(_COUNT)
    count, quartz = len(fields), "?" in bare
    if count == 5:
        fields.insert(0, "0")
    weekdays = _weekdays(fields[5], quartz=quartz)
    days, months = _values(fields[3], _DAYS_OF_MONTH), _values(fields[4], _MONTHS_OF_YEAR, _MONTHS)
    years = _values(fields[6], _YEARS) if count == 7 else None
    return Cron(
        seconds=tuple(sorted(_values(fields[0], _SECONDS))),
        minutes=tuple(sorted(_values(fields[1], _MINUTES))),
        hours=tuple(sorted(_values(fields[2], _HOURS))),
        days=None if len(days) == 31 else days,
        months=months,
        weekdays=None if len(weekdays) == 7 else weekdays,
        years=years,
        either=count == 5,
    )


def _weekdays(field: str, *, quartz: bool) -> frozenset[int]:
    """0 is Sunday. Quartz counts from 1, and its names mean what its numbers do."""
    if not quartz:
        return frozenset(value % 7 for value in _values(field, _DAYS_OF_WEEK, _DAYS))
    named = ("weekday", 1, 7, _DAYS_OF_WEEK[3])
    return frozenset(value - 1 for value in _values(field, named, _DAYS))


def _values(field: str, of: _Field, names: tuple[str, ...] = ()) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        found |= _part(part, of, names)
    return frozenset(found)


def _part(part: str, of: _Field, names: tuple[str, ...]) -> set[int]:
    kind, least, most, what = of
    match = _PART.fullmatch(part)
    if match is None:
        sign = next((sign for sign in ("#", "L", "W") if sign in part and (sign == "#" or kind.endswith("day"))), None)
        if sign is None:
            raise NotACron(_FIELD, field=part, what=what)
        raise NotACron(_SIGN, sign=part)
    every, begins, ends, steps = match.groups()
    if every == "?" and (steps or not kind.endswith("day")):
        raise NotACron(_FIELD, field=part, what=what)
    last = 6 if kind == "weekday" and least == 0 and every else most
    first = least if every else _number(begins, of, names)
    if ends:
        last = _number(ends, of, names)
    elif not every and not steps:
        last = first
    step = int(steps or 1)
    if not 1 <= step <= most:
        raise NotACron(_FIELD, field=part, what=what)
    if first <= last:
        return set(range(first, last + 1, step))
    if kind == "year":
        raise NotACron(_FIELD, field=part, what=what)
    size = 7 if kind == "weekday" else most - least + 1
    return {least + (value - least) % size for value in range(first, last + size + 1, step)}


def _number(written: str, of: _Field, names: tuple[str, ...]) -> int:
    kind, least, most, what = of
    if written in names:
        return names.index(written) + (1 if kind == "month" else least)
    if not written.isdecimal() or not least <= int(written) <= most:
        raise NotACron(_FIELD, field=written, what=what)
    return int(written)


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the zone's clocks first show it; where they leave it out, when they have gone forward."""
    local = wall.replace(tzinfo=zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # The clocks go forward somewhere between what both offsets make of it.
    early = local.replace(fold=1).astimezone(UTC)
    before = early.astimezone(zone).utcoffset()
    while instant - early > _SECOND:
        middle = early + (instant - early) // 2
        middle -= timedelta(microseconds=middle.microsecond)
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            instant = middle
    return instant
