"""Measures the decisions with the public DMN Technology Compatibility Kit: `python -m tests.engine.diagram.tck FOLDER`."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from lxml import etree

from engine.base.errors import Refusal
from engine.diagram import decisions
from engine.diagram.decisions.decide import evaluated, served
from engine.diagram.language import literals
from engine.diagram.language.comparing import equal
from engine.diagram.language.reasons import Fault, Stopped

NS: Final = {"t": "http://www.omg.org/spec/DMN/20160719/testcase"}
TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TOLERANCE: Final = Decimal("0.00000001")
"""The kit's own runner compares numbers this closely."""
READ: Final[dict[str, Any]] = {
    "boolean": lambda text: {"true": True, "1": True}.get(text, False),
    "decimal": Decimal,
    "double": Decimal,
    "integer": Decimal,
    "date": literals.date,
    "time": literals.time,
    "dateTime": literals.date_time,
    "duration": literals.duration,
    "string": str,
}


@dataclass(frozen=True)
class Outcome:
    name: str
    passed: bool
    expected: Any
    found: Any


def value_of(element: etree._Element | None) -> Any:
    if element is None or element.get(NIL) == "true":
        return None
    listed = element.find("t:list", NS)
    if listed is not None:
        return None if listed.get(NIL) == "true" else [value_of(item) for item in listed.findall("t:item", NS)]
    components = element.findall("t:component", NS)
    if components:
        return {str(one.get("name")): value_of(one) for one in components}
    value = element.find("t:value", NS)
    if value is None or value.get(NIL) == "true":
        return None
    text = value.text or ""
    kind = (value.get(TYPE) or "string").partition(":")[2] or "string"
    return text if kind == "string" else READ[kind](text.strip())


def close(expected: Any, found: Any) -> bool:
    if isinstance(expected, Decimal) and isinstance(found, Decimal):
        return abs(expected - found) < TOLERANCE
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(close, expected, found))
    if isinstance(expected, dict) and isinstance(found, dict):
        return expected.keys() == found.keys() and all(close(expected[key], found[key]) for key in expected)
    return type(expected) is type(found) and equal(expected, found) is True


def _ask(model: decisions.Decisions, case: etree._Element, name: str, inputs: dict[str, Any]) -> Any:
    try:
        if case.get("type") == "decisionService":
            wanted = case.get("invocableName")
            id_ = next(one.id for one in model.services.values() if one.name == wanted)
            found = served(model, id_, inputs, complete=False)
            return found[name] if len(model.services[id_].outputs) > 1 else found
        id_ = next(one.id for one in model.decisions.values() if one.name == name)
        return evaluated(model, id_, inputs, complete=False)
    except (Refusal, Fault, Stopped, RecursionError, StopIteration) as refusal:
        return None if not isinstance(refusal, StopIteration) else "no such decision"


def outcomes_of(tests: Path) -> Iterator[Outcome]:
    root = etree.parse(tests).getroot()
    modelled = tests.parent / (root.findtext("t:modelName", None, NS) or "").strip()
    model = decisions.read(modelled.read_bytes(), modelled.name)
    for number, case in enumerate(root.iterfind("t:testCase", NS), 1):
        inputs = {" ".join(str(one.get("name")).split()): value_of(one) for one in case.iterfind("t:inputNode", NS)}
        for result in case.iterfind("t:resultNode", NS):
            name = " ".join(str(result.get("name")).split())
            expected = value_of(result.find("t:expected", NS))
            found = _ask(model, case, name, inputs)
            yield Outcome(f"{tests.stem}/{case.get('id') or number}/{name}", close(expected, found), expected, found)


def outcomes(folder: Path) -> dict[str, list[Outcome]]:
    """By file of tests; a case is passed where all its results are."""
    found: dict[str, list[Outcome]] = defaultdict(list)
    for tests in sorted(folder.glob("*/*-test-*.xml")):
        found[tests.parent.name] += outcomes_of(tests)
    return dict(found)


def failed(folder: Path) -> tuple[int, list[str]]:
    """How many cases there are, and the names of those that fail."""
    cases: dict[str, bool] = {}
    for file in outcomes(folder).values():
        for outcome in file:
            case = outcome.name.rpartition("/")[0]
            cases[case] = cases.get(case, True) and outcome.passed
    return len(cases), [case for case, passed in cases.items() if not passed]


def main() -> None:
    folder = Path(sys.argv[1])
    for level in sorted(one for one in folder.iterdir() if one.is_dir()):
        began = time.perf_counter()
        for file in outcomes(level).values():
            for outcome in file:
                if not outcome.passed:
                    print(f"{outcome.name}: expected {outcome.expected!r}, found {outcome.found!r}")
        took = time.perf_counter() - began
        total, names = failed(level)
        print(f"{level.name}: {total - len(names)}/{total} cases pass ({took:.1f} s)")


if __name__ == "__main__":
    main()
