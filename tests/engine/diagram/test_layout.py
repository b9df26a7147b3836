"""A diagram without coordinates is given some: nothing on top of anything, every step in its lane, at any shape of flow."""

from __future__ import annotations

import os
import re
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.diagram.layout import laid_out
from engine.diagram.read import read
from processes import shipped
from tests.processes.drawing import NS, Box, Drawing
from tests.thorough import examples

_SHARED = Path(os.environ.get("OFFICIUM_SHARED", Path(__file__).parents[3].parent / "shared")) / "bpmn"
_FILES = sorted(_SHARED.rglob("*.bpmn"))


def _check(laid: bytes) -> Drawing:
    drawing = Drawing(laid)
    _nothing_overlaps(drawing)
    _flows_are_level_or_upright(drawing)
    _no_flow_runs_through_a_step(drawing)
    return drawing


def _nothing_overlaps(drawing: Drawing) -> None:
    for one, other in combinations(drawing.nodes, 2):
        attached = (
            drawing.attached.get(one.element) == other.element or drawing.attached.get(other.element) == one.element
        )
        assert attached or not one.meets(other), (one, other)


def _flows_are_level_or_upright(drawing: Drawing) -> None:
    for edge in drawing.edges.values():
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(edge.points)), edge
        for (x, y), element in ((edge.points[0], edge.source), (edge.points[-1], edge.target)):
            assert Box("", "", x - 1, y - 1, 2, 2).meets(drawing.boxes[element]), edge


def _no_flow_runs_through_a_step(drawing: Drawing) -> None:
    for edge in drawing.edges.values():
        ends = {edge.source, edge.target, drawing.attached.get(edge.source)} | drawing.inside[edge.flow]
        for piece in edge.pieces():
            for one in drawing.boxes.values():
                free = one.kind in ("participant", "lane", "textAnnotation", "boundaryEvent") or one.element in ends
                assert free or not piece.meets(one), (edge.flow, one.element, edge.points)


@pytest.mark.parametrize("procedure", shipped(), ids=lambda one: one.key)
def test_every_step_flow_and_lane_of_a_shipped_procedure_gets_its_place(procedure: object) -> None:
    source = procedure.diagram  # type: ignore[attr-defined]
    bare = etree.fromstring(source)
    for drawn in bare.findall("di:BPMNDiagram", NS):
        bare.remove(drawn)
    diagram = read(etree.tostring(bare), "bare.bpmn")
    assert not diagram.has_coordinates
    drawing = _check(laid_out(etree.tostring(bare), "bare.bpmn"))
    assert set(diagram.elements) | set(diagram.lanes) <= set(drawing.boxes)
    assert set(diagram.flows) == set(drawing.edges)
    for element in diagram.elements.values():
        if element.lane is not None:
            assert drawing.boxes[element.lane].holds(drawing.boxes[element.id]), element.id
    assert {one.id for one in diagram.flows.values() if one.name} <= {one.element for one in drawing.labels}


def test_lanes_fill_their_pool_and_follow_each_other() -> None:
    drawing = Drawing(laid_out(shipped()[0].diagram, "one.bpmn"))
    (pool,) = (one for one in drawing.boxes.values() if one.kind == "participant")
    lanes = sorted((one for one in drawing.boxes.values() if one.kind == "lane"), key=lambda one: one.y)
    assert {(one.x, one.x + one.width) for one in lanes} == {(pool.x + 30, pool.x + pool.width)}
    assert all(abs(above.y + above.height - below.y) < 0.2 for above, below in pairwise(lanes))
    assert lanes[0].y == pool.y


def test_what_the_file_said_is_kept_and_laying_out_again_changes_nothing() -> None:
    source = shipped()[0].diagram
    once = laid_out(source, "one.bpmn")
    assert laid_out(once, "one.bpmn") == once
    before, after = read(source, "one.bpmn"), read(once, "one.bpmn")
    assert set(before.elements) == set(after.elements)
    assert before.instructions == after.instructions


@pytest.mark.skipif(not _FILES, reason="the corpus is not here")
@pytest.mark.parametrize("file", _FILES, ids=lambda one: one.stem)
def test_real_files_are_laid_out(file: Path) -> None:
    drawing = _check(laid_out(file.read_bytes(), file.name))
    assert drawing.nodes


_NODES = 12


@st.composite
def _graphs(draw: st.DrawFn) -> bytes:
    """Any flows between any steps: circles, flows to oneself, several between the same two, steps apart, lanes."""
    count = draw(st.integers(1, _NODES))
    kinds = [
        draw(st.sampled_from(["userTask", "exclusiveGateway", "intermediateThrowEvent", "subProcess"]))
        for _ in range(count)
    ]
    ends = st.integers(0, count - 1)
    flows = draw(st.lists(st.tuples(ends, ends), max_size=2 * _NODES))
    lanes = draw(st.integers(0, 3))
    of_lane = [draw(st.integers(0, lanes - 1)) if lanes else 0 for _ in range(count)]
    hosts = draw(st.lists(ends, max_size=3))
    body = "".join(
        f'<lane id="l{lane}">'
        + "".join(f"<flowNodeRef>n{one}</flowNodeRef>" for one in range(count) if of_lane[one] == lane)
        + "</lane>"
        for lane in range(lanes)
    )
    body = f'<laneSet id="ls">{body}</laneSet>' if lanes else ""
    for place, kind in enumerate(kinds):
        inner = f'<startEvent id="i{place}"/>' if kind == "subProcess" else ""
        body += f'<{kind} id="n{place}" name="step {place}">{inner}</{kind}>'
    tasks = [place for place in hosts if kinds[place] in ("userTask", "subProcess")]
    for number, host in enumerate(tasks):
        body += f'<boundaryEvent id="b{number}" attachedToRef="n{host}"/>'
        body += f'<sequenceFlow id="fb{number}" sourceRef="b{number}" targetRef="n{draw(ends)}" name="late"/>'
    body += "".join(
        f'<sequenceFlow id="f{place}" sourceRef="n{a}" targetRef="n{b}"/>' for place, (a, b) in enumerate(flows)
    )
    model = "http://www.omg.org/spec/BPMN/20100524/MODEL"
    return f'<definitions xmlns="{model}" id="d" targetNamespace="t"><process id="p">{body}</process></definitions>'.encode()


@settings(max_examples=examples(150), deadline=None)
@given(_graphs())
def test_any_graph_is_laid_out_with_nothing_on_top_of_anything(source: bytes) -> None:
    drawing = _check(laid_out(source, "any.bpmn"))
    assert len(drawing.edges) == len(re.findall(rb"<sequenceFlow ", source))
    for lane in drawing.root.iterfind(".//b:lane", NS):
        for held in lane.iterfind("b:flowNodeRef", NS):
            assert drawing.boxes[lane.get("id")].holds(drawing.boxes[str(held.text)])
