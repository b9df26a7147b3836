"""Faults put into diagrams on purpose are all found: by their rule, at their element, in their line, in both languages.

And what is sound keeps nothing out of force.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import processes
from engine.base.text import LANGUAGES
from engine.diagram import lint
from engine.diagram.check import attachments
from engine.diagram.help import example
from engine.diagram.read import read
from engine.diagram.shape import Finding, Severity
from tests.engine.diagram.seeded import EXAMPLES, FAULTS, Fault

PROCESSES = Path(processes.__file__).parent
CORPUS = Path(os.environ.get("OFFICIUM_SHARED") or Path(__file__).parents[4] / "shared") / "bpmn"
CANNOT_RUN = {
    "it-titolo-unico-monti-azzurri": "two events do not say what they wait for",
    "se-parking-permit": "its machines ask again and again without a wait",
}
OTHERS = sorted(path for path in CORPUS.glob("*.bpmn") if path.stem not in CANNOT_RUN)


def test_there_are_120_of_them_and_each_rule_is_broken() -> None:
    assert len(EXAMPLES) + len(FAULTS) >= 120
    assert set(EXAMPLES) == set(lint.RULES)


def said_in_full(finding: Finding) -> None:
    """Both sentences in both languages, with every fact in its place."""
    for language in LANGUAGES:
        for words in (finding.sentence(language), finding.remedy(language)):
            assert words
            assert not re.search(r"\{[a-z_]+\}|[“ ]None[”） ,.]", words.replace("None of", "")), words
    assert finding.sentence("en") != finding.sentence("zh")


def line_of(source: str, mark: str, *, last: bool = False) -> int:
    lines = [number for number, line in enumerate(source.splitlines(), 1) if mark in line]
    assert lines, mark
    return lines[-1] if last else lines[0]


@pytest.mark.parametrize("code", sorted(lint.RULES))
def test_the_fault_of_each_rules_own_diagram_is_found_where_it_is(code: str) -> None:
    shown = example(code)
    assert shown is not None, f"rules/examples/{code}.bpmn is missing"
    element, mark = EXAMPLES[code]
    finding = next(one for one in shown.findings if one.element == element)
    source = shown.attachments.get(str(finding.facts.get("file")), shown.diagram.source).decode()
    # Of two with one id it is the second that is told.
    expected = None if mark is None else line_of(source, mark, last="twice" in code)
    assert finding.line == expected
    said_in_full(finding)


def findings_of(procedure: Path, replaced: dict[str, bytes]) -> tuple[Finding, ...]:
    beside = attachments(procedure / "procedure.bpmn")
    beside |= {Path(file).name: content for file, content in replaced.items() if not file.endswith(".bpmn")}
    source = replaced.get("procedure.bpmn") or (procedure / "procedure.bpmn").read_bytes()
    return lint.findings(read(source, "procedure.bpmn"), beside)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_in_a_shipped_procedure_is_found_where_it_was_put(fault: Fault) -> None:
    folder = PROCESSES / fault.procedure
    before = (folder / fault.file).read_text("utf-8")
    assert fault.old in before
    broken = before.replace(fault.old, fault.new, fault.times)
    assert (fault.rule, fault.element) not in {(one.rule.code, one.element) for one in findings_of(folder, {})}
    found = findings_of(folder, {fault.file: broken.encode()})
    finding = next(one for one in found if (one.rule.code, one.element) == (fault.rule, fault.element))
    told_of = broken if fault.told_there else (folder / "procedure.bpmn").read_text("utf-8")
    last = fault.rule == "duplicate-id"
    assert finding.line == (None if fault.element is None else line_of(told_of, fault.place, last=last))
    said_in_full(finding)


@pytest.mark.parametrize("folder", sorted(one.parent.name for one in PROCESSES.glob("*/procedure.bpmn")))
def test_nothing_keeps_a_shipped_procedure_out_of_force_or_asks_for_a_look(folder: str) -> None:
    found = findings_of(PROCESSES / folder, {})
    assert [one.sentence("en") for one in found if one.rule.severity is not Severity.INFO] == []


@pytest.mark.skipif(not OTHERS, reason="the collection of diagrams is not here")
@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_nothing_keeps_a_sound_diagram_of_others_out_of_force(path: Path) -> None:
    found = lint.findings(read(path.read_bytes(), path.name))
    assert [one.sentence("en") for one in found if one.rule.severity is Severity.BLOCKS] == []
    assert all(one.sentence(language) and one.remedy(language) for one in found for language in LANGUAGES)
