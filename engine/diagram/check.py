"""Checking files on disk as they would be checked when they are handed in."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

from engine.base.frozen import frozen
from engine.base.text import Language
from engine.diagram import lint, report
from engine.diagram.limits import MOST_BYTES
from engine.diagram.read import read
from engine.diagram.refusals import NotADrawing

_BESIDE: Final = (".", "forms", "decisions", "documents")
_ATTACHED: Final = (".form", ".json", ".dmn", ".docx", ".notice.toml")


class Outcome(IntEnum):
    """Exit codes, the worst of several files counts."""

    FIT = 0  # may go into force once its lanes are mapped
    BLOCKED = 1
    NOT_A_DRAWING = 2


class FileMissing(NotADrawing):
    """There is no file “{file}” that can be read. Check its name."""

    zh = "没有可读取的文件“{file}”。请检查文件名。"


@frozen
class Result:
    """`facts` is what report.as_json makes."""

    outcome: Outcome
    facts: dict[str, Any]


def check(paths: Iterable[Path], language: Language = "en") -> tuple[tuple[Result, ...], Outcome]:
    """Forms and decisions are taken from the folder of each diagram, and from forms/ and decisions/ in it."""
    results = tuple(_check(path, language) for path in paths)
    return results, max((one.outcome for one in results), default=Outcome.FIT)


def attachments(path: Path) -> dict[str, bytes]:
    """By file name; what lies in the diagram's own folder comes first."""
    found: dict[str, bytes] = {}
    for folder in _BESIDE:
        for one in _files(path.parent / folder):
            if one.name.lower().endswith(_ATTACHED):
                found.setdefault(one.name, _content(one))
    return found


def _check(path: Path, language: Language) -> Result:
    file = str(path)
    try:
        if not path.is_file():
            raise FileMissing(file=file)
        diagram = read(_content(path), file)
    except NotADrawing as refusal:
        return Result(Outcome.NOT_A_DRAWING, report.refused(refusal, language))
    findings = lint.findings(diagram, attachments(path))
    outcome = Outcome.BLOCKED if lint.blocks(findings) else Outcome.FIT
    return Result(outcome, report.as_json(file, True, findings, language))


def _content(path: Path) -> bytes:
    """One byte more than may be read says that it is too much."""
    with path.open("rb") as content:
        return content.read(MOST_BYTES + 1)


def _files(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.is_file()) if folder.is_dir() else []
