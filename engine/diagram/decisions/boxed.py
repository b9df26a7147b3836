"""The forms in which a decision is written down, each as a node of the language."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from lxml import etree

from engine.base.text import Text
from engine.diagram.decisions.items import Items, child, children, local, name, text
from engine.diagram.decisions.model import Problem
from engine.diagram.decisions.refusals import (
    FOREIGN_FUNCTION,
    FOREIGN_LANGUAGE,
    NO_LOGIC,
    TOO_MANY_CELLS,
    UNKNOWN_LOGIC,
    UNREADABLE_CELL,
    NotADecisionFile,
)
from engine.diagram.decisions.table import MOST_CELLS, Table, table
from engine.diagram.language import NotAnExpression, names
from engine.diagram.language.calls import called
from engine.diagram.language.coercion import coerced
from engine.diagram.language.expressions import bare, compiled
from engine.diagram.language.loops import Turn, filtered, functional, looping, quantifying
from engine.diagram.language.nodes import Node, Scope, free, node
from engine.diagram.language.reading import constant, variable
from engine.diagram.language.reasons import NOT_BOOLEAN, WRONG_TYPE, Stopped, because
from engine.diagram.language.types import Type
from engine.diagram.language.values import Value, kind

FOREIGN: Final = ("java", "groovy", "python", "juel", "ruby", "xpath", "mvel", "sql", "pmml")
LOGIC: Final = (
    "literalExpression",
    "decisionTable",
    "context",
    "list",
    "relation",
    "invocation",
    "functionDefinition",
    "conditional",
    "for",
    "some",
    "every",
    "filter",
)


def typed(made: Node, type_: Type | None) -> Node:
    """The result as the type wants it. Where it does not fit, there is none."""
    if type_ is None or type_.kind == "Any":
        return made
    inner = made.run

    def run(scope: Scope) -> Value:
        value = inner(scope)
        fits, fitting = coerced(value, type_)
        if not fits and scope.world.complete:
            raise Stopped(WRONG_TYPE, kind=kind(value), type=str(type_))
        return fitting

    return node(run, (made,))


class Reader:
    """Reads the boxes of one file. `known`: every name that the file gives to something."""

    def __init__(
        self, file: str, root: etree._Element, lines: Mapping[etree._Element, int], known: Collection[str]
    ) -> None:
        self.file = file
        self.lines = lines
        self.known = names.peculiar(known)
        self.items = Items(root, self.tests)
        self.problems: list[Problem] = []
        self.rule: int | None = None
        self.cells = 0
        self.tables: dict[etree._Element, Table] = {}
        self._read: dict[tuple[str, str], Node] = {}  # what is written the same is read once

    # cells

    def problem(self, element: etree._Element, why: Text, source: str = "") -> Node:
        """Kept for the findings; who asks for the result all the same is refused."""
        line = self.lines[element]
        self.problems.append(Problem(line=line, source=source, why=why, rule=self.rule))

        def run(_scope: Scope) -> Value:
            raise Stopped(UNREADABLE_CELL, line=line, why=why)

        return Node(run)

    def cell(self, element: etree._Element, source: str, start: str = "expression") -> Node:
        self.cells += 1
        if self.cells > MOST_CELLS:
            raise NotADecisionFile(file=self.file, why=because(TOO_MANY_CELLS, most=MOST_CELLS))
        language = (element.get("expressionLanguage") or "").lower()
        if any(foreign in language for foreign in FOREIGN) and "juel" not in language:
            return self.problem(element, because(FOREIGN_LANGUAGE, language=language), source)
        found = self._read.get((source, start))
        if found is not None:
            return found
        try:
            made = compiled(bare(source) if start == "expression" else source, start, self.known, functions=True)
        except NotAnExpression as refusal:
            return self.problem(element, refusal.facts["why"], source)
        self._read[source, start] = made
        return made

    def tests(self, element: etree._Element) -> Node | None:
        """None: everything passes."""
        source = text(child(element, "text"))
        return None if source in ("", "-") else self.cell(element, source, "tests")

    # boxes

    def logic(self, holder: etree._Element) -> Node:
        """The box an element holds."""
        box = child(holder, *LOGIC)
        return self.problem(holder, because(NO_LOGIC)) if box is None else self.box(box)

    def box(self, element: etree._Element) -> Node:
        form = _FORMS.get(local(element))
        if form is None:
            return self.problem(element, because(UNKNOWN_LOGIC, element=local(element)))
        return typed(form(self, element), self.items.named(element.get("typeRef")))

    def literal(self, element: etree._Element) -> Node:
        source = text(child(element, "text"))
        return self.cell(element, source) if source else self.problem(element, because(NO_LOGIC))

    def context(self, element: etree._Element) -> Node:
        rows: list[tuple[str | None, Node]] = []
        bound: list[str] = []
        for entry in children(element, "contextEntry"):
            named = child(entry, "variable")
            made = free([self.logic(entry)], bound)[0]
            if named is None:
                rows.append((None, made))
                continue
            rows.append((name(named), typed(made, self.items.named(named.get("typeRef")))))
            bound.append(name(named))

        def run(scope: Scope) -> Value:
            found: dict[str, Value] = {}
            inner = scope.within(found)
            for key, made in rows:
                if key is None:
                    return made.run(inner)
                found[key] = made.run(inner)
            return dict(found)

        return node(run, [made for _key, made in rows])

    def list(self, element: etree._Element) -> Node:
        return listing([self.box(entry) for entry in children(element, *LOGIC)])

    def relation(self, element: etree._Element) -> Node:
        columns = [name(column) for column in children(element, "column")]
        rows = [
            grouping(dict(zip(columns, [self.box(cell) for cell in children(row, *LOGIC)], strict=False)))
            for row in children(element, "row")
        ]
        return listing(rows)

    def invocation(self, element: etree._Element) -> Node:
        callee = child(element, "literalExpression")
        written = text(child(callee, "text"))
        if callee is None or not written:
            return self.problem(element, because(NO_LOGIC))
        arguments: dict[str, Node] = {}
        for binding in children(element, "binding"):
            parameter = child(binding, "parameter")
            if parameter is not None:
                made = self.logic(binding) if child(binding, *LOGIC) is not None else constant(None)
                arguments[name(parameter)] = typed(made, self.items.named(parameter.get("typeRef")))
        function = variable(names.normal(written)) if self._is_name(written) else self.cell(callee, written)
        return called(function, arguments)

    def _is_name(self, written: str) -> bool:
        return names.is_plain(written) or names.normal(written) in self.known

    def function(self, element: etree._Element) -> Node:
        language = element.get("kind") or "FEEL"
        if language != "FEEL":
            return self.problem(element, because(FOREIGN_FUNCTION, kind=language))
        formals = tuple(
            (name(formal), self.items.named(formal.get("typeRef"))) for formal in children(element, "formalParameter")
        )
        return functional(formals, self.logic(element))

    def conditional(self, element: etree._Element) -> Node:
        asked, one, other = (self._part(element, part) for part in ("if", "then", "else"))
        parts = (asked, one, other)

        def run(scope: Scope) -> Value:
            found = asked.run(scope)
            if found is True or found is False or found is None:
                return one.run(scope) if found else other.run(scope)
            if scope.world.complete:
                raise Stopped(NOT_BOOLEAN, kind=kind(found))
            return None

        return node(run, parts)

    def _part(self, element: etree._Element, *tags: str) -> Node:
        part = child(element, *tags)
        return self.problem(element, because(NO_LOGIC)) if part is None else self.logic(part)

    def turns(self, element: etree._Element) -> tuple[Turn, ...]:
        bound = names.normal(element.get("iteratorVariable") or "item")
        return (Turn(bound, self._part(element, "in"), None),)

    def loop(self, element: etree._Element) -> Node:
        return looping(self.turns(element), self._part(element, "return"))

    def quantified(self, element: etree._Element) -> Node:
        return quantifying(local(element) == "some", self.turns(element), self._part(element, "satisfies"))

    def filter(self, element: etree._Element) -> Node:
        return filtered(self._part(element, "in"), self._part(element, "match"))


def listing(entries: Iterable[Node]) -> Node:
    parts = tuple(entries)
    return node(lambda scope: [part.run(scope) for part in parts], parts)


def grouping(entries: Mapping[str, Node]) -> Node:
    return node(lambda scope: {key: part.run(scope) for key, part in entries.items()}, entries.values())


_FORMS: Final[Mapping[str, Callable[[Reader, etree._Element], Node]]] = {
    "literalExpression": Reader.literal,
    "decisionTable": table,
    "context": Reader.context,
    "list": Reader.list,
    "relation": Reader.relation,
    "invocation": Reader.invocation,
    "functionDefinition": Reader.function,
    "conditional": Reader.conditional,
    "for": Reader.loop,
    "some": Reader.quantified,
    "every": Reader.quantified,
    "filter": Reader.filter,
}
