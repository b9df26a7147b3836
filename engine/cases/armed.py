"""What is told of a timer that is armed: how long it waits or how often it comes, and whether its day may yet move."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from engine.base.text import Name, Text
from engine.diagram import cron
from engine.diagram.durations import duration, in_words
from engine.organisation.calendars.reads import calendar_of
from engine.procedures.runnable import runnable

_AFTER: Final = Text("after {length}", "{length}之后")
_EVERY: Final = Text("every {length}", "每{length}一次")
_AS_WRITTEN: Final = Text("as it is written: {value}", "按所写规则：{value}")


def how_long(value: str | None, *, working: bool) -> Text | None:
    """None where nothing more is to be told than when it is due."""
    if not value:
        return None
    if value.startswith("P"):
        return _said(_AFTER, value, working)
    if value.startswith("R"):
        every = next((part for part in reversed(value.split("/")) if part.startswith("P")), "")
        return _said(_EVERY, every, working)
    if cron.is_cron(value):
        return Name(_AS_WRITTEN.say("en", value=value), _AS_WRITTEN.say("zh", value=value))
    return None


def _said(sentence: Text, value: str, working: bool) -> Text:
    plain = duration(value)
    length = Name(value, value) if plain is None else in_words(plain, working=working)
    return Name(sentence.say("en", length=length.en), sentence.say("zh", length=length.zh.replace(" ", "")))


def is_provisional(db: Connection, edition_id: int, process: str, element: str, since: datetime, due: datetime) -> bool:
    """Whether a timer of working time runs through a year whose holidays nobody has told yet."""
    counted = runnable(db, edition_id, process).counted
    department = next((one for place, one in counted.items() if place[1] == element), None)
    calendar = calendar_of(db, department)
    first, last = calendar.local_day(since).year, calendar.local_day(due).year
    return not all(calendar.is_certain(year) for year in range(first, last + 1))
