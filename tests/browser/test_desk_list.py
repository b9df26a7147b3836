"""The desk's list in a browser: new work comes without moving anything, tasks are chosen by keyboard, filters are kept."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import House, Watched
from tests.diagram_text import END, START, process, step, way
from tests.thorough import looks
from tests.worlds import begun, in_force

pytestmark = pytest.mark.browser

DRAWN = process(
    START + step("note", "Take note", 'officium:together="true"') + END + way("start", "note", "end")
)  # fmt: skip


@pytest.fixture(scope="module")
def procedure_id(house: House) -> int:
    with house.database.writing() as db:
        return in_force(db, house.office, DRAWN, owners={"process:procedure": "clerk"}, prefix="DL")


def _begin(house: House, procedure_id: int, *matters: str) -> None:
    with house.database.writing() as db:
        for matter in matters:
            begun(db, house.office, procedure_id, by="chen", matter=matter)


def _ask_now(page: Page) -> None:
    """As when the tab comes to the front again: nobody waits here for the next quarter of a minute."""
    with page.expect_response(re.compile("/desk/news")):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_new_work_is_told_and_nothing_moves(enter: Callable[..., Watched], house: House, procedure_id: int) -> None:
    _begin(house, procedure_id, "Here before")
    page = enter("li").page
    region = page.locator("[data-news]")
    expect(region).to_have_attribute("aria-live", "polite")
    _ask_now(page)
    expect(region.locator(".o-note")).to_be_hidden()
    rows = page.locator("[data-keys] .o-t")
    before = rows.count()
    page.keyboard.press("j")
    top = rows.first.bounding_box()
    _begin(house, procedure_id, "Came later", "Came last")
    _ask_now(page)
    expect(region.locator(".o-note")).to_contain_text("2 new tasks")
    expect(page.get_by_role("link", name=re.compile("^To do"))).to_have_text(f"To do{before + 2}")
    assert rows.count() == before, "what somebody reads stays as it is"
    expect(rows.first).to_be_focused()
    now = rows.first.bounding_box()
    assert top is not None
    assert now is not None
    region.get_by_role("link", name="Show them").click()
    expect(page.get_by_text("Came last")).to_be_visible()
    expect(region.locator(".o-note")).to_be_hidden()


def test_tasks_are_chosen_and_completed_by_keyboard_alone(
    enter: Callable[..., Watched], house: House, procedure_id: int
) -> None:
    _begin(house, procedure_id, *(f"By key {number}" for number in range(4)))
    page = enter("li").page
    page.goto("/?words=key")
    expect(page.locator("[data-keys] .o-t")).to_have_count(4)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press(" ")
    expect(page.locator(".o-cell-pick input:checked")).to_have_count(2)
    expect(page.locator("[data-together-count]")).to_have_text("2 chosen")
    page.keyboard.press("x")
    expect(page.locator("[data-together-count]")).to_have_text("1 chosen")
    boxes = page.locator(".o-cell-pick input")
    boxes.nth(0).click()
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.locator("[data-together-count]")).to_have_text("3 chosen")
    complete = page.get_by_role("button", name="Complete", exact=True)
    complete.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#o-notes")).to_contain_text("3 tasks have been completed.")
    expect(page.locator("[data-keys] .o-t")).to_have_count(1)


def test_a_filter_is_kept_and_found_again(enter: Callable[..., Watched], house: House, procedure_id: int) -> None:
    _begin(house, procedure_id, "A bridge", "A clinic")
    page = enter("chen").page
    page.get_by_role("link", name="Filter…").click()
    page.get_by_label("Words").fill("bridge")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.locator("[data-keys] .o-t")).to_have_count(1)
    page.get_by_label("Keep it as").fill("Bridges")
    page.get_by_label("open the desk with it").check()
    page.get_by_role("button", name="Save").click()
    chip = page.get_by_role("navigation", name="Filters").get_by_role("link", name="Bridges")
    expect(chip).to_have_attribute("aria-current", "true")
    page.goto("/")
    expect(page.locator("[data-keys] .o-t")).to_have_count(1)
    page.get_by_role("navigation", name="Filters").get_by_role("link", name="Show everything").click()
    expect(page.get_by_text("A clinic")).to_be_visible()


@pytest.mark.parametrize("width", looks([320, 360, 1280], 320))
def test_nothing_sticks_out(enter: Callable[..., Watched], house: House, procedure_id: int, width: int) -> None:
    long = "Extraordinarilylongwordwithoutanybreakinit" * 4
    _begin(house, procedure_id, long)
    page = enter("li", viewport={"width": width, "height": 800}).page
    for path in ("/?which=all", "/?panel=1", "/?late=1&by=procedure", f"/cases/?words={long[:40]}"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("scripted", [True, False])
def test_keys_are_listed_only_where_they_work(enter: Callable[..., Watched], house: House, scripted: bool) -> None:
    page = enter("li", java_script_enabled=scripted).page
    page.goto("/")
    expect(page.get_by_role("heading", name="My desk")).to_be_visible()
    assert page.locator("aside .o-keys, main .o-keys").locator("visible=true").count() == int(scripted)


@pytest.mark.parametrize("width", looks([360, 601, 768, 1024, 1151, 1280, 1366, 1500], 768, 1366))
def test_the_name_of_the_office_is_never_cut(enter: Callable[..., Watched], width: int) -> None:
    page = enter("zhou", viewport={"width": width, "height": 800}).page
    page.evaluate("""() => {
        document.querySelector(".o-brand-office").textContent = "Yunxi District People's Government";
        document.querySelector(".o-menu > summary > span").textContent = "Gao Yuanming 高远明";
    }""")
    cut = "one => one.scrollWidth > one.clientWidth || one.getBoundingClientRect().right > innerWidth"
    for words in (".o-brand > :last-child", ".o-nav", ".o-menu > summary > span"):
        assert not page.locator(words).evaluate(cut), words
    assert page.locator(".o-brand").evaluate("one => one.scrollHeight <= one.clientHeight")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
