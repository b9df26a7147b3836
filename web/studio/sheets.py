"""A decision table as a form: what was typed as a sheet, and the buttons that add, move and remove lines and columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from werkzeug.datastructures import MultiDict

from engine.diagram.decisions.sheet import Asked, Line, Said, Sheet
from engine.diagram.decisions.table import MOST_COLUMNS, MOST_RULES

Form = MultiDict[str, str]
One = TypeVar("One")
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""No file of XML can hold them, and nobody sees them."""
MOST_CELLS: Final = 2_000
"""Beyond them a table is shown, and changed in a file."""


def sheet_of(form: Form) -> Sheet:
    """Columns and lines stand in the order their hidden fields come in; each has a token that its fields begin with."""
    asked, said, lines = (_tokens(form, kind) for kind in ("asked", "said", "line"))
    policy, _colon, aggregation = typed(form, "policy").partition(":")
    return Sheet(
        policy=policy or "UNIQUE",
        aggregation=aggregation,
        asked=tuple(
            Asked(*(typed(form, f"asked.{one}.{part}") for part in ("id", "label", "expression", "type", "values")))
            for one in asked
        ),
        said=tuple(
            Said(
                *(typed(form, f"said.{one}.{part}") for part in ("id", "label", "name", "type", "values", "otherwise"))
            )
            for one in said
        ),
        lines=tuple(
            Line(
                id=typed(form, f"line.{line}.id"),
                asked=tuple(typed(form, f"line.{line}.asked.{one}") for one in asked),
                said=tuple(typed(form, f"line.{line}.said.{one}") for one in said),
                note=typed(form, f"line.{line}.note"),
            )
            for line in lines
        ),
    )


def _tokens(form: Form, kind: str) -> list[str]:
    return list(dict.fromkeys(form.getlist(kind)))[: MOST_RULES if kind == "line" else MOST_COLUMNS]


def typed(form: Form, name: str) -> str:
    return _UNWRITABLE.sub("", form.get(name, "").replace("\r\n", "\n")).strip()


def is_large(sheet: Sheet) -> bool:
    return len(sheet.lines) * (len(sheet.asked) + len(sheet.said)) > MOST_CELLS


def digest_of(digest: str | None) -> bytes | None:
    """None for no file at all; what is no digest is that of no file."""
    if not digest:
        return None
    try:
        return bytes.fromhex(digest)
    except ValueError:
        return b""


# buttons


def rearranged(sheet: Sheet, form: Form) -> tuple[Sheet, str] | None:
    """The sheet after the button that was pressed, and the field to go on in; None where it was no such button."""
    kind, _dash, rest = form.get("do", "").partition("-")
    act, _colon, token = rest.partition(":")
    change = _CHANGES.get(act)
    if kind not in ("asked", "said", "line") or change is None:
        return None
    tokens = _tokens(form, kind)
    if token not in tokens and act != "add":
        return sheet, ""
    place = tokens.index(token) if token in tokens else len(tokens) - 1
    order, at = change(list(range(len(tokens))), place)
    if kind == "line":
        return replace(sheet, lines=_picked(sheet.lines, order, _empty_line(sheet))), f"line.{at}.asked.0"
    if kind == "asked":
        lines = tuple(replace(line, asked=_picked(line.asked, order, "")) for line in sheet.lines)
        columns = _picked(sheet.asked, order, Asked("", "", "", "", ""))
        return replace(sheet, asked=columns, lines=lines), f"asked.{at}.expression"
    lines = tuple(replace(line, said=_picked(line.said, order, "")) for line in sheet.lines)
    results = _picked(sheet.said, order, Said("", "", "", "", "", ""))
    return replace(sheet, said=results, lines=lines), f"said.{at}.name"


def _empty_line(sheet: Sheet) -> Line:
    return Line("", ("",) * len(sheet.asked), ("",) * len(sheet.said), "")


Order = list[int | None]


def _picked(things: Sequence[One], order: Order, new: One) -> tuple[One, ...]:
    return tuple(new if one is None else things[one] for one in order)


def _add(order: Any, place: int) -> tuple[Order, int]:
    return [*order[: place + 1], None, *order[place + 1 :]], place + 1


def _drop(order: Any, place: int) -> tuple[Order, int]:
    return order[:place] + order[place + 1 :], max(0, min(place, len(order) - 2))


def _move(by: int) -> Callable[[Any, int], tuple[Order, int]]:
    def moved(order: Any, place: int) -> tuple[Order, int]:
        to = max(0, min(place + by, len(order) - 1))
        order.insert(to, order.pop(place))
        return order, to

    return moved


_CHANGES: Final[dict[str, Callable[[Any, int], tuple[Order, int]]]] = {
    "add": _add,
    "drop": _drop,
    "up": _move(-1),
    "left": _move(-1),
    "down": _move(1),
    "right": _move(1),
}
