"""Real diagrams of real offices, and those the interchange group agreed on: each runs to an end."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.diagram import language, run
from engine.diagram.owners import flows_out_of
from engine.diagram.read import read
from engine.diagram.shape import Diagram
from tests.engine.diagram.builders import end, file, line, process, start, user
from tests.engine.diagram.walker import walk

SHARED = Path(os.environ.get("OFFICIUM_SHARED", Path(__file__).parents[4] / "shared"))
CORPUS = SHARED / "bpmn"
SEEDS = range(12)
LEAST = 34

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the diagrams are not here: {CORPUS}")


@dataclass(frozen=True)
class Run:
    file: str
    process: str
    can_run: str
    ended: bool
    why: str
    most_bytes: int


def asked(diagram: Diagram) -> set[str]:
    """Flows whose condition is missing or cannot be read: a designer says that a person is asked."""
    found = set()
    for leaving in flows_out_of(diagram).values():
        for flow in leaving:
            try:
                if flow.condition is not None:
                    language.expression(flow.condition)
            except language.NotAnExpression:
                found.add(flow.id)
    return found


def stub(name: str) -> Diagram:
    """What a called process of another file would be."""
    return file(process(start(), user("done"), end(), line("s", "done", "e"), id_=name), name="called.bpmn")


def attempt(path: Path, diagram: Diagram, name: str) -> Run:
    called = {one.called: (stub(one.called), None) for one in diagram.elements.values() if one.called}
    called = {key: value for key, value in called.items() if key not in diagram.processes}
    try:
        model = run.model(diagram, process=name, called=called, ask=asked(diagram))
    except run.CannotRun as refused:
        return Run(path.name, name, "no", False, str(refused), 0)
    walks = [walk(model, seed) for seed in SEEDS]
    ended = any(one.ended for one in walks)
    why = "" if ended else "; ".join(sorted({one.why for one in walks}))
    return Run(path.name, name, "yes", ended, why, max(one.most_bytes for one in walks))


def test_nearly_every_process_of_the_corpus_runs_to_an_end(capsys: pytest.CaptureFixture[str]) -> None:
    paths = sorted(CORPUS.rglob("*.bpmn"))
    assert len(paths) == 29
    runs = []
    for path in paths:
        diagram = read(path.read_bytes(), path.name)
        runs += [attempt(path, diagram, name) for name, one in diagram.processes.items() if one.has_content]
    with capsys.disabled():
        print()
        for one in runs:
            outcome = "finished" if one.ended else one.why
            print(
                f"{one.file:38} {one.process[:38]:38} drawn  can run: {one.can_run:3}  {one.most_bytes:5} B  {outcome}"
            )
        print(f"{sum(one.ended for one in runs)} of {len(runs)} finished")
    assert sum(one.ended for one in runs) >= LEAST
    assert max(one.most_bytes for one in runs) < 10_000
