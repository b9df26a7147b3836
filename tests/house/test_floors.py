"""Who may import whom. Most of it stands in pyproject.toml; here is what a contract there cannot say."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

from tests.house.tree import ROOT, imported, imports_any, modules, named, shown

ROOMS: Final = (
    "absence", "acting", "alerts", "asking", "boards", "mining", "calendars", "cards", "cases", "clocks", "connectors", "counter", "desk", "entrance", "flow", "forecast", "handing", "letters", "moves", "notes", "papers", "reports", "studio", "watch", "whatif", "working",
)  # fmt: skip
SPIFF_DOOR: Final = "engine/diagram/run"


_LINT: Final = "import sys; from importlinter import cli; sys.exit(cli.lint_imports(no_cache=True))"


def test_the_contracts_are_kept() -> None:
    # In a process of its own: it switches off the loggers of every module that stands already.
    linted = subprocess.run([sys.executable, "-c", _LINT], cwd=ROOT, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout
    assert "0 broken" in linted.stdout


def test_every_folder_of_the_engine_has_its_floor() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    floors = next(one for one in contracts if one.get("containers") == ["engine"])
    declared = {name.strip("() ") for layer in floors["layers"] for name in layer.split("|")}
    folders = {file.parent.name for file in (ROOT / "engine").glob("*/__init__.py")}
    assert folders
    assert folders <= declared | set(floors["exhaustive_ignores"])


def test_only_the_door_imports_spiffworkflow() -> None:
    users = {shown(file) for file in modules("engine", "processes", "web") if imports_any(file, "SpiffWorkflow")}
    assert {user for user in users if not user.startswith((SPIFF_DOOR + "/", SPIFF_DOOR + ".py"))} == set()
    if (ROOT / SPIFF_DOOR).exists():
        assert users


def test_the_engine_knows_no_web() -> None:
    files = modules("engine")
    assert files
    strangers = ("flask", "werkzeug", "jinja2", "babel", "flask_babel", "flask_wtf", "web", "processes", "tests")
    # A process of its own, in which Word templates are filled in: they are written in Jinja's words.
    apart = {"engine/papers/apart/word.py": ["jinja2"]}
    found = {shown(file): imports_any(file, *strangers) for file in files}
    assert {file: names for file, names in found.items() if names and file not in apart} == {}


def test_content_imports_nothing_of_the_engine_or_the_web() -> None:
    files = modules("processes")
    assert files
    assert {shown(file): found for file in files if (found := imports_any(file, "engine", "web", "tests"))} == {}


def test_nothing_that_is_shipped_imports_the_tests() -> None:
    assert {
        shown(file): found for file in modules("engine", "processes", "web") if (found := imports_any(file, "tests"))
    } == {}


@pytest.mark.parametrize("package", ["diagram", "worktime"])
def test_what_is_pure_knows_no_database(package: str) -> None:
    files = modules(f"engine/{package}")
    if not files:
        pytest.skip(f"there is no engine/{package}")
    database = ("sqlalchemy", "psycopg", "sqlite3", "engine.base.database")
    assert {shown(file): found for file in files if (found := imports_any(file, *database))} == {}


def test_rules_know_no_database_and_no_clock() -> None:
    files = [*(ROOT / "engine").glob("*/rules.py")]
    assert files
    impure = ("sqlalchemy", "engine.base.database", "engine.base.clock", "engine.records.journal")
    assert {shown(file): found for file in files if (found := imports_any(file, *impure))} == {}


def test_the_web_touches_no_table() -> None:
    files = modules("web")
    assert files
    touching = {shown(file): [name for name in imported(file) if "tables" in name.split(".")] for file in files}
    assert {file: names for file, names in touching.items() if names} == {}


def _of_room(room: str) -> list[Path]:
    return [file for file in modules("web") if named(file).split(".")[1:2] == [room]]


def test_the_rooms_do_not_know_each_other() -> None:
    rooms = [room for room in ROOMS if _of_room(room)]
    assert rooms
    for room in rooms:
        others = {f"web.{other}" for other in rooms if other != room}
        for file in _of_room(room):
            assert [name for name in imported(file) if ".".join(name.split(".")[:2]) in others] == [], shown(file)


def test_every_room_that_is_served_is_known_here() -> None:
    from web import ROOMS as SERVED  # noqa: PLC0415 (a broken web must not hide the other tests)

    assert {one.partition(".")[0] for one in SERVED} == set(ROOMS)
