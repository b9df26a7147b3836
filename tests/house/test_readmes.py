"""Every folder is explained where a newcomer looks, and what a README says is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from tests.house.tree import ROOT, kept_files, shown

TOP: Final = ("engine", "processes", "tests", "web")
LINK: Final = re.compile(r"\]\(([^)\s#]+)(?:#[^)]*)?\)")
CODE: Final = re.compile(r"```.*?```|`[^`]+`", re.DOTALL)


def _folders(top: str) -> set[str]:
    return {file.relative_to(ROOT / top).parts[0] for file in kept_files() if file.is_relative_to(ROOT / top)
            and len(file.relative_to(ROOT / top).parts) > 1}  # fmt: skip


def _readmes() -> list[Path]:
    return [file for file in kept_files() if file.suffix == ".md"]


@pytest.mark.parametrize("top", TOP)
def test_every_folder_is_named_in_a_readme(top: str) -> None:
    readme = ROOT / top / "README.md"
    assert readme.is_file()
    text = readme.read_text(encoding="utf-8")
    folders = _folders(top)
    assert folders
    unnamed = {one for one in folders if not re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text)}
    assert {one for one in unnamed if not (ROOT / top / one / "README.md").is_file()} == set()


def test_the_first_page_leads_to_every_part() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for top in TOP:
        assert f"{top}/README.md" in text
        assert (ROOT / top / "README.md").is_file()


def test_every_link_leads_somewhere() -> None:
    files = _readmes()
    assert files
    broken = []
    for file in files:
        for target in LINK.findall(file.read_text(encoding="utf-8")):
            if not re.match(r"[a-z]+:", target) and not (file.parent / target).exists():
                broken.append(f"{shown(file)}: {target}")
    assert broken == []


def test_every_path_of_the_engine_that_is_named_is_there() -> None:
    """`cases/acts/work.py::complete_task` and the like, from the root or from the README's own folder."""
    broken = []
    for file in _readmes():
        for code in re.findall(r"`([^`\s]+\.(?:py|md|toml|bpmn))(?:::(\w+))?`", file.read_text(encoding="utf-8")):
            path, function = code
            if re.search(r"[*<>{}…]", path):
                continue
            places = [base / path for base in (file.parent, ROOT, ROOT / "engine") if (base / path).is_file()]
            named_anywhere = "/" not in path and any(one.name == path for one in kept_files())
            if not places and not named_anywhere:
                broken.append(f"{shown(file)}: {path}")
            elif function and places and f"def {function}(" not in places[0].read_text(encoding="utf-8"):
                broken.append(f"{shown(file)}: {path}::{function}")
    assert broken == []


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set()
    for file in _readmes():
        for code in CODE.findall(file.read_text(encoding="utf-8")):
            named.update(re.findall(r"\bmake ([a-z][a-z-]*)", code))
    assert {"run", "test"} <= named
    assert named <= targets


def test_every_target_has_its_line_of_help() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split())
    helped = set(re.findall(r"^([a-z-]+):.*## \w", makefile, re.MULTILINE))
    assert phony == helped
