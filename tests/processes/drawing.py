"""What a file draws: boxes, flows and labels, as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lxml import etree

NS = {
    "b": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "di": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "dd": "http://www.omg.org/spec/DD/20100524/DI",
}
CONTAINERS = {"participant", "lane", "subProcess"}


@dataclass(frozen=True)
class Box:
    element: str
    kind: str
    x: float
    y: float
    width: float
    height: float

    def holds(self, other: Box) -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )

    def meets(self, other: Box) -> bool:
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


@dataclass(frozen=True)
class Edge:
    flow: str
    source: str
    target: str
    points: tuple[tuple[float, float], ...]

    def pieces(self) -> list[Box]:
        return [
            Box(self.flow, "piece", min(a[0], b[0]), min(a[1], b[1]), abs(a[0] - b[0]), abs(a[1] - b[1]))
            for a, b in pairwise(self.points)
        ]


class Drawing:
    def __init__(self, source: bytes) -> None:
        self.root: Any = etree.fromstring(source)
        by_id: dict[Any, Any] = {one.get("id"): one for one in self.root.iter("{*}*") if one.get("id")}
        self.boxes: dict[str, Box] = {}
        self.labels: list[Box] = []
        shape: Any
        for shape in self.root.iterfind(".//di:BPMNShape", NS):
            element = shape.get("bpmnElement")
            kind = etree.QName(by_id[element]).localname
            self.boxes[element] = box(element, kind, shape.find("dc:Bounds", NS))
            self.note_label(element, shape)
        self.edges: dict[str, Edge] = {}
        drawn: Any
        for drawn in self.root.iterfind(".//di:BPMNEdge", NS):
            flow = by_id[drawn.get("bpmnElement")]
            if etree.QName(flow).localname != "sequenceFlow":
                continue
            points = tuple((float(one.get("x")), float(one.get("y"))) for one in drawn.iterfind("dd:waypoint", NS))
            self.edges[flow.get("id")] = Edge(flow.get("id"), flow.get("sourceRef"), flow.get("targetRef"), points)
            self.note_label(flow.get("id"), drawn)
        self.named = {element for element, one in by_id.items() if one.get("name")}
        self.inside = {one: self.parents(node) for one, node in by_id.items()}
        self.attached = {one: node.get("attachedToRef") for one, node in by_id.items() if node.get("attachedToRef")}

    def note_label(self, element: str, drawn: Any) -> None:
        bounds = drawn.find("di:BPMNLabel/dc:Bounds", NS)
        if bounds is not None:
            self.labels.append(box(element, "label", bounds))

    @staticmethod
    def parents(node: Any) -> set[str]:
        return {one.get("id") for one in node.iterancestors() if etree.QName(one).localname == "subProcess"}

    @property
    def nodes(self) -> list[Box]:
        return [one for one in self.boxes.values() if one.kind not in CONTAINERS]


def box(element: str, kind: str, bounds: Any) -> Box:
    x, y, width, height = (float(bounds.get(side)) for side in ("x", "y", "width", "height"))
    return Box(element, kind, x, y, width, height)
