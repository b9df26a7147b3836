"""What sets a variable: the answers of a form, a script, a decision, a repetition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from typing import Final

from engine.base.frozen import frozen
from engine.diagram import decisions, language
from engine.diagram.checked import Checked
from engine.diagram.decisions import Decision, Decisions
from engine.diagram.decisions.table import Output
from engine.diagram.dialects import (
    ZEEBE,
    attribute,
    decision_of,
    extension,
    implementation_of,
    result_of,
)
from engine.diagram.drawn import child_text, tag
from engine.diagram.forms.model import Field, Kind, Source
from engine.diagram.language.asked import Kind as ValueKind
from engine.diagram.language.asked import asked
from engine.diagram.mappings import mapped
from engine.diagram.shape import Element
from engine.diagram.voting import COUNTERSIGNED, RESULT

_KINDS: Final[Mapping[Kind, ValueKind]] = {
    Kind.TEXT: "text",
    Kind.LONG_TEXT: "text",
    Kind.NUMBER: "number",
    Kind.INTEGER: "number",
    Kind.YES_NO: "yes/no",
    Kind.SEVERAL: "list",
    Kind.ROWS: "list",
    Kind.DATE: "date",
    Kind.TIME: "date",
    Kind.MOMENT: "date",
}
_TYPES: Final[Mapping[str, ValueKind]] = {"string": "text", "number": "number", "boolean": "yes/no", "list": "list"}
_TOLD: Final = frozenset({"message", "signal"})
"""Events that may bring anything with them."""


@frozen
class Given:
    """A variable that an element sets. `options`: the only texts it can be, None where it can be any."""

    name: str
    element: str
    kind: ValueKind | None = None
    options: frozenset[str] | None = None
    answer: bool = False  # a person gives it, in a form
    within: bool = False  # known only inside the repeated step


@frozen
class Sources:
    """`given`: by element. `anything`: elements that may set whatever they like. `tables`: every decision attached."""

    given: Mapping[str, Sequence[Given]]
    anything: frozenset[str]
    tables: Decisions | None
    by_name: Mapping[str, Sequence[Given]] = field(default_factory=dict)

    def kind(self, name: str) -> ValueKind | None:
        """None where it is not known or not always the same."""
        kinds = {one.kind for one in self.by_name.get(name, ())}
        return kinds.pop() if len(kinds) == 1 else None

    def options(self, name: str) -> frozenset[str] | None:
        found: set[str] = set()
        for one in self.by_name.get(name, ()):
            if one.options is None:
                return None
            found |= one.options
        return frozenset(found) or None


def sources(all_of: Checked) -> Sources:
    tables = _tables(tuple((file, held) for file, held in all_of.attachments.items() if file.lower().endswith(".dmn")))
    given: dict[str, list[Given]] = {}
    anything: set[str] = set()
    called = {one.called for one in all_of.diagram.elements.values() if one.kind == "callActivity"}
    for element in all_of.diagram.elements.values():
        found = [*_of_form(all_of, element), *_of_step(all_of, element, tables), *_of_repetition(all_of, element)]
        found += _mapped(all_of, element)
        found += _of_mapping(all_of, element)
        if found:
            given[element.id] = found
        if _is_open(all_of, element, tables) or (_begins(all_of, element) and element.process in called):
            anything.add(element.id)
    by_name: dict[str, list[Given]] = {}
    for one in (one for several in given.values() for one in several):
        by_name.setdefault(one.name, []).append(one)
    return Sources(given, frozenset(anything), tables, by_name)


@lru_cache(8)
def _tables(files: tuple[tuple[str, bytes], ...]) -> Decisions | None:
    found: Decisions | None = None
    for file, content in files:
        try:
            one = decisions.read(content, file)
        except decisions.NotADecisionFile:
            continue  # told by the rules of decisions
        found = one if found is None else found.joined(one)
    return found


def _begins(all_of: Checked, element: Element) -> bool:
    return element.kind == "startEvent" and element.scope in all_of.diagram.processes


def _is_open(all_of: Checked, element: Element, tables: Decisions | None) -> bool:
    """A machine, a message or another procedure may bring anything; so may whoever does by hand what none does."""
    form = all_of.forms.get(element.id)
    if form is not None and form.source is Source.NOWHERE:
        return True
    node = all_of.place(element.id).node
    if element.outputs or element.connector:
        return False  # it says itself what it sets
    if element.kind in ("serviceTask", "businessRuleTask"):
        asked_for = decision_of(node)
        return tables is None or asked_for not in tables.decisions
    if element.kind == "sendTask":
        return implementation_of(node) is not None
    if element.kind in ("callActivity", "receiveTask"):
        return True
    return element.event in _TOLD and element.kind in ("startEvent", "intermediateCatchEvent", "boundaryEvent")


def _of_form(all_of: Checked, element: Element) -> Iterator[Given]:
    form = all_of.forms.get(element.id)
    for one in asked_fields(form.fields) if form is not None else ():
        whole = len(one.path) == 1
        yield Given(one.path[0], element.id, _kind(one) if whole else None, _options(one) if whole else None, True)


def asked_fields(fields: Sequence[Field]) -> Iterator[Field]:
    """Those whose answers become variables: of groups, but not of rows, which are one answer together."""
    for one in fields:
        if one.kind is Kind.GROUP:
            yield from asked_fields(one.children)
        elif one.answers and one.path:
            yield one


def _kind(one: Field) -> ValueKind | None:
    if one.kind in (Kind.RADIO, Kind.SELECT):
        if one.options_from is not None or not one.options:
            return None
        kinds = {_kind_of(option.value) for option in one.options}
        return kinds.pop() if len(kinds) == 1 else None
    return _KINDS.get(one.kind)


def _kind_of(value: object) -> ValueKind | None:
    if isinstance(value, bool):
        return "yes/no"
    if isinstance(value, str):
        return "text"
    return "number" if isinstance(value, int | float) else None


def _options(one: Field) -> frozenset[str] | None:
    if one.kind not in (Kind.RADIO, Kind.SELECT) or _kind(one) != "text":
        return None
    return frozenset(str(option.value) for option in one.options)


def _of_step(all_of: Checked, element: Element, tables: Decisions | None) -> Iterator[Given]:
    node = all_of.place(element.id).node
    if element.committee:
        yield from (Given(name, element.id, "yes/no" if name == "adopted" else "number") for name in RESULT)
    if element.countersign:
        yield from (
            Given(name, element.id, "yes/no" if name == "countersigned" else "number") for name in COUNTERSIGNED
        )
    yield from (Given(name, element.id) for name, _said in element.outputs)
    if element.kind == "scriptTask":
        yield from _assigned(child_text(node, "script") or "", element.id)
    elif element.kind in ("businessRuleTask", "serviceTask") and tables is not None:
        decision = tables.decisions.get(decision_of(node) or "")
        result = result_of(node)
        if decision is not None:
            yield from [Given(result, element.id, _type_of(decision))] if result else _columns(decision, element.id)


def _assigned(script: str, element: str) -> Iterator[Given]:
    try:
        for name, expression in language.assignments(script):
            yield Given(name, element, asked(expression.source).kind)
    except language.NotAnExpression:
        return  # told by the rules of expressions


def _of_mapping(all_of: Checked, element: Element) -> Iterator[Given]:
    found = mapped(all_of.place(element.id).node)
    yield from (Given(name, element.id) for name, _ in (*found.before, *found.after))


def _columns(decision: Decision, element: str) -> Iterator[Given]:
    yield Given(decision.variable, element, _type_of(decision))
    kinds = {one.name: _TYPES.get(one.type.kind) if one.type else None for one in _outputs(decision)}
    for output in decision.outputs:
        if output and output != decision.variable:
            yield Given(output, element, kinds.get(output))


def _type_of(decision: Decision) -> ValueKind | None:
    if decision.table is None:
        return _TYPES.get(decision.type.kind) if decision.type else None
    outputs = _outputs(decision)
    return _TYPES.get(outputs[0].type.kind) if len(outputs) == 1 and outputs[0].type else None


def _outputs(decision: Decision) -> Sequence[Output]:
    """The columns of results, where one rule answers and not several together."""
    table = decision.table
    return table.outputs if table is not None and table.policy in ("UNIQUE", "ANY", "FIRST", "PRIORITY") else ()


def _mapped(all_of: Checked, element: Element) -> Iterator[Given]:
    """What another tool maps into the step is known in it already."""
    found = mapped(all_of.place(element.id).node)
    yield from (Given(name, element.id, within=True) for name, _ in found.before)
    yield from (Given(name, element.id) for name, _ in found.after)


def _of_repetition(all_of: Checked, element: Element) -> Iterator[Given]:
    for child in all_of.place(element.id).node:
        if tag(child) != "multiInstanceLoopCharacteristics":
            continue
        items = (
            attribute(child, "elementVariable"),
            extension(child, ZEEBE, "loopCharacteristics", "inputElement"),
            *(one.get("name") or one.get("id") for one in child if tag(one) == "inputDataItem"),
        )
        yield from (Given(item, element.id, within=True) for item in items if item)
        into = extension(child, ZEEBE, "loopCharacteristics", "outputCollection") or child_text(
            child, "loopDataOutputRef"
        )
        if into:
            yield Given(into, element.id)
