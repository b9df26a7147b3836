"""Answers that somebody might give at a step: what a dry run tries its way to the end with."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from random import Random
from typing import Any, Final

from sqlalchemy import Connection

from engine.diagram import voting
from engine.diagram.forms import Field, Kind, every_field
from engine.procedures.editions import contents
from engine.procedures.runnable import Runnable, Step

_TEXTS: Final = re.compile(r"[\"']([^\"']{1,80})[\"']")
_NUMBERS: Final = re.compile(r"(?<![\w.\"'])\d{1,12}(?:\.\d{1,6})?(?![\w.\"'])")
_MOST_READ: Final = 200_000
_YES_OR_NO: Final = (voting.RESULT[-1], voting.COUNTERSIGNED[-1])
_DAYS: Final = ("2020-01-01", "2026-06-01", "2999-01-01")


class Likely:
    """`give` is what a walk asks for answers."""

    def __init__(
        self,
        written: Iterable[str],
        fields: Mapping[tuple[str, str], Sequence[Field]],
        steps: Collection[tuple[str, str]],
        variables: frozenset[str],
        beside: Mapping[tuple[str, str], Sequence[str]] | None = None,
    ) -> None:
        """`written`: wherever a value may stand that a way depends on. `beside`: answers that a vote or the departments
        leave at a step."""
        self.beside = beside or {}
        told = list(written)
        self.texts = sorted({one for text in told for one in _TEXTS.findall(text)}) or ["x"]
        self.numbers = sorted({value for text in told for one in _NUMBERS.findall(text) for value in _about(one)})
        self.fields = fields
        self.steps = frozenset(steps)
        asked = {one.path[0] for some in fields.values() for one in every_field(some) if one.path}
        self.others = sorted(variables - asked)

    def give(self, process: str, element: str, chance: Random) -> Mapping[str, Any]:
        if (process, element) in self.steps:
            told = self.beside.get((process, element), ())
            voted = {name: chance.random() < 0.5 if name in _YES_OR_NO else chance.randrange(9) for name in told}
            return {**self._filled(self.fields.get((process, element), ()), chance), **voted}
        return {name: chance.choice((True, False, *self.numbers, *self.texts)) for name in self.others}

    def _filled(self, fields: Sequence[Field], chance: Random) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in fields:
            if one.kind is Kind.GROUP:
                _merge(found, self._filled(one.children, chance))
            elif one.path and one.answers:
                _put(found, one.path, self._value(one, chance))
        return found

    def _value(self, one: Field, chance: Random) -> Any:
        if one.kind is Kind.ROWS:
            return [self._filled(one.children, chance) for _ in range(max(1, one.repetitions))]
        if one.kind is Kind.SEVERAL:
            return [option.value for option in one.options if chance.random() < 0.7]
        if one.options:
            return chance.choice(one.options).value
        return self._typed(one.kind, chance)

    def _typed(self, kind: Kind, chance: Random) -> Any:
        if kind is Kind.YES_NO:
            return chance.random() < 0.5
        if kind in (Kind.NUMBER, Kind.INTEGER):
            value = chance.choice(self.numbers or [1])
            return int(value) if kind is Kind.INTEGER else value
        if kind is Kind.DATE:
            return chance.choice(_DAYS)
        if kind is Kind.MOMENT:
            return f"{chance.choice(_DAYS)}T09:00:00"
        return "09:00:00" if kind is Kind.TIME else chance.choice(self.texts)


def likely(db: Connection, runnable: Runnable) -> Likely:
    """For an edition and those it calls."""
    written: list[str] = []
    for edition_id in {runnable.edition_id, *(one for one, _element in runnable.places)}:
        held = contents(db, edition_id)
        written += [flow.condition for flow in held.diagram.flows.values() if flow.condition]
        written += [
            content.decode("utf-8", "replace") for path, content in held.attachments.items() if path.endswith(".dmn")
        ]
    fields = {place: step.form.fields for place, step in runnable.steps.items() if step.form is not None}
    beside = {place: _beside(step) for place, step in runnable.steps.items() if step.committee or step.countersign}
    return Likely((text[:_MOST_READ] for text in written), fields, runnable.steps, runnable.model.variables, beside)


def _beside(step: Step) -> tuple[str, ...]:
    return (*(voting.RESULT if step.committee else ()), *(voting.COUNTERSIGNED if step.countersign else ()))


def _about(written: str) -> tuple[float, ...]:
    number = float(written)
    whole = int(number) if number.is_integer() else number
    return whole, whole + 1, max(0, whole - 1)


def _put(found: dict[str, Any], path: Sequence[str], value: Any) -> None:
    *outer, last = path
    for name in outer:
        inner = found.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        found = inner
    found[last] = value


def _merge(found: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(found.get(name), dict):
            _merge(found[name], value)
        else:
            found[name] = value
