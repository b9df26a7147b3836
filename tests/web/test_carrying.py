"""The commands that carry procedures between folders and the office."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.base.database import Database
from engine.diagram.read import read
from engine.procedures import reads
from processes import DIAGRAM
from tests.builders import SmallOffice, small_office
from tests.diagram_text import TWO_DEPARTMENTS
from web.__main__ import main

Officium = Callable[..., tuple[int, str, str]]


@pytest.fixture
def small(database: Database) -> SmallOffice:
    with database.writing() as db:
        return small_office(db)


@pytest.fixture
def officium(database: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Officium:
    monkeypatch.setenv("DATABASE_URL", database.engine.url.render_as_string(hide_password=False))

    def run(*arguments: object) -> tuple[int, str, str]:
        code = main([str(one) for one in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As it would be kept under version control."""
    home = tmp_path / "permit"
    home.mkdir()
    (home / DIAGRAM).write_bytes(TWO_DEPARTMENTS)
    (home / "procedure.toml").write_text(
        'name = "Permit"\nprefix = "PE"\ndepartment = "counter"\n'
        '[owners]\n"Counter" = "clerk"\n"Bureau" = "reviewer"\n',
        encoding="utf-8",
    )
    return home


def test_a_folder_is_taken_in_and_what_is_missing_is_said(
    officium: Officium, small: SmallOffice, folder: Path, database: Database
) -> None:
    code, out, _err = officium("take-in", folder, "--by", "he")
    assert "Permit: edition 1 is draft." in out
    with database.reading() as db:
        (line,) = reads.procedures(db)
        page = reads.edition(db, reads.editions(db, line.id)[0].id)
    assert page.line.uploaded_by.say("en") == "He Jun"
    assert [one.post_id for one in page.owners] == [small.posts["clerk"], small.posts["reviewer"]]
    # Its forms are not in the folder: that keeps it out of force, and the answer of the command says so.
    assert page.keeping_out
    assert "keeps it out of force" in out
    assert code == 1


def test_a_zip_goes_out_and_comes_in_again(
    officium: Officium, small: SmallOffice, folder: Path, tmp_path: Path
) -> None:
    officium("take-in", folder, "--by", "he")
    code, out, _err = officium("take-out", "PE", "--into", tmp_path)
    assert code == 0
    assert Path(out.strip()) == tmp_path / "PE-1.zip"
    officium("take-in", tmp_path / "PE-1.zip", "--by", "he")
    assert "edition 2: draft" in officium("procedures")[1]


def test_a_whole_shipped_folder_is_taken_in(officium: Officium, small: SmallOffice, tmp_path: Path) -> None:
    home = tmp_path / "budget"
    shutil.copytree(Path(__file__).parents[2] / "processes" / "additional_budget", home)
    told = (home / "procedure.toml").read_text(encoding="utf-8")
    (home / "procedure.toml").write_text(told.replace('department = "FI"', 'department = "counter"'), encoding="utf-8")
    code, out, err = officium("take-in", home, "--by", "he")
    assert err == ""
    assert "Additional budget 追加预算: edition 1 is draft." in out
    assert "has no post yet" in out
    assert code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("take-in", "nowhere.zip", "--by", "he"), "nowhere.zip"),
        (("take-out", "XX"), "no procedure"),
        (("put-in-force", "XX", "1", "--by", "he"), "no procedure"),
    ],
)
def test_what_is_not_there_is_said(
    officium: Officium, small: SmallOffice, arguments: tuple[str, ...], said: str
) -> None:
    code, _out, err = officium(*arguments)
    assert code == 1
    assert said in err


def test_nobody_acts_in_the_name_of_somebody_unknown(officium: Officium, small: SmallOffice, folder: Path) -> None:
    code, _out, err = officium("take-in", folder, "--by", "nobody")
    assert code == 1
    assert "nobody" in err


def test_a_clerk_does_not_design(officium: Officium, small: SmallOffice, folder: Path, database: Database) -> None:
    code, _out, err = officium("take-in", folder, "--by", "li")
    assert code == 1
    assert "design" in err
    with database.reading() as db:
        assert reads.procedures(db) == ()


@pytest.mark.parametrize(("ending", "begins"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_diagram_is_drawn(officium: Officium, folder: Path, tmp_path: Path, ending: str, begins: bytes) -> None:
    target = tmp_path / f"permit.{ending}"
    assert officium("draw", folder / DIAGRAM, target)[0] == 0
    assert target.read_bytes().startswith(begins)


def test_a_diagram_gets_coordinates(officium: Officium, folder: Path, tmp_path: Path) -> None:
    assert officium("draw", folder / DIAGRAM, tmp_path / "laid.bpmn")[0] == 0
    assert read((tmp_path / "laid.bpmn").read_bytes(), "laid.bpmn").has_coordinates


def test_another_ending_is_refused_by_name(officium: Officium, folder: Path, tmp_path: Path) -> None:
    code, out, _err = officium("draw", folder / DIAGRAM, tmp_path / "permit.docx")
    assert code == 1
    assert ".svg, .png, .pdf, .bpmn" in out
