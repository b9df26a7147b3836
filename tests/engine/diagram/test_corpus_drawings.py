"""Real diagrams of real offices: each is a drawing, checked soon, and every finding can be said."""

from __future__ import annotations

import os
import time
from pathlib import Path
from string import Formatter

import pytest

from engine.diagram import lint, run
from engine.diagram.owners import owner_of, owners, steps
from engine.diagram.read import read
from engine.diagram.shape import Finding

ROOT = Path(__file__).parents[3]
CORPUS = Path(os.environ.get("OFFICIUM_SHARED", ROOT.parent / "shared")) / "bpmn"
FILES = sorted(CORPUS.rglob("*.bpmn"))
LONGEST = 15.0

pytestmark = pytest.mark.skipif(not FILES, reason=f"no corpus of diagrams at {CORPUS}")


def can_be_said(finding: Finding) -> None:
    """Every place for a fact in the sentences of the rule is filled."""
    known = {"line", "element", "name", *finding.facts}
    for text in (finding.rule.sentence, finding.rule.remedy):
        for written in (text.en, text.zh):
            assert {name for _, name, _, _ in Formatter().parse(written) if name is not None} <= known
    assert all(finding.sentence(language) and finding.remedy(language) for language in ("en", "zh"))
    assert finding.element is None or finding.line is not None


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_it_is_a_drawing_with_findings_that_can_be_said(path: Path) -> None:
    began = time.thread_time()
    diagram = read(path.read_bytes(), path.name)
    findings = lint.findings(diagram)
    assert time.thread_time() - began < LONGEST
    assert diagram.elements
    assert findings
    for finding in findings:
        can_be_said(finding)
    assert findings == lint.findings(read(path.read_bytes(), path.name))


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_every_step_is_owned_or_keeps_the_diagram_out_of_force(path: Path) -> None:
    diagram = read(path.read_bytes(), path.name)
    owned = owner_of(diagram)
    told = {one.element for one in lint.findings(diagram) if one.rule.code == "no-owner"}
    assert set(steps(diagram)) == (set(owned) & set(steps(diagram))) | told
    assert sorted(step for owner in owners(diagram) for step in owner.steps) == sorted(set(steps(diagram)) - told)


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_what_nothing_keeps_out_of_force_can_be_run_and_every_question_has_an_owner(path: Path) -> None:
    diagram = read(path.read_bytes(), path.name)
    findings = lint.findings(diagram)
    if lint.blocks(findings) or any(one.rule.code == "calls-another-procedure" for one in findings):
        pytest.skip("cannot be run as it is, or not alone")
    for process in diagram.processes.values():
        if process.has_content:
            made = run.model(diagram, process=process.id)
            assert {element for _, element in made.questions} <= set(owner_of(diagram))


def test_the_corpus_is_all_there() -> None:
    assert len(FILES) >= 29


def test_a_diagram_that_office_software_made_has_the_lanes_that_were_drawn() -> None:
    diagram = read((CORPUS / "it-suap-service-conference.bpmn").read_bytes(), "f.bpmn")
    assert {lane.name for lane in diagram.lanes.values()} == {"Other Office 1", "Other Office 2", "SUAP Officer"}
    assert all(one.lane for one in diagram.elements.values() if one.kind == "userTask")


def test_a_diagram_without_coordinates_says_so() -> None:
    assert not read((CORPUS / "dk-building-permit.bpmn").read_bytes(), "f.bpmn").has_coordinates
