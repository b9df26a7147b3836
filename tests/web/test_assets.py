from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest

from tests.web.conftest import SETTINGS, Visitor
from web import assets, create_app
from web.assets import building

BUDGETS = {
    "viewer.js": 65_000,
    "app.js": 25_000,
    "editor.js": 210_000,
    "chinese.js": 5_000,
    "editor.css": 10_000,
}  # bytes, compressed as they are sent
STYLES = 22_000


@pytest.mark.parametrize(("name", "most"), BUDGETS.items())
def test_a_script_keeps_within_its_budget(name: str, most: int) -> None:
    assert _sent(name) <= most


def test_all_styles_together_keep_within_their_budget() -> None:
    assert _sent("office.css") + _sent("viewer.css") <= STYLES


def _sent(name: str) -> int:
    built = assets.built()
    return (built.folder / f"{built.name(name)}.gz").stat().st_size


def test_the_compressed_file_is_the_same_file() -> None:
    built = assets.built()
    for name in built.files.values():
        plain = (built.folder / name).read_bytes()
        assert gzip.decompress((built.folder / f"{name}.gz").read_bytes()) == plain


def test_files_are_kept_for_good_under_their_hashed_names(visitor: Visitor) -> None:
    built = assets.built()
    for name in ("app.js", "office.css", "mark.svg"):
        with visitor.get(f"/static/{built.name(name)}") as answer:
            assert answer.status_code == 200
            assert "immutable" in answer.headers["Cache-Control"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_browser_that_can_gets_the_compressed_file(visitor: Visitor) -> None:
    path = f"/static/{assets.built().name('viewer.js')}"
    with visitor.get(path, headers={"Accept-Encoding": "gzip"}) as packed:
        assert packed.headers["Content-Encoding"] == "gzip"
    with visitor.get(path, headers={"Accept-Encoding": "identity"}) as plain:
        assert "Content-Encoding" not in plain.headers


def test_pages_name_files_that_are_there(visitor: Visitor) -> None:
    page = visitor.get("/sign-in").text
    for name in ("app.js", "office.css", "mark.svg"):
        assert f"/static/{assets.built().name(name)}" in page


def test_nothing_on_a_page_comes_from_elsewhere(visitor: Visitor) -> None:
    page = visitor.get("/sign-in").text
    assert "http://" not in page
    assert "https://" not in page
    assert " style=" not in page
    assert "<script>" not in page


def test_sources_and_settings_are_not_served(visitor: Visitor) -> None:
    for path in ("/static/js/app.js", "/static/../settings.py", "/static/built/manifest.json"):
        assert visitor.get(path).status_code == 404


def test_a_change_of_a_source_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"sources": building.sources(), "files": {}}), encoding="utf-8")
    monkeypatch.setattr(building, "MANIFEST", manifest)
    assert building.is_current()
    manifest.write_text(json.dumps({"sources": "of yesterday", "files": {}}), encoding="utf-8")
    assert not building.is_current()
    manifest.write_text("{", encoding="utf-8")
    assert not building.is_current()


def test_the_licences_of_what_is_shipped_are_shipped() -> None:
    told = (assets.built().folder / "THIRD_PARTY.txt").read_text(encoding="utf-8")
    assert "bpmn-js 18." in told
    assert "htmx.org 2.0.11" in told
    assert "diagram-js-minimap 5." in told
    assert "bpmn-js-i18n 2." in told
    assert "The source code responsible for displaying the bpmn.io project watermark" in told


def test_the_web_is_made_quickly() -> None:
    settings = SETTINGS
    create_app(settings, rooms=("entrance",)).database.close()
    took = []
    for _attempt in range(3):  # the machine may be busy: the best counts
        begun = time.thread_time()
        create_app(settings, rooms=("entrance",)).database.close()
        took.append(time.thread_time() - begun)
    assert min(took) < 0.5
