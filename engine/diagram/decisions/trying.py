"""What a decision asks for when somebody tries it out, and what they typed as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.base.frozen import frozen
from engine.base.text import Text
from engine.diagram.decisions.atoms import Unweighable, mentioned
from engine.diagram.decisions.model import Decisions
from engine.diagram.decisions.table import Table
from engine.diagram.language import CannotEvaluate, NotAnExpression, evaluate, literals
from engine.diagram.language.reasons import because
from engine.diagram.language.types import Type
from engine.diagram.language.values import KINDS

_NO_NUMBER: Final = Text("“{typed}” is no number", "“{typed}”不是数字")
_NO_MOMENT: Final = Text("“{typed}” is no {kind}; write it as {example}", "“{typed}”不是{kind}，请写成 {example}")
_NO_VALUE: Final = Text("“{typed}” is no value: {why}", "“{typed}”不是值：{why}")
_MOMENTS: Final[Mapping[str, tuple[Any, str]]] = {
    "date": (literals.date, "2026-03-02"),
    "time": (literals.time, "09:30:00"),
    "date and time": (literals.date_time, "2026-03-02T09:30:00"),
    "days and time duration": (literals.duration, "P3D"),
    "years and months duration": (literals.duration, "P1Y6M"),
}
TRUE, FALSE = "true", "false"


@frozen
class Wanted:
    """`kind` is a type of FEEL; empty: any value, written as FEEL. `values`: texts that the table speaks of."""

    name: str
    kind: str
    values: tuple[str, ...]

    @property
    def example(self) -> str:
        if self.kind in _MOMENTS:
            return _MOMENTS[self.kind][1]
        return {"": '"text", 5, true', "number": "5"}.get(self.kind, "")


def wanted(decisions: Decisions, id_: str) -> tuple[Wanted, ...]:
    """What the decision, and those it builds on, take from outside."""
    return tuple(_wanted(name, decisions, id_) for name in sorted(decisions.names(id_)))


def _wanted(name: str, decisions: Decisions, id_: str) -> Wanted:
    own = decisions.decisions[id_].table
    tables = [own] if own is not None else []
    tables += [one.table for one in decisions.decisions.values() if one.table is not None and one.table is not own]
    typed = [input_.type for input_ in decisions.inputs.values() if input_.name == name]
    typed += [column.type for table in tables for column in table.columns if column.source == name]
    seen = [value for table in tables for value in _spoken_of(table, name)]
    kind = next((type_.kind for type_ in typed if type_ is not None and _simple(type_)), "") or _kind_of(seen)
    return Wanted(name, kind, tuple(dict.fromkeys(value for value in seen if isinstance(value, str))))


def _simple(type_: Type) -> bool:
    return type_.kind in _MOMENTS or type_.kind in ("number", "string", "boolean")


def _spoken_of(table: Table, name: str) -> list[Any]:
    found: list[Any] = []
    for place, column in enumerate(table.columns):
        if column.source != name:
            continue
        written = [column.written, *(column.type.written if column.type else ())]
        written += [row.sources[place] for row in table.rules if place < len(row.sources)]
        for one in dict.fromkeys(written):
            try:
                found += mentioned(one, table.known).values
            except Unweighable:
                continue
    return found


def _kind_of(values: list[Any]) -> str:
    kinds = {KINDS[type(value)][0] for value in values if value is not None}
    return kinds.pop() if len(kinds) == 1 else ""


def taken(asked: tuple[Wanted, ...], typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Text]]:
    """The values by name, and what is wrong with the others. What is left empty is not given."""
    values: dict[str, Any] = {}
    wrong: dict[str, Text] = {}
    for one in asked:
        written = typed.get(one.name, "").strip()
        if not written:
            continue
        try:
            values[one.name] = _value(one.kind, written)
        except _Wrong as fault:
            wrong[one.name] = fault.why
    return values, wrong


class _Wrong(Exception):
    def __init__(self, why: Text) -> None:
        self.why = why
        super().__init__(why.en)


def _value(kind: str, written: str) -> Any:
    if kind == "string":
        return written
    if kind == "boolean" and written in (TRUE, FALSE):
        return written == TRUE
    if kind in _MOMENTS:
        read, example = _MOMENTS[kind]
        found = read(written)
        if found is None:
            said = next(said for name, said in KINDS.values() if name == kind)
            raise _Wrong(because(_NO_MOMENT, typed=written, kind=said, example=example))
        return found
    try:
        value = evaluate(written, {})
    except (NotAnExpression, CannotEvaluate) as refusal:
        if kind == "number":
            raise _Wrong(because(_NO_NUMBER, typed=written)) from refusal
        raise _Wrong(because(_NO_VALUE, typed=written, why=refusal.facts["why"])) from refusal
    if kind == "number" and KINDS.get(type(value), ("",))[0] != "number":
        raise _Wrong(because(_NO_NUMBER, typed=written))
    return value
