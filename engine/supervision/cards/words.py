"""Why a card was given and what was done before an escalation, as sentences in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.base.frozen import frozen
from engine.base.text import Name, Text, day_in_full
from engine.cases.rules import Change, Mark
from engine.supervision.cards.facts import FACTS, Value


@frozen
class Done:
    """One thing that was done before: when, what, and by whom."""

    at: datetime
    what: str
    who: Text | None


_CHANGES: Final[Mapping[int, str]] = {
    Change.OFFERED: "opened", Change.CLAIMED: "claimed", Change.BEGUN: "begun", Change.PAUSED: "paused",
    Change.RESUMED: "resumed", Change.RELEASED: "released",
}  # fmt: skip
_MARKS: Final[Mapping[int, str]] = {
    Mark.RETURNED: "returned", Mark.URGED: "urged", Mark.GIVEN: "given", Mark.HAND_OVER_RETURNED: "returned",
    Mark.ESCALATED: "told above", Mark.EXTENDED: "extended", Mark.YELLOW_CARD: "yellow", Mark.RED_CARD: "red",
    Mark.SENT_UP: "sent up",
}  # fmt: skip
DONE: Final[Mapping[str, Text]] = {
    "opened": Text("opened", "环节开始"),
    "claimed": Text("claimed", "认领"),
    "begun": Text("work begun", "开始办理"),
    "paused": Text("work paused", "暂停办理"),
    "resumed": Text("work resumed", "继续办理"),
    "released": Text("released", "退回岗位"),
    "returned": Text("returned", "退回"),
    "urged": Text("urged", "催办"),
    "given": Text("handed over to a colleague", "转办"),
    "told above": Text("hand-over not answered: the post above was told", "交接未答复，已报上级岗位"),
    "extended": Text("more time given", "延期"),
    "yellow": Text("yellow card", "发黄牌"),
    "red": Text("red card", "发红牌"),
    "sent up": Text("sent up the line", "逐级上报"),
}


def change_code(change: int) -> str | None:
    return _CHANGES.get(change)


def mark_code(kind: int) -> str | None:
    return _MARKS.get(kind)


def shown(name: str, value: Any) -> str:
    """A number as a person reads it; shares in per cent."""
    if name.endswith("share_used"):
        return f"{Decimal(str(value)) * 100:.0f}%"
    number = Decimal(str(value))
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"


def said(name: str, value: Value) -> Text:
    """One fact with its value."""
    fact = FACTS.get(name)
    if fact is None:
        return Name(f"{name} = {value}", f"{name} = {value}")
    if fact.kind == "truth":
        return fact.said if value is True else fact.denied or fact.said
    told = str(value) if fact.kind == "text" else shown(name, value)
    return Name(fact.said.say("en", value=told), fact.said.say("zh", value=told))


def because(facts: Mapping[str, Value]) -> Text:
    """All of them in one sentence, as the condition asked for them."""
    parts = [said(name, value) for name, value in facts.items()]
    return Name("; ".join(one.en for one in parts), "；".join(one.zh for one in parts))


def summary(done: Sequence[Done], zone: ZoneInfo) -> Text:
    """What has been done so far in one line, for a notice: the last things, each with its day in the zone."""
    last = done[-6:]

    def told(one: Done, zh: bool) -> str:
        words = DONE[one.what].zh if zh else DONE[one.what].en
        who = "" if one.who is None else f" ({one.who.en})" if not zh else f"（{one.who.zh}）"
        return f"{day_in_full(one.at.astimezone(zone).date(), 'zh' if zh else 'en')} {words}{who}"

    return Name("; ".join(told(one, False) for one in last), "；".join(told(one, True) for one in last))


def written_done(done: Sequence[Done]) -> list[dict[str, Any]]:
    return [
        {
            "at": one.at.isoformat(),
            "what": one.what,
            "en": one.who.en if one.who else None,
            "zh": one.who.zh if one.who else None,
        }
        for one in done
    ]


def read_done(kept: Sequence[Mapping[str, Any]]) -> tuple[Done, ...]:
    return tuple(
        Done(datetime.fromisoformat(one["at"]), one["what"], Name(one["en"], one["zh"]) if one["en"] else None)
        for one in kept
        if one["what"] in DONE
    )
