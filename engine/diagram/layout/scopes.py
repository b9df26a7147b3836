"""One process or sub-process put in its place: how large its steps are, where they stand, how its flows go."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from engine.base.frozen import frozen
from engine.diagram.kinds import ACTIVITIES, GATEWAYS
from engine.diagram.layout.grid import Grid, Link, arrange

GAP: Final = 50  # between columns, and more where flows need it
TRACK: Final = 10  # between two flows that go up or down in the same gap
ROW_GAP: Final = 56  # room for the name under an event
BAND_AT_LEAST: Final = 120
EDGE: Final = 30  # between a border and what stands in it
_EVENT: Final = 36
_BESIDE: Final = 44  # from event to event on the border of a step
_LABEL: Final = 88
_LATIN: Final = 0x2E7F  # signs after this are as wide as they are high
_TASK: Final = (110, 80)
_GATEWAY: Final = 50


@frozen
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def moved(self, x: float, y: float) -> Box:
        return replace(self, x=self.x + x, y=self.y + y)


Points = tuple[tuple[float, float], ...]


@dataclass(slots=True)
class Placed:
    """Boxes and flows of a scope, from its own upper left corner. `bands` are top and height of each lane."""

    boxes: dict[str, Box] = field(default_factory=dict)
    ways: dict[str, Points] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)
    bands: list[tuple[float, float]] = field(default_factory=list)
    width: float = 0
    height: float = 0

    def take_in(self, other: Placed, x: float, y: float) -> None:
        self.boxes |= {name: box.moved(x, y) for name, box in other.boxes.items()}
        self.ways |= {name: tuple((a + x, b + y) for a, b in way) for name, way in other.ways.items()}
        self.labels |= {name: box.moved(x, y) for name, box in other.labels.items()}


@frozen
class Scope:
    """What stands in it. `attached` is boundary event to host; `inner` are sub-processes, placed already."""

    kinds: Mapping[str, str]
    names: Mapping[str, str]  # of steps and flows that have one
    links: Sequence[Link]
    attached: Mapping[str, str]
    band_of: Mapping[str, int]
    bands: int
    inner: Mapping[str, Placed]


def placed(scope: Scope) -> Placed:
    return _Layout(scope).placed()


def _size(kind: str) -> tuple[float, float]:
    if kind in ACTIVITIES:
        return _TASK
    if kind in GATEWAYS:
        return _GATEWAY, _GATEWAY
    return _EVENT, _EVENT


@dataclass(slots=True)
class _Climb:
    """A part of a flow that goes up or down in the gap before a column."""

    link: str
    gap: int
    top: float
    bottom: float
    track: int = 0


class _Layout:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.cells = [name for name in scope.kinds if name not in scope.attached]
        links = [replace(link, source=scope.attached.get(link.source, link.source)) for link in scope.links]
        self.grid: Grid = arrange(self.cells, links, scope.band_of)
        self.sizes = {name: self._size_of(name) for name in self.cells}
        self.columns = 1 + max(self.grid.column_of.values(), default=0)
        self.result = Placed()
        self.row_top: dict[tuple[int, int], float] = {}
        self.row_height: dict[tuple[int, int], float] = {}
        self.climbs: dict[str, list[_Climb]] = {}
        self.spare: dict[int, float] = {}  # what a gap is wider by for the names of its flows
        self.left: dict[int, float] = {}  # where the gap before each column begins

    def _size_of(self, name: str) -> tuple[float, float]:
        inner = self.scope.inner.get(name)
        width, height = (inner.width, inner.height) if inner else _size(self.scope.kinds[name])
        events = sum(host == name for host in self.scope.attached.values())
        return max(width, _BESIDE * events + 20), height

    def placed(self) -> Placed:
        self._rows()
        for link in self.scope.links:
            self.climbs[link.id] = self._climbs(link)
        gaps = self._tracks()
        self._boxes(gaps)
        for link in self.scope.links:
            self.result.ways[link.id] = self._way(link)
        self._labels()
        return self.result

    def _column(self, name: str) -> int:
        return self.grid.column_of[self.scope.attached.get(name, name)]

    def _labels(self) -> None:
        """Under events and gateways; over the first level stretch of a flow."""
        for name, words in self.scope.names.items():
            if name in self.result.ways:
                self.result.labels[name] = _over(self.result.ways[name], label_size(words))
            elif name in self.scope.kinds and self.scope.kinds[name] not in ACTIVITIES:
                box, (width, height) = self.result.boxes[name], label_size(words)
                self.result.labels[name] = Box(box.middle[0] - width / 2, box.bottom + 4, width, height)

    def _rows(self) -> None:
        heights: dict[tuple[int, int], float] = defaultdict(lambda: 24)
        for name in self.cells:
            place = self.grid.row_of[name]
            heights[place] = max(heights[place], self.sizes[name][1])
        y = 0.0
        for band in range(self.scope.bands):
            top = y
            y += EDGE
            for row in range(self.grid.rows_in(band)):
                self.row_top[band, row], self.row_height[band, row] = y, heights[band, row]
                y += heights[band, row] + ROW_GAP
            y = max(y - ROW_GAP + EDGE + 16, top + BAND_AT_LEAST)
            self.result.bands.append((top, y - top))
        self.result.height = y

    def _level(self, place: tuple[int, int]) -> float:
        return self.row_top[place] + self.row_height[place] / 2

    def _climbs(self, link: Link) -> list[_Climb]:
        """The parts of the flow that go up or down, from its source to its target."""
        source = self.scope.attached.get(link.source, link.source)
        at, to = self.grid.row_of[source], self.grid.row_of[link.target]
        start = self._under(link) if link.source in self.scope.attached else self._level(at)
        end, run = self._level(to), self.grid.run_of.get(link.id)
        after, before = self.grid.column_of[source] + 1, self.grid.column_of[link.target]
        if run is None:
            stops = [(after, start, end)]
        else:
            stops = [(after, start, self._level(run)), (before, self._level(run), end)]
        return [_Climb(link.id, gap, min(a, b), max(a, b)) for gap, a, b in stops if a != b]

    def _under(self, link: Link) -> float:
        """Where a flow from a boundary event turns, below its host."""
        host = self.scope.attached[link.source]
        place = self.grid.row_of[host]
        bottom = self._level(place) + self.sizes[host][1] / 2
        return bottom + 26 + 6 * self._turn(link.source)

    def _turn(self, event: str) -> int:
        host = self.scope.attached[event]
        return [one for one, other in self.scope.attached.items() if other == host].index(event)

    def _tracks(self) -> dict[int, float]:
        """Flows that climb beside each other get a track each; the width of each gap follows."""
        in_gap: dict[int, list[_Climb]] = defaultdict(list)
        for climbs in self.climbs.values():
            for one in climbs:
                in_gap[one.gap].append(one)
        widths = dict.fromkeys(range(self.columns + 1), float(GAP))
        for gap, climbs in in_gap.items():
            ends: list[float] = []
            for one in sorted(climbs, key=lambda climb: climb.top):
                one.track = next((track for track, end in enumerate(ends) if end < one.top), len(ends))
                ends[one.track : one.track + 1] = [one.bottom]
            widths[gap] = GAP + TRACK * (len(ends) - 1)
        for link in self.scope.links:
            if link.id in self.scope.names:
                gap = self._column(link.source) + 1
                widths[gap] += max(0, label_size(self.scope.names[link.id])[0] + 20 - GAP / 2 - self.spare.get(gap, 0))
                self.spare[gap] = max(self.spare.get(gap, 0), label_size(self.scope.names[link.id])[0] + 20 - GAP / 2)
        return widths

    def _boxes(self, gaps: Mapping[int, float]) -> None:
        wide = [0.0] * self.columns
        for name in self.cells:
            column = self.grid.column_of[name]
            wide[column] = max(wide[column], self.sizes[name][0])
        x = float(EDGE - GAP)
        for column in range(self.columns):
            self.left[column] = x
            x += gaps[column]
            for name in self.cells:
                if self.grid.column_of[name] == column:
                    width, height = self.sizes[name]
                    middle = self._level(self.grid.row_of[name])
                    box = Box(x + (wide[column] - width) / 2, middle - height / 2, width, height)
                    self.result.boxes[name] = box
                    if name in self.scope.inner:
                        self.result.take_in(self.scope.inner[name], box.x, box.y)
            x += wide[column]
        self.left[self.columns] = x
        self.result.width = x + (gaps[self.columns] if self._is_used(self.columns) else EDGE)
        self._attach()

    def _is_used(self, gap: int) -> bool:
        return any(one.gap == gap for climbs in self.climbs.values() for one in climbs)

    def _attach(self) -> None:
        for event, host in self.scope.attached.items():
            box = self.result.boxes[host]
            x = box.right - 24 - _BESIDE * self._turn(event)
            self.result.boxes[event] = Box(x - _EVENT / 2, box.bottom - _EVENT / 2, _EVENT, _EVENT)

    def _way(self, link: Link) -> Points:
        boxes, run = self.result.boxes, self.grid.run_of.get(link.id)
        source, target = boxes[link.source], boxes[link.target]
        if link.source in self.scope.attached:
            turn = self._under(link)
            points = [(source.middle[0], source.bottom), (source.middle[0], turn)]
        else:
            points = [(source.right, source.middle[1])]
        levels = [] if run is None else [self._level(run)]
        levels.append(target.middle[1])
        for climb, level in zip(self._climbs_at(link), levels, strict=True):
            if climb is not None:
                x = self.left[climb.gap] + GAP / 2 + TRACK * climb.track
                points += [(x, points[-1][1]), (x, level)]
        points.append((target.x, target.middle[1]))
        return _without_repeats(points)

    def _climbs_at(self, link: Link) -> list[_Climb | None]:
        """For each level the flow goes to, how it gets there; None where it is there already."""
        gaps = [self._column(link.source) + 1]
        if link.id in self.grid.run_of:
            gaps.append(self.grid.column_of[link.target])
        left = list(self.climbs[link.id])
        found: list[_Climb | None] = []
        for gap in gaps:
            found.append(left.pop(0) if left and left[0].gap == gap else None)
        return found


def label_size(words: str) -> tuple[float, float]:
    """About what a drawing program gives a name beside a shape: some 90 wide, a line 14 high."""
    wide = sum(12 if ord(sign) > _LATIN else 6.8 for sign in words)
    lines = max(1, math.ceil(wide / _LABEL))
    longest = max((sum(12 if ord(sign) > _LATIN else 6.8 for sign in word) for word in words.split()), default=0)
    return min(max(wide / lines + 12, longest + 4), 130), 14 * lines


def _over(way: Points, size: tuple[float, float]) -> Box:
    """Where the flow has left the others behind: on its level stretch after the first climb."""
    level = [(a, b) for a, b in pairwise(way) if a[1] == b[1]]
    climbs = len(way) > 2
    (x, y), (to, _level) = level[1] if climbs and len(level) > 1 else level[0]
    if not climbs:
        return Box(max(x + 6, to - 14 - size[0]), y - size[1] - 2, *size)  # others may climb out of its beginning
    return Box(min(x, to) + 6, y - size[1] - 2, *size)


def _without_repeats(points: Sequence[tuple[float, float]]) -> Points:
    kept: list[tuple[float, float]] = []
    for one in points:
        if kept and kept[-1] == one:
            continue
        if len(kept) > 1 and (kept[-2][0] == kept[-1][0] == one[0] or kept[-2][1] == kept[-1][1] == one[1]):
            kept.pop()
        kept.append(one)
    return tuple(kept)
