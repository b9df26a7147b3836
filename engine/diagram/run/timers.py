"""When a timer is due: ISO 8601 or cron as written, or an expression that gives it. Reckoned from the move's own moment.

Years and months are those of the office's calendar; weeks, days and hours are of fixed length. A date without an
offset is meant in the office's zone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from engine.base.text import Text
from engine.diagram import cron, durations
from engine.diagram.limits import SHORTEST_CYCLE_SECONDS
from engine.diagram.position import TroubleKind
from engine.diagram.run.expressions import OUTCOME, said
from engine.diagram.run.stuck import Stuck

if TYPE_CHECKING:
    from engine.diagram.run.case import Token

_DURATION: Final = re.compile(
    r"P(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?"
    r"(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9}(?:[.,]\d{1,9})?)S)?)?"
)
_UNREADABLE: Final = Text("{value} is no date, duration or repetition", "{value}不是日期、时长或重复周期")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_FIRST_YEAR: Final = 1900


class _Unreadable(ValueError):
    pass


@dataclass(frozen=True, slots=True)
class Armed:
    """`due` in milliseconds since 1970. `left`: how often it comes after this time; None without end."""

    due: int
    left: int | None = None
    every: str = ""

    @property
    def again(self) -> bool:
        return bool(self.every)


@dataclass(frozen=True, slots=True)
class _Duration:
    months: int
    rest: timedelta

    def after(self, moment: datetime, zone: ZoneInfo, times: int = 1) -> datetime:
        if self.months:
            there = moment.astimezone(zone)
            month = there.month - 1 + self.months * times
            year = there.year + month // 12
            if not _FIRST_YEAR <= year < date.max.year:
                raise _Unreadable
            first = date(year, month % 12 + 1, 1)
            last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            moment = there.replace(year=year, month=first.month, day=min(there.day, last.day)).astimezone(UTC)
        return moment + self.rest * times


def moment(milliseconds: int) -> datetime:
    return _EPOCH + milliseconds * _MILLISECOND


def is_literal(written: str) -> bool:
    """Written out, rightly or not, rather than an expression. Some tools want quotation marks around it."""
    return durations.is_literal(written)


def is_day(written: str) -> bool:
    """A date or moment that is written out, rather than a length, a repetition or an expression."""
    return is_literal(written) and not _bare(written).startswith(("P", "R")) and not cron.is_cron(_bare(written))


def _bare(written: str) -> str:
    return durations.unquoted(written).strip()


def arm(written: str, token: Token) -> Armed:
    """Raises Stuck."""
    engine = token.workflow.script_engine
    value = _bare(written) if is_literal(written) else engine.evaluate(token, written)
    if not isinstance(value, str):
        raise Stuck(TroubleKind.TIMER, expression=written, **said(OUTCOME, value))
    try:
        return reckon(_bare(value), engine.now, engine.zone)
    except (ValueError, OverflowError):
        raise Stuck(TroubleKind.TIMER, expression=written, **said(_UNREADABLE, value)) from None


def reckon(value: str, now: datetime, zone: ZoneInfo) -> Armed:
    """A date, a duration from now, or a cycle. Raises ValueError or OverflowError."""
    if value.startswith("R"):
        return _cycle(value, now, zone)
    if value.startswith("P"):
        return Armed(_stored(_duration(value).after(now, zone)))
    if cron.is_cron(value):
        turn = _turn(value, now, zone)
        if turn is None:
            raise _Unreadable
        return turn
    return Armed(_stored(_date(value, zone)))


def _turn(written: str, after: datetime, zone: ZoneInfo) -> Armed | None:
    """Raises ValueError."""
    read = cron.read(written)
    if read.is_fast:
        raise _Unreadable
    coming = read.after(after, zone)
    return None if coming is None else Armed(_stored(coming), None, written)


def _stored(moment_: datetime) -> int:
    return (moment_.astimezone(UTC) - _EPOCH) // _MILLISECOND


def _date(value: str, zone: ZoneInfo) -> datetime:
    if len(value) == len("2026-01-01") and value[4] == "-":
        return datetime.combine(date.fromisoformat(value), time(), zone)
    # FEEL names the zone after the offset: 2026-01-01T09:00:00@Asia/Shanghai
    bare, _, named = value.partition("@")
    found = datetime.fromisoformat(bare.partition("[")[0])
    if found.tzinfo is not None:
        return found
    try:
        return found.replace(tzinfo=ZoneInfo(named) if named else zone)
    except (OSError, ValueError, KeyError):
        raise _Unreadable from None


def _duration(value: str) -> _Duration:
    match = _DURATION.fullmatch(value)
    if match is None or not any(match.groups()):
        raise _Unreadable
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in match.groups()[:6])
    seconds = float((match[7] or "0").replace(",", "."))
    rest = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return _Duration(years * 12 + months, rest)


def longer(former: str, present: str) -> int | None:
    """By how many milliseconds the one length is more than the other; None where either is no plain length."""
    try:
        one, other = _duration(_bare(former)), _duration(_bare(present))
    except ValueError:
        return None
    return None if one.months or other.months else (other.rest - one.rest) // _MILLISECOND


def _cycle(value: str, now: datetime, zone: ZoneInfo) -> Armed:
    times, *parts = value[1:].split("/")
    if not 1 <= len(parts) <= 2 or (times and not times.isdecimal()):
        raise _Unreadable
    every = next((part for part in reversed(parts) if part.startswith("P")), "")
    duration = _duration(every)
    if (duration.after(now, zone) - now).total_seconds() < SHORTEST_CYCLE_SECONDS:
        raise _Unreadable
    # R0 and R mean without end in some tools and never in none.
    left = int(times) - 1 if times and int(times) > 0 else None
    if len(parts) == 1:
        first = duration.after(now, zone)
    elif all(part.startswith("P") for part in parts):  # first after the one, then after the other each time
        first = _duration(parts[0]).after(now, zone)
    elif parts[0].startswith("P"):
        first = duration.after(now, zone)
        end = _date(parts[1], zone)
        left = max(int((end - first) / (duration.after(now, zone) - now)), 0) if left is None else left
    else:
        first = _date(parts[0], zone)
    return Armed(_stored(first), left, every)


def next_turn(token: Token, due: int, left: int | None, every: str) -> Armed | None:
    """The first turn of the cycle that is still to come; those missed are past. None where it was the last."""
    if left is not None and left <= 0:
        return None
    engine = token.workflow.script_engine
    start, now = moment(due), engine.now
    if not every.startswith("P"):
        return _turn(every, max(start, now), engine.zone)
    duration = _duration(every)
    times = 1
    if now > start:
        turns = (now - start) / (duration.after(start, engine.zone) - start)
        # Months differ in length: the guess is too low rather than too high.
        times = max(int(turns * 0.9) - 1 if duration.months else int(turns), 1)
    try:
        while (coming := duration.after(start, engine.zone, times)) <= now:
            times += 1
    except (ValueError, OverflowError):
        return None
    if left is not None and times > left:
        return None
    return Armed(_stored(coming), None if left is None else left - times, every)
