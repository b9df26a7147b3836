"""The diagram as one SVG file that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape

from engine.diagram.drawn import is_false, tag, triggers
from engine.diagram.kinds import ACTIVITIES, GATEWAYS, SUB_PROCESSES
from engine.diagram.layout.scopes import Box
from engine.diagram.picture import signs
from engine.diagram.picture.drawing import Drawing, Edge, Shape, drawing
from engine.diagram.picture.words import lines

MARGIN: Final = 20
_OPENED: Final = SUB_PROCESSES | {"callActivity"}
_SIZE: Final = 12.0
_SMALL: Final = 11.0
_STYLE: Final = """
text{font-family:"Noto Sans","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;fill:#17303d}
.shape{fill:#fff;stroke:#17303d;stroke-width:1.5}.pool{fill:#fff;stroke:#17303d;stroke-width:1.2}
.strip{fill:#f6f4ee;stroke:#17303d;stroke-width:1.2}.thick{stroke-width:3.2}.dash{stroke-dasharray:5 3}
.sign{fill:none;stroke:#17303d;stroke-width:1.3}.sign-on{fill:#17303d;stroke:#fff;stroke-width:1}
.group{fill:none;stroke:#5b6b73;stroke-width:1.2;stroke-dasharray:8 3 2 3}
.label{paint-order:stroke;stroke:#fff;stroke-width:3;stroke-linejoin:round}.flow{fill:none;stroke:#17303d;stroke-width:1.4}.message{stroke-dasharray:8 5}.line{stroke-dasharray:2 4}
"""
_HEADS: Final = (
    '<defs><marker id="to" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">'
    '<path d="M0 1l10 4-10 4z" fill="#17303d"/></marker>'
    '<marker id="open" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" orient="auto">'
    '<path d="M0 1l9 4-9 4z" fill="#fff" stroke="#17303d"/></marker>'
    '<marker id="ring" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="7" markerHeight="7">'
    '<circle cx="5" cy="5" r="4" fill="#fff" stroke="#17303d"/></marker></defs>'
)


def svg(source: bytes, file: str) -> str:
    """Raises NotADrawing. Every name in it is escaped text; it holds no script, link or foreign content."""
    return "".join(_whole(drawing(source, file)))


def _whole(drawn: Drawing) -> Iterator[str]:
    frame = drawn.frame
    width, height = frame.width + 2 * MARGIN, frame.height + 2 * MARGIN
    yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
    yield f'viewBox="{frame.x - MARGIN:g} {frame.y - MARGIN:g} {width:g} {height:g}"><style>{_STYLE}</style>{_HEADS}'
    yield f'<rect x="{frame.x - MARGIN:g}" y="{frame.y - MARGIN:g}" width="{width:g}" height="{height:g}" fill="#fff"/>'
    under = [one for one in drawn.shapes if one.kind in ("participant", "lane")]
    scopes = [one for one in drawn.shapes if one.expanded and one.kind in _OPENED]
    groups = [one for one in drawn.shapes if one.kind == "group"]
    held = {id(one) for one in (*under, *scopes, *groups)}
    for shape in under:
        yield from _band(shape)
    for shape in groups:
        yield _rect(shape.box, "group", 10)
    for shape in sorted(scopes, key=lambda one: -one.box.width * one.box.height):
        yield from _activity(shape)
    for edge in drawn.edges:
        yield from _flow(edge)
    # What is attached to a step stands on it.
    for shape in sorted(
        (one for one in drawn.shapes if id(one) not in held), key=lambda one: one.kind == "boundaryEvent"
    ):
        yield from _node(shape)
    for one in drawn.named:
        if one.label is not None and one.name:
            yield from _text(one.name, one.label, _SMALL, middle=False)
    yield "</svg>"


def _rect(box: Box, look: str, corner: float = 0) -> str:
    round_ = f' rx="{corner:g}"' if corner else ""
    return f'<rect class="{look}" x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"{round_}/>'


def _band(shape: Shape) -> Iterator[str]:
    box = shape.box
    yield _rect(box, "pool")
    if not shape.name:
        return
    if shape.kind == "participant" and box.height <= 80:
        yield from _text(shape.name, box, _SIZE, middle=True)
        return
    yield _rect(Box(box.x, box.y, 30, box.height), "strip")
    x, y = box.x + 15, box.middle[1]
    rows = lines(shape.name, _SIZE, max(box.height - 10, 40), 2)
    for place, row in enumerate(rows):
        down = (place - (len(rows) - 1) / 2) * (_SIZE + 1) + _SIZE * 0.35
        turned = f'transform="translate({x:g} {y:g}) rotate(-90)"'
        yield f'<text {turned} y="{down:g}" font-size="{_SIZE:g}" text-anchor="middle">{escape(row)}</text>'


def _node(shape: Shape) -> Iterator[str]:
    if shape.kind in ACTIVITIES:
        yield from _activity(shape)
    elif shape.kind in GATEWAYS:
        yield from _gateway(shape)
    elif shape.kind.endswith("Event"):
        yield from _event(shape)
    elif shape.kind == "textAnnotation":
        box = shape.box
        yield f'<path class="flow" d="M{box.x + 10:g} {box.y:g}h-10v{box.height:g}h10"/>'
        words = " ".join("".join(str(part) for part in one.itertext()) for one in shape.node if tag(one) == "text")
        yield from _text(words.strip(), box, _SMALL, middle=True)
    elif shape.kind in ("dataObjectReference", "dataStoreReference", "dataObject"):
        yield _rect(shape.box, "shape", 4)


def _activity(shape: Shape) -> Iterator[str]:
    box = shape.box
    look = "shape thick" if shape.kind == "callActivity" else "shape"
    if shape.node.get("triggeredByEvent") == "true":
        look += " dash"
    yield _rect(box, look, 10)
    if shape.kind in signs.TASKS:
        yield from signs.sign(signs.TASKS[shape.kind], box.x + 6, box.y + 5, 16, filled=shape.kind == "sendTask")
    marks = [path for path in (_loop(shape), None if shape.expanded else _collapsed(shape)) if path]
    for place, path in enumerate(marks):
        x = box.middle[0] - 9 * len(marks) + 18 * place
        yield from signs.sign(path, x + 2, box.bottom - 18, 14)
    if shape.name:
        if shape.expanded and shape.kind in _OPENED:
            yield from _text(shape.name, Box(box.x + 6, box.y + 4, box.width - 12, 16), _SIZE, middle=True)
        else:
            yield from _text(shape.name, Box(box.x + 5, box.y + 4, box.width - 10, box.height - 8), _SIZE, middle=True)


def _collapsed(shape: Shape) -> str | None:
    return signs.COLLAPSED if shape.kind in _OPENED else None


def _loop(shape: Shape) -> str | None:
    for child in shape.node:
        if tag(child) == "standardLoopCharacteristics":
            return signs.LOOPS["standard"]
        if tag(child) == "multiInstanceLoopCharacteristics":
            return signs.LOOPS["sequential" if child.get("isSequential") == "true" else "parallel"]
    return None


def _gateway(shape: Shape) -> Iterator[str]:
    (x, y), box = shape.box.middle, shape.box
    yield f'<path class="shape" d="M{x:g} {box.y:g}L{box.right:g} {y:g}L{x:g} {box.bottom:g}L{box.x:g} {y:g}z"/>'
    path = signs.GATEWAYS.get(shape.kind)
    if path:
        yield from signs.sign(path, x - 11, y - 11, 22)


def _event(shape: Shape) -> Iterator[str]:
    (x, y), radius = shape.box.middle, shape.box.width / 2
    passive = is_false(shape.node.get("cancelActivity")) or is_false(shape.node.get("isInterrupting"))
    look = ("shape thick" if shape.kind == "endEvent" else "shape") + (" dash" if passive else "")
    yield f'<circle class="{look}" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>'
    if shape.kind.startswith(("intermediate", "boundary")):
        yield f'<circle class="{look}" cx="{x:g}" cy="{y:g}" r="{max(radius - 3.5, 1):g}"/>'
    found = [tag(one).removesuffix("EventDefinition") for one in triggers(shape.node)]
    trigger = "multiple" if len(found) > 1 else (found or [""])[0]
    throws = shape.kind in ("endEvent", "intermediateThrowEvent")
    if trigger == "terminate":
        yield f'<circle cx="{x:g}" cy="{y:g}" r="{radius * 0.62:g}" fill="#17303d"/>'
    elif trigger in signs.EVENTS:
        size = radius * 1.1
        yield from signs.sign(signs.EVENTS[trigger], x - size / 2, y - size / 2, size, filled=throws)


def _flow(edge: Edge) -> Iterator[str]:
    points = " ".join(f"{x:g},{y:g}" for x, y in edge.way)
    if edge.kind == "messageFlow":
        yield f'<polyline class="flow message" points="{points}" marker-start="url(#ring)" marker-end="url(#open)"/>'
    elif edge.kind == "sequenceFlow":
        yield f'<polyline class="flow" points="{points}" marker-end="url(#to)"/>'
    else:
        yield f'<polyline class="flow line" points="{points}"/>'


def _text(words: str, box: Box, size: float, *, middle: bool) -> Iterator[str]:
    rows = lines(words, size, max(box.width, 30), max(1, int((box.height + 4) // (size + 2))) if middle else 6)
    top = box.middle[1] - (len(rows) * (size + 2)) / 2 if middle else box.y
    look = "" if middle else ' class="label"'
    for place, row in enumerate(rows):
        y = top + place * (size + 2) + size * 0.9
        yield f'<text{look} x="{box.middle[0]:g}" y="{y:g}" font-size="{size:g}" text-anchor="middle">{escape(row)}</text>'
