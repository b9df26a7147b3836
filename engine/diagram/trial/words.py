"""Why a trial went where it went, in plain sentences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.base.text import Name, Text
from engine.diagram.run.trace import Assigned, Came, Decided, Happening, Parted
from engine.diagram.trial.ground import Ground

_MOST: Final = 80

_BY_CONDITION: Final = Text(
    "At {gateway} it went to {ways}, because {why} holds.", "在{gateway}走向{ways}，因为{why}成立。"
)
_BY_DEFAULT: Final = Text(
    "At {gateway} it went to {ways}, because no other condition holds.", "在{gateway}走向{ways}，因为其他条件均不成立。"
)
_BY_PERSON: Final = Text("At {gateway} it went to {ways}: so it was chosen.", "在{gateway}按选择走向{ways}。")
_MATCHED: Final = Text(
    "{step} asked the decision “{decision}”: {rules}, so {found}.", "{step}查询决策“{decision}”：{rules}，因此{found}。"
)
_RULE: Final = Text("rule {rules} of “{table}” matched", "“{table}”的第 {rules} 条规则符合")
_NO_RULE: Final = Text("no rule of “{table}” matched", "“{table}”中没有规则符合")
_WORKED_OUT: Final = Text("{step} worked out {found}.", "{step}得出{found}。")
_CAME: Final = Text("{step} came about, because {why} now holds.", "{step}已发生，因为{why}现已成立。")
_AFTER: Final = Text("the choice after “{step}”", "“{step}”之后的分支")
_UNNAMED: Final = Text("a choice without a name", "未命名的分支")
_AND: Final = Text(" and ", "和")
_NOTHING: Final = Text("nothing", "无结果")


def why(ground: Ground, happened: Happening) -> Text | None:
    """None where there is nothing to explain: a step was passed, or there was only one way."""
    match happened:
        case Parted(by="only"):
            return None
        case Parted():
            return _parted(ground, happened)
        case Decided():
            step = quoted(ground.name(happened.element, happened.process))
            rules = _joined([_rules(one.table, one.rules) for one in happened.tables], Text("; ", "；"))
            return _said(_MATCHED, step=step, decision=happened.decision, rules=rules, found=values(happened.found))
        case Assigned():
            step = quoted(ground.name(happened.element, happened.process))
            return _said(_WORKED_OUT, step=step, found=values(happened.values))
        case Came():
            step = quoted(ground.name(happened.element, happened.process))
            return _said(_CAME, step=step, why=_reason(happened.condition, happened.read))
    return None


def _parted(ground: Ground, one: Parted) -> Text:
    ways = _joined([quoted(ground.flow_name(flow)) for flow in one.taken], _AND)
    gateway = gateway_name(ground, one.process, one.element)
    if one.by != "condition":
        return _said(_BY_DEFAULT if one.by == "default" else _BY_PERSON, gateway=gateway, ways=ways)
    held = [way for way in one.ways if way.held and way.condition is not None]
    reasons = _joined([_reason(way.condition or "", way.read) for way in held], _AND)
    return _said(_BY_CONDITION, gateway=gateway, ways=ways, why=reasons)


def _reason(condition: str, read: Mapping[str, Any]) -> Text:
    known = ", ".join(f"{name} = {value_said(value)}" for name, value in read.items())
    plain = " ".join(condition.split())
    if not known or known == plain:
        return Name(plain, plain)
    return Name(f"{plain} ({known})", f"{plain}（{known}）")


def _rules(table: str, rules: Sequence[int]) -> Text:
    return _said(_RULE, table=table, rules=", ".join(map(str, rules))) if rules else _said(_NO_RULE, table=table)


def gateway_name(ground: Ground, process: str, element: str) -> Text:
    """By its own name; else by what stands before it."""
    place = ground.places.get((process, element))
    if place is not None and place.name != element:
        return quoted(place.name)
    before = [flow.source for flow in ground.flows.values() if flow.target == element]
    named = [ground.name(one, process) for one in before if ground.name(one, process) != one]
    return _said(_AFTER, step=named[0]) if named else _UNNAMED


def values(found: Mapping[str, Any]) -> Text:
    if not found:
        return _NOTHING
    return _joined([Name(*(f"{name} = {value_said(value)}",) * 2) for name, value in found.items()], Text(", ", "，"))


def value_said(value: Any) -> str:
    """As FEEL writes it, cut short."""
    written = json.dumps(value, ensure_ascii=False, default=str)
    return written if len(written) <= _MOST else written[: _MOST - 1] + "…"


def quoted(name: str) -> Text:
    return Name(f"“{name}”", f"“{name}”")


def _joined(parts: Sequence[Text], between: Text) -> Text:
    return Name(between.en.join(one.say("en") for one in parts), between.zh.join(one.say("zh") for one in parts))


def _said(sentence: Text, **facts: Any) -> Text:
    return Name(sentence.say("en", **facts), sentence.say("zh", **facts))
