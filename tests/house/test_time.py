"""Time comes from one place, so that a test, a simulation and the record can all be told what time it is."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

from tests.house.tree import PACKAGES, aliases, dotted, modules, nodes, parsed, shown

READS_TIME: Final = frozenset({
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
    "time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime", "time.asctime",
    "sqlalchemy.func.now", "sqlalchemy.func.current_timestamp", "sqlalchemy.func.localtimestamp",
})  # fmt: skip

ALLOWED: Final = {
    "engine/base/clock.py::_real": "the clock itself",
    "engine/base/database.py::next": "an id must grow with real time, also in a simulation",
}


def _readers(file: Path) -> set[str]:
    """Functions (or the module) of a file in which the time is read, called or passed on."""
    found: set[str] = set()
    if not any(told == name or told.startswith(name + ".") for name in aliases(file).values() for told in READS_TIME):
        return found

    def look(node: ast.AST, inside: str) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = node.name
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
            name = dotted(file, node)
            if name in READS_TIME:
                found.add(f"{shown(file)}::{inside}")
        for child in ast.iter_child_nodes(node):
            look(child, inside)

    look(parsed(file), "")
    return found


def test_only_the_clock_reads_the_time() -> None:
    found = {reader for file in modules(*PACKAGES) for reader in _readers(file)}
    assert found == set(ALLOWED)


def test_the_database_is_not_asked_for_the_time_in_words() -> None:
    words = ("CURRENT_TIMESTAMP", "CURRENT_DATE", "strftime('%s'", "now()")
    for file in modules(*PACKAGES):
        for node in nodes(file):
            if isinstance(node, ast.Call) and dotted(file, node.func) in {
                "sqlalchemy.text",
                "sqlalchemy.literal_column",
            }:
                said = " ".join(
                    one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
                )
                assert not any(word.lower() in said.lower() for word in words), f"{shown(file)}:{node.lineno}"
