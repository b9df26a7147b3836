"""The project speaks of itself alone, in words a newcomer can use."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from tests.house.tree import PACKAGES, ROOT, kept_files, shown

_THIS: Final = Path(__file__).resolve()
_TEXT: Final = frozenset({
    ".py", ".md", ".toml", ".html", ".js", ".mjs", ".css", ".json", ".po", ".svg", ".lock", ".bpmn", ".dmn", ".txt", ".cfg", ".mako", "",
})  # fmt: skip

UNFIT_NAMES: Final = frozenset(
    {
        "util",
        "utils",
        "helper",
        "helpers",
        "manager",
        "managers",
        "service",
        "services",
        "common",
        "misc",
        "lib",
        "core",
    }
)

OF_THE_MACHINE: Final = re.compile(r"(?<![\w.*-])/(?:work|root|home|Users|opt/wheels)/|(?<![\w.])/tmp/|[A-Z]:\\\\Users")
BESIDE_THE_TREE: Final = re.compile(r"\.\./shared")
REGISTRIES: Final = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|npmmirror|yarnpkg\.com|unpkg\.com|jsdelivr|crates\.io|proxy\.golang"
    r"|deb\.debian\.org|repo\.maven|--index-url|--extra-index|--find-links"
)
WHO_WROTE_IT: Final = re.compile(
    r"\b(?:claude|chatgpt|copilot|openai|anthropic|llm|ai[- ]generated|language model|as an ai)\b", re.IGNORECASE
)
WORK_IN_PROGRESS: Final = re.compile(r"\b(?:TODO|FIXME|XXX|HACK|WIP)\b")
ISSUES: Final = re.compile(r"\b(?:issue|pull request|PR|GH|ticket)[ -]?#?\d+", re.IGNORECASE)

OTHER_WORDS: Final = {"移交": "交接", "案件": "办件"}
"""A word of Chinese that says what another does already, and the one that the office says."""
OTHERS_SAY: Final = frozenset({"engine/supervision/mining/guessing.py"})
"""What columns are called in the logs of other programs."""

FROM_ELSEWHERE: Final = frozenset({"LICENSE"})


def _texts(*, tests: bool = True) -> list[tuple[Path, str]]:
    found = []
    for file in kept_files():
        if file == _THIS or file.suffix not in _TEXT or file.name in FROM_ELSEWHERE:
            continue
        if not tests and file.is_relative_to(ROOT / "tests"):
            continue
        found.append((file, file.read_text(encoding="utf-8", errors="replace")))
    return found


def _where(found: list[tuple[Path, str]], unfit: re.Pattern[str]) -> list[str]:
    return [
        f"{shown(file)}:{text.count(chr(10), 0, hit.start()) + 1} {hit.group()}"
        for file, text in found
        for hit in unfit.finditer(text)
    ]


def test_there_is_something_to_read() -> None:
    names = {shown(file) for file, _text in _texts()}
    assert {"README.md", "Makefile", "pyproject.toml", "requirements.lock", "engine/base/errors.py"} <= names


@pytest.mark.parametrize(
    "unfit", [OF_THE_MACHINE, REGISTRIES, WHO_WROTE_IT, WORK_IN_PROGRESS, ISSUES], ids=lambda one: one.pattern[:20]
)
def test_no_file_speaks_of(unfit: re.Pattern[str]) -> None:
    assert _where(_texts(), unfit) == []


@pytest.mark.parametrize("other", OTHER_WORDS)
def test_one_thing_has_one_word_in_chinese(other: str) -> None:
    texts = [(file, text) for file, text in _texts() if shown(file) not in OTHERS_SAY]
    assert _where(texts, re.compile(other)) == [], f"the office says {OTHER_WORDS[other]}"


def test_only_tests_may_look_beside_the_tree() -> None:
    assert _where(_texts(tests=False), BESIDE_THE_TREE) == []


def test_no_module_hides_behind_an_empty_name() -> None:
    files = [file.relative_to(ROOT) for file in kept_files() if file.relative_to(ROOT).parts[0] in (*PACKAGES, "tests")]
    assert files
    assert [str(file) for file in files if UNFIT_NAMES & {Path(part).stem for part in file.parts}] == []


def test_no_line_ends_in_the_middle_of_nowhere() -> None:
    """Files are UTF-8, with Unix line ends, and none is left from a merge. A test may keep a broken one to read."""
    for file in kept_files():
        if file.suffix in _TEXT and not file.is_relative_to(ROOT / "tests"):
            source = file.read_bytes()
            assert b"\r\n" not in source, shown(file)
            assert not re.search(rb"^(?:<{7}|>{7}) ", source, re.MULTILINE), shown(file)
            source.decode("utf-8")
