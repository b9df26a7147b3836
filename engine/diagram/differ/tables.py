"""What a decision says otherwise: columns, rules, cell by cell."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

from lxml import etree

from engine.base.frozen import frozen
from engine.base.text import Text
from engine.diagram import xml
from engine.diagram.decisions.items import child, children, name
from engine.diagram.decisions.sheet import Line, Sheet, sheet_of
from engine.diagram.dialects import decision_of
from engine.diagram.differ.sides import Change, Difference, Group, Side, filled
from engine.diagram.refusals import NotADrawing

_ADDED: Final = Text("The decision “{table}” is new.", "新增决策“{table}”。")
_REMOVED: Final = Text("The decision “{table}” is no longer there.", "取消决策“{table}”。")
_OTHERWISE: Final = Text("The decision “{table}” is worked out otherwise.", "决策“{table}”的内容已修改。")
_POLICY: Final = Text(
    "Where several rules of “{table}” apply, {after} holds instead of {before}.",
    "“{table}”中多条规则同时适用时，由{before}改为{after}。",
)
_COLUMN_ADDED: Final = Text("The table “{table}” has a new column “{column}”.", "决策表“{table}”新增列“{column}”。")
_COLUMN_REMOVED: Final = Text(
    "The table “{table}” no longer has the column “{column}”.", "决策表“{table}”取消列“{column}”。"
)
_COLUMN: Final = Text(
    "In the table “{table}”, the column “{column}” was changed.", "决策表“{table}”中，列“{column}”已修改。"
)
_RULE_ADDED: Final = Text(
    "The table “{table}” has a new rule {number}: {rule}.", "决策表“{table}”新增第 {number} 条规则：{rule}。"
)
_RULE_REMOVED: Final = Text(
    "The table “{table}” no longer has the rule {number}: {rule}.", "决策表“{table}”取消第 {number} 条规则：{rule}。"
)
_CELL: Final = Text(
    "In the table “{table}”, rule {number}, “{column}” went from “{before}” to “{after}”.",
    "决策表“{table}”第 {number} 条规则中，“{column}”由“{before}”改为“{after}”。",
)
_ORDER: Final = Text("In the table “{table}” the rules stand in another order.", "决策表“{table}”中规则的顺序已调整。")


@frozen
class _Decision:
    name: str
    sheet: Sheet | None
    written: bytes


def differences(old: Side, new: Side) -> Iterator[Difference]:
    before, after = _decisions(old), _decisions(new)
    for key, one in after.items():
        if key not in before:
            yield _told(new, key, "decision-added", Change.ADDED, filled(_ADDED, table=one.name), old=None)
    for key, one in before.items():
        other = after.get(key)
        if other is None:
            yield _told(None, key, "decision-removed", Change.REMOVED, filled(_REMOVED, table=one.name), old=old)
        elif one.written != other.written:
            for code, change, said in _decision(one, other):
                yield _told(new, key, code, change, said, old=old)


def _told(new: Side | None, key: str, code: str, change: Change, said: Text, *, old: Side | None) -> Difference:
    before, after = (() if one is None else _steps(one, key) for one in (old, new))
    return Difference(code, Group.DECISIONS, change, said, before, after)


def _steps(at: Side, decision: str) -> tuple[str, ...]:
    return tuple(one for one in at.diagram.elements if decision_of(at.nodes[one]) == decision)


def _decisions(at: Side) -> dict[str, _Decision]:
    found: dict[str, _Decision] = {}
    for path, content in sorted(at.attachments.items()):
        if not path.lower().endswith(".dmn"):
            continue
        try:
            root = xml.safe(content, path, counted="").root
        except NotADrawing:
            continue  # lint has said so
        for one in children(root, "decision"):
            key = one.get("id") or name(one)
            table = child(one, "decisionTable")
            sheet = None if table is None else sheet_of(table)
            found.setdefault(key, _Decision(name(one) or key, sheet, _written(one)))
    return found


def _written(element: etree._Element) -> bytes:
    """In one form, whatever the tool put between the lines."""
    copied = copy.deepcopy(element)
    copied.tail = None
    for one in copied.iter(etree.Element):
        one.text = (one.text or "").strip() or None
        one.tail = None
    return bytes(etree.tostring(copied, method="c14n"))


def _decision(one: _Decision, other: _Decision) -> Iterator[tuple[str, Change, Text]]:
    if one.sheet is None or other.sheet is None:
        yield "decision-logic", Change.CHANGED, filled(_OTHERWISE, table=other.name)
        return
    said = list(_sheet(other.name, one.sheet, other.sheet))
    if not said and one.sheet != other.sheet:
        said = [("decision-logic", Change.CHANGED, filled(_OTHERWISE, table=other.name))]
    yield from said


def _sheet(table: str, one: Sheet, other: Sheet) -> Iterator[tuple[str, Change, Text]]:
    before, after = _policy(one), _policy(other)
    if before != after:
        yield "policy", Change.CHANGED, filled(_POLICY, table=table, before=before, after=after)
    was, now = _columns(one), _columns(other)
    for key, (label, what) in now.items():
        if key not in was:
            yield "column-added", Change.ADDED, filled(_COLUMN_ADDED, table=table, column=label)
        elif was[key] != (label, what):
            yield "column-changed", Change.CHANGED, filled(_COLUMN, table=table, column=label)
    for key, (label, _what) in was.items():
        if key not in now:
            yield "column-removed", Change.REMOVED, filled(_COLUMN_REMOVED, table=table, column=label)
    yield from _rules(table, one, other)


def _policy(sheet: Sheet) -> str:
    return " ".join(filter(None, (sheet.policy, sheet.aggregation)))


def _columns(sheet: Sheet) -> dict[str, tuple[str, tuple[str, ...]]]:
    """By what it asks or gives; two that ask the same are told apart by their place."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for asked in sheet.asked:
        key = f"asks {asked.expression}"
        while key in found:
            key += " again"
        found[key] = (asked.label or asked.expression, (asked.type, asked.values))
    for said in sheet.said:
        key = f"says {said.name or said.label}"
        while key in found:
            key += " again"
        found[key] = (said.label or said.name, (said.type, said.values, said.otherwise))
    return found


def _cells(sheet: Sheet, line: Line) -> dict[str, str]:
    return dict(zip(_columns(sheet), (*line.asked, *line.said), strict=False))


def _rules(table: str, one: Sheet, other: Sheet) -> Iterator[tuple[str, Change, Text]]:
    before = [tuple(sorted(_cells(one, line).items())) for line in one.lines]
    after = [tuple(sorted(_cells(other, line).items())) for line in other.lines]
    if sorted(before) == sorted(after):
        if before != after:
            yield "rule-order", Change.CHANGED, filled(_ORDER, table=table)
        return
    keys = [set(dict(cells)) for cells in (*before, *after)]
    shared = set.intersection(*keys) if keys else set()
    rows = [[tuple((key, cell) for key, cell in cells if key in shared) for cells in side] for side in (before, after)]
    for what, i1, i2, j1, j2 in SequenceMatcher(None, rows[0], rows[1], autojunk=False).get_opcodes():
        if what == "equal":
            continue
        both = min(i2 - i1, j2 - j1)
        for step in range(both):
            yield from _cell_by_cell(table, one, other, i1 + step, j1 + step)
        for number in range(i1 + both, i2):
            rule = _rule(one.lines[number])
            yield "rule-removed", Change.REMOVED, filled(_RULE_REMOVED, table=table, number=str(number + 1), rule=rule)
        for number in range(j1 + both, j2):
            rule = _rule(other.lines[number])
            yield "rule-added", Change.ADDED, filled(_RULE_ADDED, table=table, number=str(number + 1), rule=rule)


def _cell_by_cell(table: str, one: Sheet, other: Sheet, here: int, there: int) -> Iterator[tuple[str, Change, Text]]:
    was, now = _cells(one, one.lines[here]), _cells(other, other.lines[there])
    labels = _columns(other)
    for key, cell in now.items():
        if key in was and was[key] != cell:
            facts = {
                "number": str(there + 1),
                "column": labels[key][0],
                "before": was[key] or "-",
                "after": cell or "-",
            }
            yield "cell", Change.CHANGED, filled(_CELL, table=table, **facts)


def _rule(line: Line) -> str:
    asked = ", ".join(one or "-" for one in line.asked)
    return f"{asked} → {', '.join(one or '-' for one in line.said)}"
