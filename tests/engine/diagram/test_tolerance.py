"""The measure itself: what is accepted, what runs, and what the rest is told by."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.diagram import tolerance
from tests.engine.diagram.builders import call, end, flow, line, source, start, step, user, xor

SOUND = source(start(), user("a"), end(), line("s", "a", "e"))
UNREADABLE = source(
    start(), xor("g"), end("e"), end("f"), line("s", "g"), flow("g", "e", "x >< 1"), flow("g", "f", "y")
)
CALLS = source(start(), call("c", "elsewhere"), end(), line("s", "c", "e"))
COMPLEX = source(start(), step("complexGateway", "g"), end(), line("s", "g", "e"))
FOREVER = source(start(), user("a"), line("s", "a", "a"))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    inner = tmp_path / "inner"
    inner.mkdir()
    for name, content in {
        "sound.bpmn": SOUND,
        "unreadable.bpmn20.xml": UNREADABLE,
        "calls.bpmn2": CALLS,
        "complex.bpmn": COMPLEX,
        "broken.bpmn": b"<definitions",
        "other.bpmn": b"<definitions/>",
        "notes.txt": b"no diagram",
    }.items():
        (inner / name).write_bytes(content)
    return tmp_path


def test_files_are_counted_as_accepted_or_refused_by_reason(corpus: Path) -> None:
    found = tolerance.survey(tolerance.files_in(corpus))
    assert (found.files, found.accepted, found.well_formed) == (6, 4, 5)
    assert {Path(name).name: kind for name, kind in found.refused.items()} == {
        "broken.bpmn": "NotXml",
        "other.bpmn": "NotBpmn",
    }


def test_processes_run_once_the_choices_have_been_made(corpus: Path) -> None:
    found = tolerance.survey(tolerance.files_in(corpus))
    ran = {Path(one.name).name.partition(".")[0]: one for one in found.ran}
    assert {name for name, one in ran.items() if one.ended and not one.blocked} == {"sound", "unreadable", "calls"}
    assert ran["complex"].blocked == ("unsupported-element",)
    assert "no single meaning" in ran["complex"].why


def test_a_process_that_never_ends_is_none_that_runs(tmp_path: Path) -> None:
    (tmp_path / "forever.bpmn").write_bytes(FOREVER)
    [one] = tolerance.survey(tolerance.files_in(tmp_path)).ran
    assert not one.ended
    assert one.why


def test_the_table_is_printed(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tolerance.main([str(corpus)]) == 0
    said = capsys.readouterr().out
    for expected in ("refused: NotXml", "unsupported-element", "4 of 5", "3 of 4"):
        assert expected in said


def test_a_folder_without_diagrams_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tolerance.main([str(tmp_path)]) == 2
    assert "no BPMN files" in capsys.readouterr().out
