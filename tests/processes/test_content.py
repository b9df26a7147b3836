"""What comes with a procedure is whole: owners, instructions, forms, both languages, answers for the demo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from lxml import etree

from engine.diagram import forms
from engine.diagram.durations import duration
from engine.diagram.forms import Form
from engine.diagram.kinds import HUMAN
from engine.diagram.language import expression
from engine.diagram.lint import findings
from engine.diagram.shape import Severity
from engine.diagram.voting import RESULT
from processes import Shipped, office, shipped
from tests.processes.scenario import contents, start, told

TODAY = date(2026, 11, 20)
LATIN = re.compile(r"[A-Za-z0-9]")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
DMN = {"d": "https://www.omg.org/spec/DMN/20191111/MODEL/"}

each_procedure = pytest.mark.parametrize("procedure", shipped(), ids=lambda one: one.key)


def held_posts() -> set[str]:
    return {post for post, _ in holders()}


def holders() -> Iterator[tuple[str, str]]:
    for person in office().persons:
        for holding in person.holdings:
            begun, over = holding.period(TODAY)
            if begun <= TODAY and (over is None or over >= TODAY):
                yield holding.post, person.login


def human_steps(procedure: Shipped) -> list[str]:
    return [one.id for one in contents(procedure).diagram.elements.values() if one.kind in HUMAN]


def forms_of(procedure: Shipped) -> dict[str, Form]:
    held = contents(procedure)
    return dict(forms.forms_of(held.diagram, held.attachments))


def keys_of(form: Form) -> set[str]:
    return {one.key for one in forms.every_field(form.fields) if one.answers}


def test_the_three_procedures_are_there() -> None:
    assert {(one.key, one.prefix) for one in shipped()} >= {
        ("additional_budget", "AB"),
        ("building_permit", "BP"),
        ("incoming_document", "IN"),
    }
    prefixes = [one.prefix for one in shipped()]
    assert len(prefixes) == len(set(prefixes))


@each_procedure
def test_every_lane_is_owned_by_a_post_that_somebody_holds(procedure: Shipped) -> None:
    lanes = [lane.name for lane in contents(procedure).diagram.lanes.values()]
    assert sorted(name or "" for name in lanes) == sorted(procedure.owners)
    assert set(procedure.owners.values()) <= held_posts()
    assert procedure.department in {one.code for one in office().departments}


@each_procedure
def test_lanes_reach_several_departments(procedure: Shipped) -> None:
    departments = {post.code: post.department for post in office().posts}
    assert len({departments[post] for post in procedure.owners.values()}) >= 4


@each_procedure
def test_every_human_step_has_an_instruction_in_both_languages(procedure: Shipped) -> None:
    instructions = contents(procedure).diagram.instructions
    for step in human_steps(procedure):
        told = instructions[step]
        for part in (told.what, told.how, told.standard):
            assert part["en"].endswith((".", "?")), step
            assert len(part["en"]) > 40, step
            assert CHINESE.search(part["zh"]), step
            assert part["zh"].endswith("。"), step


@each_procedure
def test_every_human_step_has_a_form_and_a_standard_time(procedure: Shipped) -> None:
    held, by_element = contents(procedure), forms_of(procedure)
    for step in human_steps(procedure):
        assert keys_of(by_element[step]), step
        written = held.diagram.elements[step].standard_time
        assert written is not None, step
        assert duration(written) is not None, step
    if not procedure.start_form:  # it begins by itself: nobody is there to answer
        assert held.diagram.elements[start(held)].event == "timer"
        return
    begun = by_element[start(held)]
    assert keys_of(begun)
    assert procedure.start_form in procedure.attachments
    assert f'officium:form="{procedure.start_form}"'.encode() in procedure.diagram


@each_procedure
def test_every_file_beside_the_diagram_is_used_by_it(procedure: Shipped) -> None:
    for path, content in procedure.attachments.items():
        named = f'officium:form="{path}"'
        if path.endswith(".dmn"):
            decision = etree.fromstring(content).find("d:decision", DMN)
            assert decision is not None
            named = f'officium:decision="{decision.get("id")}"'
        if path.endswith((".docx", ".notice.toml")):
            made = re.findall(rb'officium:document="([^"]*)"', procedure.diagram)
            assert path.encode() in b" ".join(made).split()
            continue
        assert named.encode() in procedure.diagram


@each_procedure
def test_conditions_use_only_what_is_answered_or_worked_out(procedure: Shipped) -> None:
    held = contents(procedure)
    known = set().union(*(keys_of(form) for form in forms_of(procedure).values()))
    root = etree.fromstring(procedure.diagram)
    for script in root.iter("{*}script"):
        known |= set(re.findall(r"^\s*(\w+)\s*=", script.text or "", re.MULTILINE))
    known |= {str(one.text) for one in root.iter("{*}loopDataOutputRef")}
    for path, content in procedure.attachments.items():
        if path.endswith(".dmn"):
            known |= {str(one.get("name")) for one in etree.fromstring(content).iterfind(".//d:output", DMN)}
    if any(one.committee for one in held.diagram.elements.values()):
        known |= set(RESULT)
    for flow in held.diagram.flows.values():
        if flow.condition is not None:
            assert expression(flow.condition).names <= known, flow.id


def test_a_person_chooses_at_one_gateway() -> None:
    diagram = contents(next(one for one in shipped() if one.key == "incoming_document")).diagram
    ways = [one for one in diagram.flows.values() if one.source == "gateway_instruction"]
    assert len(ways) == 2
    assert all(one.condition is None and one.name for one in ways)


@each_procedure
def test_nothing_is_found_that_somebody_should_look_at(procedure: Shipped) -> None:
    found = findings(contents(procedure).diagram, procedure.attachments)
    assert [
        (one.rule.code, one.element, one.sentence("en")) for one in found if one.rule.severity is not Severity.INFO
    ] == []


@each_procedure
def test_what_is_shown_is_in_both_languages(procedure: Shipped) -> None:
    diagram = contents(procedure).diagram
    shown = [procedure.name, *procedure.owners, *(one.name for one in told(procedure).values())]
    shown += [one.name for one in diagram.elements.values() if one.name]
    shown += [one.name for one in diagram.flows.values() if one.name]
    for form in forms_of(procedure).values():
        assert form.warnings == ()
        for field in forms.every_field(form.fields):
            shown += [field.asked, *(option.label for option in field.options)]
            shown += [one for one in (field.hint, field.pattern_message) if one]
    one_language = [one for one in shown if not (LATIN.search(one) and CHINESE.search(one))]
    assert one_language == []
    assert all(CHINESE.search(one) for one in (procedure.purpose_zh, procedure.scope_zh))
    assert not any(CHINESE.search(one) for one in (procedure.purpose_en, procedure.scope_en))
