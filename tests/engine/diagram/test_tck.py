"""The public compatibility kit of DMN, where it is at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.diagram.tables import decision, dmn, literal
from tests.engine.diagram.tck import SHARED, Score, files_by_level, main, score

JAVA = {f"0076-feel-external-java-test-01/literal_{number:03}" for number in range(1, 13)} | {
    "0076-feel-external-java-test-01/boxed_001",
    "0076-feel-external-java-test-01/varargs_001",
}
"""Functions in Java are never run."""
PATTERNS = {"1111-feel-matches-function-test-01/K2-MatchesFunc-17"}
"""A group that is asked for again: RE2 has none, so that no pattern can make the office wait."""


def scored(level: str, capsys: pytest.CaptureFixture[str]) -> Score:
    if not SHARED.is_dir():
        pytest.skip(f"the compatibility kit is not at hand ({SHARED})")
    found = score(files_by_level(SHARED)[level])
    with capsys.disabled():
        print(f"\n{level}: {found.cases - len(found.wrong)}/{found.cases} cases pass")
    return found


def test_level_two_is_passed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    found = scored("compliance-level-2", capsys)
    assert found.cases == 116
    assert (found.wrong, found.unread) == ({}, {})


def test_level_three_fails_only_where_it_is_known_to_and_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    found = scored("compliance-level-3", capsys)
    assert found.cases == 1421
    assert set(found.wrong) == JAVA | PATTERNS
    assert found.unread == {}
    assert all("Java" in found.wrong[case].why for case in JAVA)
    assert "cannot be used" in found.wrong[PATTERNS.copy().pop()].why


def test_any_folder_of_that_form_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "kit" / "compliance-level-9" / "0001-sum"
    folder.mkdir(parents=True)
    (folder / "sum.dmn").write_bytes(dmn(decision("sum", literal("1 + 1"))))
    case = '<testCase id="{}"><resultNode name="sum"><expected><value xsi:type="xsd:decimal">{}</value></expected></resultNode></testCase>'
    (folder / "0001-sum-test-01.xml").write_text(
        '<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xmlns:xsd="http://www.w3.org/2001/XMLSchema"><modelName>sum.dmn</modelName>{case.format("a", 2)}{case.format("b", 3)}</testCases>'
    )
    (folder / "0002-broken-test-01.xml").write_text("<testCases")
    assert main([str(tmp_path / "kit")]) == 0
    said = capsys.readouterr().out
    assert "not right: 0001-sum-test-01/b: expected Decimal('3'), found Decimal('2')" in said
    assert "not read: 0002-broken-test-01" in said
    assert "compliance-level-9             1       2    50.0%" in said
    assert main([str(tmp_path / "nowhere")]) == 2
