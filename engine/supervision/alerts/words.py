"""What an alert says, in both languages: its rule, and the figure that rang it."""

from __future__ import annotations

from typing import Final

from engine.base.text import Name, Text
from engine.supervision.alerts.rules import CHANGES, Alert, Kind
from engine.supervision.figures.definitions import Definition, Unit

_TOLD: Final = {
    Kind.ABOVE: Text("{figure} is {value}, more than {threshold}", "{figure}为 {value}，高于 {threshold}"),
    Kind.BELOW: Text("{figure} is {value}, less than {threshold}", "{figure}为 {value}，低于 {threshold}"),
    Kind.RISES: Text(
        "{figure} has risen by {value} against the {days} days before, more than {threshold}",
        "{figure}较前 {days} 天上升 {value}，超过 {threshold}",
    ),
    Kind.FALLS: Text(
        "{figure} has fallen by {value} against the {days} days before, more than {threshold}",
        "{figure}较前 {days} 天下降 {value}，超过 {threshold}",
    ),
}
_RULE: Final = {
    Kind.ABOVE: Text("{figure} is more than {threshold}", "{figure}高于 {threshold}"),
    Kind.BELOW: Text("{figure} is less than {threshold}", "{figure}低于 {threshold}"),
    Kind.RISES: Text(
        "{figure} rises by more than {threshold} against the {days} days before",
        "{figure}较前 {days} 天上升超过 {threshold}",
    ),
    Kind.FALLS: Text(
        "{figure} falls by more than {threshold} against the {days} days before",
        "{figure}较前 {days} 天下降超过 {threshold}",
    ),
}
_OVER: Final = Text("{rule}, over {days} days", "{rule}（{days} 天）")
_HOURS: Final = Text("{n} hours", "{n} 小时")
_WORKING_HOURS: Final = Text("{n} working hours", "{n} 个工作小时")
_DAYS: Final = Text("{n} working days", "{n} 个工作日")
_YES: Final = {True: Text("yes", "是"), False: Text("no", "否")}


def told(alert: Alert, value: float) -> Name:
    """The sentence of a notice."""
    changes = alert.kind in CHANGES
    shown = percent(abs(value)) if changes else amount(alert.definition, value)
    return _said(_TOLD[alert.kind], alert, value=shown)


def rule(alert: Alert) -> Name:
    """The rule in a sentence."""
    said = _said(_RULE[alert.kind], alert)
    if alert.kind in CHANGES or not alert.days:
        return said
    return Name(*(_OVER.say(one, rule=said, days=alert.days) for one in ("en", "zh")))


def amount(definition: Definition, value: float) -> Text:
    """A figure with its unit."""
    if definition.is_time:
        words = _WORKING_HOURS if definition.unit is Unit.WORKING_TIME else _HOURS
        n = figure(value / 3600)
        return Name(words.say("en", n=n), words.say("zh", n=n))
    if definition.unit is Unit.SHARE:
        return percent(value)
    if definition.unit is Unit.WORKING_DAYS:
        return Name(_DAYS.say("en", n=figure(value)), _DAYS.say("zh", n=figure(value)))
    return _YES[value > 0] if definition.unit is Unit.YES_NO else Name(figure(value), figure(value))


def percent(value: float) -> Name:
    said = f"{figure(value * 100)}%"
    return Name(said, said.replace(" ", ""))


def figure(value: float) -> str:
    """As many places as say something."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.1f}"


def _said(words: Text, alert: Alert, **more: Text) -> Name:
    changes = alert.kind in CHANGES
    threshold = percent(alert.threshold) if changes else amount(alert.definition, alert.threshold)
    facts = {"figure": alert.definition.name, "threshold": threshold, "days": alert.days, **more}
    return Name(words.say("en", **facts), words.say("zh", **facts))
