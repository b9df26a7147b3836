"""A designer tries a draft out: begins, fills forms in, jumps a timer, steps back, keeps a scenario, sees what it covers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from playwright.sync_api import Page, expect

from engine.organisation.sign_in import choose_language
from engine.procedures import acts, reads
from tests.browser.conftest import House, Watched, barriers
from tests.diagram_text import (
    END,
    RECEIVE_FORM,
    START,
    TWO_DEPARTMENTS_BESIDE,
    TWO_DEPARTMENTS_DRAWN,
    drawn,
    flow,
    lanes,
    process,
    step,
    way,
)  # fmt: skip
from tests.thorough import looks

pytestmark = pytest.mark.browser
Enter = Callable[..., Watched]

_REMINDED = process(
    lanes(counter=("start", "receive", "remind", "later", "large", "issue", "end", "end2"))
    + START + step("receive", "Receive", 'officium:form="receive.form.json" officium:standardTime="P3D"')
    + '<boundaryEvent id="later" name="Seven days" attachedToRef="receive" cancelActivity="false"><timerEventDefinition>'
    "<timeDuration>P7D</timeDuration></timerEventDefinition></boundaryEvent>"
    + step("remind", "Remind the applicant") + '<exclusiveGateway id="large" name="Large?" default="large_to_end"/>'
    + step("issue", "Issue the permit") + END + '<endEvent id="end2"/>'
    + way("start", "receive", "large") + flow("large", "issue", "area &gt; 100", "large") + flow("large", "end")
    + way("issue", "end") + way("later", "remind", "end2")
)  # fmt: skip
REMINDED = drawn(
    _REMINDED,
    {"start": (0, 0), "receive": (1, 0), "later": (1.2, 0.4), "remind": (2, 1), "end2": (3, 1), "large": (2, 0),
     "issue": (3, 0), "end": (4, 0)},
    {"counter": (0, 2)},
)  # fmt: skip


def deposited(house: House, source: bytes, prefix: str) -> int:
    with house.database.writing() as db:
        by = house.office.actor(db, "he")
        department = house.office.departments["review"]
        procedure = acts.open_procedure(db, by=by, name=f"Trial {prefix}", prefix=prefix, department_id=department)
        beside = {"receive.form.json": RECEIVE_FORM, **TWO_DEPARTMENTS_BESIDE}
        edition = acts.deposit(db, by=by, procedure_id=procedure, file="a.bpmn", source=source, attachments=beside)
        lanes_drawn = {line.owner.key for line in reads.edition(db, edition).owners}
        posts = {"lane:counter": "clerk", "lane:bureau": "reviewer"}
        mapped = {key: house.office.posts[code] for key, code in posts.items() if key in lanes_drawn}
        acts.map_owners(db, by=by, edition_id=edition, mapped=mapped)
    return edition


def drawing(page: Page) -> None:
    expect(page.locator("[data-canvas]")).to_have_attribute("data-state", "drawn")


def test_a_draft_is_tried_out_from_beginning_to_scenario(house: House, enter: Enter) -> None:
    edition = deposited(house, REMINDED, "TR")
    page = enter("he").page
    page.goto(f"/studio/editions/{edition}/trial")
    drawing(page)
    page.get_by_role("button", name="Begin", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Waits at “Receive” and “Seven days”")
    drawing(page)
    expect(page.locator(".o-badge-here")).to_have_count(2)

    page.get_by_role("button", name="Jump to it: Seven days").click()
    expect(page.get_by_text("“Remind the applicant” is put before")).to_be_visible()
    expect(page.locator("#waits")).to_contain_text("late")

    page.get_by_role("link", name="Open: Remind the applicant").click()
    page.get_by_role("link", name="Open: Receive").click()
    page.get_by_label("Plot").fill("12")
    page.get_by_label("Area").fill("500")
    page.get_by_role("button", name="Complete").click()
    expect(page.get_by_text("At “Large?” it went to “large”, because area > 100 (area = 500) holds.")).to_be_visible()

    page.get_by_role("button", name="Back to here: Seven days").click()
    page.get_by_label("Plot").fill("12")
    page.get_by_label("Area").fill("5")
    page.get_by_role("button", name="Complete").click()
    expect(page.get_by_text("because no other condition holds")).to_be_visible()
    page.get_by_role("button", name="Complete").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The trial has ended")

    page.get_by_label("Name of the scenario").fill("Small, after a reminder")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#scenarios")).to_contain_text("1 of 1 go as expected")
    drawing(page)
    missed = page.locator("#coverage")
    expect(missed).to_contain_text("Issue the permit")
    expect(page.locator(".djs-element.o-uncovered")).to_have_count(3)
    missed.get_by_role("link", name="Issue the permit").click()
    expect(page.locator(".djs-element.o-picked")).to_have_attribute("data-element-id", "issue")


def test_reloading_going_back_and_a_second_window_lose_nothing(house: House, enter: Enter) -> None:
    edition = deposited(house, TWO_DEPARTMENTS_DRAWN, "RL")
    page = enter("he").page
    page.goto(f"/studio/editions/{edition}/trial")
    page.get_by_role("button", name="Begin", exact=True).click()
    page.wait_for_url("**/studio/trials/*")
    other = page.context.new_page()
    other.goto(page.url)
    page.get_by_label("Plot").fill("12")
    page.get_by_role("button", name="complete", exact=True).click()
    for _ in range(2):
        expect(page.get_by_role("heading", level=1)).to_contain_text("“Review the plans”")
        page.reload()
    page.go_back()
    expect(page.locator("body")).not_to_contain_text("Not Found")
    other.get_by_label("Plot").fill("13")
    other.get_by_role("button", name="complete", exact=True).click()
    expect(other.get_by_text("This trial has gone on since the page was loaded")).to_be_visible()
    expect(other.locator(".o-trial-way > li")).to_have_count(2)


@pytest.mark.parametrize(("width", "language"), looks(list(product([1366, 360], ["en", "zh"])), (360, "zh")))
def test_the_pages_of_a_trial_can_be_used_by_everybody(house: House, enter: Enter, language: str, width: int) -> None:
    edition = deposited(house, REMINDED, {"en": "AX", "zh": "AZ"}[language] + {1366: "L", 360: "S"}[width])
    with house.database.writing() as db:
        choose_language(db, by=house.office.actor(db, "he"), language="zh" if language == "zh" else "en")
    page = enter("he", viewport={"width": width, "height": 768}, reduced_motion="reduce").page
    page.goto(f"/studio/editions/{edition}/trial")
    with page.expect_navigation():
        page.locator("#begin .o-btn-go").click()
    for address in (page.url, f"/studio/editions/{edition}/trial"):
        page.goto(address)
        drawing(page)
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert page.locator(".o-walking").count() == 0
    with house.database.writing() as db:
        choose_language(db, by=house.office.actor(db, "he"), language="en")
