"""Simulations run in a process of their own: what is done where it ends by itself, or does not end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from engine.base import clock
from engine.base.database import OFFICE, Database, new_id
from engine.supervision.whatif import apart
from engine.supervision.whatif.rules import State
from engine.supervision.whatif.tables import what_if_runs

Began = list["subprocess.Popen[str]"]


@pytest.fixture
def began(monkeypatch: pytest.MonkeyPatch) -> Began:
    """The processes that were begun."""
    found: Began = []

    class Seen(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args: object, **more: object) -> None:
            super().__init__(*args, **more)  # type: ignore[call-overload]
            found.append(self)

    monkeypatch.setattr(subprocess, "Popen", Seen)
    return found


def _program(monkeypatch: pytest.MonkeyPatch, folder: Path, does: str) -> None:
    """Begun in place of ours, which takes a second to load."""
    program = folder / "program"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))


def _question(database: Database) -> int:
    with database.writing() as db:
        made = new_id()
        db.execute(
            insert(what_if_runs).values(
                office_id=OFFICE, id=made, procedure_id=1, state=State.WORKING, asked_by=1, test_version=1, done=0,
                at=clock.now(), touched_at=clock.now(), digest=b"1", question="{}",
            )
        )  # fmt: skip
    return made


def _told(database: Database, run_id: int) -> tuple[int, str | None]:
    with database.reading() as db:
        row = db.execute(select(what_if_runs).where(what_if_runs.c.id == run_id)).one()
        return row.state, row.problem


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("does", ["exit 3", "read -r database; kill -9 $$"])
def test_one_that_dies_is_told_of_in_a_sentence_and_leaves_no_zombie(
    database: Database, began: Began, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, does: str
) -> None:
    _program(monkeypatch, tmp_path, does)
    monkeypatch.setattr(apart, "_LOOK_EVERY", 0.01)
    run_id = _question(database)
    with pytest.raises(apart.WentWrong, match=r"what simulates \(answer\) ended with (3|-9)"):
        apart.in_own_process(database, "answer", lambda: True)
    (child,) = began
    assert not Path(f"/proc/{child.pid}").exists(), "a zombie stands there until it is waited for"
    state, problem = _told(database, run_id)
    assert state == State.FAILED
    assert "ended before there was an answer" in (problem or "")


@pytest.mark.usefixtures("clock")
def test_one_that_does_not_stop_is_ended_and_its_question_waits_for_another(
    database: Database, began: Began, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _program(monkeypatch, tmp_path, "exec sleep 60")
    monkeypatch.setattr(apart, "_PATIENCE", 0.05)
    run_id = _question(database)
    assert apart.in_own_process(database, "answer", lambda: False) == 1
    (child,) = began
    assert child.returncode == -9
    assert not Path(f"/proc/{child.pid}").exists()
    assert _told(database, run_id) == (State.WORKING, None)


def test_nothing_is_begun_where_nothing_is_to_do(database: Database, began: Began) -> None:
    assert apart.in_own_process(database, "answer", lambda: True) == 0
    assert began == []
