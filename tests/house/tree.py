"""The tree as the tests of the house see it: files, syntax trees, and which function reaches which."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("engine", "processes", "web")
_MADE: Final = frozenset({"node_modules", "__pycache__", "built", "data"})


@cache
def modules(*folders: str) -> tuple[Path, ...]:
    """Every Python file below these folders of the tree."""
    found = (file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    return tuple(sorted(file for file in found if not _MADE & set(file.relative_to(ROOT).parts)))


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


@cache
def nodes(file: Path) -> tuple[ast.AST, ...]:
    """All of its syntax tree."""
    return tuple(ast.walk(parsed(file)))


def named(file: Path) -> str:
    """engine/cases/acts/work.py -> engine.cases.acts.work"""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def shown(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@cache
def kept_files() -> tuple[Path, ...]:
    """What belongs to the project: what git keeps or would keep, or everything where there is no git."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, check=True,
        ).stdout.decode()  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        every = (file.relative_to(ROOT) for file in ROOT.rglob("*"))
        names = [str(file) for file in every if not _MADE & set(file.parts) and not file.parts[0].startswith(".")]
    else:
        names = [name for name in listed.split("\0") if name]
    return tuple(sorted({ROOT / name for name in names if (ROOT / name).is_file()}))


@cache
def imported(file: Path) -> frozenset[str]:
    """Dotted names this file imports, at any depth; `from a import b` gives both a and a.b."""
    found: set[str] = set()
    for node in nodes(file):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(file, node)
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names)
    return frozenset(found)


def imports_any(file: Path, *roots: str) -> list[str]:
    return sorted(name for name in imported(file) if any(name == root or name.startswith(root + ".") for root in roots))


def _absolute(file: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = named(file).split(".")
    parts = parts if file.name == "__init__.py" else parts[:-1]
    parts = parts[: len(parts) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


@cache
def aliases(file: Path) -> Mapping[str, str]:
    """What a name in this file stands for: {"select": "sqlalchemy.select", "acts": "engine.cases.acts"}."""
    found: dict[str, str] = {}
    for node in nodes(file):
        if isinstance(node, ast.Import):
            for alias in node.names:
                head = alias.name.partition(".")[0]
                found[alias.asname or head] = alias.name if alias.asname else head
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(file, node)
            found.update({alias.asname or alias.name: f"{base}.{alias.name}" for alias in node.names})
    return found


def dotted(file: Path, node: ast.expr) -> str | None:
    """The full name of an expression such as `acts.claim`, through the imports of the file."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([aliases(file).get(node.id, f"{named(file)}.{node.id}"), *reversed(parts)])


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(file: Path) -> Iterator[Function]:
    """Every function of the file, methods and nested ones too."""
    return (node for node in nodes(file) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@dataclass(slots=True)
class Graph:
    """Which function calls which, by full names, across the packages of the house."""

    calls: dict[str, set[str]] = field(default_factory=dict)
    also: dict[str, str] = field(default_factory=dict)  # a name a package passes on -> where it is defined

    def where(self, name: str) -> str:
        for _ in range(8):
            if name in self.calls or name not in self.also:
                break
            name = self.also[name]
        return name

    def reaches(self, start: str, goal: str) -> bool:
        ahead, seen = [self.where(start)], set[str]()
        while ahead:
            one = ahead.pop()
            if one == goal:
                return True
            if one not in seen:
                seen.add(one)
                ahead.extend(self.where(called) for called in self.calls.get(one, ()))
        return False


@cache
def graph(*folders: str) -> Graph:
    found = Graph()
    for file in modules(*folders):
        module = named(file)
        for alias, target in aliases(file).items():
            found.also[f"{module}.{alias}"] = target
        for node in parsed(file).body:
            _note_calls(found, file, node, module)
    return found


def _note_calls(found: Graph, file: Path, node: ast.stmt, inside: str) -> None:
    if isinstance(node, ast.ClassDef):
        for part in node.body:
            _note_calls(found, file, part, f"{inside}.{node.name}")
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        called = (dotted(file, inner.func) for inner in ast.walk(node) if isinstance(inner, ast.Call))
        found.calls[f"{inside}.{node.name}"] = {name for name in called if name is not None}
