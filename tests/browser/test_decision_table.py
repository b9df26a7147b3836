"""The editor of a decision table: by keyboard alone, for those who do not see it, and in a narrow window."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from engine.diagram.decisions import decide
from engine.procedures import acts
from engine.procedures.beside import decision_files
from tests.browser.conftest import House, Watched, barriers
from tests.diagram_text import END, START, process, step, way
from tests.engine.diagram.tables import decision, dmn, literal, table
from tests.thorough import looks

pytestmark = pytest.mark.browser

SIMPLE = process(START + step("one") + END + way("start", "one", "end"))
FEES = dmn(
    decision(
        "fee",
        table(["amount", "kind"], ["price"], [("< 1000", "-", "10"), (">= 900", '"old"', "50")], types=["number", "string"]),
        name="Fee 收费",
    ),
    decision("base", literal("amount * 2"), name="Base"),
)  # fmt: skip
Enter = Callable[..., Watched]


@pytest.fixture(scope="module")
def edition(house: House) -> int:
    with house.database.writing() as db:
        he = house.office.actor(db, "he")
        procedure_id = acts.open_procedure(
            db, by=he, name="Permit", prefix="DT", department_id=house.office.departments["review"]
        )
        return acts.deposit(
            db, by=he, procedure_id=procedure_id, file="permit.bpmn", source=SIMPLE, attachments={"fees.dmn": FEES}
        )


def _speak(page: Page, language: str) -> None:
    """The choice belongs to the person, whatever the test before made of it."""
    button = page.locator(f'button[name=language][value="{language}"]')
    if button.count():
        button.click()
        page.wait_for_selector(f'html[lang^="{language}"]')


def _on(page: Page) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('aria-label')"))


def test_a_table_is_changed_tried_and_kept_by_keyboard_alone(enter: Enter, house: House, edition: int) -> None:
    page = enter("he").page
    _speak(page, "en")
    page.goto(f"/studio/editions/{edition}/decision?file=fees.dmn&id=fee")
    press = page.keyboard.press
    page.get_by_label("Rule 1, condition amount").focus()
    press("ArrowDown")
    assert _on(page) == "Rule 2, condition amount"
    page.keyboard.type(">= 1000")  # a cell that is walked to is selected, so typing replaces it
    press("ArrowRight")
    assert _on(page) == "Rule 2, condition kind"
    press("ArrowRight")
    press("Enter")  # below the last rule: a new one
    assert _on(page) == "Rule 3, result price"
    page.keyboard.type("70")
    press("ArrowLeft")
    press("ArrowLeft")
    press("ArrowLeft")
    assert _on(page) == "Rule 3, condition kind"
    page.keyboard.type('not("old")')
    press("Alt+ArrowUp")
    assert _on(page) == "Rule 2, condition kind"
    press("ArrowUp")
    press("ArrowUp")
    assert _on(page) == "Rule 1, condition kind"
    press("Control+s")
    expect(page.locator("#o-notes")).to_contain_text("The table is kept.")
    with house.database.reading() as db:
        (file,) = decision_files(db, edition)
        assert file.read is not None
        kinds = {"old": 50, "new": 70}
        assert {kind: decide(file.read, "fee", {"amount": 5000, "kind": kind})["price"] for kind in kinds} == kinds
    page.get_by_label("Rule 2, condition kind").focus()
    press("Control+Delete")
    page.get_by_label("amount number").fill("5000")
    page.get_by_label("kind string").fill("old")
    page.get_by_role("button", name="Try it out").focus()
    press("Enter")
    expect(page.locator(".o-dt-outcome")).to_contain_text("50")
    expect(page.locator("tr.o-dt-hit")).to_have_count(1)
    page.get_by_label("Rule 1, condition kind").fill("(((")
    press("Control+s")
    expect(page.locator("[data-errors]")).to_be_focused()
    expect(page.get_by_label("Rule 1, condition kind")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Rule 1, condition kind")).to_have_value("(((")


@pytest.mark.parametrize("language", looks(["en", "zh"], "zh"))
def test_the_pages_are_for_everybody(enter: Enter, edition: int, language: str) -> None:
    page = enter("he").page
    _speak(page, language)
    base = f"/studio/editions/{edition}"
    for path in (
        f"{base}/decisions",
        f"{base}/decision?file=fees.dmn&id=fee",
        f"{base}/decision?file=fees.dmn&id=base&try=1&try.amount=5",
        f"{base}/decision?new=1",
    ):
        for broken in (False, True):
            page.set_viewport_size({"width": 1366, "height": 850})
            page.goto(path)
            if broken:
                if not page.locator("textarea").count():
                    continue
                page.locator("textarea").first.fill("> >")
                page.locator("details.o-dt-more summary").first.click()
                page.locator("[data-keep]").click()
                page.wait_for_selector("[data-errors]")
            found = barriers(page)
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], (path, broken)
            page.set_viewport_size({"width": 320, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_without_javascript_a_rule_is_added_and_the_table_kept(enter: Enter, house: House, edition: int) -> None:
    page = enter("he", java_script_enabled=False).page
    _speak(page, "en")
    page.goto(f"/studio/editions/{edition}/decision?new=1")
    page.get_by_label("Name", exact=True).fill("Late fee")
    page.get_by_label("Asks for").fill("days")
    page.get_by_label("Rule 1, condition").fill("> 3")
    page.get_by_label("Rule 1, result").fill("5")
    page.get_by_role("button", name="Add a rule", exact=True).click()
    page.get_by_label("Rule 2, condition days").fill("<= 3")
    page.get_by_label("Rule 2, result").fill("0")
    page.get_by_role("button", name="Keep the table").click()
    expect(page.locator("#o-notes")).to_contain_text("The table is kept.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Late fee")
    with house.database.reading() as db:
        made = next(one for one in decision_files(db, edition) if one.path == "late_fee.dmn")
        assert made.read is not None
        assert decide(made.read, "late_fee", {"days": 4}) == {"late_fee": 5}
