"""The coordinates written into the file, as BPMN's diagram interchange (BPMN 2.0, clause 12)."""

from __future__ import annotations

from typing import Final

from lxml import etree

from engine.diagram.drawn import drawn
from engine.diagram.layout.pools import Picture, picture
from engine.diagram.layout.scopes import Box, Points
from engine.diagram.read import read
from engine.diagram.xml import MODEL, parse, parsed

_DI: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
_DC: Final = "http://www.omg.org/spec/DD/20100524/DC"
_DD: Final = "http://www.omg.org/spec/DD/20100524/DI"
_NAMES: Final = {"bpmndi": _DI, "dc": _DC, "di": _DD}
_MARGIN: Final = 60


def laid_out(source: bytes, file: str) -> bytes:
    """The same file with coordinates of its own making; those it had are gone. Raises NotADrawing."""
    diagram = read(source, file)
    everything = drawn(parsed(source, file))
    root = parse(source, file)
    for old in root.findall(f"{{{_DI}}}BPMNDiagram"):
        root.remove(old)
    shown = picture(diagram, everything)
    collaboration = root.find(f"{{{MODEL}}}collaboration")
    first = next(iter(diagram.processes), None)
    plane_of = collaboration.get("id") if collaboration is not None else first
    sheet = etree.SubElement(root, f"{{{_DI}}}BPMNDiagram", {"id": "officium_diagram"}, nsmap=_NAMES)
    plane = etree.SubElement(sheet, f"{{{_DI}}}BPMNPlane", {"id": "officium_plane", "bpmnElement": plane_of or ""})
    for name, box in shown.boxes.items():
        _shape(plane, name, box, shown)
    for name, way in shown.ways.items():
        _edge(plane, name, way, shown)
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


def _shape(plane: etree._Element, name: str, box: Box, shown: Picture) -> None:
    facts = {"id": f"{name}_di", "bpmnElement": name}
    if name in shown.sideways:
        facts["isHorizontal"] = "true"
    if name in shown.expanded:
        facts["isExpanded"] = "true"
    shape = etree.SubElement(plane, f"{{{_DI}}}BPMNShape", facts)
    _bounds(shape, box)
    _label(shape, shown.labels.get(name))


def _bounds(shape: etree._Element, box: Box) -> None:
    facts = {"x": box.x + _MARGIN, "y": box.y + _MARGIN, "width": box.width, "height": box.height}
    etree.SubElement(shape, f"{{{_DC}}}Bounds", {name: f"{round(value, 1):g}" for name, value in facts.items()})


def _label(shape: etree._Element, box: Box | None) -> None:
    if box is not None:
        _bounds(etree.SubElement(shape, f"{{{_DI}}}BPMNLabel"), box)


def _edge(plane: etree._Element, name: str, way: Points, shown: Picture) -> None:
    edge = etree.SubElement(plane, f"{{{_DI}}}BPMNEdge", {"id": f"{name}_di", "bpmnElement": name})
    for x, y in way:
        etree.SubElement(
            edge, f"{{{_DD}}}waypoint", {"x": f"{round(x + _MARGIN, 1):g}", "y": f"{round(y + _MARGIN, 1):g}"}
        )
    _label(edge, shown.labels.get(name))
