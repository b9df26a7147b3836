"""What papers look like: drawn apart, within limits, once; what cannot be drawn is told and harms nothing."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path

import pytest
from PIL import Image

from engine.papers import preview as module
from engine.papers.preview import MOST_PAGES, Preview, preview
from engine.papers.rules import NoPreview
from engine.papers.store import Folder
from engine.papers.taking import Cabinet, take_made
from tests.engine.papers import files


@pytest.fixture
def cabinet(tmp_path: Path) -> Cabinet:
    return Cabinet(Folder(tmp_path / "papers"))


def drawn(cabinet: Cabinet, content: bytes, kind: str) -> Preview:
    taken = take_made(cabinet, content, f"x.{kind}", kind)
    return preview(cabinet.store, taken.key, kind, taken.name)


def test_each_page_of_a_pdf_is_a_picture(cabinet: Cabinet) -> None:
    found = drawn(cabinet, files.pdf(pages=3), "pdf")
    assert (found.pages, len(found.shown)) == (3, 3)
    for number, size in enumerate(found.shown, 1):
        file = found.page(number)
        assert file is not None
        with Image.open(file) as page:
            assert (page.format, page.size) == ("PNG", size)
    with Image.open(found.thumb) as thumb:
        assert max(thumb.size) <= 220
    assert found.page(4) is None
    assert found.page(0) is None


def test_of_a_huge_pdf_the_first_pages_are_drawn(cabinet: Cabinet) -> None:
    begun = time.monotonic()
    found = drawn(cabinet, files.pdf(pages=600), "pdf")
    assert (found.pages, len(found.shown)) == (600, MOST_PAGES)
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize(("kind", "form"), [("png", "PNG"), ("jpg", "JPEG"), ("gif", "GIF"), ("webp", "WEBP")])
def test_a_picture_is_drawn_anew_and_not_larger_than_a_screen(cabinet: Cabinet, kind: str, form: str) -> None:
    found = drawn(cabinet, files.picture(form, 3000, 1500), kind)
    assert found.shown == ((1400, 700),)


def test_what_a_camera_wrote_beside_the_picture_is_not_in_the_preview(cabinet: Cabinet) -> None:
    kept, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "taken at home, <script>"
    Image.new("RGB", (40, 30)).save(kept, "JPEG", exif=exif)
    page = drawn(cabinet, kept.getvalue(), "jpg").page(1)
    assert page is not None
    assert b"script" in kept.getvalue()
    assert b"script" not in page.read_bytes()


BROKEN = {
    "half a PDF": (files.pdf()[:900], "pdf"),
    "no PDF at all": (b"%PDF-1.7\n" + b"\x00" * 2000, "pdf"),
    "half a picture": (files.picture("PNG", 400, 400)[:60], "png"),
    "a JPEG called PNG": (files.picture("JPEG"), "png"),
    "pixel bomb": (files.pixel_bomb(), "png"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_cannot_be_drawn_is_told_and_told_again_without_trying(
    cabinet: Cabinet, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, kind = BROKEN[what]
    with pytest.raises(NoPreview) as refusal:
        drawn(cabinet, content, kind)
    assert "Download" in refusal.value.say("en")
    monkeypatch.setattr(module, "apart", None)
    with pytest.raises(NoPreview):
        drawn(cabinet, content, kind)


def test_a_page_larger_than_any_paper_is_refused(cabinet: Cabinet) -> None:
    huge = re.sub(rb"/MediaBox\s*\[[^]]*\]", b"/MediaBox [0 0 999999 9999999]", files.pdf())
    assert huge != files.pdf()
    with pytest.raises(NoPreview):
        drawn(cabinet, huge, "pdf")


def test_it_is_drawn_once(cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    first = drawn(cabinet, files.pdf(), "pdf")
    monkeypatch.setattr(module, "apart", None)
    assert drawn(cabinet, files.pdf(), "pdf") == first


def test_only_pdf_and_pictures_are_drawn(cabinet: Cabinet) -> None:
    with pytest.raises(NoPreview):
        drawn(cabinet, files.docx(), "docx")
