"""Trying a decision out: what was typed, and what the decision made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.base.frozen import frozen
from engine.diagram import decisions
from engine.diagram.decisions import trying
from web.languages import gettext as _
from web.languages import language
from web.shown import fact


@frozen
class Tried:
    """What trying out gave: `wrong` by the name of the input, else what was told."""

    wrong: Mapping[str, str]
    told: decisions.Told | None
    result: list[tuple[str, str]]
    required: list[tuple[str, str]]
    refusal: str
    with_table: bool = False


def tried(model: decisions.Decisions, id_: str, asked: tuple[trying.Wanted, ...], typed: Any) -> Tried:
    values, wrong = trying.taken(asked, {one.name: typed.get(f"try.{one.name}", "") for one in asked})
    if wrong:
        return Tried({name: why.say(language()) for name, why in wrong.items()}, None, [], [], "")
    told = decisions.told(model, id_, values)
    refusal = told.refusal.say(language(), fact) if told.refusal else ""
    name = model.decisions[id_].variable
    result = told.result.items() if isinstance(told.result, dict) else [(name, told.result)]
    return Tried(
        wrong={},
        told=told,
        result=[(str(key), _value(value)) for key, value in result] if not refusal else [],
        required=[(key, _value(value)) for key, value in told.required.items()],
        refusal=refusal,
        with_table=model.decisions[id_].table is not None,
    )


def _value(value: Any) -> str:
    if value is None:
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return _(", ").join(map(_value, value)) if value else _("nothing")
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_value(entry)}" for key, entry in value.items())
    return str(value)
