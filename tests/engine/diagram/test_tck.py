"""The public compatibility kit of DMN, where it is at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.engine.diagram.tck import failed

SHARED = Path(os.environ.get("OFFICIUM_SHARED") or Path(__file__).parents[4] / "shared")
KIT = SHARED / "dmn" / "dmn-tck"

JAVA = {f"0076-feel-external-java-test-01/literal_{number:03}" for number in range(1, 13)} | {
    "0076-feel-external-java-test-01/boxed_001",
    "0076-feel-external-java-test-01/varargs_001",
}
"""Functions in Java are never run."""
PATTERNS = {
    f"1111-feel-matches-function-test-01/{name}"
    for name in (
        "caselessmatch08",
        "caselessmatch09",
        "caselessmatch10",
        "caselessmatch11",
        "K2-MatchesFunc-5",
        "K2-MatchesFunc-6",
        "K2-MatchesFunc-17",
    )
}
"""Classes without classes, blocks of Unicode and references back: RE2 has none of them, and they are refused."""
IMPORTS = {"0089-nested-inputdata-imports-test-01/001"}
"""One file is read at a time."""


def score(level: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, set[str]]:
    if not KIT.is_dir():
        pytest.skip(f"the compatibility kit is not at hand ({KIT})")
    total, names = failed(KIT / level)
    with capsys.disabled():
        print(f"\n{level}: {total - len(names)}/{total} cases pass")
    return total, set(names)


def test_level_two_is_passed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    total, names = score("compliance-level-2", capsys)
    assert total == 116
    assert names == set()


def test_level_three_fails_only_where_it_is_known_to(capsys: pytest.CaptureFixture[str]) -> None:
    total, names = score("compliance-level-3", capsys)
    assert total == 1421
    assert names == JAVA | PATTERNS | IMPORTS
