"""A supervisor finds where cases wait, reads why, and does something about it there and then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from engine.base import clock
from engine.organisation import acts as organisation
from engine.organisation.reads import all_persons
from tests.browser.conftest import House, Watched
from tests.diagram_text import TWO_DEPARTMENTS_BESIDE, TWO_DEPARTMENTS_DRAWN
from tests.worlds import begun, in_force

pytestmark = pytest.mark.browser

CASES = 14
Enter = Callable[..., Watched]


@pytest.fixture
def procedure_id(house: House) -> int:
    """Three weeks ago one of the two clerks left; nothing was received since."""
    now = clock.now()
    with house.database.writing() as db:
        with clock.reading(lambda: now - timedelta(days=22)):
            found = in_force(db, house.office, TWO_DEPARTMENTS_DRAWN, beside=TWO_DEPARTMENTS_BESIDE)
            chen = next(one for one in all_persons(db) if one.login == "chen")
            organisation.end_holding(
                db, by=None, holding_id=chen.holdings[0].holding_id, until_day=now.date() - timedelta(days=21)
            )
        for number in range(CASES):
            with clock.reading(lambda number=number: now - timedelta(days=20 - number)):  # type: ignore[misc]
                begun(db, house.office, found, matter=f"House {number}")
    return found


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth"), page.url


def test_a_supervisor_finds_the_bottleneck_reads_why_reassigns_ten_cases_and_sees_it_ease(
    house: House, procedure_id: int, enter: Enter
) -> None:
    page = enter("zhou").page
    page.goto("/watch/")
    first = page.locator(".o-neck").first
    expect(first.locator("h3")).to_have_text("“Receive the application” in Service counter")
    expect(first).to_contain_text(f"{CASES} waiting")
    expect(first).to_contain_text("likely: a vacancy")
    expect(first).to_contain_text("One of the post's 2 places is vacant.")
    cost = float(first.locator(".o-neck-cost b").inner_text())
    _fits(page)

    first.get_by_role("link", name="On the map").click()
    page.wait_for_selector('[data-state="drawn"]')
    expect(page.locator(".o-badges .o-split-wait")).to_have_text([str(CASES)])
    expect(page.locator('.djs-element.o-heat-4[data-element-id="receive"]')).to_have_count(1)
    expect(page.locator(".djs-connection.o-flow-4")).to_have_count(1)
    _fits(page)

    page.locator("#step-receive").get_by_role("link", name=str(CASES)).first.click()
    for box in page.get_by_role("checkbox", name="Choose").all()[:10]:
        box.check()
    page.locator("summary", has_text="Reassign").click()
    page.get_by_label("To whom").select_option(label="Li Ming")
    page.get_by_label("Why", exact=True).fill("The vacancy is not filled yet.")
    page.get_by_role("button", name="Reassign").click()
    expect(page.locator("#o-notes")).to_contain_text("10 tasks were reassigned.")
    _fits(page)

    page.goto("/watch/")
    first = page.locator(".o-neck").first
    expect(first).to_contain_text(f"{CASES - 10} waiting")
    assert float(first.locator(".o-neck-cost b").inner_text()) < cost / 2
