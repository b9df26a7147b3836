"""When a timer is due: ISO 8601 or cron as written, or an expression that gives it. Reckoned from the move's own moment.

Years and months are those of the office's calendar; weeks, days and hours are of fixed length, or those that the office
works. A date without an offset is meant in the office's zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from engine.base.frozen import frozen
from engine.base.text import Text
from engine.diagram import cron, durations
from engine.diagram.limits import SHORTEST_CYCLE_SECONDS
from engine.diagram.position import TroubleKind
from engine.diagram.run.expressions import OUTCOME, said
from engine.diagram.run.lengths import ByClock, Counting, Length, Unreadable, by_clock, length_of, turns_until
from engine.diagram.run.stuck import Stuck

if TYPE_CHECKING:
    from engine.diagram.run.case import Token

_UNREADABLE: Final = Text("{value} is no date, duration or repetition", "{value}不是日期、时长或重复周期")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
DUE: Final = "due"
"""Where a token keeps when its timer is due, in milliseconds since 1970."""
AGAIN: Final = "again"
"""How often it comes after that, and how long between."""
COUNTED: Final = "counted"
"""What is not of fixed length was counted from: the length, since when, and how many times over."""
VALUE: Final = "value"
"""What an expression gave."""


@frozen
class Counted:
    """What a due time was counted from; `since` in milliseconds since 1970."""

    length: str
    since: int
    times: int = 1


@frozen
class Armed:
    """`due` in milliseconds since 1970. `left`: how often it comes after this time; None without end.

    `counted`: of working time, and of months that come again and again, what it was counted from, so that the 31st is
    not the 28th for ever after one February. `value`: what an expression gave.
    """

    due: int
    left: int | None = None
    every: str = ""
    counted: Counted | None = None
    value: str = ""

    @property
    def again(self) -> bool:
        return bool(self.every)


def moment(milliseconds: int) -> datetime:
    return _EPOCH + milliseconds * _MILLISECOND


def stored(moment_: datetime) -> int:
    """Never a part of a millisecond too early."""
    return -((_EPOCH - moment_.astimezone(UTC)) // _MILLISECOND)


def is_literal(written: str) -> bool:
    """Written out, rightly or not, rather than an expression. Some tools want quotation marks around it."""
    return durations.is_literal(written)


def is_day(written: str) -> bool:
    """A date or moment that is written out, rather than a length, a repetition or an expression."""
    return is_literal(written) and not bare(written).startswith(("P", "R")) and not cron.is_cron(bare(written))


def bare(written: str) -> str:
    return durations.unquoted(written).strip()


def counting_at(token: Token) -> Counting | None:
    """How its timer counts; None: by the clock."""
    spec = token.task_spec
    calendars = token.workflow.script_engine.calendars
    if not spec.working or calendars is None:
        return None
    counting: Counting = calendars(token.workflow.spec.process, spec.element)
    return counting


def arm(token: Token, since: datetime | None = None) -> Armed:
    """`since`: what a length is counted from, where it is not the moment of the move. Raises Stuck."""
    engine, written = token.workflow.script_engine, token.task_spec.expression
    literal = is_literal(written)
    value = bare(written) if literal else engine.evaluate(token, written)
    if not isinstance(value, str):
        raise Stuck(TroubleKind.TIMER, expression=written, **said(OUTCOME, value))
    try:
        armed = reckon(bare(value), since or engine.now, engine.zone, counting_at(token))
    except (ValueError, OverflowError):
        raise Stuck(TroubleKind.TIMER, expression=written, **said(_UNREADABLE, value)) from None
    return armed if literal else replace(armed, value=bare(value))


def keep(token: Token, armed: Armed) -> None:
    """With the token, and nothing there of what it was armed with before."""
    told = token.internal_data
    for name in (DUE, AGAIN, COUNTED, VALUE):
        told.pop(name, None)
    told[DUE] = armed.due
    if armed.again:
        told[AGAIN] = [armed.left, armed.every]
    if armed.counted is not None:
        told[COUNTED] = [armed.counted.length, armed.counted.since, armed.counted.times]
    if armed.value:
        told[VALUE] = armed.value


def reckon(value: str, now: datetime, zone: ZoneInfo, counting: Counting | None = None) -> Armed:
    """A date, a duration from now, or a cycle. Raises ValueError or OverflowError."""
    if value.startswith("R"):
        return _cycle(value, now, zone, counting)
    if value.startswith("P"):
        return _measured(length_of(value, zone, counting), value, now, is_kept=counting is not None)
    if cron.is_cron(value):
        coming = _read_cron(value).after(now, zone)
        if coming is None:
            raise Unreadable
        return Armed(stored(coming), None, value)
    return Armed(stored(_date(value, zone)))


def _measured(length: Length, written: str, since: datetime, times: int = 1, *, is_kept: bool) -> Armed:
    counted = Counted(written, stored(since), times) if is_kept else None
    return Armed(stored(length.after(since, times) if times else since), counted=counted)


def _read_cron(written: str) -> cron.Cron:
    """Raises ValueError."""
    read = cron.read(written)
    if read.is_fast:
        raise Unreadable
    return read


def _date(value: str, zone: ZoneInfo) -> datetime:
    if len(value) == len("2026-01-01") and value[4] == "-":
        return datetime.combine(date.fromisoformat(value), time(), zone)
    # FEEL names the zone after the offset: 2026-01-01T09:00:00@Asia/Shanghai
    plain, _, named = value.partition("@")
    found = datetime.fromisoformat(plain.partition("[")[0])
    if found.tzinfo is not None:
        return found
    try:
        return found.replace(tzinfo=ZoneInfo(named) if named else zone)
    except (OSError, ValueError, KeyError):
        raise Unreadable from None


def longer(former: str, present: str) -> int | None:
    """By how many milliseconds the one length is more than the other; None where either is no plain length."""
    utc = ZoneInfo("UTC")
    try:
        one, other = by_clock(bare(former), utc), by_clock(bare(present), utc)
    except ValueError:
        return None
    return None if one.months or other.months else (other.rest - one.rest) // _MILLISECOND


def _cycle(value: str, now: datetime, zone: ZoneInfo, counting: Counting | None) -> Armed:
    times, *parts = value[1:].split("/")
    if not 1 <= len(parts) <= 2 or (times and not times.isdecimal()):
        raise Unreadable
    every = next((part for part in reversed(parts) if part.startswith("P")), "")
    plain = by_clock(every, zone)
    _must_be_slow(plain, now)
    length = length_of(every, zone, counting)
    is_kept = counting is not None or bool(plain.months)
    # R0 and R mean without end in some tools and never in none.
    left = int(times) - 1 if times and int(times) > 0 else None
    if len(parts) == 1:
        first = _measured(length, every, now, is_kept=is_kept)
    elif all(part.startswith("P") for part in parts):  # first after the one, then after the other each time
        first = _measured(length_of(parts[0], zone, counting), parts[0], now, is_kept=counting is not None)
    elif parts[0].startswith("P"):
        first = _measured(length, every, now, is_kept=is_kept)
        left = turns_until(length, moment(first.due), _date(parts[1], zone)) if left is None else left
    else:
        first = _measured(length, every, _date(parts[0], zone), 0, is_kept=is_kept)
    return replace(first, left=left, every=every)


def _must_be_slow(length: ByClock, now: datetime) -> None:
    if (length.after(now) - now).total_seconds() < SHORTEST_CYCLE_SECONDS:
        raise Unreadable


@frozen
class Next:
    """What comes after a turn of a cycle: None where that was the last. `missed`: how many turns are past already."""

    armed: Armed | None
    missed: int


def next_turn(armed: Armed, now: datetime, zone: ZoneInfo, counting: Counting | None = None) -> Next:
    """The first turn still to come, behind the one that `armed` tells. Those missed count as turns and are past."""
    start = moment(armed.due)
    if not armed.again or (armed.left is not None and armed.left <= 0):
        return Next(None, 0)
    if not armed.every.startswith("P"):
        return _next_by_cron(armed, start, now, zone)
    try:
        plain, length = by_clock(armed.every, zone), length_of(armed.every, zone, counting)
        since, times = start, 0
        if armed.counted is not None and armed.counted.length == armed.every:
            since, times = moment(armed.counted.since), armed.counted.times
        missed = max(turns_until(length, since, now) - times, 0)
        if armed.left is not None and missed >= armed.left:
            return Next(None, armed.left)
        is_kept = counting is not None or bool(plain.months)
        coming = _measured(length, armed.every, since, times + missed + 1, is_kept=is_kept)
    except (ValueError, OverflowError):
        return Next(None, 0)
    left = None if armed.left is None else armed.left - missed - 1
    return Next(replace(coming, left=left, every=armed.every, value=armed.value), missed)


def _next_by_cron(armed: Armed, start: datetime, now: datetime, zone: ZoneInfo) -> Next:
    try:
        missed, coming = _read_cron(armed.every).turns(start, now, zone)
    except ValueError:
        return Next(None, 0)
    if coming is None:
        return Next(None, missed)
    return Next(Armed(stored(coming), None, armed.every, value=armed.value), missed)


def kept(told: Mapping[str, Any]) -> Armed:
    """What a token was armed with."""
    left, every = told.get(AGAIN, (0, ""))
    counted = Counted(*told[COUNTED]) if COUNTED in told else None
    return Armed(told[DUE], left, every, counted, told.get(VALUE, ""))


def recounted(counted: Counted, zone: ZoneInfo, counting: Counting | None) -> int:
    """When it is due by the calendar as it is now. Raises ValueError or OverflowError."""
    length, since = length_of(counted.length, zone, counting), moment(counted.since)
    return stored(length.after(since, counted.times) if counted.times else since)


def begun(told: Mapping[str, Any], written: str) -> datetime:
    """When a timer that waits so long was armed."""
    if COUNTED in told:
        return moment(Counted(*told[COUNTED]).since)
    return moment(told[DUE]) - by_clock(bare(written), ZoneInfo("UTC")).rest
