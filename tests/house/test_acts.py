"""No act without an entry in the record, and no act that ends a transaction: one request or job is one transaction."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.house.tree import Function, aliases, dotted, graph, modules, named, nodes, parsed, shown

JOURNAL: Final = "engine.records.journal.write"

NOT_RECORDED: Final = {
    "engine.notices.acts.tell": "tells of an act, which is on the record itself",
    "engine.notices.acts.tell_post": "as above",
    "engine.notices.acts.tell_program": "as above",
    "engine.notices.acts.mark_read": "what somebody has read concerns nobody else",
    "engine.notices.acts.mark_all_read": "as above",
    "engine.organisation.sign_in.actor_of": "asks who is signed in and changes nothing",
    "engine.organisation.sign_in.session_of": "asks who is signed in and changes nothing",
    "engine.organisation.sign_in.touch": "only notes that a session is still in use, so that it does not run out",
}
"""Public functions that stand beside acts without being one, and why."""


def _holds_acts(file: Path) -> bool:
    return (
        file.name == "acts.py" or "acts" in named(file).split(".")[:-1] or named(file) == "engine.organisation.sign_in"
    )


def _files() -> list[Path]:
    return [file for file in modules("engine") if _holds_acts(file) and file.name != "__init__.py"]


def _passed_on(package: Path) -> set[str]:
    """Where `acts` is a package, its acts are the names it passes on."""
    for node in parsed(package).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
            return set(ast.literal_eval(node.value))
    raise AssertionError(f"{shown(package)} does not say which acts it passes on")


def _acts() -> Iterator[tuple[Path, Function]]:
    for file in _files():
        package = file.parent / "__init__.py"
        passed = _passed_on(package) if file.parent.name == "acts" else None
        for function in parsed(file).body:
            if not isinstance(function, ast.FunctionDef) or function.name.startswith("_"):
                continue
            if passed is None or function.name in passed:
                yield file, function


ACTS: Final = {f"{named(file)}.{function.name}": (file, function) for file, function in _acts()}


@pytest.mark.parametrize("feature", ["organisation", "procedures", "cases"])
def test_every_feature_has_its_acts(feature: str) -> None:
    if not (Path(__file__).resolve().parents[2] / "engine" / feature / "rules.py").exists():
        pytest.skip(f"engine/{feature} is not there yet")
    assert [name for name in ACTS if name.startswith(f"engine.{feature}.acts")]


def test_every_name_an_acts_package_passes_on_is_found() -> None:
    for package in modules("engine"):
        if package.name == "__init__.py" and package.parent.name == "acts":
            inside = {node.name for file in package.parent.glob("*.py") for node in parsed(file).body
                      if isinstance(node, ast.FunctionDef | ast.ClassDef)}  # fmt: skip
            assert _passed_on(package) <= inside


def test_every_act_writes_the_record() -> None:
    reaching = graph("engine")
    silent = {name for name in ACTS if not reaching.reaches(name, JOURNAL)}
    assert silent == set(NOT_RECORDED) & set(ACTS)


def test_no_exception_has_outlived_its_function() -> None:
    assert set(NOT_RECORDED) <= set(ACTS)


def test_an_act_takes_the_connection_first_and_its_facts_by_name() -> None:
    for name, (_file, function) in ACTS.items():
        positional = [argument.arg for argument in [*function.args.posonlyargs, *function.args.args]]
        assert positional[:1] == ["db"], name
        # The secret of a session is all there is to say of it.
        assert positional in (["db"], ["db", "secret"]), name


def test_only_the_database_door_begins_and_ends_transactions() -> None:
    found = set()
    for file in modules("engine"):
        if shown(file) == "engine/base/database.py" or shown(file).startswith("engine/migrations/"):
            continue
        for node in nodes(file):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _ends(file, node.func):
                found.add(f"{shown(file)}:{node.lineno} .{node.func.attr}()")
    assert found == set()


def _ends(file: Path, called: ast.Attribute) -> bool:
    """`run.begin(…)` is a function of ours; `db.begin()` is not."""
    of_a_module = isinstance(called.value, ast.Name) and called.value.id in aliases(file)
    return called.attr in {"commit", "rollback", "begin", "begin_nested", "autocommit"} and not of_a_module


def test_tasks_are_opened_in_one_place() -> None:
    inserting = {
        shown(file)
        for file in modules("engine")
        for node in nodes(file)
        if isinstance(node, ast.Call) and _inserts_tasks(file, node)
    }
    # The one for what the diagram says, the other for what is asked of somebody beside it.
    assert inserting == {"engine/cases/settle.py", "engine/cases/beside.py"}


def _inserts_tasks(file: Path, call: ast.Call) -> bool:
    if not call.args or not (dotted(file, call.func) or "").endswith((".insert", ".PreparedRows")):
        return False
    return dotted(file, call.args[0]) == "engine.cases.tables.tasks"
