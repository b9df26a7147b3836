"""The whole story in a browser: a diagram is mended and put in force, a case runs through it, a supervisor watches."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import House, Watched
from tests.diagram_text import RECEIVE_FORM, TWO_DEPARTMENTS_DRAWN

pytestmark = pytest.mark.browser

UNREADABLE = TWO_DEPARTMENTS_DRAWN.replace(b">grant = true<", b">grant = = true (<")
DECIDE_FORM = (
    b'{"components":[{"type":"checkbox","key":"grant","label":"Granted"},'
    b'{"type":"textarea","key":"grounds","label":"Grounds of the decision"}]}'
)
Enter = Callable[..., Watched]


def _file(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def _upload(page: Page, diagram: bytes, button: str = "Upload and check") -> None:
    page.set_input_files("#o-diagram", _file("permit.bpmn", diagram))
    page.set_input_files(
        "#o-beside", [_file("receive.form.json", RECEIVE_FORM), _file("decide.form.json", DECIDE_FORM)]
    )
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_selector('[data-state="drawn"]')


def _note(page: Page, words: str) -> None:
    expect(page.locator("#o-notes")).to_contain_text(words)


def _take(page: Page, step: str) -> None:
    """From the desk to the task, which is then the person's own."""
    page.goto("/")
    page.get_by_role("row").filter(has_text=step).get_by_role("button", name="Claim").click()
    expect(page.locator("h1")).to_have_text(step)
    expect(page.locator("#form")).to_contain_text("claimed by you")


def test_the_whole_story(enter: Enter, house: House) -> None:
    _design(enter("he").page)
    li, chen, wang, zhao = (enter(login).page for login in ("li", "chen", "wang", "zhao"))
    _counter(li, chen)
    _reviews(wang, zhao)
    _decision(wang, zhao)
    _watch(enter("sun").page)
    _end(li)
    _record(enter("zhou").page)


def _design(page: Page) -> None:
    page.get_by_role("link", name="Studio").click()
    page.get_by_role("link", name="New procedure").first.click()
    page.fill("#o-name", "Building permit 施工许可")
    page.fill("#o-prefix", "BP")
    page.select_option("#o-department", label="– Review section")
    _upload(page, UNREADABLE, "Begin")

    expect(page.locator("h1")).to_have_text("1 finding keeps it out of force")
    row = page.get_by_role("row").filter(has_text="expression-unreadable")
    expect(row).to_contain_text("granted_to_issue")
    assert "o-blocks" in (page.locator('[data-element-id="granted_to_issue"]').first.get_attribute("class") or "")
    page.locator("a.o-badge-blocks").first.click()
    expect(row).to_have_class("o-on")
    expect(page.get_by_role("button", name="Put in force")).to_have_count(0)

    page.get_by_role("link", name="Building permit 施工许可").click()
    _upload(page, TWO_DEPARTMENTS_DRAWN)
    expect(page.locator("h1")).to_have_text("2 lanes have no post yet")
    page.get_by_role("link", name="Map lanes to posts").click()
    page.get_by_label("Post for Counter").select_option(label="Counter clerk · held by 2")
    page.get_by_label("Post for Bureau").select_option(label="Reviewer · held by 2")
    page.get_by_role("button", name="Keep").click()
    page.get_by_role("button", name="Put in force").click()
    _note(page, "Edition 2 is in force.")


def _counter(li: Page, chen: Page) -> None:
    li.goto("/")
    li.get_by_role("link", name="Building permit").click()
    li.get_by_role("button", name="Start the case").click()
    expect(li.locator("[data-errors]")).to_be_focused()
    li.fill("#o-applicant", "Wang Fang 王芳")
    li.fill("#o-matter", "Two-storey house 二层住宅")
    li.get_by_role("button", name="Start the case").click()
    _note(li, "has been started")
    expect(li.locator("h1")).to_have_text("Receive the application")
    li.get_by_label("Plot").fill("C-123")
    li.get_by_role("button", name="something is missing").click()
    _note(li, "Completed. The case has gone on.")

    _take(chen, "Receive the application")
    expect(chen.get_by_label("Plot")).to_have_value("C-123")
    chen.get_by_label("Plot").fill("C-123, behind the old waterworks")
    chen.get_by_label("Area").fill("two hundred")
    chen.get_by_role("button", name="complete", exact=True).click()
    expect(chen.locator("[data-errors] li")).to_have_count(2)
    expect(chen.get_by_label("Plot")).to_have_value("C-123, behind the old waterworks")
    expect(chen.get_by_label("Area")).to_have_value("two hundred")
    chen.get_by_label("Plot").fill("C-123")
    chen.get_by_label("Area").fill("200")
    chen.get_by_role("button", name="complete", exact=True).click()
    _note(chen, "Completed. The case has gone on.")


def _reviews(wang: Page, zhao: Page) -> None:
    for page, step in ((wang, "Review the plans"), (zhao, "Review fire safety")):
        _take(page, step)
        expect(page.locator("main")).to_contain_text("C-123")
        page.get_by_role("button", name="Complete").click()
        _note(page, "Completed. The case has gone on.")


def _decision(wang: Page, zhao: Page) -> None:
    """Both have the task open; the second to send it is told, and what they typed is still there."""
    for page in (wang, zhao):
        page.goto("/")
        page.get_by_role("link", name="Decide").click()
    wang.get_by_label("Granted").check()
    wang.get_by_role("button", name="Complete").click()
    _note(wang, "Completed. The case has gone on.")

    zhao.get_by_label("Grounds of the decision").fill("The road is too narrow for the engine.\nArticle 7.")
    zhao.get_by_role("button", name="Complete").click()
    told = zhao.locator("[data-errors]")
    expect(told).to_contain_text("Somebody was faster")
    expect(told).to_contain_text(re.compile(r"“Decide” was completed by Wang Lei on \d+ \w+ \d\d:\d\d"))
    expect(zhao.locator("main")).to_contain_text("The road is too narrow for the engine.\nArticle 7.")


def _watch(page: Page) -> None:
    page.get_by_role("link", name="Watch", exact=True).click()
    page.get_by_role("link", name="Building permit").click()
    page.wait_for_selector('[data-state="drawn"]')
    badge = page.get_by_role("link", name="Issue the permit: Share of the standard time used")
    expect(badge).to_have_accessible_name(re.compile("1 open, in hand-over 1$"))
    steps = page.get_by_role("table", name="Steps")
    row = steps.get_by_role("row").filter(has_text="Issue the permit")
    expect(row).to_contain_text("Counter clerk")
    expect(row.get_by_role("link", name="1", exact=True).first).to_be_visible()

    badge.click()
    expect(steps.get_by_role("row").filter(has_text="Issue the permit")).to_have_class("o-on")
    steps.get_by_role("link", name="Issue the permit").click()
    page.get_by_role("main").get_by_role("link", name="BP-").click()
    page.wait_for_selector('[data-state="drawn"]')
    expect(page.get_by_role("link", name="Open: Issue the permit")).to_be_visible()
    classes = page.locator('.djs-element[data-element-id="fire"]').get_attribute("class") or ""
    assert "o-passed" in classes.split(), "the way that was gone is drawn"


def _end(li: Page) -> None:
    _take(li, "Issue the permit")
    li.get_by_role("button", name="Complete").click()
    _note(li, "Completed. The case has ended.")


def _record(page: Page) -> None:
    page.locator("[data-search]").fill("二层住宅")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="BP-").click()
    page.get_by_text("The record", exact=True).click()
    record = page.get_by_role("table", name="The record of the case")
    done = record.get_by_role("row").filter(has_text="completed the task")
    expect(done).to_have_count(6)
    for person in ("Li Ming", "Chen Yan", "Wang Lei", "Zhao Min"):
        expect(done.filter(has_text=person).first).to_be_visible()
    expect(record.get_by_role("row").filter(has_text="started the case")).to_have_count(1)
    expect(page.locator("main")).to_contain_text("handed over from Service counter")
