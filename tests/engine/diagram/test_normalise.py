"""What is rewritten before a diagram is run, and what is left as it is."""

from __future__ import annotations

import pytest
from lxml import etree

from engine.diagram.normalise import Normalised, mended, normalise
from engine.diagram.normalise.supported import refused
from engine.diagram.normalise.tree import MODEL_TAG, OF, flows, nodes, tag
from engine.diagram.xml import parse
from tests.engine.diagram.builders import (
    again,
    both,
    catch,
    end,
    flow,
    handler,
    line,
    link,
    message,
    process,
    several,
    some,
    source,
    start,
    step,
    sub,
    throw,
    timer,
    user,
    xor,
)


def normal(*parts: str, ask: tuple[str, ...] = ()) -> Normalised:
    return normalise(parse(source(*parts)), ask=ask)


def scope_of(found: Normalised, name: str = "p") -> etree._Element:
    return next(one for one in found.root.iter() if one.get("id") == name)


def kinds(found: Normalised, name: str = "p") -> dict[str, str]:
    return {node.get("id") or "": tag(node) for node in nodes(scope_of(found, name))}


def ways(found: Normalised, name: str = "p") -> set[tuple[str | None, str | None]]:
    return {(one.get("sourceRef"), one.get("targetRef")) for one in flows(scope_of(found, name))}


def notes(found: Normalised) -> set[tuple[str, str]]:
    return {(one.what, one.element) for one in found.notes}


def test_the_tree_that_was_given_is_left_as_it_is() -> None:
    root = parse(source(start(), user("a"), throw("t", link("L")), catch("c", link("L")), line("s", "a", "t")))
    before = etree.tostring(root)
    normalise(root, ask=["s-a"])
    mended(root)
    assert etree.tostring(root) == before


def test_what_is_normal_stays_as_it_is_drawn() -> None:
    found = normal(
        start(), user("a"), xor(default="g-e"), end(), line("s", "a", "g"), flow("g", "a", "x = 1"), flow("g", "e")
    )
    assert kinds(found) == {"s": "startEvent", "a": "userTask", "g": "exclusiveGateway", "e": "endEvent"}
    assert ways(found) == {("s", "a"), ("a", "g"), ("g", "a"), ("g", "e")}
    assert found.notes == ()
    assert found.questions == {}


def test_every_process_may_be_executed() -> None:
    found = normal(process(start(), user("a"), line("s", "a")).replace("<process", '<process isExecutable="false"'))
    assert scope_of(found).get("isExecutable") == "true"


def test_links_become_flows() -> None:
    found = normal(
        start(), throw("out", link("L")), catch("into", link("L")), user("a"), line("s", "out"), line("into", "a")
    )
    assert ("out", "into") in ways(found)
    assert kinds(found)["out"] == kinds(found)["into"] == "intermediateThrowEvent"


def test_a_conditional_flow_out_of_a_step_becomes_a_gateway_that_stands_for_the_step() -> None:
    found = normal(
        start(), user("a", default="a-c"), user("b"), user("c"), line("s", "a"), flow("a", "b", "x = 1"), flow("a", "c")
    )
    gateway = next(node for node in nodes(scope_of(found)) if tag(node) == "inclusiveGateway")
    assert gateway.get(OF) == "a"
    assert gateway.get("default") == "a-c"
    assert {("a", "split:a"), ("split:a", "b"), ("split:a", "c")} <= ways(found)


def test_flows_out_of_a_step_without_conditions_need_no_gateway() -> None:
    found = normal(start(), user("a"), user("b"), user("c"), line("s", "a", "b"), line("a", "c"))
    assert found.notes == ()


def test_an_event_sub_process_becomes_an_event_on_the_border_of_everything_else() -> None:
    inside = handler("h", start("hs", message("M"), isInterrupting="false"), user("ha"), line("hs", "ha"))
    found = normal(start(), user("a"), line("s", "a"), inside)
    assert kinds(found) == {"core:p": "subProcess", "hs": "boundaryEvent", "h": "subProcess", "begin:p": "startEvent"}
    assert set(kinds(found, "core:p")) == {"s", "a"}
    assert kinds(found, "h") == {"start:hs": "startEvent", "ha": "userTask"}
    border = next(node for node in nodes(scope_of(found)) if node.get("id") == "hs")
    assert (border.get("attachedToRef"), border.get("cancelActivity")) == ("core:p", "false")
    assert ways(found) == {("begin:p", "core:p"), ("hs", "h")}


@pytest.mark.parametrize("inner", [False, True])
def test_a_scope_without_a_start_begins_at_everything_nothing_leads_to(inner: bool) -> None:
    parts = (user("a"), user("b"), user("c"), line("a", "b"))
    found = normal(start("s0"), sub("in", *parts), line("s0", "in")) if inner else normal(*parts)
    name = "in" if inner else "p"
    assert {("begin:" + name, "a"), ("begin:" + name, "c"), ("a", "b")} == ways(found, name)


def test_an_inclusive_gateway_that_joins_and_splits_becomes_two() -> None:
    found = normal(start(), both("f"), user("a"), user("b"), some("g"), user("c"), user("d"), line("s", "f", "a", "g"), line("f", "b", "g"), flow("g", "c", "x = 1"), flow("g", "d", "x = 2"))  # fmt: skip
    assert {("a", "join:g"), ("b", "join:g"), ("join:g", "g")} <= ways(found)


def test_what_is_asked_carries_no_condition_and_what_is_not_keeps_its_own() -> None:
    parts = (
        start(),
        user("a"),
        xor(),
        user("b"),
        user("c"),
        line("s", "a", "g"),
        flow("g", "b", "x = 1"),
        flow("g", "c", "x = 2"),
    )
    conditions = f".//{MODEL_TAG}conditionExpression"
    assert len(normal(*parts).root.findall(conditions)) == 2
    asked = normal(*parts, ask=("g-b",))
    assert asked.root.findall(conditions) == []
    assert set(asked.questions) == {("p", "a")}


def test_a_wait_of_its_own_stands_before_a_gateway_that_no_step_leads_to() -> None:
    found = normal(start(), xor(), user("b"), user("c"), line("s", "g"), flow("g", "b"), flow("g", "c"))
    waiting = next(node for node in nodes(scope_of(found)) if node.get("id") == "ask:g")
    assert (tag(waiting), waiting.get(OF)) == ("userTask", "g")
    assert {("s", "ask:g"), ("ask:g", "g")} <= ways(found)
    assert set(found.questions) == {("p", "g")}


def test_what_is_never_reached_is_left_out_and_told() -> None:
    found = normal(start(), user("a"), user("ghost"), line("s", "a"), line("ghost", "a"))
    assert "ghost" not in kinds(found)
    assert ("never reached", "ghost") in notes(found)


def test_a_flow_that_leads_out_of_its_scope_is_left_out_and_told() -> None:
    found = normal(start(), user("a"), sub("in", user("b")), line("s", "a"), flow("a", "b"), line("a", "in"))
    assert ("a", "b") not in ways(found)
    assert ("flow without an end", "a-b") in notes(found)


def test_references_are_ids_without_a_prefix_or_the_name_itself() -> None:
    text = source(start(), catch("c", message("M")), catch("d", message("N")), line("s", "c", "d")).decode()
    text = text.replace('messageRef="message_M"', 'messageRef="x:message_M"').replace(
        'messageRef="message_N"', 'messageRef="gone"'
    )
    found = normalise(parse(text.encode()))
    named = {one.get("id"): one.get("name") for one in found.root.iter(f"{MODEL_TAG}message")}
    refs = [one.get("messageRef") for one in found.root.iter(f"{MODEL_TAG}messageEventDefinition")]
    assert [named[ref] for ref in refs] == ["M", "gone"]


def test_the_first_of_two_elements_with_one_id_is_meant() -> None:
    found = normal(start(), user("a", name="first"), step("task", "a", name="second"), line("s", "a"))
    assert kinds(found)["a"] == "userTask"
    assert ("id used twice", "a") in notes(found)


def test_what_is_drawn_but_not_done_is_taken_out() -> None:
    found = normal(
        '<dataObject id="o"/><dataObjectReference id="r" dataObjectRef="missing"/><dataStoreReference id="st"/>',
        '<laneSet id="l"><lane id="l1"><flowNodeRef>a</flowNodeRef></lane></laneSet>',
        start(),
        user("a", '<documentation>words</documentation><dataInputAssociation id="i"><sourceRef>r</sourceRef></dataInputAssociation>'),
        line("s", "a"),
    )  # fmt: skip
    assert {tag(one) for one in found.root.iter(f"{MODEL_TAG}*")} == {"definitions", "process", "startEvent", "userTask", "sequenceFlow"}  # fmt: skip


def test_a_repetition_without_a_number_is_done_once_and_told() -> None:
    found = normal(start(), user("a", several("")), user("b", again()), line("s", "a", "b"))
    assert notes(found) == {("repetition without a number", "a"), ("repetition without a condition", "b")}
    assert [one.text for one in found.root.iter(f"{MODEL_TAG}loopCardinality")] == ["1"]


def test_a_list_is_called_as_its_data_object() -> None:
    inside = several("<loopDataInputRef>obj_1</loopDataInputRef>")
    found = normal('<dataObjectReference id="obj_1" name="offices"/>', start(), user("a", inside), line("s", "a"))
    assert [one.text for one in found.root.iter(f"{MODEL_TAG}loopDataInputRef")] == ["offices"]


def test_normalising_twice_changes_nothing_more() -> None:
    root = parse(source(start(), user("a"), throw("t", link("L")), catch("c", link("L")), user("d"), line("s", "a", "t"), line("c", "d"), catch("w", timer("P1D")), line("d", "w")))  # fmt: skip
    once = normalise(root).root
    assert etree.tostring(normalise(once).root) == etree.tostring(once)


def test_what_cannot_be_run_is_told_with_element_and_reason() -> None:
    root = mended(parse(source(start(), step("complexGateway", "bad", name="Strange"), line("s", "bad"))))
    (found,) = refused(root.findall(f"{MODEL_TAG}process")[0])
    assert (found.element, found.name) == ("bad", "Strange")
    assert "complex" in found.why.en
