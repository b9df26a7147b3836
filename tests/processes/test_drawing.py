"""The diagrams that come with the product are drawn with care: nothing missing, nothing on top of anything."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import pytest
from lxml import etree

from processes import Shipped, shipped

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
    def __init__(self, procedure: Shipped) -> None:
        self.root: Any = etree.fromstring(procedure.diagram)
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


@pytest.fixture(params=shipped(), ids=lambda one: one.key)
def drawing(request: pytest.FixtureRequest) -> Drawing:
    return Drawing(request.param)


def test_every_node_lane_and_flow_is_drawn(drawing: Drawing) -> None:
    process = drawing.root.find("b:process", NS)
    assert process is not None
    for one in process.iter("{*}*"):
        kind = etree.QName(one).localname
        if kind == "sequenceFlow":
            assert one.get("id") in drawing.edges
        elif kind == "lane" or kind.endswith(("Task", "Event", "Gateway", "subProcess")):
            assert one.get("id") in drawing.boxes


def test_one_pool_holds_lanes_that_fill_it_as_bands(drawing: Drawing) -> None:
    (pool,) = (one for one in drawing.boxes.values() if one.kind == "participant")
    lanes = [one for one in drawing.boxes.values() if one.kind == "lane"]
    assert {(one.x, one.width) for one in lanes} == {(pool.x + 30, pool.width - 30)}
    assert lanes[0].y == pool.y
    assert all(above.y + above.height == below.y for above, below in pairwise(lanes))
    assert lanes[-1].y + lanes[-1].height == pool.y + pool.height


def test_every_node_stands_inside_its_lane(drawing: Drawing) -> None:
    for lane in drawing.root.iterfind(".//b:lane", NS):
        held = [one.text for one in lane.iterfind("b:flowNodeRef", NS)]
        assert held
        for element in held:
            assert drawing.boxes[lane.get("id")].holds(drawing.boxes[element]), element


def test_nodes_do_not_overlap(drawing: Drawing) -> None:
    for one, other in combinations(drawing.nodes, 2):
        if other.element not in (drawing.attached.get(one.element), one.element):
            assert drawing.attached.get(other.element) == one.element or not one.meets(other), (one, other)


def test_flows_are_orthogonal_and_begin_and_end_at_their_nodes(drawing: Drawing) -> None:
    for edge in drawing.edges.values():
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(edge.points)), edge
        for (x, y), element in ((edge.points[0], edge.source), (edge.points[-1], edge.target)):
            near = Box("", "", x - 1, y - 1, 2, 2)
            at = drawing.boxes[element]
            assert near.meets(at), edge
            assert not at.holds(near), edge


def test_no_flow_runs_through_a_node(drawing: Drawing) -> None:
    for edge in drawing.edges.values():
        ends = {edge.source, edge.target, drawing.attached.get(edge.source)} | drawing.inside[edge.flow]
        boxes = [one for one in drawing.boxes.values() if one.kind not in ("participant", "lane")]
        for piece in edge.pieces():
            for one in boxes:
                assert one.element in ends or not piece.meets(one), (edge.flow, one.element)


def test_no_two_flows_cross(drawing: Drawing) -> None:
    for one, other in combinations(drawing.edges.values(), 2):
        for a in one.pieces():
            for b in other.pieces():
                across = (a.width == 0) != (b.width == 0)
                assert not (across and a.meets(b)), (one.flow, other.flow)


def test_labels_stand_free(drawing: Drawing) -> None:
    named = {one.element for one in drawing.labels}
    for one in drawing.nodes:
        if one.kind.endswith(("Event", "Gateway")) and one.element in drawing.named:
            assert one.element in named, one
    assert {edge for edge in drawing.edges if edge in drawing.named} <= named
    for label in drawing.labels:
        for node in drawing.nodes:
            assert node.element == label.element or not label.meets(node), (label, node)
        for edge in drawing.edges.values():
            assert not any(label.meets(piece) for piece in edge.pieces()), (label, edge)
    for one, other in combinations(drawing.labels, 2):
        assert not one.meets(other), (one, other)
