"""Small procedures for tests, written as the few lines that matter."""

from __future__ import annotations

from collections.abc import Iterable

_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:officium="urn:officium:procedure:1" id="definitions" targetNamespace="urn:test">'
)


def flow(source: str, target: str, condition: str | None = None, name: str | None = None) -> str:
    label = f' name="{name}"' if name else ""
    inner = f'<conditionExpression xsi:type="tFormalExpression">{condition}</conditionExpression>' if condition else ""
    return (
        f'<sequenceFlow id="{source}_to_{target}" sourceRef="{source}" targetRef="{target}"{label}>'
        f"{inner}</sequenceFlow>"
    )


def way(*elements: str) -> str:
    return "".join(flow(source, target) for source, target in zip(elements, elements[1:], strict=False))


def step(element: str, name: str | None = None, attributes: str = "", inner: str = "") -> str:
    return f'<userTask id="{element}" name="{name or element.capitalize()}" {attributes}>{inner}</userTask>'


def lanes(**held: Iterable[str]) -> str:
    """Lane id to the ids of the elements in it; the lane's name is its id with a capital."""
    drawn = "".join(
        f'<lane id="{lane}" name="{lane.capitalize()}">'
        + "".join(f"<flowNodeRef>{one}</flowNodeRef>" for one in elements)
        + "</lane>"
        for lane, elements in held.items()
    )
    return f'<laneSet id="lanes">{drawn}</laneSet>'


def process(body: str, process_id: str = "procedure", before: str = "") -> bytes:
    return f'{_HEAD}{before}<process id="{process_id}" isExecutable="true">{body}</process></definitions>'.encode()


START = '<startEvent id="start"/>'
END = '<endEvent id="end"/>'

TWO_DEPARTMENTS = process(
    lanes(
        counter=("start", "receive", "issue", "end"),
        bureau=("complete", "plans", "fire", "split", "join", "decide", "granted"),
    )
    + START
    + step("receive", "Receive the application", 'officium:form="receive.form.json" officium:standardTime="PT4H"')
    + '<exclusiveGateway id="complete" name="Complete?"/>'
    + '<parallelGateway id="split"/>'
    + step("plans", "Review the plans", 'officium:standardTime="P3D"')
    + step("fire", "Review fire safety")
    + '<parallelGateway id="join"/>'
    + step("decide", "Decide", 'officium:form="decide.form.json"')
    + '<exclusiveGateway id="granted" default="granted_to_receive"/>'
    + step("issue", "Issue the permit")
    + END
    + way("start", "receive", "complete")
    + flow("complete", "split", name="complete")
    + flow("complete", "receive", name="something is missing")
    + way("split", "plans", "join")
    + way("split", "fire", "join", "decide", "granted")
    + flow("granted", "issue", "grant = true")
    + flow("granted", "receive")
    + way("issue", "end")
)
"""A counter and a bureau: a choice by a person, two reviews side by side, a condition that goes back."""

RECEIVE_FORM = (
    b'{"components":[{"type":"textfield","key":"plot","label":"Plot","validate":{"required":true,"maxLength":20}},'
    b'{"type":"number","key":"area","label":"Area","validate":{"min":1}},'
    b'{"type":"checkbox","key":"urgent","label":"Urgent"}]}'
)
DECIDE_FORM = b'{"components":[{"type":"checkbox","key":"grant","label":"Granted"}]}'

TWO_DEPARTMENTS_BESIDE = {"receive.form.json": RECEIVE_FORM, "decide.form.json": DECIDE_FORM}
