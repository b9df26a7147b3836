"""Measures what becomes of the files of other tools: `make tolerance CORPUS=folder`, any folder of BPMN files.

Of each file whether it is accepted as a drawing, and why not; of each process in it whether it runs to an end once the
choices have been made that the findings ask for: a person instead of a condition that cannot be read, and a procedure
for each that is called and is not there. The rest by reason: the rules that keep it out of force, and what the run says.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engine.diagram import lint, run
from engine.diagram.decisions import Decisions
from engine.diagram.read import read
from engine.diagram.refusals import NotADrawing
from engine.diagram.shape import Diagram, Finding, Severity
from tests.engine.diagram.builders import end, file, line, process, start, user
from tests.engine.diagram.walker import walk

SHARED: Final = Path(os.environ.get("OFFICIUM_SHARED") or Path(__file__).parents[4] / "shared") / "bpmn"
ENDINGS: Final = (".bpmn", ".bpmn2", ".bpmn20.xml", ".bpmn.xml")
CHOICES: Final = frozenset({"expression-unreadable"})
"""What keeps a diagram out of force until a choice is made that is not a drawing's: on a flow, that a person is asked."""
WALKS: Final = 3
MOVES: Final = 120
SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Ran:
    """A process. `blocked`: the rules that keep its file out of force after the choices; `why`: it cannot run, or how."""

    name: str
    ended: bool
    blocked: tuple[str, ...]
    why: str = ""


@dataclass(slots=True)
class Survey:
    files: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    ran: list[Ran] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")

    @property
    def well_formed(self) -> int:
        """Files that are XML and carry no document type: what no tool has written whole is nobody's drawing."""
        return self.files - sum(kind in ("NotXml", "HasDoctype", "EmptyFile") for kind in self.refused.values())

    @property
    def accepted(self) -> int:
        return self.files - len(self.refused)

    @property
    def in_force(self) -> int:
        return sum(one.ended and not one.blocked for one in self.ran)


def files_in(folder: Path) -> list[Path]:
    return sorted(one for one in folder.rglob("*") if one.is_file() and one.name.lower().endswith(ENDINGS))


def survey(paths: list[Path]) -> Survey:
    found = Survey()
    for path in paths:
        began = time.perf_counter()
        found.files += 1
        try:
            diagram = read(path.read_bytes(), path.name)
        except NotADrawing as refused:
            found.refused[str(path)] = type(refused).__name__
        else:
            found.ran += _processes(path, diagram)
        found.slowest = max(found.slowest, (time.perf_counter() - began, str(path)))
    return found


def _processes(path: Path, diagram: Diagram) -> Iterator[Ran]:
    blocking = [one for one in lint.findings(diagram) if one.rule.severity is Severity.BLOCKS]
    asked = {one.element for one in blocking if _is_choice(diagram, one)} - {None}
    blocked = tuple(sorted({one.rule.code for one in blocking if not _is_choice(diagram, one)}))
    for name, one in diagram.processes.items():
        if one.has_content:
            ended, why = _ran(diagram, name, {str(flow) for flow in asked})
            yield Ran(f"{path}#{name}", ended, blocked, why)


def _is_choice(diagram: Diagram, finding: Finding) -> bool:
    return finding.rule.code in CHOICES and finding.element in diagram.flows


def _ran(diagram: Diagram, name: str, asked: set[str]) -> tuple[bool, str]:
    try:
        model = run.model(diagram, process=name, called=_called(diagram), ask=asked)
    except run.CannotRun as refused:
        return False, refused.say("en")
    walks = (walk(model, seed, MOVES) for seed in range(WALKS))
    why = ""
    for one in walks:
        if one.ended:
            return True, ""
        why = one.why
    return False, why


def _called(diagram: Diagram) -> Mapping[str, tuple[Diagram, Decisions | None]]:
    """A procedure of one step in the place of each that another file would hold."""
    wanted = {one.called for one in diagram.elements.values() if one.called} - set(diagram.processes)
    return {str(name): (_stub(str(name)), None) for name in wanted if re.fullmatch(r"[\w.-]+", str(name))}


def _stub(name: str) -> Diagram:
    return file(process(start(), user("done"), end(), line("s", "done", "e"), id_=name), name="called.bpmn")


def _share(part: int, of: int) -> str:
    return f"{part:>7} of {of:<7}{part / max(1, of):>7.1%}"


def lines(found: Survey) -> Iterator[str]:
    yield f"{'accepted as a drawing, of all files':52}{_share(found.accepted, found.files)}"
    yield f"{'accepted as a drawing, of well-formed files':52}{_share(found.accepted, found.well_formed)}"
    for kind, count in Counter(found.refused.values()).most_common():
        yield f"  refused: {kind:41}{count:>7}"
    total = len(found.ran)
    yield f"{'processes that run to an end after the choices':52}{_share(sum(one.ended for one in found.ran), total)}"
    yield f"{'  … and that no finding keeps out of force':52}{_share(found.in_force, total)}"
    for why, count in Counter(_kind(one.why) for one in found.ran if not one.ended).most_common(SHOWN):
        yield f"  {count:>5}  {why}"
    codes = Counter(code for one in found.ran for code in one.blocked)
    yield "processes kept out of force, by rule"
    for code, count in codes.most_common(SHOWN):
        yield f"  {count:>5}  {code}"
    unsaid = [one.name for one in found.ran if one.why and not one.ended and not one.blocked]
    yield f"{'not run to an end although no finding says so':52}{len(unsaid):>7}"
    yield from (f"         {name}" for name in unsaid[:SHOWN])
    yield f"{'longest for one file, in seconds':52}{found.slowest[0]:>7.2f}  {Path(found.slowest[1]).name}"


def _kind(why: str) -> str:
    """Without the names of what it is about."""
    return re.sub(r"“[^”]*”", "“…”", why)


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0]) if arguments and arguments[0] else SHARED
    paths = files_in(folder) if folder.is_dir() else []
    if not paths:
        print(f"There are no BPMN files in {folder}. Name a folder: make tolerance CORPUS=folder")
        return 2
    for text in lines(survey(paths)):
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
