"""Findings on the drawing: inside what is collapsed, on flows, beside long ids, and names as wide as their letters."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from engine.procedures import acts
from tests.browser.conftest import House, Watched

pytestmark = pytest.mark.browser
Enter = Callable[..., Watched]

LONG = "external_task_actualization_verify_administrator_stakeholder_exists_task"
DRAWN = f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:i="http://www.omg.org/spec/BPMN/20100524/DI"
 xmlns:b="http://www.omg.org/spec/DD/20100524/DC" xmlns:w="http://www.omg.org/spec/DD/20100524/DI" targetNamespace="urn:t">
<process id="p"><startEvent id="s"/><subProcess id="inner" name="Inside"><startEvent id="is"/>
<serviceTask id="{LONG}" name="Ask again"/><exclusiveGateway id="ig"/><endEvent id="ie"/>
<sequenceFlow id="i1" sourceRef="is" targetRef="{LONG}"/><sequenceFlow id="i2" sourceRef="{LONG}" targetRef="ig"/>
<sequenceFlow id="i3" sourceRef="ig" targetRef="ie"><conditionExpression>= = (</conditionExpression></sequenceFlow>
<sequenceFlow id="i4" sourceRef="ig" targetRef="{LONG}"><conditionExpression>= = (</conditionExpression></sequenceFlow>
</subProcess><exclusiveGateway id="g" default="f3"/><userTask id="t" name="Work"/><endEvent id="e"/>
<sequenceFlow id="f1" sourceRef="s" targetRef="inner"/><sequenceFlow id="f2" sourceRef="inner" targetRef="g"/>
<sequenceFlow id="f3" name="Completed" sourceRef="g" targetRef="e"/>
<sequenceFlow id="f4" sourceRef="g" targetRef="t"><conditionExpression>= = (</conditionExpression></sequenceFlow>
<sequenceFlow id="f5" sourceRef="t" targetRef="e"/></process>
<i:BPMNDiagram id="d1"><i:BPMNPlane id="d1p" bpmnElement="p">
<i:BPMNShape id="d_s" bpmnElement="s"><b:Bounds x="100" y="100" width="36" height="36"/></i:BPMNShape>
<i:BPMNShape id="d_inner" bpmnElement="inner" isExpanded="false"><b:Bounds x="200" y="78" width="100" height="80"/></i:BPMNShape>
<i:BPMNShape id="d_g" bpmnElement="g"><b:Bounds x="360" y="93" width="50" height="50"/></i:BPMNShape>
<i:BPMNShape id="d_t" bpmnElement="t"><b:Bounds x="560" y="78" width="100" height="80"/></i:BPMNShape>
<i:BPMNShape id="d_e" bpmnElement="e"><b:Bounds x="760" y="100" width="36" height="36"/></i:BPMNShape>
<i:BPMNEdge id="d_f1" bpmnElement="f1"><w:waypoint x="136" y="118"/><w:waypoint x="200" y="118"/></i:BPMNEdge>
<i:BPMNEdge id="d_f2" bpmnElement="f2"><w:waypoint x="300" y="118"/><w:waypoint x="360" y="118"/></i:BPMNEdge>
<i:BPMNEdge id="d_f3" bpmnElement="f3"><w:waypoint x="385" y="143"/><w:waypoint x="385" y="240"/><w:waypoint x="778" y="240"/>
<w:waypoint x="778" y="136"/><i:BPMNLabel><b:Bounds x="560" y="222" width="44" height="14"/></i:BPMNLabel></i:BPMNEdge>
<i:BPMNEdge id="d_f4" bpmnElement="f4"><w:waypoint x="410" y="118"/><w:waypoint x="560" y="118"/></i:BPMNEdge>
<i:BPMNEdge id="d_f5" bpmnElement="f5"><w:waypoint x="660" y="118"/><w:waypoint x="760" y="118"/></i:BPMNEdge>
</i:BPMNPlane></i:BPMNDiagram><i:BPMNDiagram id="d2"><i:BPMNPlane id="d2p" bpmnElement="inner">
<i:BPMNShape id="d_is" bpmnElement="is"><b:Bounds x="100" y="100" width="36" height="36"/></i:BPMNShape>
<i:BPMNShape id="d_long" bpmnElement="{LONG}"><b:Bounds x="200" y="78" width="100" height="80"/></i:BPMNShape>
<i:BPMNShape id="d_ig" bpmnElement="ig"><b:Bounds x="360" y="93" width="50" height="50"/></i:BPMNShape>
<i:BPMNShape id="d_ie" bpmnElement="ie"><b:Bounds x="500" y="100" width="36" height="36"/></i:BPMNShape>
<i:BPMNEdge id="d_i1" bpmnElement="i1"><w:waypoint x="136" y="118"/><w:waypoint x="200" y="118"/></i:BPMNEdge>
<i:BPMNEdge id="d_i2" bpmnElement="i2"><w:waypoint x="300" y="118"/><w:waypoint x="360" y="118"/></i:BPMNEdge>
<i:BPMNEdge id="d_i3" bpmnElement="i3"><w:waypoint x="410" y="118"/><w:waypoint x="500" y="118"/></i:BPMNEdge>
<i:BPMNEdge id="d_i4" bpmnElement="i4"><w:waypoint x="385" y="93"/><w:waypoint x="385" y="40"/><w:waypoint x="250" y="40"/>
<w:waypoint x="250" y="78"/></i:BPMNEdge></i:BPMNPlane></i:BPMNDiagram></definitions>""".encode()


@pytest.fixture(scope="module")
def address(house: House) -> str:
    with house.database.writing() as db:
        he = house.office.actor(db, "he")
        department = house.office.departments["review"]
        procedure = acts.open_procedure(db, by=he, name="Inside", prefix="INS", department_id=department)
        edition = acts.deposit(db, by=he, procedure_id=procedure, file="inside.bpmn", source=DRAWN, attachments={})
    return f"/studio/editions/{edition}"


def _drawn(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector('[data-state="drawn"]')


def test_what_is_wrong_inside_a_collapsed_sub_process_is_seen_on_it(enter: Enter, house: House, address: str) -> None:
    page = enter("he").page
    _drawn(page, address)
    sign = page.locator('.djs-element[data-element-id="inner"]')
    assert "o-blocks" in (sign.get_attribute("class") or "").split()
    badge = page.locator('.djs-overlays[data-container-id="inner"] a.o-badge-blocks')
    expect(badge).to_be_visible()
    badge.click()
    row = page.locator("tr.o-on")
    expect(row).to_contain_text(LONG)
    row.locator("[data-to-diagram]").click()
    expect(page.locator(f'.djs-element[data-element-id="{LONG}"]')).to_be_visible()


def test_the_badge_of_a_flow_stands_off_its_head(enter: Enter, house: House, address: str) -> None:
    page = enter("he").page
    _drawn(page, address)
    badge = page.locator('.djs-overlays[data-container-id="f4"] a.o-badge-blocks').bounding_box()
    step = page.locator('.djs-element[data-element-id="t"] > .djs-visual').bounding_box()
    assert badge is not None
    assert step is not None
    assert badge["x"] + badge["width"] < step["x"] - 10


def test_a_drawing_whose_script_does_not_come_says_what_has_it_all(enter: Enter, house: House, address: str) -> None:
    page = enter("he").page
    page.route("**/viewer-*.js", lambda route: route.fulfill(status=404))
    page.goto(address)
    expect(page.locator("[data-failed]")).to_be_visible()
    expect(page.locator("[data-canvas]")).to_be_hidden()


def test_a_short_name_beside_a_flow_is_not_broken(enter: Enter, house: House, address: str) -> None:
    """Its box fits the letters of another machine: Arial's are narrower than those of many."""
    page = enter("he").page
    _drawn(page, address)
    lines = page.locator('.djs-element[data-element-id="f3_label"] .djs-label tspan')
    assert lines.all_text_contents() == ["Completed"]


def test_nor_is_it_while_it_is_drawn_and_renamed(enter: Enter, house: House, address: str) -> None:
    page = enter("he").page
    page.goto(f"{address}/draw")
    page.wait_for_selector('[data-editor][data-state="open"]')
    lines = page.locator('.djs-element[data-element-id="f3_label"] .djs-label tspan')
    assert lines.all_text_contents() == ["Completed"]
    page.locator('.djs-element[data-element-id="f3_label"]').dblclick()
    page.keyboard.press("Control+A")
    page.keyboard.type("Rejected")
    page.keyboard.press("Enter")
    expect(lines).to_have_text(["Rejected"])


@pytest.mark.parametrize("width", [1366, 768])
def test_long_ids_leave_the_findings_their_room(enter: Enter, house: House, address: str, width: int) -> None:
    page = enter("he", viewport={"width": width, "height": 800}).page
    _drawn(page, address)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cell = page.locator("td", has_text=LONG).first.bounding_box()
    assert cell is not None
    assert cell["width"] < 200 or width < 900
