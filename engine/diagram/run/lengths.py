"""How long a timer waits: by the clock, or by what an office works. And the turns of one that comes again and again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from engine.base.errors import Refusal
from engine.base.frozen import frozen

_DURATION: Final = re.compile(
    r"P(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?"
    r"(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9}(?:[.,]\d{1,9})?)S)?)?"
)
_FIRST_YEAR: Final = 1900
_MOST_TURNS: Final = 1 << 40
"""Nothing is reckoned further ahead than this; the calendar ends long before."""


class Unreadable(ValueError):
    """Says no length of time, or one that nothing can be reckoned by."""


class Counting(Protocol):
    """How working time is counted at one place. This floor knows no calendar: whoever runs a case brings it."""

    def after(self, length: str, begin: datetime, times: int = 1) -> datetime:
        """When so much has been worked since `begin`, that many times over. Raises ValueError or Refusal."""


Calendars = Callable[[str, str], Counting]
"""By process and element."""


class Length(Protocol):
    """A length of time that can be laid end to end."""

    def after(self, moment: datetime, times: int = 1) -> datetime:
        """Raises ValueError or OverflowError. More times is never earlier."""


@frozen
class ByClock:
    """Years and months are those of the office's calendar; weeks, days and hours are of fixed length."""

    months: int
    rest: timedelta
    zone: ZoneInfo

    def after(self, moment: datetime, times: int = 1) -> datetime:
        if self.months:
            there = moment.astimezone(self.zone)
            month = there.month - 1 + self.months * times
            year = there.year + month // 12
            if not _FIRST_YEAR <= year < date.max.year:
                raise Unreadable
            first = date(year, month % 12 + 1, 1)
            last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            moment = there.replace(year=year, month=first.month, day=min(there.day, last.day)).astimezone(UTC)
        return moment + self.rest * times


@frozen
class ByCalendar:
    """Days and hours that are worked."""

    written: str
    counting: Counting

    def after(self, moment: datetime, times: int = 1) -> datetime:
        try:
            return self.counting.after(self.written, moment, times)
        except Refusal as refusal:  # further away than any calendar reaches
            raise Unreadable from refusal


def by_clock(written: str, zone: ZoneInfo) -> ByClock:
    """Raises Unreadable."""
    match = _DURATION.fullmatch(written)
    if match is None or not any(match.groups()):
        raise Unreadable
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in match.groups()[:6])
    seconds = float((match[7] or "0").replace(",", "."))
    try:
        rest = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise Unreadable from None
    return ByClock(years * 12 + months, rest, zone)


def length_of(written: str, zone: ZoneInfo, counting: Counting | None) -> Length:
    """Raises Unreadable."""
    plain = by_clock(written, zone)
    return plain if counting is None else ByCalendar(written, counting)


def turns_until(length: Length, begin: datetime, until: datetime) -> int:
    """How many turns behind `begin` come up to and with `until`; each turn counts from `begin`, so that none drifts."""
    if not _has_come(length, begin, 1, until):
        return 0
    come, beyond = 1, 2
    while _has_come(length, begin, beyond, until):
        come, beyond = beyond, beyond * 2
    while beyond - come > 1:
        middle = (come + beyond) // 2
        if _has_come(length, begin, middle, until):
            come = middle
        else:
            beyond = middle
    return come


def _has_come(length: Length, begin: datetime, times: int, until: datetime) -> bool:
    if times > _MOST_TURNS:
        return False
    try:
        return length.after(begin, times) <= until
    except (ValueError, OverflowError):
        return False  # the calendar has ended
