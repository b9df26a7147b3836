"""The commands that look after the database: what they say of one that is no office, and of a record that was changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import delete, text

from engine import migrations
from engine.base.database import Database
from engine.records.tables import entries
from tests.builders import small_office
from tests.diagram_text import TWO_DEPARTMENTS
from tests.worlds import begun, in_force
from web.__main__ import main


@pytest.fixture
def officium(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    file = tmp_path / "data" / "office.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    return file


ASKED = (
    ("verify",), ("tick",), ("reindex",), ("tidy",), ("procedures",), ("take-out", "BP"),
    ("put-in-force", "BP", "1", "--by", "he"), ("webhook", "list", "--by", "guo"),
)  # fmt: skip


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked[0])
def test_where_no_office_stands_that_is_said_and_none_is_begun(
    officium: Path, capsys: pytest.CaptureFixture[str], asked: tuple[str, ...]
) -> None:
    assert main(asked) == 1
    said = capsys.readouterr().err
    assert f"There is no office in “{officium}”." in said
    assert "DATABASE_URL" in said
    assert not officium.exists()
    officium.parent.mkdir(exist_ok=True)
    officium.touch()
    assert main(["--language", "zh", *asked]) == 1
    assert f"“{officium}”中没有单位" in capsys.readouterr().err, "an empty file is no office either"


def test_the_first_broken_link_is_told_with_the_case_it_belongs_to(
    officium: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    officium.parent.mkdir()
    database = Database(f"sqlite:///{officium}")
    migrations.upgrade(database)
    with database.writing() as db:
        office = small_office(db)
        case_id = begun(db, office, in_force(db, office)).case_id
    assert main(["verify"]) == 0
    with database.writing() as db:
        db.execute(text("DROP TRIGGER entries_delete_refused"))
        db.execute(delete(entries).where(entries.c.chain == case_id, entries.c.number == 1))
    database.close()
    capsys.readouterr()
    assert main(["verify"]) == 1
    assert capsys.readouterr().err.endswith("It is the record of case BP-2026-0001.\n")


def test_whoever_reads_the_first_lines_alone_is_told_of_no_fault(tmp_path: Path) -> None:
    drawn = tmp_path / "p.bpmn"
    drawn.write_bytes(TWO_DEPARTMENTS)
    read = f"'{sys.executable}' -m web check " + f"'{drawn}' " * 200 + "| head -n 1"
    done = subprocess.run(["/bin/sh", "-c", read], capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
