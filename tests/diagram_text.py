"""Small procedures for tests, written as the few lines that matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from lxml import etree

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
    return "".join(flow(source, target) for source, target in pairwise(elements))


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


_STEP, _SMALL = (110, 80), {"Gateway": (50, 50), "Event": (36, 36)}
_COLUMN, _ROW, _LEFT, _TOP = 170, 110, 60, 40


def drawn(source: bytes, cells: Mapping[str, tuple[float, float]], bands: Mapping[str, tuple[float, float]]) -> bytes:
    """With coordinates: each element in its cell (column, row), each lane over its band (first row, rows)."""
    root = etree.fromstring(source)
    kinds = {one.get("id"): etree.QName(one).localname for one in root.iter(etree.Element) if one.get("id")}
    across = _LEFT + int(_COLUMN * (max(column for column, _row in cells.values()) + 1))
    shapes = "".join(
        _shape(lane, 0, _TOP + int(_ROW * first), across, int(_ROW * rows), ' isHorizontal="true"')
        for lane, (first, rows) in bands.items()
    )
    middles = {one: (_LEFT + int(_COLUMN * (x + 0.5)), _TOP + int(_ROW * (y + 0.5))) for one, (x, y) in cells.items()}
    for one, (x, y) in middles.items():
        width, height = next((size for kind, size in _SMALL.items() if str(kinds[one]).endswith(kind)), _STEP)
        shapes += _shape(one, x - width // 2, y - height // 2, width, height)
    for edge in root.iter("{*}sequenceFlow"):
        ends = (middles[str(edge.get("sourceRef"))], middles[str(edge.get("targetRef"))])
        points = "".join(f'<di:waypoint x="{x}" y="{y}"/>' for x, y in ends)
        shapes += f'<bpmndi:BPMNEdge id="{edge.get("id")}_di" bpmnElement="{edge.get("id")}">{points}</bpmndi:BPMNEdge>'
    plane = next(root.iter("{*}process")).get("id")
    diagram = (
        '<bpmndi:BPMNDiagram id="drawing" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
        'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI">'
        f'<bpmndi:BPMNPlane id="plane" bpmnElement="{plane}">{shapes}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
    )
    return source.replace(b"</definitions>", diagram.encode() + b"</definitions>")


def _shape(element: str, x: int, y: int, width: int, height: int, more: str = "") -> str:
    bounds = f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/>'
    return f'<bpmndi:BPMNShape id="{element}_di" bpmnElement="{element}"{more}>{bounds}</bpmndi:BPMNShape>'


TWO_DEPARTMENTS_CELLS = {
    "start": (0, 0), "receive": (1, 0), "complete": (2, 0.9), "issue": (7, 0), "end": (8, 0),
    "split": (3, 1.5), "plans": (4, 1), "fire": (4, 2), "join": (5, 1.5), "decide": (6, 1.5), "granted": (7, 1.5),
}  # fmt: skip
TWO_DEPARTMENTS_BANDS = {"counter": (0, 1), "bureau": (1, 2)}
TWO_DEPARTMENTS_DRAWN = drawn(TWO_DEPARTMENTS, TWO_DEPARTMENTS_CELLS, TWO_DEPARTMENTS_BANDS)
