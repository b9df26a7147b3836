"""Reviewed, approved and put in force in a browser, by people who see only their own part."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import House, Watched, barriers
from tests.diagram_text import TWO_DEPARTMENTS_BESIDE, TWO_DEPARTMENTS_DRAWN
from tests.engine.control.world import Reviewed, next_draft
from tests.worlds import approval_in_force, in_force

pytestmark = pytest.mark.browser

Enter = Callable[..., Watched]


@pytest.fixture(scope="module")
def world(house: House) -> Reviewed:
    with house.database.writing() as db:
        procedure_id = in_force(db, house.office, TWO_DEPARTMENTS_DRAWN, beside=TWO_DEPARTMENTS_BESIDE)
        approval_in_force(db, house.office)
        changed = TWO_DEPARTMENTS_DRAWN.replace(b"PT4H", b"PT3H")
        draft = next_draft(db, house.office, procedure_id, source=changed, beside=TWO_DEPARTMENTS_BESIDE)
    return Reviewed(house.office, procedure_id, draft)


def _note(page: Page, words: str) -> None:
    expect(page.locator("#o-notes")).to_contain_text(words)


def _fit_for_everybody(page: Page) -> None:
    """In both sizes, as it stands now."""
    found = barriers(page)
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], page.url
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url
    if size:
        page.set_viewport_size(size)


def _from_the_desk(page: Page, step: str) -> None:
    """What waits stands on the desk, and leads to the review."""
    page.goto("/")
    page.get_by_role("link", name=re.compile(step)).click()
    page.get_by_role("link", name="Open the review").click()
    page.wait_for_selector('[data-state="drawn"]')


def test_reviewed_approved_and_in_force(enter: Enter, house: House, world: Reviewed) -> None:
    he, guo, sun, zhou = (enter(login).page for login in ("he", "guo", "sun", "zhou"))
    _submit(he, world)
    _check(guo)
    _answer(he, world)
    _consent(sun)
    _approve(zhou)
    _in_force(he, world)


def _submit(page: Page, world: Reviewed) -> None:
    page.goto(f"/studio/editions/{world.edition_id}")
    expect(page.locator("h1")).to_have_text("It may be submitted for review")
    expect(page.get_by_role("button", name="Put in force")).to_have_count(0)
    page.get_by_role("link", name="Submit for review").click()
    page.wait_for_selector('[data-state="drawn"]')
    expect(page.locator("#do")).to_contain_text("Bureau, Review section")
    page.get_by_label("What has changed, and why").fill("Three hours are enough.")
    _fit_for_everybody(page)
    page.get_by_role("button", name="Submit for review").click()
    _note(page, "Submitted for review")
    expect(page.locator("#do")).to_contain_text("Guo Fang")
    expect(page.locator("#do")).to_contain_text("which you do not hold")


def _check(page: Page) -> None:
    _from_the_desk(page, "Check the edition")
    expect(page.get_by_role("link", name="Studio")).to_have_count(0)
    page.locator('.djs-element[data-element-id="plans"] .djs-hit').first.dispatch_event(
        "click"
    )  # lines of others run across it
    expect(page.locator("#o-element")).to_have_value("plans")
    page.get_by_label("Comment", exact=True).fill("Who does this on holidays?")
    page.get_by_role("button", name="Comment", exact=True).click()
    _note(page, "Your comment stands on the diagram.")
    page.wait_for_selector('[data-state="drawn"]')
    page.get_by_role("link", name="Comment 1 by Guo Fang").click()
    expect(page.locator("#comment-1")).to_have_class("o-on")
    _fit_for_everybody(page)
    page.get_by_role("button", name="Return to the author").click()
    expect(page.locator("[data-errors]")).to_contain_text("Say why")
    page.get_by_role("button", name="It is well made").click()
    _note(page, "Passed.")


def _answer(page: Page, world: Reviewed) -> None:
    page.goto(f"/studio/editions/{world.edition_id}/review")
    row = page.locator("#comment-1")
    expect(row).to_contain_text("Who does this on holidays?")
    expect(row.get_by_role("button", name="Close")).to_have_count(0)
    row.locator("summary").click()
    page.get_by_label("Answer to comment 1").fill("The deputy.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.locator("#comment-1")).to_contain_text("answered")


def _consent(page: Page) -> None:
    _from_the_desk(page, "Consent for the department")
    expect(page.locator("#do")).to_contain_text("as Head of review")
    page.get_by_role("button", name="My department refuses").click()
    expect(page.locator("[data-errors]")).to_contain_text("Say why")
    page.get_by_label("Remarks").fill("Agreed by the whole section.")
    page.get_by_role("button", name="My department agrees").click()
    _note(page, "Your department's consent is noted.")
    expect(page.locator("h1")).to_have_text("1 consent is awaited")


def _approve(page: Page) -> None:
    _from_the_desk(page, "Consent for the department")
    page.get_by_role("button", name="My department agrees").click()
    _note(page, "Your department's consent is noted.")
    expect(page.get_by_label("In force from")).to_be_visible()
    expect(page.locator("#do")).to_contain_text("1 comment is not closed yet.")
    page.get_by_role("button", name="Close: comment 1").click()
    _note(page, "Comment 1 is closed.")
    _fit_for_everybody(page)
    page.get_by_role("button", name="Approve", exact=True).click()
    _note(page, "Edition 2 is in force.")


def _in_force(page: Page, world: Reviewed) -> None:
    page.goto("/studio/register")
    row = page.get_by_role("row").filter(has_text="Procedure BP")
    expect(row).to_contain_text("edition 2")
    expect(row).to_contain_text("approved by Zhou Hong")
    _fit_for_everybody(page)
    page.get_by_role("button", name="中文").click()
    expect(page.locator("h1")).to_have_text("程序文件清单")
    page.goto(f"/studio/editions/{world.edition_id}/review")
    page.wait_for_selector('[data-state="drawn"]')
    _fit_for_everybody(page)
