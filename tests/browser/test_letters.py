"""The bell rings by itself; a notice that is followed is read; somebody is mentioned without leaving the keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from engine.notices.acts import tell
from tests.browser.conftest import House, Watched, barriers
from tests.thorough import looks
from tests.worlds import begun, in_force

pytestmark = pytest.mark.browser

Enter = Callable[..., Watched]
SOON = "document.dispatchEvent(new Event('visibilitychange'))"
"""What a page does that somebody comes back to: it asks at once and not at the next turn."""


@pytest.fixture(scope="module")
def case_id(house: House) -> int:
    with house.database.writing() as db:
        return begun(db, house.office, in_force(db, house.office)).case_id


def _tell(house: House, case_id: int, login: str = "li") -> None:
    with house.database.writing() as db:
        tell(
            db, persons=[house.office.persons[login]], kind="returned", case_id=case_id, task_number=1,
            facts={"who": house.office.actor(db, "he").name, "task": "Receive", "why": "Page 3 is missing"},
        )  # fmt: skip


def test_what_is_told_appears_without_loading_the_page_again(enter: Enter, house: House, case_id: int) -> None:
    page = enter("li").page
    page.goto("/notices/")
    expect(page.locator(".o-bell-count")).to_have_count(0)
    _tell(house, case_id)
    page.evaluate(SOON)
    expect(page.locator(".o-bell-count")).to_have_text("1")
    expect(page.locator("[data-notices]")).to_contain_text("He Jun returned “Receive” to you.")
    page.locator(".o-notice-new a.o-t").click()
    page.wait_for_url(f"**/tasks/{case_id}/1")
    page.goto("/notices/")
    expect(page.locator(".o-bell-count")).to_have_count(0)
    expect(page.locator("[data-notices]")).to_contain_text("Read before")


def test_somebody_is_mentioned_by_keys_alone(enter: Enter, case_id: int) -> None:
    page = enter("li").page
    page.goto(f"/cases/{case_id}")
    notes = page.locator("#notes details").first
    if not notes.evaluate("one => one.open"):
        notes.locator("summary").first.press("Enter")
    page.locator("#note-text").focus()
    page.keyboard.type("Please look, @ch", delay=20)
    expect(page.get_by_role("option", name="Chen Yan")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#note-text")).to_have_value("Please look, @chen ")
    page.locator("#notes").get_by_role("button", name="Write the note").press("Enter")
    expect(page.locator("#o-notes")).to_contain_text("told to Chen Yan")
    expect(page.locator("#note-1 .o-remark-mention")).to_have_text("@chen")


def _speak(page: Page, language: str) -> None:
    button = page.locator(f'button[name=language][value="{language}"]')
    if button.count():
        button.click()
        page.wait_for_selector(f'html[lang^="{language}"]')


@pytest.mark.parametrize("language", looks(["en", "zh"], "en"))
def test_the_pages_are_for_everybody(enter: Enter, house: House, case_id: int, language: str) -> None:
    _tell(house, case_id, "guo")
    _tell(house, case_id, "li")
    for login, paths in (
        ("guo", ("/notices/", "/notices/wishes", "/notices/sending")),
        ("li", (f"/tasks/{case_id}/1#notes",)),
    ):
        page = enter(login).page
        _speak(page, language)
        for path in paths:
            page.set_viewport_size({"width": 1366, "height": 850})
            page.goto(path)
            page.evaluate("for (const one of document.querySelectorAll('#notes details')) one.open = true")
            found = barriers(page)
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], path
            page.set_viewport_size({"width": 320, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
