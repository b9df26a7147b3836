"""What a decision file holds, to be shown: its decisions and functions, as tables or as words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from engine.base.frozen import frozen
from engine.diagram import xml
from engine.diagram.decisions.boxed import LOGIC
from engine.diagram.decisions.items import child, children, local, name, text
from engine.diagram.decisions.read import given_names
from engine.diagram.decisions.sheet import Sheet, sheet_of
from engine.diagram.language import names

_DEEPEST: Final = 30
_MOST_PIECES: Final = 2_000


@frozen
class Piece:
    """One line of what is written: how deep it stands, what it is called there, and what it says."""

    depth: int
    label: str
    said: str


@frozen
class Shown:
    """A decision, or a function that decisions call (`is_function`). `kind` is the tag of its logic, empty where it
    has none; `sheet` is set where that is a table. `requires`: names of what it builds on."""

    id: str
    name: str
    kind: str
    sheet: Sheet | None
    pieces: tuple[Piece, ...]
    requires: tuple[str, ...]
    is_function: bool = False


@frozen
class Outline:
    """`known`: names of several words the file gives; `types`: names of the types it defines."""

    name: str
    shown: tuple[Shown, ...]
    known: frozenset[str]
    types: tuple[str, ...]

    def find(self, id_: str) -> Shown | None:
        return next((one for one in self.shown if one.id == id_ and not one.is_function), None)


def outline(source: bytes, file: str) -> Outline:
    """Of a file that `read` reads."""
    root = xml.safe(source, file, counted="").root
    called = {one.get("id") or name(one): name(one) for one in root if isinstance(one.tag, str)}
    shown = [_shown(one, called, is_function=False) for one in children(root, "decision")]
    shown += [_shown(one, called, is_function=True) for one in children(root, "businessKnowledgeModel")]
    return Outline(
        name=root.get("name") or file,
        shown=tuple(shown),
        known=names.peculiar(set(given_names(root.iter()))),
        types=tuple(name(one) for one in children(root, "itemDefinition")),
    )


def _shown(element: etree._Element, called: dict[str, str], *, is_function: bool) -> Shown:
    holder = child(element, "encapsulatedLogic") if is_function else element
    logic = child(holder, *LOGIC)
    is_table = logic is not None and local(logic) == "decisionTable"
    required = [
        (one.get("href") or "").rpartition("#")[2]
        for requirement in children(element, "informationRequirement", "knowledgeRequirement")
        for one in children(requirement, "requiredDecision", "requiredInput", "requiredKnowledge")
    ]
    pieces: list[Piece] = []
    for piece in _pieces(logic if holder is element or holder is None else holder, 0, ""):
        if len(pieces) == _MOST_PIECES:
            break
        pieces.append(piece)
    return Shown(
        id=element.get("id") or name(element),
        name=name(element),
        kind="" if logic is None else local(logic),
        sheet=sheet_of(logic) if is_table and logic is not None else None,
        pieces=tuple(pieces),
        requires=tuple(called.get(one, one) for one in required),
        is_function=is_function,
    )


def _pieces(element: etree._Element | None, depth: int, label: str) -> Iterator[Piece]:
    """Whatever is drawn as boxes, as lines."""
    if element is None or depth > _DEEPEST:
        return
    kind = local(element)
    if kind in ("literalExpression", "text"):
        yield Piece(depth, label, text(child(element, "text")) or text(element))
        return
    if kind == "decisionTable":
        yield Piece(depth, label, "")
        yield from _rules(element, depth + 1)
        return
    formals = [name(one) for one in children(element, "formalParameter")]
    inner = depth
    if label or formals:
        yield Piece(depth, label, f"({', '.join(formals)})" if formals else "")
        inner = depth + 1
    for part in element:
        if isinstance(part.tag, str):
            yield from _part(part, inner)


def _part(part: etree._Element, depth: int) -> Iterator[Piece]:
    kind = local(part)
    if kind in LOGIC:
        yield from _pieces(part, depth, "")
    elif kind in ("contextEntry", "binding"):
        named = child(part, "variable", "parameter")
        yield from _pieces(child(part, *LOGIC), depth, "" if named is None else name(named))
    elif kind in ("row", "if", "then", "else", "in", "return", "satisfies", "match"):
        yield from _pieces(part, depth, kind)


def _rules(element: etree._Element, depth: int) -> Iterator[Piece]:
    sheet = sheet_of(element)
    yield Piece(depth, sheet.policy, sheet.aggregation)
    for line in sheet.lines:
        asked = " and ".join(
            f"{column.expression} {cell}"
            for column, cell in zip(sheet.asked, line.asked, strict=True)
            if cell not in ("", "-")
        )
        yield Piece(depth, asked or "-", ", ".join(line.said))
