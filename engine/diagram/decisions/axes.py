"""The columns of a table as axes: the pieces of each, and which of them each rule takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from engine.base.frozen import frozen
from engine.diagram.decisions.atoms import Mentioned, Unweighable, fits, mentioned, pieces, sample, unmentioned
from engine.diagram.decisions.model import Decisions
from engine.diagram.decisions.table import Column, Table
from engine.diagram.language import running
from engine.diagram.language.nodes import Node, Scope, World
from engine.diagram.language.reasons import Fault, Stopped
from engine.diagram.language.types import Type
from engine.diagram.language.values import Value

STEPS: Final = 60_000
"""Looks at a part of the table; beyond them it stays unproven."""
_WHOLE: Final = ("count(", "string length(")


@frozen
class Unproven:
    """`rule` and `column` hold a test that cannot be weighed; none where the table is too large."""

    rule: int | None = None
    column: str | None = None


class Exhausted(Exception):
    pass


@dataclass(slots=True)
class Budget:
    left: int = STEPS

    def spend(self, steps: int = 1) -> None:
        self.left -= steps
        if self.left < 0:
            raise Exhausted


@dataclass(slots=True)
class Axis:
    """One expression that columns ask for. `sure`, `may`: for each rule, the pieces it takes, as bits."""

    source: str
    values: list[Value]
    shown: bool
    free: int  # the bits of texts that nobody mentions
    certain: bool = True
    sure: list[int] = field(default_factory=list)
    may: list[int] = field(default_factory=list)

    @property
    def every(self) -> int:
        return (1 << len(self.values)) - 1


def axes(table: Table, decisions: Decisions, budget: Budget) -> tuple[list[Axis], list[Unproven]]:
    found: dict[str, Axis] = {}
    unproven: list[Unproven] = []
    for source in dict.fromkeys(column.source for column in table.columns):
        places = [place for place, column in enumerate(table.columns) if column.source == source]
        axis, unweighed = _axis(table, places, decisions, budget)
        found[source] = axis
        unproven += unweighed
    return list(found.values()), unproven


def _axis(table: Table, places: Sequence[int], decisions: Decisions, budget: Budget) -> tuple[Axis, list[Unproven]]:
    columns = [table.columns[place] for place in places]
    type_ = _type(columns[0], decisions)
    mentions, unweighable = _mentions(table, places)
    of_the_column, certain = _mentions_of(columns, type_, table.known)
    mentions += of_the_column
    try:
        values = pieces(mentions, type_)
    except Unweighable:
        values, certain = [], False
    shown = bool(values)
    budget.spend(len(values) * len(table.rules) * len(places) // 20)
    values = _allowed(values, columns, type_) if shown else [sample(type_)]
    words = {value for one in mentions for value in one.values if isinstance(value, str)}
    free = sum(1 << place for place, value in enumerate(values) if words and value == unmentioned(words))
    axis = Axis(columns[0].source, values, shown, free, certain)
    unproven: list[Unproven] = []
    for row in table.rules:
        sure = may = axis.every
        for place in places:
            dark = (row.number, place) in unweighable or not shown
            held, doubted = _held(row.tests[place], axis, dark)
            sure, may = sure & held, may & (held | doubted)
            if doubted:
                unproven.append(Unproven(row.number, table.columns[place].label))
        axis.sure.append(sure)
        axis.may.append(may)
    if not certain and not unproven:
        unproven.append(Unproven(None, columns[0].label))
    return axis, unproven


def _mentions(table: Table, places: Sequence[int]) -> tuple[list[Mentioned], set[tuple[int, int]]]:
    """What the cells compare with, and those of which it cannot be said."""
    found: dict[str, Mentioned | None] = {}
    unweighable = set()
    for row in table.rules:
        for place in places:
            source = row.sources[place] if place < len(row.sources) else "?"
            if source not in found:
                found[source] = _mentioned(source, table.known)
            if found[source] is None:
                unweighable.add((row.number, place))
    return [one for one in found.values() if one is not None], unweighable


def _mentioned(source: str, known: frozenset[str]) -> Mentioned | None:
    try:
        return mentioned(source, known)
    except Unweighable:
        return None


def _mentions_of(columns: Sequence[Column], type_: Type | None, known: frozenset[str]) -> tuple[list[Mentioned], bool]:
    """What limits the column, and whether all of it is understood."""
    found = [
        _mentioned(written, known)
        for written in [one.written for one in columns] + list(type_.written if type_ else ())
    ]
    return [one for one in found if one is not None], None not in found


def _type(column: Column, decisions: Decisions) -> Type | None:
    """That of the column; where what it asks for is an input with a narrower one, that."""
    named = [(one.name, one.type) for one in decisions.inputs.values()]
    named += [(one.variable, one.type) for one in decisions.decisions.values()]
    return next(
        (type_ for name, type_ in named if name == column.source and type_ is not None and type_.allows is not None),
        column.type,
    )


def _allowed(values: list[Value], columns: Sequence[Column], type_: Type | None) -> list[Value]:
    """The pieces that the column may have at all."""
    whole = columns[0].source.startswith(_WHOLE)
    tests = [column.allowed for column in columns if column.allowed is not None]
    return [
        value
        for value in values
        if fits(value, type_)
        and all(value is None or _holds(test, value) is not False for test in tests)
        and not (whole and isinstance(value, Decimal) and (value < 0 or value != value.to_integral_value()))
    ]


def _held(test: Node | None, axis: Axis, dark: bool) -> tuple[int, int]:
    """The pieces of which the test holds, and those of which it cannot be said. `dark`: of none can it."""
    if test is None:
        return axis.every, 0
    if dark:
        return 0, axis.every
    held = doubted = 0
    for place, value in enumerate(axis.values):
        found = _holds(test, value)
        if found is None:
            doubted |= 1 << place
        elif found:
            held |= 1 << place
    return held, doubted


def _holds(test: Node, value: Value) -> bool | None:
    """None where it cannot be told."""
    running.begin()
    try:
        return test.run(Scope({"?": value}, None, World({}, strict=False))) is True
    except (Fault, Stopped, RecursionError):
        return None
