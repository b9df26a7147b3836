"""The frame of every page, by the gallery of its parts: seen, walked by keyboard, narrow, dark and in both languages."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from engine.base.database import Database
from tests.browser.conftest import Watched, barriers, sign_in
from tests.builders import small_office
from tests.thorough import looks
from tests.web import gallery
from tests.web.conftest import PASSWORD, app_with
from web.unit import Office

pytestmark = pytest.mark.browser

PAGES = ["/sign-in", "/gallery/", "/gallery/diagram", "/password", "/nowhere"]
Open = Callable[..., Watched]


@pytest.fixture(scope="module")
def home(
    served: Callable[[Office], str], tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path
) -> Iterator[str]:
    database = Database(f"sqlite:///{shutil.copy(empty_sqlite, tmp_path_factory.mktemp('shell') / 'office.db')}")
    with database.writing() as db:
        small_office(db, passwords={"he": PASSWORD, "li": PASSWORD})
    yield served(app_with(database, gallery.room))
    database.close()


def _signed_in(open_page: Open, home: str, **more: Any) -> Watched:
    watched = open_page(home, **more)
    sign_in(watched.page, "he")
    watched.page.goto("/gallery/")
    return watched


def _look(watched: Watched, path: str) -> None:
    watched.page.goto(path)
    if path == "/gallery/diagram":
        watched.page.wait_for_selector('[data-state="drawn"]')


@pytest.mark.parametrize(
    ("language", "scheme"), looks(list(product(["en", "zh"], ["light", "dark"])), ("en", "dark"), ("zh", "light"))
)
def test_axe_finds_nothing(open_page: Open, home: str, language: str, scheme: str) -> None:
    watched = _signed_in(open_page, home, color_scheme=scheme, viewport={"width": 1366, "height": 850})
    other = watched.page.locator(f'button[name=language][value="{language}"]')
    if other.count():
        other.click()
        watched.page.wait_for_load_state()
    try:
        for path in PAGES[1:]:
            _look(watched, path)
            assert watched.page.evaluate("document.documentElement.lang").startswith(language)
            found = barriers(watched.page)
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], path
    finally:
        back = watched.page.locator('button[name=language][value="en"]')
        if back.count():
            back.click()
            watched.page.wait_for_load_state()


@pytest.mark.parametrize("width", looks([320, 768], 320))
def test_nothing_runs_out_of_a_narrow_window(open_page: Open, home: str, width: int) -> None:
    watched = _signed_in(open_page, home, viewport={"width": width, "height": 800})
    for path in PAGES[1:]:
        _look(watched, path)
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_label_of_a_figure_is_broken_where_a_table_is_read_as_a_list(open_page: Open, home: str) -> None:
    page = _signed_in(open_page, home, viewport={"width": 320, "height": 800}).page
    page.evaluate("""() => {
        const table = document.createElement("table"), cell = table.insertRow().insertCell();
        table.className = "o-table o-stack";
        cell.className = "o-num o-end";
        cell.dataset.label = "Of all times it was done, the case ended with it";
        cell.textContent = "100%";
        document.querySelector("main").append(table);
    }""")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_chinese_heads_and_posts_of_a_table_are_not_set_one_sign_a_line(open_page: Open, home: str) -> None:
    page = _signed_in(open_page, home, viewport={"width": 1024, "height": 800}).page
    lines = page.evaluate("""() => {
        document.documentElement.lang = "zh-Hans";
        const table = document.createElement("table"), head = table.createTHead().insertRow(), row = table.insertRow();
        table.className = "o-table";
        for (const words of ["事由", "所在岗位", "办件"])
            head.append(Object.assign(document.createElement("th"), { textContent: words }));
        row.insertCell().textContent = "Xingwang Supermarket wants to build on the roof ".repeat(12);
        Object.assign(row.insertCell(), { textContent: "综合受理窗口岗", className: "o-whole" });
        row.insertCell().textContent = "3";
        document.querySelector("main").append(table);
        const high = one => {
            const range = document.createRange();
            range.selectNodeContents(one);
            return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size;
        };
        return [...head.children, row.children[1]].map(high);
    }""")
    assert lines == [1, 1, 1, 1]


def test_on_paper_stands_what_the_page_is_about_not_whom_its_reader_stands_in_for(open_page: Open, home: str) -> None:
    page = _signed_in(open_page, home).page
    page.evaluate("""() => document.querySelector(".o-top").after(
        Object.assign(document.createElement("p"), { className: "o-stands-in", textContent: "You stand in for Xiao Min." })
    )""")
    page.emulate_media(media="print")
    assert not page.locator(".o-stands-in").is_visible()
    assert not page.locator(".o-top").is_visible()
    page.emulate_media(media="screen")


def test_a_chip_that_comes_to_stand_on_a_line_of_its_own_begins_where_the_line_begins(
    open_page: Open, home: str
) -> None:
    page = _signed_in(open_page, home).page
    lefts = page.evaluate("""() => {
        const place = document.createElement("div"), chip = words => {
            const one = document.createElement("span");
            one.className = "o-chip";
            one.textContent = words;
            return one;
        };
        place.style.width = "90px";
        place.append(chip("a hand-over"), chip("clock stands"));
        document.querySelector("main").append(place);
        return [...place.children].map(one => one.getBoundingClientRect().left - place.getBoundingClientRect().left);
    }""")
    assert lefts == [0, 0]


def test_the_first_stop_of_the_keyboard_leads_past_the_head(open_page: Open, home: str) -> None:
    page = open_page(home).page
    page.goto("/gallery/diagram")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "o-skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_rows_are_walked_with_single_keys_which_can_be_switched_off(open_page: Open, home: str) -> None:
    page = _signed_in(open_page, home).page
    page.evaluate("document.activeElement.blur()")
    title = "document.activeElement.textContent"
    page.keyboard.press("j")
    assert page.evaluate(title) == "Review the plans 审图"
    page.keyboard.press("j")
    assert page.evaluate(title) == "Counter-sign: road closure 会签"
    page.keyboard.press("k")
    assert page.evaluate(title) == "Review the plans 审图"
    page.keyboard.press("?")
    page.locator("[data-keys-switch]").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement === document.body")


def test_keys_are_letters_again_while_somebody_types(open_page: Open, home: str) -> None:
    page = _signed_in(open_page, home).page
    page.locator("#plot").focus()
    page.keyboard.press("End")
    page.keyboard.type("jk/?")
    assert page.input_value("#plot") == "C-123jk/?"


def test_a_form_is_sent_once_however_often_it_is_clicked(open_page: Open, home: str) -> None:
    page = open_page(home).page
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.goto("/sign-in")
    page.fill("#login", "li")
    page.fill("#password", "wrong password")
    page.locator(".o-entrance .o-btn-go").dblclick()
    page.wait_for_selector("[data-errors]")
    assert len(sent) == 1
    assert page.evaluate("document.activeElement.hasAttribute('data-errors')"), "what is wrong is read first"


def test_the_page_works_without_javascript(open_page: Open, home: str) -> None:
    watched = _signed_in(open_page, home, java_script_enabled=False)
    watched.page.locator("details.o-confirm summary").click()
    assert watched.page.locator(".o-confirm-body").is_visible()
    watched.page.locator(".o-menu summary").click()
    watched.page.get_by_role("button", name="Sign out").click()
    watched.page.wait_for_url("**/sign-in")


def test_the_watermark_of_the_drawing_stays_visible(open_page: Open, home: str) -> None:
    watched = open_page(home)
    _look(watched, "/gallery/diagram")
    mark = watched.page.locator('[data-state="drawn"] .bjs-powered-by')
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    assert box["width"] > 20
    top = "([x, y]) => Boolean(document.elementFromPoint(x, y)?.closest('.bjs-powered-by'))"
    assert watched.page.evaluate(top, [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])


def test_a_mark_and_its_row_lead_to_each_other(open_page: Open, home: str) -> None:
    watched = open_page(home)
    _look(watched, "/gallery/diagram")
    page = watched.page
    page.get_by_role("link", name="Review the case: 34 open").click()
    assert page.locator("#row-review").get_attribute("class") == "o-on"
    assert page.evaluate("document.activeElement.closest('tr').id") == "row-review"
    page.locator("#row-check [data-to-diagram]").click()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Check documents: 6 open"
    assert page.locator("#row-review").get_attribute("class") == ""


def test_the_drawing_shows_heat_findings_and_where_the_case_is(open_page: Open, home: str) -> None:
    watched = open_page(home)
    _look(watched, "/gallery/diagram")
    for element, name in (
        ("review", "o-heat-4"),
        ("issue", "o-here"),
        ("yes", "o-blocks"),
        ("complete", "o-attention"),
    ):
        classes = watched.page.locator(f'.djs-element[data-element-id="{element}"]').get_attribute("class")
        assert name in (classes or "").split()
    red = "getComputedStyle(document.querySelector('[data-element-id=yes] .djs-visual > path')).stroke"
    assert watched.page.evaluate(red) == "rgb(165, 48, 28)"


def test_a_file_without_coordinates_says_so(open_page: Open, home: str) -> None:
    watched = open_page(home)
    _look(watched, "/gallery/diagram")
    watched.page.wait_for_selector('[data-state="none"]', state="attached")
    said = watched.page.get_by_text("The file holds no drawing").locator("visible=true")
    assert said.count() == 1, "of the two diagrams on this page, one is drawn"


def test_the_drawing_is_zoomed_by_its_buttons(open_page: Open, home: str) -> None:
    watched = open_page(home)
    _look(watched, "/gallery/diagram")
    scale = "new DOMMatrix(getComputedStyle(document.querySelector('.viewport')).transform).a"
    first = watched.page.evaluate(scale)
    watched.page.get_by_role("button", name="Larger").first.click()
    assert watched.page.evaluate(scale) > first
    watched.page.get_by_role("button", name="Fit").first.click()
    assert watched.page.evaluate(scale) == pytest.approx(first)
