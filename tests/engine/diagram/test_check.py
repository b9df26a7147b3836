"""Checking files on disk, and what is said of them."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest

from engine.base.text import Language
from engine.diagram import report
from engine.diagram.check import Outcome, attachments, check

DIAGRAMS = Path(__file__).parents[2] / "diagrams"
EXAMPLES = Path(str(files("engine.diagram.rules"))) / "examples"


@pytest.fixture
def no_owner(tmp_path: Path) -> Path:
    """Alone in its folder."""
    only = tmp_path / "no-owner.bpmn"
    only.write_bytes((EXAMPLES / only.name).read_bytes())
    return only


def test_a_fit_diagram_may_go_into_force() -> None:
    [result], outcome = check([DIAGRAMS / "fit.bpmn"])
    assert outcome == 0
    assert result.facts == {"file": str(DIAGRAMS / "fit.bpmn"), "drawing": True, "findings": []}


def test_what_only_needs_attention_may_go_into_force(tmp_path: Path) -> None:
    only = tmp_path / "p.bpmn"
    only.write_bytes((EXAMPLES / "timer-missing.bpmn").read_bytes())
    [result], outcome = check([only])
    assert outcome is Outcome.FIT
    assert [one["rule"] for one in result.facts["findings"] if one["severity"] != "info"] == ["timer-missing"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_blocked_diagram_is_reported_with_all_that_is_known(language: Language, no_owner: Path) -> None:
    [result], outcome = check([no_owner], language)
    assert outcome == 1
    [finding] = [one for one in result.facts["findings"] if one["rule"] == "no-owner"]
    assert set(finding) == {"rule", "severity", "line", "element", "name", "sentence", "remedy"}
    assert (finding["severity"], finding["element"], finding["name"]) == ("blocks", "sign", "Sign 签发")
    line = no_owner.read_text("utf-8").splitlines()[finding["line"] - 1]
    assert 'id="sign"' in line
    assert ("泳道" in finding["sentence"]) is (language == "zh")
    assert json.loads(json.dumps(result.facts)) == result.facts


@pytest.mark.parametrize(
    ("content", "rule"), [(b"PK\x03\x04", "zip-file"), (b"", "empty-file"), (b"<svg/>", "not-bpmn")]
)
def test_what_is_no_drawing_is_reported_by_the_name_of_its_refusal(tmp_path: Path, content: bytes, rule: str) -> None:
    (tmp_path / "p.bpmn").write_bytes(content)
    [result], outcome = check([tmp_path / "p.bpmn"])
    assert outcome == 2
    assert result.facts["drawing"] is False
    [finding] = result.facts["findings"]
    assert (finding["rule"], finding["severity"]) == (rule, "blocks")
    assert "p.bpmn" in finding["sentence"]


def test_a_file_that_is_not_there_is_no_drawing(tmp_path: Path) -> None:
    [result], outcome = check([tmp_path / "gone.bpmn"])
    assert (outcome, result.facts["findings"][0]["rule"]) == (2, "file-missing")


def test_the_worst_of_several_files_counts(no_owner: Path) -> None:
    paths = [DIAGRAMS / "fit.bpmn", no_owner]
    results, outcome = check(paths)
    assert ([one.outcome for one in results], outcome) == ([Outcome.FIT, Outcome.BLOCKED], Outcome.BLOCKED)
    assert check([])[1] is Outcome.FIT


def test_forms_and_decisions_beside_the_diagram_are_taken_along(tmp_path: Path) -> None:
    for name in (
        "a.form.json",
        "forms/b.form.json",
        "forms/a.form.json",
        "decisions/c.dmn",
        "notes.txt",
        "deep/d/e.dmn",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    found = attachments(tmp_path / "p.bpmn")
    assert found == {"a.form.json": b"a.form.json", "b.form.json": b"forms/b.form.json", "c.dmn": b"decisions/c.dmn"}


def test_the_text_names_file_rule_line_and_remedy(no_owner: Path) -> None:
    [result], _ = check([no_owner])
    text = report.as_text(result.facts)
    assert "no-owner.bpmn: keeps it out of force 1" in text, "the words of the studio"
    [finding] = [one for one in result.facts["findings"] if one["severity"] != "info"]
    for part in ("[no-owner]", f"line {finding['line']}", finding["sentence"], finding["remedy"]):
        assert part in text


def test_the_text_of_a_fit_diagram_says_so() -> None:
    [result], _ = check([DIAGRAMS / "fit.bpmn"])
    assert report.as_text(result.facts, "zh").endswith("没有发现问题")


def test_names_in_a_file_cannot_steer_a_terminal(tmp_path: Path, no_owner: Path) -> None:
    source = no_owner.read_text("utf-8").replace("Sign 签发", "Sign&#x9b;31m&#x202e;")
    (tmp_path / "p.bpmn").write_text(source, "utf-8")
    [result], _ = check([tmp_path / "p.bpmn"])
    text = report.as_text(result.facts)
    assert "Sign" in text
    assert not {"\x9b", "\u202e"} & set(text)
