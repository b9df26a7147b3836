"""The types a file defines, out of those of the language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from lxml import etree

from engine.diagram.language import names
from engine.diagram.language.nodes import Node, Scope, World
from engine.diagram.language.reasons import Fault, Unreadable
from engine.diagram.language.types import ANY, SIMPLE, Type, type_at
from engine.diagram.language.values import Value

DEEPEST: Final = 20
Compile = Callable[[etree._Element], Node | None]


def local(element: etree._Element) -> str:
    return etree.QName(element).localname


def children(element: etree._Element, *tags: str) -> Iterator[etree._Element]:
    return (child for child in element if isinstance(child.tag, str) and local(child) in tags)


def child(element: etree._Element | None, *tags: str) -> etree._Element | None:
    return None if element is None else next(children(element, *tags), None)


def text(element: etree._Element | None) -> str:
    return "" if element is None else "".join(map(str, element.itertext())).strip()


def name(element: etree._Element) -> str:
    return names.normal(element.get("name") or element.get("id") or "")


class Items(Mapping[str, Type]):
    """Types by name, each made when it is first asked for: a file may define them in any order."""

    def __init__(self, root: etree._Element, tests: Compile) -> None:
        self._elements = {name(element): element for element in children(root, "itemDefinition")}
        self._tests = tests
        self._made: dict[str, Type] = {}
        self._making: list[str] = []
        self.elsewhere: Mapping[str, Type] = {}  # defined in other files

    def __getitem__(self, key: str) -> Type:
        if key not in self._made:
            self._made[key] = self._defined(key)
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._elements)

    def __len__(self) -> int:
        return len(self._elements)

    def named(self, written: str | None) -> Type | None:
        """The type a `typeRef` means; None where it says nothing, or nothing known."""
        short = names.normal((written or "").strip())
        if short in self.elsewhere:
            return self.elsewhere[short]
        if ":" in short:
            short = short.partition(":")[2]
        if not short:
            return None
        if short in self._elements:
            return self[short]
        if short in SIMPLE:
            return SIMPLE[short]
        try:
            found, end = type_at(short, 0)
        except Unreadable:
            return None
        return None if found.open or short[end:].strip() else found

    def _defined(self, key: str) -> Type:
        if key in self._making or len(self._making) > DEEPEST:
            return ANY  # a type that is made of itself says nothing more
        self._making.append(key)
        try:
            return self._made_of(self._elements[key])
        finally:
            self._making.pop()

    def _made_of(self, element: etree._Element) -> Type:
        parts = {name(part): self._made_of(part) for part in children(element, "itemComponent")}
        function = child(element, "functionItem")
        if parts:
            found = Type("context", fields=parts)
        elif function is not None:
            takes = tuple(self.named(one.get("typeRef")) or ANY for one in children(function, "parameters"))
            found = Type("function", takes, result=self.named(function.get("outputTypeRef")) or ANY)
        else:
            found = self.named(text(child(element, "typeRef"))) or ANY
        found = self._limited(found, child(element, "allowedValues"))
        if element.get("isCollection") == "true":
            found = Type("list", (found,))
        return self._limited(found, child(element, "typeConstraint"))

    def _limited(self, type_: Type, limit: etree._Element | None) -> Type:
        tests = None if limit is None else self._tests(limit)
        if tests is None:
            return type_
        before, test = type_.allows, tests.run
        every = type_.kind == "list"

        def allows(value: Value) -> bool:
            entries = value if every and isinstance(value, list) else [value]
            return (before is None or before(value)) and all(_passes(test, entry) for entry in entries)

        return replace(type_, allows=allows, written=(*type_.written, text(child(limit, "text"))))


def _passes(test: Callable[[Scope], Value], value: Value) -> bool:
    try:
        return value is None or test(Scope({"?": value}, None, World({}, strict=False, complete=False))) is True
    except Fault:
        return False
