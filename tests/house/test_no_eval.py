"""Whatever is uploaded is data: nothing that ships can evaluate it, unpickle it or hand it to a shell."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import pytest

from tests.house.tree import PACKAGES, ROOT, aliases, dotted, imports_any, kept_files, modules, nodes, shown

BUILT_IN: Final = frozenset({"eval", "exec", "compile", "__import__", "execfile"})
MODULES: Final = ("pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "jsonpickle", "code", "codeop")
SHELLS: Final = (
    "os.system",
    "os.popen",
    "os.exec",
    "os.spawn",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "pty.spawn",
)

RUNS_PROGRAMS: Final = {
    "web/assets/building.py": "npm and esbuild, at install time",
    "engine/papers/limited.py": "the programs of papers/apart, which work on what strangers made within limits",
    "engine/papers/antivirus.py": "the virus scanner that the administrator names",
    "engine/supervision/forecast/apart.py": "the one that grows trees: our own module, what it is given stands on its standard input",
    "engine/supervision/whatif/apart.py": "the one that simulates: our own module, the database is named on its standard input",
}
"""Files that may start another program at all."""


def test_nothing_evaluates_python() -> None:
    found = []
    for file in modules(*PACKAGES):
        for node in nodes(file):
            if isinstance(node, ast.Name) and node.id in BUILT_IN and node.id not in aliases(file):
                found.append(f"{shown(file)}:{node.lineno} {node.id}")
            elif isinstance(node, ast.Attribute) and (dotted(file, node) or "").startswith("builtins."):
                found.append(f"{shown(file)}:{node.lineno} {node.attr}")
    assert found == []


def test_nothing_is_unpickled() -> None:
    files = modules(*PACKAGES)
    assert files
    assert {shown(file): names for file in files if (names := imports_any(file, *MODULES))} == {}


def test_nothing_is_handed_to_a_shell() -> None:
    for file in modules(*PACKAGES):
        for node in nodes(file):
            if not isinstance(node, ast.Call):
                continue
            where = f"{shown(file)}:{node.lineno}"
            assert not (dotted(file, node.func) or "").startswith(SHELLS), where
            assert not any(keyword.arg == "shell" for keyword in node.keywords), where


def test_only_these_start_other_programs() -> None:
    starting = {shown(file) for file in modules(*PACKAGES) if imports_any(file, "subprocess", "multiprocessing")}
    assert starting <= set(RUNS_PROGRAMS)


def test_xml_has_one_safe_parser() -> None:
    """lxml resolves entities and fetches DTDs unless it is told not to."""
    parsing = set()
    for file in modules(*PACKAGES):
        for node in nodes(file):
            if isinstance(node, ast.Call):
                name = dotted(file, node.func) or ""
                if name.startswith(("lxml.etree.", "xml.etree.", "xml.dom.", "xml.sax.")) and name.endswith(
                    ("parse", "fromstring", "XML", "XMLParser", "iterparse", "parseString", "XMLPullParser")
                ):
                    parsing.add(shown(file))
    if (ROOT / "engine/diagram/xml.py").exists():
        assert parsing == {"engine/diagram/xml.py"}


def _templates() -> list[Path]:
    return [file for file in kept_files() if file.suffix == ".html" and file.is_relative_to(ROOT / "web" / "templates")]


@pytest.mark.parametrize("escape", [r"\|\s*safe\b", r"autoescape\s+false", r"\bMarkup\("])
def test_templates_show_what_people_typed_as_text(escape: str) -> None:
    files = _templates()
    assert files
    assert [shown(file) for file in files if re.search(escape, file.read_text(encoding="utf-8"))] == []


def test_templates_carry_no_script_of_their_own() -> None:
    """The security policy would refuse it; and so would every browser."""
    inline = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE)
    data = re.compile(r"<script[^>]*type=[\"']application/json[\"'][^>]*>", re.IGNORECASE)
    files = _templates()
    assert files
    assert [shown(file) for file in files if inline.search(data.sub("", file.read_text(encoding="utf-8")))] == []
