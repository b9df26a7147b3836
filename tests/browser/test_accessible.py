"""Every page of every room: for those who do not see it, who use keys alone, a narrow window, or no JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Connection

from engine.base import clock
from engine.cases import acts
from engine.procedures import acts as procedures
from tests.browser.conftest import House, Watched, barriers
from tests.diagram_text import (
    END,
    START,
    TWO_DEPARTMENTS,
    TWO_DEPARTMENTS_BESIDE,
    TWO_DEPARTMENTS_DRAWN,
    process,
    step,
    way,
)
from tests.worlds import TWO_LANES, begun, in_force

pytestmark = pytest.mark.browser

BY_A_MACHINE = process(START + step("look", "Look at it") + '<serviceTask id="call" name="Call the register"/>' + END + way("start", "look", "call", "end"))  # fmt: skip
AWAITS_A_LETTER = process(
    START
    + step("ask", "Ask the neighbour")
    + '<intermediateCatchEvent id="letter" name="Letter"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
    + END
    + way("start", "ask", "letter", "end"),
    before='<message id="m" name="letter"/>',
)
ALONE = {"process:procedure": "clerk"}
Enter = Callable[..., Watched]
Pages = Mapping[str, tuple[str, ...]]


@pytest.fixture(scope="module")
def pages(house: House) -> Pages:
    """The pages worth looking at, by who looks: a case in every state, tasks of every kind."""
    office = house.office
    with house.database.writing() as db:
        li, wang, he = (office.actor(db, login) for login in ("li", "wang", "he"))
        permit = in_force(db, office, TWO_DEPARTMENTS_DRAWN, beside=TWO_DEPARTMENTS_BESIDE, owners=TWO_LANES)
        broken = procedures.deposit(
            db, by=he, procedure_id=permit, file="broken.bpmn", attachments={},
            source=TWO_DEPARTMENTS_DRAWN.replace(b"grant = true", b"grant = = true ("),
        )  # fmt: skip
        undrawn = procedures.deposit(
            db,
            by=he,
            procedure_id=permit,
            file="plain.bpmn",
            attachments=TWO_DEPARTMENTS_BESIDE,
            source=TWO_DEPARTMENTS,
        )
        late = datetime.now(tz=UTC) - timedelta(days=9)
        with clock.reading(lambda: late):
            old = begun(db, office, permit, matter="A garage that has waited").case_id
            reviewed = begun(db, office, permit).case_id
            sent = {"plot": ["C-1"], "area": ["2"]}
            acts.complete_task(db, by=li, case_id=reviewed, number=1, submitted=sent, chosen={"complete": ["complete_to_split"]})  # fmt: skip
            acts.claim(db, by=wang, case_id=reviewed, number=2)
        acts.claim(db, by=li, case_id=old, number=1)
        stuck = _one_step_on(house, db, BY_A_MACHINE, "MA")
        waiting = _one_step_on(house, db, AWAITS_A_LETTER, "LE")
        ended = _one_step_on(
            house, db, process(START + step("only", "Do it") + END + way("start", "only", "end")), "ON"
        )
    return {
        "": ("/sign-in",),
        "li": ("/", "/?which=mine", f"/tasks/{old}/1", f"/tasks/{reviewed}/1", f"/start/{permit}", "/cases/", "/cases/?words=none", f"/cases/{waiting}", "/password", "/nowhere"),
        "zhao": ("/?which=posts", f"/tasks/{reviewed}/2", f"/tasks/{reviewed}/3", f"/cases/{reviewed}"),
        "he": ("/", "/studio/", f"/studio/{permit}", "/studio/new", f"/studio/editions/{broken}", f"/studio/editions/{undrawn}", f"/studio/editions/{undrawn}/owners"),
        "zhou": ("/watch/", "/watch/flow/", "/watch/flow/traffic", "/watch/flow/hand-overs", "/boards/leader", f"/watch/{permit}", f"/watch/behind?procedure={permit}&step=plans", f"/cases/{stuck}", f"/cases/{ended}"),
    }  # fmt: skip


def _one_step_on(house: House, db: Connection, source: bytes, prefix: str) -> int:
    """A case of a procedure of its own, whose first step is done."""
    case_id = begun(db, house.office, in_force(db, house.office, source, owners=ALONE, prefix=prefix)).case_id
    acts.complete_task(db, by=house.office.actor(db, "li"), case_id=case_id, number=1, submitted={})
    return case_id


def _look(page: Page, path: str) -> None:
    page.goto(path)
    if page.locator("[data-canvas]").count():
        page.wait_for_selector("[data-canvas][data-state]", state="attached")


def _speak(page: Page, language: str) -> None:
    button = page.locator(f'button[name=language][value="{language}"]')
    if button.count():
        button.click()
        page.wait_for_selector(f'html[lang^="{language}"]')


@pytest.mark.parametrize(
    ("who", "language"), [("", "en"), ("", "zh"), ("li", "en"), ("zhao", "zh"), ("he", "zh"), ("zhou", "en")]
)
def test_every_page_is_for_everybody(
    open_page: Enter, enter: Enter, house: House, pages: Pages, who: str, language: str
) -> None:
    """Axe finds nothing, nothing runs out of a window of 320 pixels; faults of scripts fail the test at its end."""
    page = (enter(who) if who else open_page(house.home)).page
    if not who:
        page.goto("/sign-in")
    _speak(page, language)
    for path in pages[who]:
        page.set_viewport_size({"width": 1366, "height": 850})
        _look(page, path)
        assert page.evaluate("document.documentElement.lang").startswith(language), path
        found = barriers(page)
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], path
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def _walked(page: Page) -> list[str]:
    """What the Tab key stops at from here on, until it leaves the page."""
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    stops = []
    for _press in range(80):
        page.keyboard.press("Tab")
        stop = page.evaluate("""(() => {
            const on = document.activeElement;
            if (on === document.body) return null;
            const seen = on.getBoundingClientRect();
            if (!seen.width || !seen.height) return "unseen: " + on.outerHTML;
            return on.name && !["csrf_token"].includes(on.name) && on.tagName !== "BUTTON" ? on.name : on.textContent.trim();
        })()""")
        if stop is None:
            break
        stops.append(str(stop))
    return stops


def test_the_keyboard_reaches_every_action_of_a_task_in_the_order_it_is_read(enter: Enter, pages: Pages) -> None:
    page = enter("li").page
    _speak(page, "en")
    _look(page, pages["li"][2])
    stops = _walked(page)
    assert stops[0] == "Skip to the page's matter"
    actions = ["plot", "area", "urgent", "complete", "something is missing", "Begin work", "Release"]
    assert [one for one in stops if one in actions] == actions
    assert [one for one in stops if one.startswith("unseen")] == []


def test_a_task_is_taken_and_completed_by_keyboard_alone(enter: Enter, house: House, pages: Pages) -> None:
    with house.database.writing() as db:
        begun(db, house.office, 1, matter="A kiosk by the river")
    page = enter("chen").page
    page.locator("main").focus()
    page.keyboard.press("n")
    page.wait_for_url("**/tasks/**")
    page.get_by_label("Plot").focus()
    page.keyboard.type("C-9")
    for _press in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "complete"
    page.keyboard.press("Enter")
    expect(page.locator("#o-notes")).to_contain_text("Completed.")


def test_the_watermark_is_visible_and_nothing_lies_over_it(enter: Enter, pages: Pages) -> None:
    for who, path in (("he", pages["he"][4]), ("zhou", pages["zhou"][5]), ("zhao", pages["zhao"][3])):
        page = enter(who).page
        for width in (1366, 360):
            page.set_viewport_size({"width": width, "height": 850})
            _look(page, path)
            mark = page.locator('[data-state="drawn"] .bjs-powered-by')
            mark.scroll_into_view_if_needed()
            box = mark.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) > 15
            for share in (0.1, 0.5, 0.9):
                point = [box["x"] + box["width"] * share, box["y"] + box["height"] / 2]
                top = "([x, y]) => Boolean(document.elementFromPoint(x, y)?.closest('.bjs-powered-by'))"
                assert page.evaluate(top, point), (path, width, share)


def test_without_javascript_a_task_is_taken_and_completed(enter: Enter, house: House, pages: Pages) -> None:
    with house.database.writing() as db:
        begun(db, house.office, 1, matter="A shed without a script")
    page = enter("chen", java_script_enabled=False).page
    page.get_by_role("row").filter(has_text="A shed without a script").get_by_role("button", name="Claim").click()
    page.get_by_role("button", name="complete", exact=True).click()
    expect(page.locator("[data-errors]")).to_contain_text("Plot")
    page.get_by_label("Plot").fill("C-10")
    page.get_by_role("button", name="complete", exact=True).click()
    expect(page.locator("#o-notes")).to_contain_text("Completed.")
    page.goto("/cases/?words=A+shed+without+a+script")
    page.get_by_role("link", name="BP-").click()
    expect(page.locator("[data-canvas]")).to_be_hidden()
    expect(page.get_by_role("table", name="What the case waits for")).to_contain_text("Review the plans")
