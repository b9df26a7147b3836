"""How names, instants, durations and numbers are shown: in the page's language, in the office's zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, Literal

from flask import Flask
from markupsafe import Markup, escape

from engine.base import clock
from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import Language, Name, Text
from web.languages import TAGS, language, ngettext, other
from web.languages import gettext as _
from web.page import zone

# Four patterns and nineteen names: Babel's calendars would take 7 MB of every process for them.
_SHORT_DAY: Final[Mapping[Language, str]] = {
    "en": "{weekday:.3} {day} {month_in_short}",
    "zh": "{month}月{day}日 周{weekday}",
}
_DAY: Final[Mapping[Language, str]] = {"en": "{day} {month_in_short}", "zh": "{month}月{day}日"}
_DAY_OF_A_YEAR: Final[Mapping[Language, str]] = {
    "en": "{day} {month_in_short} {year}",
    "zh": "{year}年{month}月{day}日",
}
_LONG_DAY: Final[Mapping[Language, str]] = {
    "en": "{weekday} {day} {month_in_full} {year}",
    "zh": "{year}年{month}月{day}日 星期{weekday}",
}
_WEEKDAYS: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "zh": tuple("一二三四五六日"),
}
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

_NEVER: Final = 9999
"""A due date in this year stands for none."""

SOON: Final = timedelta(hours=24)


def set_up(app: Flask) -> None:
    for filter_ in _FILTERS:
        app.jinja_env.filters[filter_.__name__] = filter_
    app.jinja_env.globals["bar_shares"] = shares


def named(thing: Any, what: str = "name") -> str:
    """Its name in the page's language; in the other one where that is missing. Takes a Name, or what carries one."""
    name = _name(thing, what)
    return (name.zh or name.en) if language() == "zh" else (name.en or name.zh)


def both(thing: Any, what: str = "name") -> Markup:
    """Its names in both languages, the page's own first; once where they are the same. Not for attributes: use `named`."""
    name, foreign = _name(thing, what), other(language())
    mine, theirs = named(name), name.zh if foreign == "zh" else name.en
    if not theirs or theirs == mine:
        return escape(mine)
    return Markup('{} <span lang="{}">{}</span>').format(mine, TAGS[foreign], theirs)


def _name(thing: Any, what: str) -> Text:
    if isinstance(thing, Text):
        return thing
    if hasattr(thing, f"{what}_en"):
        return Name(getattr(thing, f"{what}_en"), getattr(thing, f"{what}_zh"))
    found: Text = getattr(thing, what)
    return found


def said(text: Text, **facts: Any) -> str:
    return text.say(language(), **facts)


def in_language(words: Mapping[Language, str]) -> str:
    """The page's language, else the other one; empty where nothing is written."""
    spoken = language()
    return words.get(spoken) or words.get(other(spoken)) or ""


def fact(value: Any) -> Any:
    """A fact of a refusal, in words; an instant stands after “on”, where English says no “today”."""
    if isinstance(value, datetime):
        return moment(value) if language() == "zh" else _day_and_hour(value)
    if isinstance(value, timedelta):
        return duration(value)
    return value


def refused(refusal: Refusal) -> str:
    """Its sentence, with every fact in words."""
    return refusal.say(language(), fact)


def local(instant: datetime) -> datetime:
    return instant.astimezone(zone())


def hour(instant: datetime) -> str:
    return f"{local(instant):%H:%M}"


def moment(instant: datetime) -> str:
    """“today 10:20”, “yesterday 16:02”, “13 Nov 09:12”; the year where it is another one."""
    there, today = local(instant), local(clock.now()).date()
    away = (there.date() - today).days
    if away in _NEAR:
        return _NEAR[away]() + " " + hour(instant)
    return _day_and_hour(instant)


def _day_and_hour(instant: datetime) -> str:
    there, today = local(instant), local(clock.now()).date()
    return _date(there.date(), _DAY if there.year == today.year else _DAY_OF_A_YEAR) + " " + hour(instant)


def stamp(instant: datetime) -> Markup:
    """The instant in words, the exact one on hover."""
    return _stamp(instant, zone(), local(clock.now()).date(), language())


@lru_cache(maxsize=4096)
def _stamp(instant: datetime, there_is: tzinfo, _today: date, _spoken: Language) -> Markup:
    """A list shows many, and is looked at again and again."""
    there = instant.astimezone(there_is)
    exact = f"{_date(there.date(), _LONG_DAY)} {there:%H:%M}"
    told = Markup('<time datetime="{}" title="{}" class="o-num">{}</time>')
    return told.format(there.isoformat(timespec="minutes"), exact, moment(there))


_NEAR: Final[dict[int, Callable[[], str]]] = {
    -1: lambda: _("yesterday"),
    0: lambda: _("today"),
    1: lambda: _("tomorrow"),
}


def day(value: datetime | date) -> str:
    """“Wed 18 Nov”; the year instead of the weekday where it is another one."""
    there = local(value).date() if isinstance(value, datetime) else value
    return _date(there, _SHORT_DAY if there.year == local(clock.now()).year else _DAY_OF_A_YEAR)


def long_day(value: datetime | date) -> str:
    return _date(local(value).date() if isinstance(value, datetime) else value, _LONG_DAY)


def _date(value: date, patterns: Mapping[Language, str]) -> str:
    spoken = language()
    return _written_date(value, patterns[spoken], spoken)


@lru_cache(maxsize=4096)
def _written_date(value: date, pattern: str, spoken: Language) -> str:
    """A list says the same few days again and again."""
    month = _MONTHS[value.month - 1]
    return pattern.format(
        year=value.year,
        month=value.month,
        month_in_full=month,
        month_in_short="Sept" if value.month == 9 else month[:3],
        day=value.day,
        weekday=_WEEKDAYS[spoken][value.weekday()],
    )


def machine_time(instant: datetime) -> str:
    """For the `datetime` attribute."""
    return local(instant).isoformat(timespec="minutes")


def until(due: datetime, now: datetime) -> str:
    """“in 2 h 40 min”, “in 3 days”, “2 days late”; nothing where nothing is promised."""
    if due.year >= _NEVER:
        return ""
    left, late = due - now, now - due
    words: str
    if late >= timedelta(days=1):
        words = ngettext("%(num)s day late", "%(num)s days late", late.days)
    elif late > timedelta(0):
        words = _("%(time)s late", time=duration(late))
    elif left < timedelta(days=2):
        words = _("in %(time)s", time=duration(left))
    else:
        words = ngettext("in %(num)s day", "in %(num)s days", left.days)
    return words


def urgency(due: datetime, now: datetime) -> Literal["late", "soon", "calm"]:
    if due < now:
        return "late"
    return "soon" if due - now < SOON else "calm"


def duration(length: timedelta) -> str:
    """In its two largest units: “5 d 4 h”, “2 h 40 min”."""
    minutes = int(abs(length).total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts: list[str]
    if days:
        parts = [_("%(num)s d", num=days)] + ([_("%(num)s h", num=hours)] if hours and days < 10 else [])
    elif hours:
        parts = [_("%(num)s h", num=hours)] + ([_("%(num)s min", num=minutes)] if minutes else [])
    elif minutes:
        parts = [_("%(num)s min", num=minutes)]
    else:
        parts = [_("under a minute")]
    return ("" if language() == "zh" else " ").join(parts)


def number(value: float) -> str:
    """To two decimals; both languages write figures alike."""
    written = f"{Decimal(str(value)):,.2f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def share(value: float) -> str:
    """Of one, as whole percent."""
    return f"{Decimal(str(value)):,.0%}"


_FILTERS: Final = (
    named, both, said, in_language, moment, stamp, day, long_day, hour, machine_time, until, urgency, duration, number, share,
    refused,
)  # fmt: skip


@frozen
class Part:
    """A piece of the bar, in percent of its length."""

    kind: Literal["wait", "stop", "work", "over"]
    x: float
    width: float


@frozen
class Shares:
    parts: tuple[Part, ...]
    promise: float | None
    law: float | None


Length = float | timedelta


def shares(
    waited: Length, worked: Length, stopped: Length, past: Length, promise: Length | None, law: Length | None
) -> Shares:
    """The bar ends where the law's period does, or the promise's, or what has passed, whichever is last."""
    kinds: tuple[tuple[Literal["wait", "stop", "work", "over"], float], ...] = (
        ("wait", _plain(waited)),
        ("stop", _plain(stopped)),
        ("work", _plain(worked)),
        ("over", _plain(past)),
    )
    promised = None if promise is None else _plain(promise)
    lawful = None if law is None else _plain(law)
    whole = max(sum(length for _kind, length in kinds), promised or 0, lawful or 0) or 1
    parts, x = [], 0.0
    for kind, length in kinds:
        if length > 0:
            parts.append(Part(kind, round(x / whole * 100, 2), round(length / whole * 100, 2)))
        x += length
    return Shares(tuple(parts), _tick(promised, whole), _tick(lawful, whole))


def _plain(length: Length) -> float:
    return max(0.0, length.total_seconds() if isinstance(length, timedelta) else float(length))


def _tick(at: float | None, whole: float) -> float | None:
    return None if at is None else round(at / whole * 100, 2)
