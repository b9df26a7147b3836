"""Decision tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lxml import etree

from engine.diagram.decisions.hits import POLICIES, Contradiction, Hit, settled
from engine.diagram.decisions.items import child, children, local, name, text
from engine.diagram.decisions.refusals import (
    NO_LOGIC,
    NOT_ALLOWED_VALUE,
    TOO_LARGE_A_TABLE,
    UNKNOWN_LOGIC,
    NoSingleAnswer,
    NotADecisionFile,
)
from engine.diagram.decisions.watching import Matched, watched
from engine.diagram.language.literals import date, date_time, duration, time
from engine.diagram.language.nodes import Node, Scope, free, node
from engine.diagram.language.reading import constant
from engine.diagram.language.reasons import Fault, Stopped, because
from engine.diagram.language.running import spend
from engine.diagram.language.testing import choice
from engine.diagram.language.types import Type
from engine.diagram.language.values import Value, plain

if TYPE_CHECKING:
    from engine.diagram.decisions.boxed import Reader

MOST_RULES: Final = 5_000
MOST_COLUMNS: Final = 100
MOST_CELLS: Final = 20_000  # of a table; also expressions of a file
_READ: Final = {
    "date": date,
    "time": time,
    "date and time": date_time,
    "days and time duration": duration,
    "years and months duration": duration,
}


def from_text(value: Value, type_: Type | None) -> Value:
    """Forms keep dates as text: where the table says that it is one, it is read as one."""
    if isinstance(value, str) and type_ is not None and type_.kind in _READ:
        found = _READ[type_.kind](value)
        return value if found is None else found
    return value


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """What a column asks of the case: its value, and the values it may have. `source`, `written`: both as written."""

    label: str
    value: Node
    type: Type | None
    allowed: Node | None
    source: str = ""
    written: str = ""

    def of(self, scope: Scope) -> Value:
        value = from_text(self.value.run(scope), self.type)
        if self.allowed is not None and self.allowed.run(scope.within({"?": value})) is not True:
            raise Fault(NOT_ALLOWED_VALUE, name=self.label)
        return value


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """What a column of results says. `order`: the tests of its values, the foremost first."""

    name: str
    type: Type | None
    order: tuple[Node, ...]
    otherwise: Node | None

    def rank(self, scope: Scope, value: Value) -> int:
        within = scope.within({"?": value})
        return next((place for place, test in enumerate(self.order) if test.run(within) is True), len(self.order))


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One rule. `sources`: its tests as they are written."""

    number: int
    tests: tuple[Node | None, ...]
    results: tuple[Node, ...]
    sources: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    label: str
    policy: str
    aggregation: str | None
    columns: tuple[Column, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Row, ...]
    known: frozenset[str] = frozenset()  # names of several words that its cells may use
    line: int = 0

    def run(self, scope: Scope) -> Value:
        try:
            asked = [scope.within({"?": column.of(scope)}) for column in self.columns]
        except Fault as fault:
            if scope.world.complete:
                raise Stopped(fault.why) from fault
            return None
        hits = self._hits(scope, asked)
        if (seen := watched()) is not None:
            seen.append(self._told(scope, hits))
        if not hits:
            return self._otherwise(scope)
        try:
            return settled(self.policy, self.aggregation, hits)
        except Contradiction as contradiction:
            rules = ", ".join(map(str, contradiction.rules))
            raise NoSingleAnswer(decision=self.label, rules=rules) from contradiction
        except Fault as fault:
            if scope.world.complete:
                raise Stopped(fault.why) from fault
            return None

    def _hits(self, scope: Scope, asked: list[Scope]) -> list[Hit]:
        hits: list[Hit] = []
        for rule in self.rules:
            spend()
            if all(test is None or test.run(scope_) is True for test, scope_ in zip(rule.tests, asked, strict=True)):
                values = [from_text(result.run(scope), output.type) for result, output in self._results(rule)]
                rank = tuple(output.rank(scope, value) for output, value in zip(self.outputs, values, strict=True))
                hits.append(Hit(rule.number, self._value(values), rank))
                if self.policy == "FIRST":
                    break
        return hits

    def _told(self, scope: Scope, hits: list[Hit]) -> Matched:
        read = {column.label: plain(column.of(scope)) for column in self.columns}
        return Matched(self.label, read, tuple(hit.rule for hit in hits))

    def _results(self, rule: Row) -> list[tuple[Node, Output]]:
        return list(zip(rule.results, self.outputs, strict=True))

    def _value(self, values: list[Value]) -> Value:
        if len(self.outputs) == 1:
            return values[0]
        return {output.name: value for output, value in zip(self.outputs, values, strict=True)}

    def _otherwise(self, scope: Scope) -> Value:
        if all(output.otherwise is None for output in self.outputs):
            return None
        return self._value(
            [None if output.otherwise is None else output.otherwise.run(scope) for output in self.outputs]
        )


def table(reader: Reader, element: etree._Element) -> Node:
    must_be_modest(reader.file, element)
    columns = tuple(_column(reader, input_) for input_ in children(element, "input"))
    outputs = tuple(_output(reader, output, place) for place, output in enumerate(children(element, "output"), 1))
    rules = tuple(_rules(reader, element, len(columns), len(outputs)))
    policy = (element.get("hitPolicy") or "UNIQUE").upper()
    if policy not in POLICIES:
        return reader.problem(element, because(UNKNOWN_LOGIC, element=f"hitPolicy {policy}"))
    if not outputs:
        return reader.problem(element, because(NO_LOGIC))
    made = Table(
        _label(element),
        policy,
        element.get("aggregation"),
        columns,
        outputs,
        rules,
        reader.known,
        reader.lines[element],
    )
    reader.tables[element] = made
    parts = [column.value for column in columns]
    parts += [result for rule in rules for result in rule.results]
    parts += free((test for rule in rules for test in rule.tests if test is not None), ["?"])
    return node(made.run, parts)


def must_be_modest(file: str, element: etree._Element) -> None:
    """Counted before any of it is read. Raises NotADecisionFile."""
    columns = sum(1 for _one in children(element, "input", "output"))
    rules = sum(1 for _one in children(element, "rule"))
    if columns > MOST_COLUMNS or rules > MOST_RULES or columns * rules > MOST_CELLS:
        why = because(TOO_LARGE_A_TABLE, rules=MOST_RULES, columns=MOST_COLUMNS, cells=MOST_CELLS)
        raise NotADecisionFile(file=file, why=why)


def _label(element: etree._Element) -> str:
    holder = element.getparent()
    while holder is not None and not holder.get("name"):
        holder = holder.getparent()
    return "" if holder is None else name(holder)


def _column(reader: Reader, element: etree._Element) -> Column:
    asked = child(element, "inputExpression")
    source = text(child(asked, "text"))
    label = element.get("label") or source
    if asked is None or not source:
        value = reader.problem(element, because(NO_LOGIC))
        return Column(label, value, None, None)
    type_ = reader.items.named(asked.get("typeRef"))
    allowed = child(element, "inputValues")
    tests = None if allowed is None else reader.tests(allowed)
    return Column(label, reader.cell(asked, source), type_, tests, source, text(child(allowed, "text")))


def _output(reader: Reader, element: etree._Element, place: int) -> Output:
    values, otherwise = child(element, "outputValues"), child(element, "defaultOutputEntry")
    tests = None if values is None else reader.tests(values)
    order = tuple(choice([part]) for part in tests.parts) if tests is not None and tests.kind == "tests" else ()
    return Output(
        name=element.get("name") or element.get("label") or f"output {place}",
        type=reader.items.named(element.get("typeRef")),
        order=order,
        otherwise=None if otherwise is None else _result(reader, otherwise),
    )


def _rules(reader: Reader, element: etree._Element, inputs: int, outputs: int) -> list[Row]:
    found: list[Row] = []
    for number, rule in enumerate(children(element, "rule"), 1):
        reader.rule = number
        tests = tuple(reader.tests(entry) for entry in children(rule, "inputEntry"))
        results = tuple(_result(reader, entry) for entry in children(rule, "outputEntry"))
        if len(tests) != inputs or len(results) != outputs:
            refused = reader.problem(
                rule, because(UNKNOWN_LOGIC, element=f"{local(rule)}: {len(tests)}, {len(results)}")
            )
            tests, results = (refused,) * inputs, (refused,) * outputs
        sources = tuple(text(child(entry, "text")) for entry in children(rule, "inputEntry"))
        found.append(Row(number, tests, results, sources, reader.lines[rule]))
    reader.rule = None
    return found


def _result(reader: Reader, element: etree._Element) -> Node:
    source = text(child(element, "text"))
    return constant(None) if source in ("", "-") else reader.cell(element, source)
