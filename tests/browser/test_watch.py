"""A supervisor finds where cases wait, reads why, and does something about it there and then."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from engine.base import clock
from engine.notices.rules import How
from engine.organisation import acts as organisation
from engine.organisation.reads import all_persons
from tests.browser.conftest import House, Watched
from tests.diagram_text import TWO_DEPARTMENTS_BESIDE, TWO_DEPARTMENTS_DRAWN
from tests.engine.notices.told import reachable
from tests.web.mailbox import Mailbox, port_of, receiving
from tests.worlds import begun, in_force
from web.boards.room import EVERY
from web.outbox.means import MailServer, Means
from web.outbox.sending import send_due
from web.working.kinds import always
from web.working.watching import look_at_alerts, make_reports

pytestmark = pytest.mark.browser

CASES = 14
Enter = Callable[..., Watched]


@pytest.fixture(scope="module")
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
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    right, end, width = page.evaluate(
        "() => { const at = (what) => document.querySelector(what).getBoundingClientRect();"
        " const sheet = at('[data-canvas]'); return [at('[data-canvas] .viewport').right, sheet.right, sheet.width]; }"
    )
    assert right <= end, "all of it is drawn"
    assert width <= 180 / 25.4 * 96, "a sheet of A4 is no wider between its margins"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator(".o-badges .o-split-wait")).to_have_text([str(CASES)])
    expect(page.locator('.djs-element.o-heat-4[data-element-id="receive"]')).to_have_count(1)
    expect(page.locator(".djs-connection.o-flow-4")).to_have_count(1)
    _fits(page)

    page.locator("#step-receive").get_by_role("link", name=str(CASES)).first.click()
    boxes = page.get_by_role("checkbox", name="Choose")
    expect(boxes).to_have_count(CASES)
    for number in range(10):
        boxes.nth(number).check()
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


def test_a_name_too_long_for_its_box_is_cut_there_and_told_whole_where_one_points(house: House, enter: Enter) -> None:
    name = "Examine whether the fire brigade reaches each of the staircases, courtyards and cellars of the building"
    long = TWO_DEPARTMENTS_DRAWN.replace(b'"Review fire safety"', f'"{name}"'.encode())
    with house.database.writing() as db:
        found = in_force(db, house.office, long, beside=TWO_DEPARTMENTS_BESIDE, prefix="LN")
    page = enter("zhou").page
    page.goto(f"/watch/{found}")
    page.wait_for_selector('[data-state="drawn"]')
    box = page.locator('[data-element-id="fire"] .djs-visual')
    expect(box.locator("text")).to_have_text(re.compile(r"^Examine whether .*…$"))
    expect(box.locator("title")).to_have_text(name)
    frame, words = box.locator("rect").first.bounding_box(), box.locator("text").bounding_box()
    assert frame is not None
    assert words is not None
    assert frame["y"] <= words["y"]
    assert words["y"] + words["height"] <= frame["y"] + frame["height"]
    assert page.locator('[data-element-id="plans"] .djs-visual title').count() == 0


def test_a_figure_rings_its_week_comes_by_mail_and_a_screen_shows_how_it_stands(
    house: House, procedure_id: int, enter: Enter, open_page: Callable[..., Watched]
) -> None:
    with house.database.writing() as db:
        reachable(db, house.office, "zhou", How.AT_ONCE)
    page = enter("zhou").page
    page.goto("/watch/behind?number=now.waiting")
    page.get_by_role("link", name="Set an alert on it").click()
    expect(page.get_by_label("Figure", exact=True)).to_have_value("now.waiting")
    page.get_by_label("What it is called when it rings").fill("The queue")
    page.get_by_label("Threshold").fill("many")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#al-threshold-error")).to_be_visible()
    expect(page.get_by_label("What it is called when it rings")).to_have_value("The queue")
    page.get_by_label("Threshold").fill("3")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("link", name="The queue")).to_be_visible()
    assert look_at_alerts(house.database, always) == 1
    page.goto("/notices/")
    page.get_by_role("link", name="Alert “The queue”").click()
    expect(page.locator("h1")).to_have_text("Nobody has claimed it")
    expect(page.locator("#cases tbody tr").first).to_be_visible()
    _fits(page)

    assert make_reports(house.database, always)
    page.goto("/watch/reports/")
    page.get_by_role("link", name="Service counter", exact=True).first.click()
    expect(page.get_by_text("Figures, against the week before")).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="PDF").click()
    assert downloading.value.path().read_bytes().startswith(b"%PDF")
    mailbox = Mailbox()
    with receiving(mailbox) as server:
        means = Means(MailServer("127.0.0.1", port_of(server)), "officium@office.example", house.home)
        assert send_due(house.database, means)
    attached = [part for letter in mailbox.letters for part in letter.iter_attachments()]
    assert attached
    assert all(part.get_content().startswith(b"%PDF") for part in attached)
    assert {one["To"].addresses[0].username for one in mailbox.letters} == {"zhou"}

    page = enter("guo").page
    page.goto("/boards/")
    page.get_by_label("Where the screen hangs").fill("Hall")
    page.get_by_label("Language", exact=True).select_option("en")
    page.get_by_role("button", name="Make the link").click()
    link = page.locator(".o-secret").inner_text()
    screen = open_page(house.home, viewport={"width": 1920, "height": 1080}).page
    screen.clock.install()
    screen.goto(link)
    expect(screen.get_by_text("Steps late now").first).to_be_visible()
    expect(screen.get_by_role("navigation")).to_have_count(0)
    arrived = screen.locator("dl div", has_text="Arrived today").locator("dd")
    before = int(arrived.inner_text())
    with house.database.writing() as db:
        begun(db, house.office, procedure_id)
    screen.clock.run_for(EVERY * 1000)
    expect(arrived).to_have_text(str(before + 1))
