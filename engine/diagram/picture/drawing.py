"""What is drawn where, read from the file's own coordinates (BPMN 2.0, clause 12)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from lxml import etree

from engine.base.frozen import frozen
from engine.diagram.drawn import tag
from engine.diagram.layout import laid_out
from engine.diagram.layout.scopes import Box, Points, label_size
from engine.diagram.read import name_of, read
from engine.diagram.xml import parse

_DI: Final = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_BOUNDS: Final = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
_POINT: Final = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
_FARTHEST: Final = 100_000.0
_BELOW: Final = ("Event", "Gateway", "Reference")


@frozen
class Shape:
    node: etree._Element
    kind: str
    box: Box
    name: str | None
    label: Box | None  # where the name stands beside it; None where it stands in it
    expanded: bool


@frozen
class Edge:
    node: etree._Element
    kind: str
    way: Points
    name: str | None
    label: Box | None


@frozen
class Drawing:
    shapes: tuple[Shape, ...]
    edges: tuple[Edge, ...]

    @property
    def named(self) -> tuple[Shape | Edge, ...]:
        return (*self.shapes, *self.edges)

    @property
    def frame(self) -> Box:
        """The smallest box that holds everything."""
        boxes = [one.box for one in self.shapes] + [one.label for one in self.named if one.label]
        points = [point for edge in self.edges for point in edge.way]
        xs = [x for box in boxes for x in (box.x, box.right)] + [x for x, _y in points] or [0.0, 1.0]
        ys = [y for box in boxes for y in (box.y, box.bottom)] + [y for _x, y in points] or [0.0, 1.0]
        return Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def drawing(source: bytes, file: str) -> Drawing:
    """Of a file without coordinates, as it would be laid out. Raises NotADrawing."""
    if not read(source, file).has_coordinates:
        source = laid_out(source, file)
    root = parse(source, file)
    named = {one.get("id"): one for one in root.iter() if isinstance(one.tag, str) and tag(one) and one.get("id")}
    shapes = [shape for one in root.iter(f"{_DI}BPMNShape") if (shape := _shape(one, named)) is not None]
    edges = [edge for one in root.iter(f"{_DI}BPMNEdge") if (edge := _edge(one, named)) is not None]
    return Drawing(tuple(shapes), tuple(edges))


def _meant(drawn: etree._Element, named: dict[str | None, etree._Element]) -> etree._Element | None:
    written = drawn.get("bpmnElement") or ""
    return named.get(written, named.get(written.rpartition(":")[2]))


def _shape(drawn: etree._Element, named: dict[str | None, etree._Element]) -> Shape | None:
    node, box = _meant(drawn, named), _box(drawn.find(_BOUNDS))
    if node is None or box is None:
        return None
    kind, name = tag(node), name_of(node)
    label = _box(drawn.find(f"{_DI}BPMNLabel/{_BOUNDS}")) if kind.endswith(_BELOW) else None
    if name and label is None and kind.endswith(_BELOW):
        width, height = label_size(name)
        label = Box(box.middle[0] - width / 2, box.bottom + 4, width, height)
    return Shape(node, kind, box, name, label if name else None, drawn.get("isExpanded") == "true")


def _edge(drawn: etree._Element, named: dict[str | None, etree._Element]) -> Edge | None:
    node, way = _meant(drawn, named), tuple(_points(drawn))
    if node is None or len(way) < 2:
        return None
    name = name_of(node)
    label = _box(drawn.find(f"{_DI}BPMNLabel/{_BOUNDS}"))
    if name and label is None:
        middle, (width, height) = way[len(way) // 2 - 1 : len(way) // 2 + 1], label_size(name)
        x, y = (middle[0][0] + middle[1][0]) / 2, (middle[0][1] + middle[1][1]) / 2
        label = Box(x - width / 2, y - height - 3, width, height)
    return Edge(node, tag(node), way, name, label if name else None)


def _points(drawn: etree._Element) -> Iterator[tuple[float, float]]:
    for one in drawn.findall(_POINT):
        x, y = _number(one.get("x")), _number(one.get("y"))
        if x is not None and y is not None:
            yield x, y


def _box(bounds: etree._Element | None) -> Box | None:
    if bounds is None:
        return None
    sides = [_number(bounds.get(side)) for side in ("x", "y", "width", "height")]
    x, y, width, height = sides
    if x is None or y is None or width is None or height is None or width < 0 or height < 0:
        return None
    return Box(x, y, width, height)


def _number(written: str | None) -> float | None:
    try:
        value = float(written or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= _FARTHEST else None
