"""A module is read in one sitting, a function on one screen."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import pytest

from tests.house.tree import PACKAGES, functions, modules, parsed, shown

MOST_LINES: Final = {"shipped": 400, "tests": 600}
MOST_LINES_OF_A_FUNCTION: Final = 50

LONGER_MODULES: Final[dict[str, str]] = {}
"""Path -> why. An exception is a decision that everybody can see."""

LONGER_FUNCTIONS: Final[dict[str, str]] = {}
"""Path::function -> why."""

_NOT_WRITTEN_BY_HAND: Final = "engine/migrations/versions/"


def _lines(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize(("folders", "most"), [(PACKAGES, MOST_LINES["shipped"]), (("tests",), MOST_LINES["tests"])])
def test_modules_stay_small(folders: tuple[str, ...], most: int) -> None:
    files = modules(*folders)
    assert files
    longer = {shown(file): lines for file in files if (lines := _lines(file)) > most}
    assert longer.keys() - LONGER_MODULES.keys() == set(), longer


def test_functions_stay_small() -> None:
    longer = {}
    for file in modules(*PACKAGES):
        if shown(file).startswith(_NOT_WRITTEN_BY_HAND):
            continue
        for function in functions(file):
            lines = (function.end_lineno or 0) - function.lineno + 1
            if lines > MOST_LINES_OF_A_FUNCTION:
                longer[f"{shown(file)}::{function.name}"] = lines
    assert longer.keys() - LONGER_FUNCTIONS.keys() == set(), longer


def test_no_exception_has_outlived_its_reason() -> None:
    files = {shown(file): file for file in modules(*PACKAGES, "tests")}
    for name, why in LONGER_MODULES.items():
        most = MOST_LINES["tests" if name.startswith("tests/") else "shipped"]
        assert why, name
        assert _lines(files[name]) > most, name
    for name, why in LONGER_FUNCTIONS.items():
        file, _, function = name.partition("::")
        assert why, name
        assert function in {one.name for one in functions(files[file])}, name


def test_every_module_says_what_it_is() -> None:
    files = [file for file in modules(*PACKAGES) if parsed(file).body]
    assert files
    assert [shown(file) for file in files if not ast.get_docstring(parsed(file))] == []
