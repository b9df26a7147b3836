"""A decision table as it is written: texts only, to be shown, changed and written again. Nothing in it need make sense."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from engine.base.frozen import frozen
from engine.base.text import Text
from engine.diagram.decisions.hits import AGGREGATIONS, POLICIES
from engine.diagram.decisions.items import child, children, text
from engine.diagram.decisions.table import MOST_CELLS, MOST_COLUMNS, MOST_RULES
from engine.diagram.language import names
from engine.diagram.language.expressions import bare, compiled
from engine.diagram.language.reasons import EMPTY, NotAnExpression, because
from engine.diagram.language.types import SIMPLE

_NAME: Final = re.compile(r"[^\W\d][\w\s./'+*-]{0,120}")
TYPES: Final = tuple(
    one for one in SIMPLE if one not in ("Null", "Any", "dateTime", "dayTimeDuration", "yearMonthDuration")
)
"""Names of types to choose from; a file may define more."""


@frozen
class Asked:
    """A column of conditions. `values`: the tests of what it allows. `id` is the file's own, or `#3` for the third."""

    id: str
    label: str
    expression: str
    type: str
    values: str


@frozen
class Said:
    """A column of results. `otherwise`: what it says where no rule applies."""

    id: str
    label: str
    name: str
    type: str
    values: str
    otherwise: str


@frozen
class Line:
    """A rule: its cells in the order of the columns, and what somebody noted beside it."""

    id: str
    asked: tuple[str, ...]
    said: tuple[str, ...]
    note: str


@frozen
class Sheet:
    policy: str
    aggregation: str
    asked: tuple[Asked, ...]
    said: tuple[Said, ...]
    lines: tuple[Line, ...]


def sheet_of(element: etree._Element) -> Sheet:
    """`element` is a `decisionTable`."""
    asked = tuple(_asked(one, place) for place, one in enumerate(children(element, "input"), 1))
    said = tuple(_said(one, place) for place, one in enumerate(children(element, "output"), 1))
    return Sheet(
        policy=(element.get("hitPolicy") or "UNIQUE").upper(),
        aggregation=(element.get("aggregation") or "").upper(),
        asked=asked,
        said=said,
        lines=tuple(_line(one, place, len(asked), len(said)) for place, one in enumerate(children(element, "rule"), 1)),
    )


def id_of(element: etree._Element, place: int) -> str:
    return element.get("id") or f"#{place}"


def _asked(element: etree._Element, place: int) -> Asked:
    expression = child(element, "inputExpression")
    return Asked(
        id=id_of(element, place),
        label=element.get("label") or "",
        expression=text(child(expression, "text")),
        type=_type("" if expression is None else expression.get("typeRef") or ""),
        values=text(child(child(element, "inputValues"), "text")),
    )


def _said(element: etree._Element, place: int) -> Said:
    return Said(
        id=id_of(element, place),
        label=element.get("label") or "",
        name=element.get("name") or "",
        type=_type(element.get("typeRef") or ""),
        values=text(child(child(element, "outputValues"), "text")),
        otherwise=text(child(child(element, "defaultOutputEntry"), "text")),
    )


def _type(written: str) -> str:
    """Without the prefix that old files put before it."""
    return names.normal(written.rpartition(":")[2])


def _line(element: etree._Element, place: int, asked: int, said: int) -> Line:
    """As many cells as there are columns, whatever the file says."""
    noted = [text(child(one, "text")) for one in children(element, "annotationEntry")]
    return Line(
        id=id_of(element, place),
        asked=_cells(element, "inputEntry", asked),
        said=_cells(element, "outputEntry", said),
        note="\n".join(one for one in [*noted, text(child(element, "description"))] if one),
    )


def _cells(element: etree._Element, tag: str, wanted: int) -> tuple[str, ...]:
    cells = [text(child(one, "text")) for one in children(element, tag)]
    return tuple((cells + [""] * wanted)[:wanted])


# what is wrong with it

_NO_COLUMN: Final = Text("the table has no column of results", "决策表没有结果列")
_NAMELESS: Final = Text("several columns of results need a name each", "有多个结果列时，每列都需要名称")
_SAME_NAME: Final = Text("another column has this name", "另一列已使用该名称")
_NO_NAME: Final = Text(
    "“{found}” is no name: letters, digits and spaces make one", "“{found}”不能作为名称，请使用文字、数字和空格"
)
_NO_POLICY: Final = Text("there is no such hit policy", "没有这种命中策略")
_NO_AGGREGATION: Final = Text("only COLLECT puts results together", "只有 COLLECT 可以汇总结果")
_TOO_LARGE: Final = Text(
    "a table has at most {rules} rules, {columns} columns and {cells} cells",
    "决策表最多{rules}条规则、{columns}列、{cells}个单元格",
)
_UNKNOWN_TYPE: Final = Text("there is no type “{found}”", "没有类型“{found}”")

Faults = Mapping[str, Text]
"""By the place: `policy`, `asked.1.expression`, `said.0.name`, `line.2.asked.1`."""


def faults(sheet: Sheet, known: frozenset[str] = frozenset(), types: frozenset[str] = frozenset()) -> Faults:
    """What keeps the table from being asked. `known`, `types`: names that the file gives."""
    if too_large(sheet):
        return {"": because(_TOO_LARGE, rules=MOST_RULES, columns=MOST_COLUMNS, cells=MOST_CELLS)}
    return {place: why for place, why in _faults(sheet, known, types) if why is not None}


def too_large(sheet: Sheet) -> bool:
    columns = len(sheet.asked) + len(sheet.said)
    return columns > MOST_COLUMNS or len(sheet.lines) > MOST_RULES or columns * len(sheet.lines) > MOST_CELLS


def _faults(sheet: Sheet, known: frozenset[str], types: frozenset[str]) -> Iterator[tuple[str, Text | None]]:
    if sheet.policy not in POLICIES:
        yield "policy", _NO_POLICY
    if sheet.aggregation and (sheet.policy != "COLLECT" or sheet.aggregation not in AGGREGATIONS):
        yield "policy", _NO_AGGREGATION
    if not sheet.said:
        yield "", _NO_COLUMN
    for place, one in enumerate(sheet.asked):
        yield f"asked.{place}.expression", _expression(one.expression, known) if one.expression else because(EMPTY)
        yield f"asked.{place}.values", _tests(one.values, known)
        yield f"asked.{place}.type", _known_type(one.type, types)
    for place, column in enumerate(sheet.said):
        yield f"said.{place}.name", _name(column, sheet)
        yield f"said.{place}.values", _tests(column.values, known)
        yield f"said.{place}.otherwise", _result(column.otherwise, known)
        yield f"said.{place}.type", _known_type(column.type, types)
    for place, line in enumerate(sheet.lines):
        for at, cell in enumerate(line.asked):
            yield f"line.{place}.asked.{at}", _tests(cell, known)
        for at, cell in enumerate(line.said):
            yield f"line.{place}.said.{at}", _result(cell, known)


def _name(column: Said, sheet: Sheet) -> Text | None:
    if not column.name:
        return _NAMELESS if len(sheet.said) > 1 else None
    if sum(other.name == column.name for other in sheet.said) > 1:
        return _SAME_NAME
    if not _NAME.fullmatch(column.name):
        return because(_NO_NAME, found=column.name)
    return None


def _known_type(written: str, types: frozenset[str]) -> Text | None:
    return None if not written or written in SIMPLE or written in types else because(_UNKNOWN_TYPE, found=written)


def _tests(source: str, known: frozenset[str]) -> Text | None:
    return None if source.strip() in ("", "-") else _read(source.strip(), "tests", known)


def _result(source: str, known: frozenset[str]) -> Text | None:
    return None if source.strip() in ("", "-") else _expression(source, known)


def _expression(source: str, known: frozenset[str]) -> Text | None:
    return _read(bare(source), "expression", known)


def _read(source: str, start: str, known: frozenset[str]) -> Text | None:
    try:
        compiled(source, start, known, functions=True)
    except NotAnExpression as refusal:
        why: Text = refusal.facts["why"]
        return why
    return None
