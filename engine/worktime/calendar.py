"""When an office works: its week, its zone, and the days that are other than the week says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import Name, Text

MONDAY_TO_FRIDAY: Final = range(5)
_DAY: Final = timedelta(days=1)


class HoursUnfit(Refusal):
    """The working hours {begin} to {end} cannot be: they end before they begin, or run into those after them."""

    zh = "工作时间 {begin} 至 {end} 不成立：结束早于开始，或与后一段重叠。"


class NeverWorks(Refusal):
    """This calendar has no working hour in any week, so nothing could ever be due by it. Give at least one day hours."""

    zh = "此日历没有任何工作时间，期限将永远无法届满。请至少为一天设定工作时间。"


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """From `begin` up to `end` by the wall clock of the calendar's zone; `end` 00:00 is the end of the day."""

    begin: time
    end: time

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """In UTC. Where the clocks are put forward or back the hour that is skipped or doubled is real time."""
        last = day if self.end > time.min else day + _DAY
        begins = datetime.combine(day, self.begin, zone).astimezone(UTC)
        return begins, max(datetime.combine(last, self.end, zone).astimezone(UTC), begins)


@frozen
class Exceptional:
    """A day that is other than its weekday: a holiday, or a day that is worked instead (调休)."""

    works: bool
    name: Name
    source: str  # who says so: a notice, a library with its release, an administrator
    hours: tuple[Hours, ...] = ()  # where it works by hours of its own; else by its weekday's, a weekend by Monday's


@frozen
class WorkCalendar:
    """Days of its own count over those of `above`; the week and the zone are its own."""

    zone: ZoneInfo
    week: tuple[tuple[Hours, ...], ...]  # Monday first
    days: Mapping[date, Exceptional] = field(default_factory=dict)
    published: frozenset[int] | None = None  # years whose notice was taken in; None: every year is certain
    above: WorkCalendar | None = None

    def exceptional(self, day: date) -> Exceptional | None:
        found = self.days.get(day)
        if found is None and self.above is not None:
            return self.above.exceptional(day)
        return found

    def hours_of(self, day: date) -> tuple[Hours, ...]:
        said = self.exceptional(day)
        if said is None:
            return self.week[day.weekday()]
        if not said.works:
            return ()
        # A weekend worked instead is a whole day, also where the weekend has short hours of its own.
        usual = self.week[day.weekday()] if day.weekday() < 5 else ()
        return said.hours or usual or next(hours for hours in self.week if hours)

    def works_on(self, day: date) -> bool:
        return bool(self.hours_of(day))

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """The working hours of a day as instants in UTC, in order."""
        return [hours.on(day, self.zone) for hours in self.hours_of(day)]

    def is_certain(self, year: int) -> bool:
        """Whether the year's holidays and the days worked instead are known."""
        if self.published is not None:
            return year in self.published
        return self.above is None or self.above.is_certain(year)

    def local_day(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()


def fit_week(week: Sequence[Sequence[Hours]]) -> tuple[tuple[Hours, ...], ...]:
    """Seven days, Monday first. Raises HoursUnfit, NeverWorks."""
    if len(week) != 7:
        raise ValueError(f"a week of {len(week)} days")
    fitted = tuple(fit_hours(hours) for hours in week)
    if not any(fitted):
        raise NeverWorks()
    return fitted


def fit_hours(hours: Sequence[Hours]) -> tuple[Hours, ...]:
    ordered = tuple(sorted(hours))
    for place, one in enumerate(ordered):
        ends = one.end if one.end > time.min else time.max
        following = ordered[place + 1].begin if place + 1 < len(ordered) else time.max
        if ends <= one.begin or ends > following:
            raise HoursUnfit(begin=f"{one.begin:%H:%M}", end=f"{one.end:%H:%M}")
    return ordered


WEEKEND: Final = Text(en="weekly rest", zh="周末")
