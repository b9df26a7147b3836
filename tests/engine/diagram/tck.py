"""Measures the decisions with the public DMN Technology Compatibility Kit, or tests of that form: `make tck TCK=folder`."""

from __future__ import annotations

import os
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
SHARED: Final = Path(os.environ.get("OFFICIUM_SHARED") or Path(__file__).parents[4] / "shared") / "dmn" / "dmn-tck"
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
    why: str = ""


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
    beside = {one.name: one.read_bytes() for one in modelled.parent.glob("*.dmn") if one != modelled}
    model = decisions.read(modelled.read_bytes(), modelled.name, beside)
    for number, case in enumerate(root.iterfind("t:testCase", NS), 1):
        inputs = {" ".join(str(one.get("name")).split()): value_of(one) for one in case.iterfind("t:inputNode", NS)}
        for result in case.iterfind("t:resultNode", NS):
            name = " ".join(str(result.get("name")).split())
            expected = value_of(result.find("t:expected", NS))
            found = _ask(model, case, name, inputs)
            passed = close(expected, found)
            why = "" if passed else _why(model, name, inputs)
            yield Outcome(f"{tests.stem}/{case.get('id') or number}/{name}", passed, expected, found, why)


def _why(model: decisions.Decisions, name: str, inputs: dict[str, Any]) -> str:
    """The reason the decision itself gives when it is asked strictly."""
    decision = next((one for one in model.decisions.values() if one.name == name), None)
    if decision is None:
        return "there is no such decision"
    if decision.problems:
        return decision.problems[0].why.en
    try:
        evaluated(model, decision.id, inputs, strict=True)
    except Refusal as refusal:
        return refusal.say("en")
    except (Fault, Stopped) as error:
        return error.why.en
    return ""


def files_by_level(folder: Path) -> dict[str, list[Path]]:
    """By level: the name of the folder above, such as compliance-level-3, however deep the kit lies."""
    levels: dict[str, list[Path]] = defaultdict(list)
    for tests in sorted(folder.rglob("*-test-*.xml")):
        above = [part for part in tests.relative_to(folder.parent).parts[:-2] if part.startswith("compliance-level")]
        levels[above[-1] if above else tests.parent.parent.name].append(tests)
    return dict(levels)


@dataclass(frozen=True)
class Score:
    """Of one level: a case is right where all its results are."""

    cases: int
    wrong: dict[str, Outcome]
    unread: dict[str, str]
    seconds: float


def score(files: list[Path]) -> Score:
    began = time.perf_counter()
    cases: set[str] = set()
    wrong: dict[str, Outcome] = {}
    unread: dict[str, str] = {}
    for tests in files:
        try:
            for outcome in outcomes_of(tests):
                case = outcome.name.rpartition("/")[0]
                cases.add(case)
                if not outcome.passed:
                    wrong.setdefault(case, outcome)
        except (Refusal, OSError, etree.XMLSyntaxError) as error:
            unread[tests.stem] = str(error)
    return Score(len(cases), wrong, unread, time.perf_counter() - began)


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0]) if arguments and arguments[0] else SHARED
    if not folder.is_dir():
        print(f"There is no folder {folder}. Name one in the form of the kit: make tck TCK=folder")
        return 2
    scores = {level: score(files) for level, files in files_by_level(folder).items()}
    for one in scores.values():
        for case, outcome in one.wrong.items():
            print(f"not right: {case}: {outcome.why or f'expected {outcome.expected!r}, found {outcome.found!r}'}")
        for name, why in one.unread.items():
            print(f"not read: {name}: {why}")
    print(f"\n{'level':24}{'right':>8}{'of':>8}{'share':>9}{'seconds':>9}")
    for level, one in sorted(scores.items()):
        right = one.cases - len(one.wrong)
        print(f"{level:24}{right:>8}{one.cases:>8}{right / max(1, one.cases):>9.1%}{one.seconds:>9.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
