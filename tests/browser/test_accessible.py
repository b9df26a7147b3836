"""Every page of every room: for those who do not see it, who use keys alone, a narrow window, or no JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from engine.base import clock
from engine.cases import acts
from engine.procedures import acts as procedures
from tests.browser.conftest import AXE_RULES, House, Watched
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


@pytest.fixture(scope="module")
def pages(house: House) -> Mapping[str, tuple[str, ...]]:
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
            db, by=he, procedure_id=permit, file="plain.bpmn", attachments=TWO_DEPARTMENTS_BESIDE, source=TWO_DEPARTMENTS
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
        ended = _one_step_on(house, db, process(START + step("only", "Do it") + END + way("start", "only", "end")), "ON")
    return {
        "": ("/sign-in",),
        "li": ("/", "/?which=mine", f"/tasks/{old}/1", f"/tasks/{reviewed}/1", f"/start/{permit}", "/cases/", "/cases/?words=none", f"/cases/{waiting}", "/password", "/nowhere"),
        "zhao": ("/?which=posts", f"/tasks/{reviewed}/2", f"/tasks/{reviewed}/3", f"/cases/{reviewed}"),
        "he": ("/", "/studio/", f"/studio/{permit}", "/studio/new", f"/studio/editions/{broken}", f"/studio/editions/{undrawn}", f"/studio/editions/{undrawn}/owners"),
        "zhou": ("/watch/", f"/watch/{permit}", f"/watch/{permit}?step=plans", f"/cases/{stuck}", f"/cases/{ended}"),
    }  # fmt: skip


def _one_step_on(house: House, db: object, source: bytes, prefix: str) -> int:
    procedure = in_force(db, house.office, source, owners=ALONE, prefix=prefix)  # type: ignore[arg-type]
    case_id = begun(db, house.office, procedure).case_id  # type: ignore[arg-type]
    li = house.office.actor(db, "li")  # type: ignore[arg-type]
    acts.complete_task(db, by=li, case_id=case_id, number=1, submitted={})  # type: ignore[arg-type]
    return case_id


def _look(page: Page, path: str) -> None:
    page.goto(path)
    for one in page.locator("[data-canvas]").all():
        expect(one).to_have_attribute("data-state", "none" if "/editions/" in path and path.endswith("3") else "drawn")


@pytest.mark.parametrize("who", ["", "li", "zhao", "he", "zhou"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_is_for_everybody(
    open_page: Enter, enter: Enter, house: House, pages: Mapping[str, tuple[str, ...]], who: str, language: str
) -> None:
    """Axe finds nothing, nothing runs out of a window 320 pixels wide; faults of scripts are looked for at the end."""
    wide = {"width": 1366, "height": 850}
    locale = {"en": "en-GB", "zh": "zh-CN"}[language]
    watched = enter(who, viewport=wide, locale=locale) if who else open_page(house.home, viewport=wide, locale=locale)
    page = watched.page
    for path in pages[who]:
        page.set_viewport_size({"width": 1366, "height": 850})
        page.goto(path)
        if page.locator("[data-canvas]").count():
            page.wait_for_selector("[data-canvas][data-state]", state="attached")
        assert page.evaluate("document.documentElement.lang").startswith(language), path
        found = Axe().run(page, options={"runOnly": AXE_RULES}).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], path
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
