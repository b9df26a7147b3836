"""Pictures of diagrams: everything that is drawn is in them, what people typed is text, hostile coordinates do no harm."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.diagram import picture
from engine.diagram.picture.words import lines, width
from engine.diagram.read import read
from processes import shipped
from tests.diagram_text import END, START, drawn, process, step, way

_SHARED = Path(os.environ.get("OFFICIUM_SHARED", Path(__file__).parents[3].parent / "shared")) / "bpmn"
_FILES = sorted(_SHARED.rglob("*.bpmn"))
_SVG = "{http://www.w3.org/2000/svg}"
_PERMIT = next(one for one in shipped() if one.key == "building_permit")


def _words(svg: str) -> str:
    root = etree.fromstring(svg.encode())
    return re.sub(r"\s", "", "".join(str(one.text) for one in root.iter(f"{_SVG}text")))


def test_every_name_and_every_flow_of_a_shipped_procedure_is_in_the_picture() -> None:
    diagram = read(_PERMIT.diagram, "permit.bpmn")
    svg = picture.svg(_PERMIT.diagram, "permit.bpmn")
    said = _words(svg)
    for element in diagram.elements.values():
        if element.name:
            assert re.sub(r"\s", "", element.name) in said, element.name
    root = etree.fromstring(svg.encode())
    assert len(list(root.iter(f"{_SVG}polyline"))) == len(diagram.flows)


@pytest.mark.skipif(not _FILES, reason="the corpus is not here")
@pytest.mark.parametrize("file", _FILES, ids=lambda one: one.stem)
def test_real_files_are_drawn(file: Path) -> None:
    svg = picture.svg(file.read_bytes(), file.name)
    diagram = read(file.read_bytes(), file.name)
    assert etree.fromstring(svg.encode()).tag == f"{_SVG}svg"
    tasks = [one for one in diagram.elements.values() if one.kind.endswith("ask")]
    assert svg.count('class="shape"') >= len(tasks) * 0.9  # some stand on a sheet of their own


def test_a_name_that_is_markup_stays_a_name() -> None:
    hostile = "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;"
    source = process(START + step("one", hostile) + END + way("start", "one", "end"))
    svg = picture.svg(source, "hostile.bpmn")
    assert "<script" not in svg
    assert "<script>alert(1)</script>" in _words(svg)


def _placed(x: str, width: str = "100") -> bytes:
    source = drawn(
        process(START + step("one") + END + way("start", "one", "end")),
        {"start": (0, 0), "one": (1, 0), "end": (2, 0)},
        {},
    )
    return re.sub(rb'(bpmnElement="one"[^>]*><[^>]*?) x="[^"]*"', rb'\1 x="' + x.encode() + b'"', source)


@pytest.mark.parametrize("x", ["nan", "inf", "1e300", "-1e300", "", "ten"])
def test_a_coordinate_that_is_none_leaves_that_shape_out_and_draws_the_rest(x: str) -> None:
    svg = picture.svg(_placed(x), "odd.bpmn")
    assert "nan" not in svg
    assert "inf" not in svg
    assert svg.count("<circle class") == 2


def test_a_drawing_as_long_as_a_street_is_refused_as_a_picture_of_dots() -> None:
    with pytest.raises(picture.PictureTooLarge, match="99"):
        picture.png(_placed("99000"), "long.bpmn")
    assert picture.svg(_placed("99000"), "long.bpmn").startswith("<svg ")


def test_png_and_pdf_hold_the_drawing() -> None:
    assert picture.png(_PERMIT.diagram, "permit.bpmn").startswith(b"\x89PNG\r\n")
    sheet = picture.pdf(_PERMIT.diagram, "permit.bpmn")
    assert sheet.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=120), st.floats(30, 200))
def test_lines_say_every_word_and_none_is_wider_than_there_is_room(words: str, room: float) -> None:
    found = lines(words, 12, room, most=1000)
    assert re.sub(r"\s", "", "".join(found)) == re.sub(r"\s", "", words)
    assert all(width(line, 12) <= room or len(line) == 1 for line in found)


def test_what_does_not_fit_ends_in_an_ellipsis() -> None:
    found = lines("one two three four five six seven eight", 12, 40, most=2)
    assert len(found) == 2
    assert found[-1].endswith("…")
