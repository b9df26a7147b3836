"""The diagrams that come with the product are drawn with care: nothing missing, nothing on top of anything."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from lxml import etree

from processes import shipped
from tests.processes.drawing import NS, Box, Drawing


@pytest.fixture(params=shipped(), ids=lambda one: one.key)
def drawing(request: pytest.FixtureRequest) -> Drawing:
    return Drawing(request.param.diagram)


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
