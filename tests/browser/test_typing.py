"""What is typed is never lost: the browser is killed, the office cannot be reached, two windows are open, the page is left."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests.browser.conftest import House, Watched, sign_in
from tests.diagram_text import END, START, process, step, way
from tests.web.conftest import PASSWORD
from tests.worlds import begun, in_force

pytestmark = pytest.mark.browser

Enter = Callable[..., Watched]
MOST_LOST = 2.0  # seconds
REPORT = process(
    START + step("write", "Write the report", 'officium:form="report.form.json"') + END + way("start", "write", "end")
)
REPORT_FORM = (
    b'{"components":[{"type":"textarea","key":"report","label":"Report","validate":{"required":true}},'
    b'{"type":"textfield","key":"place","label":"Place","defaultValue":"Yunxi"},'
    b'{"type":"checkbox","key":"urgent","label":"Urgent"},'
    b'{"type":"dynamiclist","path":"seen","label":"Seen by","components":[{"type":"textfield","key":"name","label":"Name"}]}]}'
)


@pytest.fixture(scope="module")
def procedure_id(house: House) -> int:
    with house.database.writing() as db:
        return in_force(
            db, house.office, REPORT, beside={"report.form.json": REPORT_FORM}, prefix="RE",
            owners={"process:procedure": "clerk"},
        )  # fmt: skip


@pytest.fixture
def path(house: House, procedure_id: int) -> str:
    """The page of a task nobody has typed in yet."""
    with house.database.writing() as db:
        return f"/tasks/{begun(db, house.office, procedure_id).case_id}/1"


@pytest.fixture
def context(open_context: Callable[..., BrowserContext], house: House) -> BrowserContext:
    """Of Li, signed in. What the browser says of a network that is not there is no fault here."""
    found = open_context(house.home)
    sign_in(found.pages[0], "li")
    found.pages[0].goto("/")
    return found


def _sign_in(page: Page, login: str) -> None:
    page.goto("/sign-in")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click(".o-entrance .o-btn-go")
    page.wait_for_url("**/")


def _saved(page: Page) -> None:
    expect(page.locator("[data-draft-said]")).to_have_text(re.compile(r"^Draft saved \d\d:\d\d$"))


def test_killing_the_browser_loses_no_more_than_two_seconds(
    house: House, path: str, enter: Enter, tmp_path: Path
) -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium: set CHROMIUM to one, or install chromium")
    said = (tmp_path / "said.txt").open("wb")
    doomed = subprocess.Popen(
        [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0",
         f"--user-data-dir={tmp_path / 'profile'}", "about:blank"],
        stdout=said, stderr=said, start_new_session=True,
    )  # fmt: skip
    try:
        struck = _type_until_killed(f"{house.home}{path}", _address(tmp_path / "said.txt"), doomed)
    finally:
        if doomed.poll() is None:
            os.killpg(doomed.pid, signal.SIGKILL)
        doomed.wait(timeout=10)
        said.close()
    killed = struck[-1][0]
    page = enter("li").page
    page.goto(path)
    found = page.get_by_label("Report").input_value()
    text = "".join(key for _at, key in struck)
    assert text.startswith(found)
    safe = sum(at < killed - MOST_LOST for at, _key in struck)
    assert len(found) >= safe > 10, (len(found), safe, len(text))


def _address(said: Path) -> str:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        found = re.search(rb"DevTools listening on ws://([^/]+)/", said.read_bytes())
        if found:
            return f"http://{found[1].decode()}"
        time.sleep(0.05)
    raise AssertionError(said.read_text())


def _type_until_killed(url: str, address: str, doomed: subprocess.Popen[bytes]) -> list[tuple[float, str]]:
    """When each key was struck."""
    struck: list[tuple[float, str]] = []
    faults: list[BaseException] = []

    def hands() -> None:  # of a thread of its own: another Playwright is at work in this one
        try:
            with sync_playwright() as playwright:
                page = playwright.chromium.connect_over_cdp(address).contexts[0].pages[0]
                page.goto(url)
                page.fill("#login", "li")
                page.fill("#password", PASSWORD)
                page.keyboard.press("Enter")
                page.wait_for_url(url)
                page.get_by_label("Report").focus()
                for number in range(90):
                    key = "abcdefghij"[number % 10]
                    page.keyboard.type(key)
                    struck.append((time.monotonic(), key))
                    time.sleep(0.04)
                os.killpg(doomed.pid, signal.SIGKILL)
        except BaseException as fault:  # told below, by whoever waits for it
            if doomed.poll() is None or len(struck) < 90:
                faults.append(fault)

    thread = threading.Thread(target=hands, daemon=True)
    thread.start()
    thread.join(timeout=40)
    assert not faults, faults
    assert not thread.is_alive()
    return struck


def test_a_draft_is_found_on_another_machine_whole_and_can_be_discarded(enter: Enter, path: str) -> None:
    page = enter("li").page
    page.goto(path)
    page.get_by_label("Report").fill("The wall is dry.\nThe roof is not.")
    page.get_by_label("Place").fill("")
    page.get_by_label("Urgent").check()
    _saved(page)
    other = enter("li").page
    other.goto(path)
    expect(other.locator(".o-draft-note")).to_contain_text("Your draft of today")
    expect(other.get_by_label("Report")).to_have_value("The wall is dry.\nThe roof is not.")
    expect(other.get_by_label("Place")).to_have_value("")
    expect(other.get_by_label("Urgent")).to_be_checked()
    somebody = enter("chen").page
    somebody.goto(path)
    expect(somebody.get_by_label("Report")).to_have_value("")
    other.locator(".o-draft-note summary").click()
    other.get_by_role("button", name="Discard the draft").click()
    expect(other.get_by_label("Place")).to_have_value("Yunxi")
    expect(other.locator(".o-draft-note")).to_have_count(0)


def test_the_last_words_before_a_page_is_left_are_kept(enter: Enter, path: str) -> None:
    page = enter("li").page
    page.goto(path)
    page.get_by_label("Report").fill("Written in a hurry")
    page.goto("/")
    page.goto(path)
    expect(page.get_by_label("Report")).to_have_value("Written in a hurry")


def test_two_windows_do_not_lose_what_was_typed_in_either(enter: Enter, path: str) -> None:
    one, other = enter("li").page, enter("li").page
    for page in (one, other):
        page.goto(path)
    one.get_by_label("Report").fill("Typed at the counter")
    _saved(one)
    other.get_by_label("Place").fill("Typed at the desk")
    expect(other.locator("[data-draft-said]")).to_contain_text("typed in another window")
    other.get_by_label("Report").fill("Typed at the desk too")
    other.wait_for_timeout(2000)
    one.goto(path)
    expect(one.get_by_label("Report")).to_have_value("Typed at the desk too")
    expect(one.get_by_label("Place")).to_have_value("Typed at the desk")
    one.get_by_text("Typed in another window, and typed over since").click()
    expect(one.locator(".o-draft-replaced")).to_contain_text("Typed at the counter")


def test_what_cannot_be_saved_stays_in_the_browser_until_the_office_is_there(
    context: BrowserContext, path: str
) -> None:
    page = context.pages[0]
    page.goto(path)
    context.set_offline(True)
    page.get_by_label("Report").fill("Typed in the lift")
    expect(page.locator("[data-draft-said]")).to_contain_text(
        "the office cannot be reached. It is kept in this browser."
    )
    context.set_offline(False)
    page.close()
    again = context.new_page()
    again.goto(path)
    expect(again.get_by_label("Report")).to_have_value("Typed in the lift")
    expect(again.locator(".o-draft-note")).to_be_visible()
    assert again.evaluate("Object.keys(localStorage).filter(one => one.startsWith('officium.draft'))") == []


def test_whoever_is_signed_out_meanwhile_finds_it_when_signed_in_again(
    context: BrowserContext, house: House, path: str
) -> None:
    page = context.pages[0]
    page.goto(path)
    context.clear_cookies()
    page.get_by_label("Report").fill("Typed after the night")
    expect(page.locator("[data-draft-said]")).to_contain_text("you are signed out")
    _sign_in(context.new_page(), "li")
    page.goto(path)
    expect(page.get_by_label("Report")).to_have_value("Typed after the night")


def test_signing_out_leaves_nothing_in_the_browser(context: BrowserContext, path: str) -> None:
    page = context.pages[0]
    page.goto(path)
    page.evaluate("localStorage.setItem('officium.draft.1./tasks/1/1/draft', '{}')")
    page.locator(".o-menu summary").first.click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    assert page.evaluate("Object.keys(localStorage).filter(one => one.startsWith('officium.draft'))") == []


def test_whoever_types_while_somebody_else_completes_it_is_told_and_keeps_it(
    enter: Enter, open_page: Callable[..., Watched], path: str
) -> None:
    page, other = enter("li").page, enter("chen").page
    page.goto(path)
    page.get_by_label("Report").fill("Begun")
    _saved(page)
    other.goto(path)
    other.get_by_label("Report").fill("Done by Chen")
    other.get_by_role("button", name="Complete", exact=True).click()
    expect(other.locator("#o-notes")).to_contain_text("Completed.")
    page.get_by_label("Report").fill("Begun, and nearly done")
    expect(page.locator("[data-draft-said]")).to_contain_text("no longer yours to do")
    page.get_by_role("button", name="Complete", exact=True).click()
    expect(page.locator("[data-errors]")).to_contain_text("was completed by Chen Yan")
    expect(page.locator("main")).to_contain_text("Begun, and nearly done")
    page.goto(path)
    expect(page.locator("#form")).to_contain_text("Begun, and nearly done")
    expect(page.locator("#form")).to_contain_text("Done by Chen")


def test_rows_that_were_added_and_a_form_that_was_refused_are_drafts_too(enter: Enter, path: str) -> None:
    page = enter("li", java_script_enabled=False).page
    page.goto(path)
    page.get_by_label("Place").fill("Harbour")
    page.get_by_role("button", name="Add a row").click()
    page.get_by_label("Name").last.fill("Sun Wei")
    page.get_by_role("button", name="Complete", exact=True).click()
    expect(page.locator("[data-errors]")).to_contain_text("Report")
    page.goto(path)
    expect(page.get_by_label("Name").last).to_have_value("Sun Wei")
    expect(page.get_by_label("Place")).to_have_value("Harbour")
    page.get_by_label("Report").fill("Without a script")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("#o-notes")).to_contain_text("Your draft is saved.")
    expect(page.get_by_label("Report")).to_have_value("Without a script")


def test_a_start_is_a_draft_too(enter: Enter, procedure_id: int) -> None:
    page = enter("chen").page
    page.goto(f"/start/{procedure_id}")
    page.fill("#o-applicant", "Wang Fang 王芳")
    _saved(page)
    page.goto("/")
    page.goto(f"/start/{procedure_id}")
    expect(page.locator("#o-applicant")).to_have_value("Wang Fang 王芳")
    page.fill("#o-matter", "A report")
    page.get_by_role("button", name="Start the case").click()
    expect(page.locator("#o-notes")).to_contain_text("has been started")
    page.goto(f"/start/{procedure_id}")
    expect(page.locator("#o-applicant")).to_have_value("")


def test_the_way_that_was_chosen_is_kept_with_it(enter: Enter, house: House) -> None:
    several = process(
        START + step("choose", "Choose") + '<inclusiveGateway id="which" name="Who is asked?"/>' + step("one") + step("two")
        + '<inclusiveGateway id="both"/>' + END + way("start", "choose", "which")
        + '<sequenceFlow id="to_one" sourceRef="which" targetRef="one" name="the first"/>'
        + '<sequenceFlow id="to_two" sourceRef="which" targetRef="two" name="the second"/>'
        + way("one", "both") + way("two", "both", "end")
    )  # fmt: skip
    with house.database.writing() as db:
        case = begun(
            db, house.office, in_force(db, house.office, several, prefix="SE", owners={"process:procedure": "clerk"})
        )
    page = enter("li").page
    page.goto(f"/tasks/{case.case_id}/1")
    page.get_by_label("the second").check()
    _saved(page)
    page.reload()
    expect(page.get_by_label("the second")).to_be_checked()
    expect(page.get_by_label("the first")).not_to_be_checked()
