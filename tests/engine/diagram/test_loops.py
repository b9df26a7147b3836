"""Circles a case could run round for ever, and those in which it waits."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.diagram import lint
from engine.diagram.reach import circles, reached
from engine.diagram.read import read

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:t">'


def told(body: str, before: str = "", after: str = "") -> list[tuple[str, str | None]]:
    source = f'{HEAD}{before}<process id="p">{body}</process>{after}</definitions>'
    return [(one.rule.code, one.element) for one in lint.findings(read(source.encode(), "p.bpmn"))]


def flows(*pairs: str) -> str:
    split = (pair.split(">") for pair in pairs)
    return "".join(f'<sequenceFlow id="{a}_{b}" name="{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in split)


def conditional(flow: str, condition: str = "x = 1") -> str:
    a, b = flow.split(">")
    return (
        f'<sequenceFlow id="{a}_{b}" name="{b}" sourceRef="{a}" targetRef="{b}">'
        f"<conditionExpression>{condition}</conditionExpression></sequenceFlow>"
    )


def between(steps: str, *ids: str) -> str:
    """Steps in a row between a start and an end."""
    row = ("s", *ids, "e")
    ways = flows(*(f"{a}>{b}" for a, b in pairwise(row)))
    return f'<startEvent id="s"/>{steps}<endEvent id="e"/>{ways}'


LINK = '<linkEventDefinition name="{}"/>'


def link(tag: str, name: str, to: str = "x") -> str:
    return f'<intermediate{tag}Event id="{name}">{LINK.format(to)}</intermediate{tag}Event>'


def looping(steps: str, *ids: str) -> list[str]:
    """What is told of a circle through the steps, with a way out."""
    row = ("m", *ids, "g")
    body = f'<startEvent id="s"/><exclusiveGateway id="m"/>{steps}<exclusiveGateway id="g" default="g_e"/><endEvent id="e"/>'
    ways = flows("s>m", "g>e", *(f"{a}>{b}" for a, b in pairwise(row))) + conditional("g>m")
    return [code for code, _ in told(body + ways, before='<message id="x" name="X"/>') if code == "loop-without-wait"]


WAITING = [
    '<userTask id="a"/>',
    '<task id="a"/>',
    '<receiveTask id="a" messageRef="x"/>',
    '<intermediateCatchEvent id="a"><timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>'
    "</intermediateCatchEvent>",
    '<intermediateCatchEvent id="a"><messageEventDefinition messageRef="x"/></intermediateCatchEvent>',
    '<subProcess id="a"><startEvent id="s2"/><userTask id="u"/><sequenceFlow id="f2" sourceRef="s2" targetRef="u"/></subProcess>',
    '<callActivity id="a" calledElement="elsewhere"/>',
]
RUNNING = [
    '<scriptTask id="a"><script>n = n + 1</script></scriptTask>',
    '<serviceTask id="a"/>',
    '<sendTask id="a" messageRef="x"/>',
    '<intermediateThrowEvent id="a"/>',
    '<intermediateCatchEvent id="a"><timerEventDefinition><timeDuration>PT0S</timeDuration></timerEventDefinition>'
    "</intermediateCatchEvent>",
    '<subProcess id="a"><startEvent id="s2"/><scriptTask id="u"><script>n = 1</script></scriptTask>'
    '<sequenceFlow id="f2" sourceRef="s2" targetRef="u"/></subProcess>',
]


@pytest.mark.parametrize("step", WAITING)
def test_a_circle_with_something_to_wait_for_is_right(step: str) -> None:
    assert looping(step, "a") == []


@pytest.mark.parametrize("step", RUNNING)
def test_a_circle_with_nothing_to_wait_for_is_refused(step: str) -> None:
    assert looping(step, "a") == ["loop-without-wait"]


def test_a_way_round_the_only_step_that_waits_is_refused() -> None:
    inside = (
        '<subProcess id="a"><startEvent id="s2"/><exclusiveGateway id="g2" default="g2_u"/><userTask id="u"/>'
        '<scriptTask id="v"><script>n = 1</script></scriptTask>'
        + flows("s2>g2", "g2>u")
        + conditional("g2>v")
        + "</subProcess>"
    )
    assert looping(inside, "a") == ["loop-without-wait"]


def test_a_circle_on_one_automatic_step_is_refused_and_on_a_human_one_not() -> None:
    for kind, expected in (("serviceTask", ["loop-without-wait"]), ("userTask", [])):
        body = between(f'<{kind} id="a"/>', "a") + conditional("a>a", "x = 2")
        assert [code for code, _ in told(body) if code == "loop-without-wait"] == expected


@pytest.mark.parametrize(
    ("step", "limit", "refused"),
    [
        ("scriptTask", "", True),
        ("scriptTask", 'loopMaximum="9"', False),
        ("userTask", "", False),
        ("subProcess", "", True),
    ],
)
def test_doing_an_automatic_step_again_needs_a_limit(step: str, limit: str, refused: bool) -> None:
    loop = f"<standardLoopCharacteristics {limit}><loopCondition>x = 1</loopCondition></standardLoopCharacteristics>"
    inner = "<script>x = 2</script>" if step == "scriptTask" else ""
    found = told(between(f'<{step} id="a">{loop}{inner}</{step}>', "a"))
    assert (("loop-without-wait", "a") in found) is refused


def test_a_circle_through_a_link_is_a_circle() -> None:
    body = '<startEvent id="s"/><exclusiveGateway id="g" default="g_e"/><endEvent id="e"/>'
    body += link("Throw", "t") + link("Catch", "c") + flows("s>g", "c>g", "g>e") + conditional("g>t")
    assert ("loop-without-wait", "g") in told(body)


def test_an_error_after_a_wait_may_lead_back() -> None:
    inside = '<subProcess id="a"><startEvent id="s2"/>{}<endEvent id="x"><errorEventDefinition errorRef="r"/></endEvent>{}</subProcess>'
    catch = '<boundaryEvent id="b" attachedToRef="a"><errorEventDefinition errorRef="r"/></boundaryEvent>' + flows(
        "b>a"
    )
    waits = inside.format('<userTask id="u"/>', flows("s2>u", "u>x"))
    runs = inside.format('<scriptTask id="u"><script>n = 1</script></scriptTask>', flows("s2>u", "u>x"))
    error = '<error id="r" name="R" errorCode="R"/>'
    assert "loop-without-wait" not in dict(told(between(waits, "a") + catch, before=error))
    assert "loop-without-wait" in dict(told(between(runs, "a") + catch, before=error))


@pytest.mark.parametrize(("kind", "expected"), [("scriptTask", ["loop-without-wait"]), ("userTask", [])])
def test_a_called_process_of_the_file_waits_only_where_something_in_it_does(kind: str, expected: list[str]) -> None:
    inner = f'<startEvent id="s3"/><{kind} id="u"><script>n = 1</script></{kind}>' + flows("s3>u")
    outer = '<startEvent id="s2"/><callActivity id="c" calledElement="r"/>' + flows("s2>c")
    after = f'<process id="q">{outer}</process><process id="r">{inner}</process>'
    body = '<startEvent id="s"/><callActivity id="a" calledElement="q"/><exclusiveGateway id="g" default="g_e"/>'
    body += '<endEvent id="e"/>' + flows("s>a", "a>g", "g>e") + conditional("g>a")
    assert [code for code, _ in told(body, after=after) if code == "loop-without-wait"] == expected


@given(st.dictionaries(st.integers(0, 7), st.lists(st.integers(0, 7), max_size=4)))
def test_circles_are_what_can_reach_itself(drawn: dict[int, list[int]]) -> None:
    ways = {str(node): [str(one) for one in drawn.get(node, [])] for node in range(8)}
    itself = {node for node in ways if node in reached(ways, ways[node])}
    found = circles(ways)
    assert sorted(node for circle in found for node in circle) == sorted(itself)
    for circle in found:
        assert all(set(circle) <= reached(ways, ways[node]) for node in circle)
