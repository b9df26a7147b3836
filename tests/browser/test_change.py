"""A procedure is changed while cases run: what is different, which cases move, moving them, and moving them back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from engine.cases import acts
from engine.control.moving import acts as moving
from tests.browser.conftest import House, Watched, barriers
from tests.diagram_text import END, START, drawn, lanes, process, step, way
from tests.thorough import looks
from tests.worlds import begun, in_force, next_edition, tasks_of

pytestmark = pytest.mark.browser

Enter = Callable[..., Watched]
_BANDS = {"counter": (0, 1), "bureau": (1, 1)}


def _straight(*steps: str, **named: str) -> bytes:
    counter = ("start", steps[0], "end")
    held = lanes(counter=counter, bureau=steps[1:])
    inner = "".join(step(one, named.get(one)) for one in steps)
    cells = {one: (float(place), 0.0 if one in counter else 1.0) for place, one in enumerate(("start", *steps, "end"))}
    return drawn(process(held + START + inner + END + way("start", *steps, "end")), cells, _BANDS)


@pytest.fixture(scope="module")
def changed(house: House) -> int:
    """Two cases at the first step, two at one that the new edition does not have."""
    office = house.office
    with house.database.writing() as db:
        procedure = in_force(db, office, _straight("receive", "check", "review", check="Check the plot"))
        for number in range(4):
            case = begun(db, office, procedure, matter=f"House {number}")
            if number < 2:
                acts.complete_task(db, by=office.actor(db, "li"), case_id=case.case_id, number=1, submitted={})
        return next_edition(
            db, office, procedure, _straight("receive", "review", "file", receive="Take it in", file="File it")
        )


def _axe(page: Page) -> None:
    found = barriers(page)
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []


def test_a_procedure_is_changed_while_cases_run(enter: Enter, house: House, changed: int) -> None:
    page = enter("he").page
    page.goto(f"/studio/editions/{changed}/differences")
    _the_differences(page)
    page.get_by_role("link", name="Running cases").click()
    _the_verdicts(page)
    _the_choice(page)
    page.get_by_role("button", name="Move 4 cases").click()
    expect(page.locator("#o-notes")).to_contain_text("4 cases were moved.")
    _axe(page)
    with house.database.reading() as db:
        assert set(tasks_of(db, house.office, "li")) == {"Take it in"}
        assert set(tasks_of(db, house.office, "wang")) == {"Review"}
    _back(page)
    with house.database.reading() as db:
        assert set(tasks_of(db, house.office, "wang")) == {"Check the plot"}


def _the_differences(page: Page) -> None:
    page.wait_for_selector('[data-state="drawn"] >> nth=1')
    expect(page.locator("h1")).to_have_text("From edition 1 to edition 2")
    expect(page.get_by_role("row").filter(has_text="“Check the plot” is no longer there.")).to_contain_text("removed")
    for name, mark in (("check", "o-removed"), ("file", "o-added"), ("receive", "o-changed")):
        assert mark in (page.locator(f'[data-element-id="{name}"].{mark}').first.get_attribute("class") or "")
    badge = page.locator(".o-sides a.o-badge").first
    badge.click()
    expect(page.locator("tr.o-on")).to_have_count(1)
    _axe(page)


def _the_verdicts(page: Page) -> None:
    expect(page.locator("#verdicts")).to_contain_text(
        "It stands at “Check the plot”, which the new edition does not have."
    )
    expect(page.get_by_role("button", name="Move 2 cases")).to_be_visible()
    _axe(page)


def _the_choice(page: Page) -> None:
    chosen = page.get_by_label("Check the plot")
    offered = chosen.locator("option").all_inner_texts()
    assert "Review · the next that is still there" in offered
    chosen.select_option("review")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#verdicts")).to_contain_text("It goes on where you have chosen.")
    expect(page.locator("#verdicts")).not_to_contain_text("needs a choice")


def _back(page: Page) -> None:
    page.locator("#moved summary").click()
    page.get_by_role("button", name="Move 4 cases back").click()
    expect(page.locator("#o-notes")).to_contain_text("4 cases were moved back.")
    expect(page.locator("#moved")).to_have_count(0)


def test_moving_many_goes_on_by_itself_and_tells_how_far_it_is(
    enter: Enter, house: House, changed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = {"to": None, "unproved": False, "limit": 1}
    monkeypatch.setattr(moving.move_cases, "__kwdefaults__", defaults)
    page = enter("he").page
    page.goto(f"/studio/editions/{changed}/cases")
    page.get_by_role("button", name="Move 2 cases").click()
    expect(page.locator("#progress")).to_contain_text("1 of 2")
    expect(page.locator("#o-notes")).to_contain_text("2 cases were moved.")


def test_without_script_a_button_goes_on(enter: Enter, changed: int) -> None:
    page = enter("he", java_script_enabled=False).page
    page.goto(f"/studio/editions/{changed}/cases?way=on&done=1&total=2")
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    expect(page.locator("#progress")).to_contain_text("1 of 2")


@pytest.mark.parametrize("width", looks([360, 768], 360))
def test_the_pages_fit_a_narrow_window(enter: Enter, changed: int, width: int) -> None:
    page = enter("he", viewport={"width": width, "height": 800}).page
    for address in ("differences", "cases?at:check=review"):
        page.goto(f"/studio/editions/{changed}/{address}")
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        _axe(page)
