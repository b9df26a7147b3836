"""Text that people and files bring is shown as text, wherever it stands: nothing of it runs, nothing becomes an element."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from html import escape

import pytest
from playwright.sync_api import Page

from engine.cases import acts
from engine.organisation import acts as organisation
from engine.procedures import acts as procedures
from tests.browser.conftest import House, Watched
from tests.builders import FROM_DAY
from tests.diagram_text import END, START, drawn, flow, process, way

pytestmark = pytest.mark.browser

Enter = Callable[..., Watched]

SCRIPT = "<script>window.hurt=1</script>"
IMAGE = '"><img src=x onerror="window.hurt=2">'
TEMPLATE = "{{7*7}}${7*7}"


def _canary(where: str) -> str:
    return f"{where}{SCRIPT}{IMAGE}{TEMPLATE}"


def _in_xml(where: str) -> str:
    return escape(_canary(where))


FORM = json.dumps(
    {
        "components": [
            {"type": "text", "text": _canary("words")},
            {"type": "textfield", "key": "note", "label": _canary("label"), "description": _canary("hint")},
            {
                "type": "select", "key": "kind", "label": _canary("choice"),
                "values": [{"label": _canary("option"), "value": "a"}, {"label": "b", "value": _canary("value")}],
            },
        ],
    }
).encode()  # fmt: skip

_BODY = (
    f'<laneSet id="lanes"><lane id="lane" name="{_in_xml("lane")}"><flowNodeRef>start</flowNodeRef>'
    "<flowNodeRef>ask</flowNodeRef><flowNodeRef>which</flowNodeRef><flowNodeRef>call</flowNodeRef>"
    "<flowNodeRef>last</flowNodeRef><flowNodeRef>end</flowNodeRef></lane></laneSet>"
    + START
    + f'<userTask id="ask" name="{_in_xml("step")}" officium:form="ask.form.json">'
    f"<documentation>{_in_xml('instruction')}</documentation></userTask>"
    f'<exclusiveGateway id="which" name="{_in_xml("gateway")}"/>'
    f'<serviceTask id="call" name="{_in_xml("machine")}"/><userTask id="last" name="{_in_xml("last")}"/>'
    + END
    + way("start", "ask", "which")
    + flow("which", "call", name=_in_xml("flow"))
    + flow("which", "last", name="on")
    + way("call", "last", "end")
)
DRAWING = drawn(
    process(_BODY),
    {"start": (0, 0), "ask": (1, 0), "which": (2, 0), "call": (3, 0), "last": (4, 0), "end": (5, 0)},
    {"lane": (0, 1)},
)
UNREADABLE = process(
    _BODY.replace(
        "</laneSet>", f'</laneSet><task id="odd" name="{_in_xml("odd")}"/>'
    ) + flow("last", "odd", _in_xml("condition"))
)  # fmt: skip


@pytest.fixture(scope="module")
def pages(house: House) -> Mapping[str, tuple[str, ...]]:
    office = house.office
    with house.database.writing() as db:
        he, sun = office.actor(db, "he"), office.actor(db, "sun")
        department = organisation.add_department(
            db,
            by=None,
            code="ODD",
            name_en=_canary("department")[:100],
            name_zh="怪",
            parent_id=office.departments["review"],
        )
        post = organisation.add_post(
            db,
            by=None,
            department_id=department,
            code="ODD",
            name_en=_canary("post")[:100],
            name_zh="怪",
            reports_to=None,
            rights=(),
        )
        organisation.give_post(db, by=None, person_id=office.persons["li"], post_id=post, from_day=FROM_DAY)
        procedure = procedures.open_procedure(
            db, by=he, name=_canary("procedure"), prefix="ODD", department_id=office.departments["review"]
        )
        edition, faulty = (
            procedures.deposit(
                db, by=he, procedure_id=procedure, file=_canary("file") + ".bpmn", source=source,
                attachments={"ask.form.json": FORM, "<script>window.hurt=3</script>.json": b"{}"},
            )
            for source in (DRAWING, UNREADABLE)
        )  # fmt: skip
        procedures.map_owners(db, by=he, edition_id=edition, mapped={"lane:lane": post})
        procedures.put_in_force(db, by=he, edition_id=edition)
        li = office.actor(db, "li")
        cases = []
        for matter in ("first", "second", "third"):
            cases.append(
                acts.start_case(
                    db,
                    by=li,
                    procedure_id=procedure,
                    matter=_canary(matter),
                    applicant=_canary("applicant"),
                    submitted={},
                ).case_id
            )
        for case_id in cases[1:]:
            answers = {"note": [_canary("answer")], "kind": [_canary("value")]}
            acts.complete_task(
                db, by=li, case_id=case_id, number=1, submitted=answers, chosen={"which": ["which_to_call"]}
            )
        acts.settle_incident(db, by=sun, case_id=cases[2], number=1, note=_canary("reason"))
    return {
        "li": ("/", f"/tasks/{cases[0]}/1", f"/tasks/{cases[1]}/1", f"/tasks/{cases[2]}/2", f"/cases/{cases[2]}", "/cases/", f"/start/{procedure}", f"/cases/?words={SCRIPT}{IMAGE}", f"/{SCRIPT}{IMAGE}"),
        "he": ("/studio/", f"/studio/{procedure}", f"/studio/editions/{edition}", f"/studio/editions/{edition}/owners", f"/studio/editions/{faulty}", f"/studio/editions/{faulty}/owners"),
        "zhou": ("/watch/", "/watch/flow/traffic", "/watch/flow/ways", f"/watch/{procedure}", f"/watch/{procedure}?step=ask", f"/watch/behind?procedure={procedure}&step=ask", f"/watch/behind?procedure={procedure}&step={SCRIPT}{IMAGE}", f"/watch/{procedure}?step={SCRIPT}{IMAGE}", f"/cases/{cases[1]}"),
    }  # fmt: skip


SHOWN: Mapping[str, str] = {
    "li": "applicant first second third answer label hint words option step instruction flow post reason",
    "he": "procedure file lane step odd condition",
    "zhou": "procedure applicant first step machine department post",
}
"""What each of them must meet somewhere, as text."""


def _unharmed(page: Page, path: str) -> None:
    found = page.evaluate("""() => ({
        ran: window.hurt ?? null,
        scripts: [...document.scripts].filter((one) => !one.src && one.type !== "application/json").length,
        images: [...document.querySelectorAll('img, [onerror], image[href="x"]')].map((one) => one.outerHTML),
        worked: document.documentElement.textContent.includes("}}49") || document.body.innerText.includes("}49"),
    })""")
    assert found == {"ran": None, "scripts": 0, "images": [], "worked": False}, path


@pytest.mark.parametrize("who", ["li", "he", "zhou"])
def test_hostile_text_is_shown_as_text(enter: Enter, pages: Mapping[str, tuple[str, ...]], who: str) -> None:
    page = enter(who).page
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    met = ""
    for path in pages[who]:
        page.goto(path)
        if page.locator("[data-canvas]").count():
            page.wait_for_selector("[data-canvas][data-state]", state="attached")
        for details in page.locator("main details").all():
            details.evaluate("one => { one.open = true; }")
        _unharmed(page, path)
        met += str(page.evaluate("document.documentElement.textContent"))
        page.mouse.move(600, 400)
    missing = [where for where in SHOWN[who].split() if f"{where}{SCRIPT[:20]}" not in met]
    assert missing == [], "it is never shown, so nothing was proved of it"


def test_what_is_typed_comes_back_as_text(enter: Enter, pages: Mapping[str, tuple[str, ...]]) -> None:
    page = enter("li").page
    page.goto(pages["li"][1])
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/complete") else None)
    page.locator("[name=note]").fill(_canary("typed"))
    page.locator("[name=kind]").evaluate("one => { one.options[1].value = '\"><img src=x onerror=window.hurt=4>'; }")
    page.locator("[name=kind]").select_option(index=1)
    page.get_by_role("button", name="on", exact=True).click()
    page.wait_for_selector("[data-errors]")
    page.wait_for_load_state("networkidle")
    assert len(sent) == 1, "the refused form was sent again by the page that tells why"
    _unharmed(page, "the form with faults")
    assert page.locator("[name=note]").input_value() == _canary("typed")
