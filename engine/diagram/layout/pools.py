"""A whole file put in its place: pools under each other, lanes in them, what is beside the steps under all of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from engine.diagram.drawn import Drawn, tag
from engine.diagram.kinds import SUB_PROCESSES
from engine.diagram.layout.grid import Link
from engine.diagram.layout.scopes import EDGE, Box, Placed, Points, Scope, placed
from engine.diagram.shape import Diagram
from engine.diagram.xml import MODEL

LABEL = 30  # the strip a pool or lane carries its name in
_POOL_GAP = 50
_CLOSED = 60
_BESIDE = ("dataObjectReference", "dataStoreReference", "textAnnotation")


@dataclass(slots=True)
class Picture:
    """Boxes by element id, ways by flow id; `expanded` are the sub-processes shown with what is in them."""

    boxes: dict[str, Box] = field(default_factory=dict)
    ways: dict[str, Points] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)
    sideways: set[str] = field(default_factory=set)  # pools and lanes
    expanded: set[str] = field(default_factory=set)


def picture(diagram: Diagram, everything: Drawn) -> Picture:
    found = Picture()
    y = 0.0
    width = 0.0
    open_pools: list[str] = []
    for pool, process in _pools(diagram, everything):
        if process is None:
            found.boxes[pool or ""] = Box(0, y, 0, _CLOSED)
            open_pools.append(pool or "")
            y += _CLOSED + _POOL_GAP
            continue
        right, bottom = _Pool(diagram, found, process, pool).draw(y)
        width = max(width, right)
        if pool:
            open_pools.append(pool)
        y = bottom + _POOL_GAP
    _stretch(found, open_pools, diagram, width)
    _beside(found, everything, y)
    _between(found, everything)
    return found


def _pools(diagram: Diagram, everything: Drawn) -> Iterator[tuple[str | None, str | None]]:
    """Pool and process; a closed pool has no process, a process without a pool no pool."""
    shown = set()
    for participant in everything.root.iter(f"{{{MODEL}}}participant"):
        process = everything.target(participant.get("processRef"), diagram.processes)
        if process in shown:
            continue
        if process is not None:
            shown.add(process)
        if participant.get("id"):
            yield participant.get("id"), process
    for process in diagram.processes:
        if process not in shown and diagram.processes[process].has_content:
            yield None, process


class _Pool:
    def __init__(self, diagram: Diagram, found: Picture, process: str, pool: str | None) -> None:
        self.diagram, self.found, self.process, self.pool = diagram, found, process, pool
        self.inside: dict[str, list[str]] = defaultdict(list)
        for element in diagram.elements.values():
            if element.process == process:
                self.inside[element.scope].append(element.id)
        lanes = [lane for lane in diagram.lanes.values() if lane.process == process]
        self.lanes = {lane.id: lane for lane in lanes}
        self.deepest = max((lane.depth + 1 for lane in lanes), default=0)

    def draw(self, top: float) -> tuple[float, float]:
        """The lower right corner of what was drawn."""
        bands = self._bands()
        whole = self._scope(self.process, {lane: band for band, lane in enumerate(bands)})
        left = (LABEL if self.pool else 0) + LABEL * self.deepest
        inside = Placed()
        inside.take_in(whole, left, top)
        self.found.boxes |= inside.boxes
        self.found.ways |= inside.ways
        self.found.labels |= inside.labels
        right = left + whole.width
        if self.pool:
            self._box(self.pool, Box(0, top, right, whole.height))
        for lane in self.lanes.values():
            self._lane(lane.id, bands, whole, Box(0, top, right, 0))
        return right, top + whole.height

    def _box(self, name: str, box: Box) -> None:
        self.found.boxes[name] = box
        self.found.sideways.add(name)

    def _bands(self) -> list[str | None]:
        """A band for each lane that holds steps itself or no lanes; one more for steps that stand in none."""
        held = {self.diagram.elements[name].lane for name in self.inside[self.process]}
        parents = {lane.parent for lane in self.lanes.values()}
        found: list[str | None] = [name for name in self.lanes if name in held or name not in parents]
        return [*found, None] if not found or held - set(found) else found

    def _lane(self, lane: str, bands: list[str | None], whole: Placed, frame: Box) -> None:
        own = [whole.bands[place] for place, held in enumerate(bands) if held and self._is_under(held, lane)]
        if not own:
            return
        top, bottom = min(one[0] for one in own), max(one[0] + one[1] for one in own)
        x = (LABEL if self.pool else 0) + LABEL * self.lanes[lane].depth
        self._box(lane, Box(x, frame.y + top, frame.right - x, bottom - top))

    def _is_under(self, lane: str, upper: str) -> bool:
        at: str | None = lane
        while at is not None and at in self.lanes:
            if at == upper:
                return True
            at = self.lanes[at].parent
        return False

    def _scope(self, scope: str, band_of_lane: Mapping[str | None, int]) -> Placed:
        elements = self.diagram.elements
        names = self.inside[scope]
        # A sub-process is as deep as the limits of reading allow, which is far from Python's.
        inner = {name: self._scope(name, {None: 0}) for name in names if self._opens(name)}
        self.found.expanded |= set(inner)
        there = set(names)
        attached = {
            name: str(elements[name].attached_to)
            for name in names
            if elements[name].kind == "boundaryEvent" and elements[name].attached_to in there
        }
        links = [
            Link(flow.id, flow.source, flow.target)
            for flow in self.diagram.flows.values()
            if flow.source in there and flow.target in there and flow.target not in attached
        ]
        last = max(band_of_lane.values(), default=0)
        bands = {name: band_of_lane.get(elements[name].lane, last) if scope == self.process else 0 for name in names}
        kinds = {name: elements[name].kind for name in names}
        said = {name: str(elements[name].name) for name in names if elements[name].name}
        said |= {link.id: str(self.diagram.flows[link.id].name) for link in links if self.diagram.flows[link.id].name}
        return placed(Scope(kinds, said, links, attached, bands, max(len(band_of_lane), 1), inner))

    def _opens(self, name: str) -> bool:
        return self.diagram.elements[name].kind in SUB_PROCESSES and bool(self.inside[name])


def _stretch(found: Picture, pools: list[str], diagram: Diagram, width: float) -> None:
    """Pools, and the lanes in them, end at one line."""
    for name in [*pools, *diagram.lanes]:
        box = found.boxes.get(name)
        if box is not None:
            found.boxes[name] = Box(box.x, box.y, max(width, 600.0) - box.x if pools else box.width, box.height)
            found.sideways.add(name)


def _beside(found: Picture, everything: Drawn, top: float) -> None:
    """Papers, stores and remarks, in a line under everything."""
    x = float(EDGE)
    for node in everything.root.iter(*(f"{{{MODEL}}}{kind}" for kind in _BESIDE)):
        name = node.get("id")
        if name and name not in found.boxes:
            width, height = (160, 60) if tag(node) == "textAnnotation" else (50, 50)
            found.boxes[name] = Box(x, top, width, height)
            x += width + 60


def _between(found: Picture, everything: Drawn) -> None:
    """Message flows and associations: straight from middle to middle, border to border."""
    for node in everything.root.iter(f"{{{MODEL}}}messageFlow", f"{{{MODEL}}}association"):
        name, ends = node.get("id"), [_end(found, node, side) for side in ("sourceRef", "targetRef")]
        source, target = ends
        if name and source is not None and target is not None and source is not target:
            found.ways[name] = _straight(source, target)


def _end(found: Picture, node: etree._Element, side: str) -> Box | None:
    written = (node.get(side) or "").strip()
    return found.boxes.get(written) or found.boxes.get(written.rpartition(":")[2])


def _straight(source: Box, target: Box) -> Points:
    x = min(max(source.middle[0], target.x + 10), target.right - 10) if target.width > source.width else None
    x = x if x is not None else min(max(target.middle[0], source.x + 10), source.right - 10)
    down = source.middle[1] <= target.middle[1]
    start, end = (source.bottom, target.y) if down else (source.y, target.bottom)
    if source.x <= x <= source.right and target.x <= x <= target.right:
        return ((x, start), (x, end))
    half = (start + end) / 2
    return ((source.middle[0], start), (source.middle[0], half), (target.middle[0], half), (target.middle[0], end))
