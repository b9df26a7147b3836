"""What a period is made of: how long, of what unit, from when, and what stops it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import Name, Text


class PeriodUnfit(Refusal):
    """A period of {length} cannot be: it takes a whole number from 1 to {most}."""

    zh = "期限 {length} 不成立：须为 1 至 {most} 的整数。"


class Unit(StrEnum):
    WORKING_DAYS = "working days"
    CALENDAR_DAYS = "calendar days"
    WORKING_HOURS = "working hours"
    MONTHS = "months"
    HOURS = "hours"
    """By the clock, day and night."""


UNITS: Final = {
    Unit.WORKING_DAYS: Text("{count} working days", "{count} 个工作日"),
    Unit.CALENDAR_DAYS: Text("{count} days", "{count} 日"),
    Unit.WORKING_HOURS: Text("{count} working hours", "{count} 个工作小时"),
    Unit.MONTHS: Text("{count} months", "{count} 个月"),
    Unit.HOURS: Text("{count} hours", "{count} 小时"),
}
MOST_LENGTH: Final = 5000


@frozen
class Period:
    """So long, from the event; the day of the event is not counted (Civil Code of the PRC, article 201; Regulation 1182/71, article 3).

    `rolls`: a last day that is not worked gives way to the next one that is (Civil Code, article 203). Working days
    and hours need no rolling. Of days and months the period ends with the last day.
    """

    length: int
    unit: Unit
    rolls: bool = True
    counts_first_day: bool = False


@frozen
class Stop:
    """The clock stands from one instant to another, or still. Every day it touches is not counted."""

    begin: datetime
    end: datetime | None
    ground: Text


def fit_length(length: int) -> int:
    if not 1 <= length <= MOST_LENGTH:
        raise PeriodUnfit(length=length, most=MOST_LENGTH)
    return length


def length_of(count: int, unit: Unit) -> Text:
    """“20 working days”, “1 month”."""
    said = UNITS[unit]
    english = said.say("en", count=count)
    return Name(english[:-1] if count == 1 else english, said.say("zh", count=count))
