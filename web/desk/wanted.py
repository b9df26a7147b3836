"""What the list is asked for: the names and values of its address, and back. Saved filters hold the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, cast, get_args
from urllib.parse import urlencode

from flask import url_for

from engine.base.frozen import frozen
from engine.cases.narrowing import STEPS, Filter, Which
from engine.cases.rules import Kind
from web.forms import MOST_NUMBER, whole
from web.page import zone
from web.shown import local

Grouping = Literal["urgency", "procedure", "day"]
NAMES: Final = ("which", "by", "procedure", "post", "from", "kind", "due", "late", "words")
_NARROWING: Final = frozenset(NAMES) - {"which", "by"}
_MOST_WORDS: Final = 200


@frozen
class Wanted:
    """`told` are the names and values that mean something, as an address holds them."""

    which: Which
    by: Grouping
    narrowed: Filter
    told: Mapping[str, str]

    @property
    def narrows(self) -> bool:
        return not _NARROWING.isdisjoint(self.told)

    def url(self, **more: str) -> str:
        asked = {**self.told, **more}
        return url_for("desk.desk") + (f"?{urlencode(asked)}" if asked else "")


def wanted(asked: Mapping[str, str], now: datetime) -> Wanted:
    """Whatever makes no sense is left out."""
    told: dict[str, str] = {}
    which = asked.get("which", "")
    if which in set(Which):
        told["which"] = which
    by = asked.get("by", "")
    if by in get_args(Grouping):
        told["by"] = by
    found: dict[str, int] = {}
    for name in ("procedure", "post", "from"):
        number = _number(asked.get(name, ""))
        if number is not None:
            found[name], told[name] = number, str(number)
    kind = _kind(asked.get("kind", ""))
    if kind is not None:
        told["kind"] = asked["kind"]
    due = _due(asked.get("due", ""), now)
    if due is not None:
        told["due"] = asked["due"]
    if asked.get("late"):
        told["late"] = "1"
    words = " ".join(asked.get("words", "").replace("\0", " ").split())[:_MOST_WORDS]
    if words:
        told["words"] = words
    narrowed = Filter(
        procedure_id=found.get("procedure"), post_id=found.get("post"), from_department_id=found.get("from"),
        kind=kind, due_before=due, late_at=now if "late" in told else None, words=words,
    )  # fmt: skip
    return Wanted(Which(told.get("which", Which.ALL)), cast(Grouping, told.get("by", "urgency")), narrowed, told)


def _number(written: str) -> int | None:
    try:
        return whole(written, MOST_NUMBER)
    except ValueError:
        return None


def _kind(written: str) -> int | None:
    number = _number(written)
    return number if number == STEPS or number in set(Kind) else None


def _due(written: str, now: datetime) -> datetime | None:
    """“today”, “week”, or a day of its own: until its end in the office's zone."""
    today = local(now).date()
    if written == "today":
        last = today
    elif written == "week":
        last = today + timedelta(days=6 - today.weekday())
    else:
        try:
            last = date.fromisoformat(written)
        except ValueError:
            return None
    try:
        return datetime.combine(last + timedelta(days=1), time(), tzinfo=zone())
    except OverflowError:
        return None
