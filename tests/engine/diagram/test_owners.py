"""Everything has someone responsible: who owns each step of a diagram."""

from __future__ import annotations

import pytest

from engine.diagram.owners import owner_of, owners
from engine.diagram.read import read
from engine.diagram.shape import Diagram

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="urn:t">'
)


def drawn(body: str, before: str = "") -> Diagram:
    source = f'{HEAD}{before}<process id="p" name="Permit 许可">{body}</process></definitions>'
    return read(source.encode(), "p.bpmn")


def lanes(**held: str) -> str:
    written = (
        f'<lane id="{name}" name="{name.title()}">'
        + "".join(f"<flowNodeRef>{one}</flowNodeRef>" for one in steps.split())
        + "</lane>"
        for name, steps in held.items()
    )
    return f"<laneSet>{''.join(written)}</laneSet>"


def flows(*pairs: str) -> str:
    split = (pair.split(">") for pair in pairs)
    return "".join(f'<sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in split)


def test_lanes_own_their_steps_in_the_order_they_are_drawn() -> None:
    diagram = drawn(lanes(clerk="b", head="a") + '<userTask id="a"/><userTask id="b"/>')
    assert [(one.key, one.name, one.steps) for one in owners(diagram)] == [
        ("lane:clerk", "Clerk", ("b",)),
        ("lane:head", "Head", ("a",)),
    ]


def test_only_steps_that_a_person_does_are_owned() -> None:
    kinds = ["task", "userTask", "manualTask", "serviceTask", "scriptTask", "sendTask", "receiveTask", "startEvent"]
    diagram = drawn("".join(f'<{kind} id="{kind}"/>' for kind in kinds))
    assert set(owner_of(diagram)) == {"task", "userTask", "manualTask"}


def test_a_lane_without_steps_is_no_owner() -> None:
    diagram = drawn(lanes(clerk="a", system="s") + '<userTask id="a"/><serviceTask id="s"/>')
    assert [one.key for one in owners(diagram)] == ["lane:clerk"]


def test_a_step_inside_a_sub_process_belongs_to_the_lane_of_the_sub_process() -> None:
    diagram = drawn(lanes(clerk="s") + '<subProcess id="s"><userTask id="a"/></subProcess>')
    assert owner_of(diagram) == {"a": "lane:clerk"}


def test_a_step_outside_all_lanes_has_no_owner() -> None:
    diagram = drawn(lanes(clerk="a") + '<userTask id="a"/><userTask id="b"/>')
    assert owner_of(diagram) == {"a": "lane:clerk"}


def test_without_a_lane_the_group_of_another_tool_owns_the_step() -> None:
    diagram = drawn(lanes(clerk="a") + '<userTask id="a"/><userTask id="b" camunda:candidateGroups="heads"/>')
    assert owner_of(diagram) == {"a": "lane:clerk", "b": "group:heads"}
    assert [one.name for one in owners(diagram)] == ["Clerk", "heads"]


def test_a_process_without_lanes_is_owned_as_a_whole() -> None:
    diagram = drawn('<userTask id="a"/><userTask id="b"/>')
    assert [(one.key, one.name, one.steps) for one in owners(diagram)] == [("process:p", "Permit 许可", ("a", "b"))]


def test_lanes_of_one_process_say_nothing_about_another() -> None:
    body = lanes(clerk="a") + '<userTask id="a"/></process><process id="q"><userTask id="b"/>'
    assert owner_of(drawn(body)) == {"a": "lane:clerk", "b": "process:q"}


def test_the_only_lane_of_a_pool_is_called_by_the_pool_where_it_has_no_name() -> None:
    pool = '<collaboration id="c"><participant id="x" name="Permit office" processRef="p"/></collaboration>'
    diagram = drawn('<laneSet><lane id="l"><flowNodeRef>a</flowNodeRef></lane></laneSet><userTask id="a"/>', pool)
    assert [one.name for one in owners(diagram)] == ["Permit office"]


CHOICE = '<exclusiveGateway id="g"/><userTask id="x"/><userTask id="y"/>'


def test_a_choice_directly_behind_a_step_is_answered_with_it() -> None:
    body = lanes(clerk="a", head="g x y") + '<userTask id="a"/>' + CHOICE + flows("a>g", "g>x", "g>y")
    diagram = drawn(body)
    assert owner_of(diagram)["g"] == "lane:head"
    assert [one.steps for one in owners(diagram)] == [("a",), ("x", "y")]


@pytest.mark.parametrize(
    "before",
    [
        '<userTask id="a"><standardLoopCharacteristics/></userTask>' + flows("a>g"),
        '<userTask id="a"/><userTask id="z"/>' + flows("a>g", "a>z"),
        '<userTask id="a"/><scriptTask id="b"/>' + flows("a>g", "b>g"),
    ],
    ids=["done several times", "goes on elsewhere too", "not the only way there"],
)
def test_a_choice_that_cannot_be_answered_with_a_step_is_a_step_of_its_own(before: str) -> None:
    diagram = drawn(lanes(head="g a z x y") + before + CHOICE + flows("g>x", "g>y"))
    assert "g" in owners(diagram)[0].steps


def test_whatever_conditions_part_the_ways_after_has_an_owner() -> None:
    condition = (
        '<sequenceFlow id="f" sourceRef="a" targetRef="y"><conditionExpression>z</conditionExpression></sequenceFlow>'
    )
    body = lanes(clerk="a", head="x y") + '<scriptTask id="a"/><userTask id="x"/><userTask id="y"/>'
    assert owner_of(drawn(body + flows("a>x") + condition))["a"] == "lane:clerk"


def test_a_choice_behind_no_step_is_a_step_of_its_own() -> None:
    body = lanes(clerk="x y", head="g") + '<scriptTask id="a"/>' + CHOICE + flows("a>g", "g>x", "g>y")
    assert [(one.key, one.steps) for one in owners(drawn(body))] == [("lane:clerk", ("x", "y")), ("lane:head", ("g",))]


def test_a_choice_in_no_lane_belongs_to_whoever_did_the_step_before() -> None:
    body = lanes(clerk="a", head="x y") + '<userTask id="a"/><scriptTask id="s"/>' + CHOICE
    assert owner_of(drawn(body + flows("a>s", "s>g", "g>x", "g>y")))["g"] == "lane:clerk"


def test_a_gateway_that_only_joins_asks_nobody() -> None:
    body = '<userTask id="a"/><userTask id="b"/><exclusiveGateway id="g"/><endEvent id="e"/>'
    assert set(owner_of(drawn(body + flows("a>g", "b>g", "g>e")))) == {"a", "b"}


def test_every_choice_has_an_owner_even_in_a_diagram_that_goes_in_circles() -> None:
    body = '<exclusiveGateway id="g"/><exclusiveGateway id="h"/>' + flows("g>h", "h>g", "g>g", "h>h")
    assert owner_of(drawn(body)) == {"g": "process:p", "h": "process:p"}
