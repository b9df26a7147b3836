"""The map of a procedure: numbers beside names, on a screen of any width and on paper."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image
from playwright.sync_api import Page, PdfMargins
from pypdfium2 import PdfDocument

from tests.browser.conftest import House, Watched
from tests.diagram_text import END, START, drawn, flow, lanes, process, step, way
from tests.worlds import begun, in_force

pytestmark = pytest.mark.browser

Enter = Callable[..., Watched]
Box = tuple[float, float, float, float]

STEPS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight")
LONG: Final = {
    "en": "Examine whether the fire brigade reaches staircases, courts and cellars",
    "zh": "审查消防车能否到达各处楼梯庭院和地下室以及其他疏散通道并且提出书面意见和整改要求报请审定后送达",
}
MARGIN: Final = 16  # millimetres
DOTS: Final = 288  # an inch
SHAPE: Final = 440 / 2100  # of the lanes: height by width
_MEASURED: Final = """() => {
    const frame = document.querySelector("[data-canvas]");
    const box = (one) => { const { left, top, right, bottom } = one.getBoundingClientRect(); return [left, top, right, bottom]; };
    const seen = (one) => one.getBoundingClientRect().width > 0 && getComputedStyle(one).visibility !== "hidden";
    const boxes = (what) => [...frame.querySelectorAll(what)].filter(seen).map(box);
    return [box(frame), boxes(".djs-visual tspan"), boxes(".o-badges")];
}"""


def _crowded(language: str) -> bytes:
    """Eight steps at once, close to each other, each with a name as tall as its box; a name under each gateway."""
    source = process(
        lanes(counter=("start", "split", *STEPS[:4]), bureau=(*STEPS[4:], "join", "end"))
        + START.replace("/>", f' name="{LONG[language][:18]}"/>')
        + f'<parallelGateway id="split" name="{LONG[language][:24]}"/>'
        + "".join(step(one, LONG[language]) for one in STEPS)
        + '<parallelGateway id="join"/>'
        + END
        + way("start", "split")
        + "".join(flow("split", one) + flow(one, "join") for one in STEPS)
        + way("join", "end")
    )
    cells = {"start": (0.0, 1.0), "split": (1.0, 1.0), "join": (9.0, 1.0), "end": (11.0, 1.0)}
    columns = (2, 2.75, 2, 10)
    cells |= {one: (columns[at // 2], at % 2 + at // 4 * 2) for at, one in enumerate(STEPS)}
    return drawn(source, cells, {"counter": (0, 2), "bureau": (2, 2)})


@pytest.fixture(scope="module")
def crowded(house: House) -> dict[str, int]:
    """The procedure whose names are in each language."""
    with house.database.writing() as db:
        found = {one: in_force(db, house.office, _crowded(one), prefix=one.upper()) for one in LONG}
        for procedure_id in found.values():
            begun(db, house.office, procedure_id)
            begun(db, house.office, procedure_id)
    return found


def _look(page: Page, language: str, procedure_id: int) -> None:
    button = page.locator(f'button[name=language][value="{language}"]')
    if button.count():
        button.click()
        page.wait_for_selector(f'html[lang^="{language}"]')
    page.goto(f"/watch/{procedure_id}")
    page.wait_for_selector('[data-state="drawn"]')


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _all_can_be_read(page: Page) -> None:
    frame, names, badges = page.evaluate(_MEASURED)
    assert len(badges) == len(STEPS), "every step at which something waits says so"
    assert [(badge, name) for badge in badges for name in names if _meet(badge, name)] == []
    assert [both for both in combinations(badges, 2) if _meet(*both)] == []
    for left, top, right, bottom in badges:
        assert frame[0] <= left <= right <= frame[2]
        assert frame[1] <= top <= bottom <= frame[3]


@pytest.mark.parametrize("language", LONG)
def test_no_number_lies_on_a_name_or_on_another_number(enter: Enter, crowded: dict[str, int], language: str) -> None:
    page = enter("zhou").page
    for width in (1366, 768, 360):
        page.set_viewport_size({"width": width, "height": 900})
        _look(page, language, crowded[language])
        _all_can_be_read(page)
        for nearer in range(4):
            page.locator("[data-zoom=in]").click()
            _frame, names, badges = page.evaluate(_MEASURED)
            assert badges, (width, nearer)
            assert not [1 for badge in badges for name in names if _meet(badge, name)], (width, nearer)
    assert names, "one who comes near reads them"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    _all_can_be_read(page)
    assert page.evaluate(_MEASURED)[1], "who reads paper cannot come nearer: no name is left out"


def _lane_borders(sheet: Image.Image) -> tuple[range, range]:
    """The columns and the rows of the paper over which the black borders of the lanes run; the page's own lines are grey."""
    ink = sheet.convert("L").point(lambda one: 255 if one < 150 else 0)
    rows = [
        row for row in range(ink.height) if ink.crop((0, row, ink.width, row + 1)).tobytes().count(255) > ink.width / 2
    ]
    assert rows, "there is a map on the paper"
    left, _top, right, _bottom = ink.crop((0, rows[0], ink.width, rows[0] + 1)).getbbox() or (0, 0, 0, 0)
    return range(left, right), range(rows[0], rows[-1])


def _printed(page: Page, folder: Path, **sheet: Any) -> Image.Image:
    edge = f"{MARGIN}mm"
    margins = PdfMargins(top=edge, bottom=edge, left=edge, right=edge)
    page.pdf(path=folder / "map.pdf", format="A4", margin=margins, print_background=True, **sheet)
    picture: Image.Image = PdfDocument(folder / "map.pdf")[0].render(scale=DOTS / 72).to_pil()
    return picture


@pytest.mark.parametrize("width", [1366, 360])
def test_the_whole_map_is_printed_over_the_width_of_the_sheet(
    enter: Enter, crowded: dict[str, int], tmp_path: Path, width: int
) -> None:
    page = enter("zhou").page
    page.set_viewport_size({"width": width, "height": 900})
    _look(page, "en", crowded["en"])
    paper = _printed(page, tmp_path)
    across, down = _lane_borders(paper)
    margin = MARGIN / 25.4 * DOTS
    assert margin <= across.start
    assert across.stop <= paper.width - margin, "nothing runs out of the sheet"
    assert len(across) > 0.95 * (paper.width - 2 * margin), "no part of the sheet is left empty beside it"
    ink = paper.convert("L").point(lambda one: 255 if one < 150 else 0)
    for side in (across.start, across.stop - 3):
        border = ink.crop((side, down.start, side + 3, down.stop)).tobytes()
        closed = sum(any(border[row : row + 3]) for row in range(0, len(border), 3))
        assert closed > 0.95 * len(down), "the lanes are closed on both sides: neither end is cut"
    assert len(down) == pytest.approx(len(across) * SHAPE, rel=0.05), "no lane is missing"
