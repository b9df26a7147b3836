"""Where the boxes of a map stand and how its lines run: in layers from top to bottom, with few crossings. Pure.

After Sugiyama: lines that go back are turned for as long as layers are found; a line over several layers goes through
places of its own; each layer is ordered by where its neighbours stand, several times to and fro.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Final

from engine.base.frozen import frozen

WIDE: Final = 178
HIGH: Final = 52
_APART: Final = 34
_LAYER: Final = 98
_BEND: Final = 18
_MARGIN: Final = 16
_BESIDE: Final = 110
"""What is written beside a line that goes back, or beside one from a box to itself: a time in words."""
_SWEEPS: Final = 12

Point = tuple[float, float]


@frozen
class Box:
    name: str
    x: float  # of its middle
    y: float
    wide: float
    high: float


@frozen
class Line:
    """`back`: it goes against the order of the layers. `label` is where its figure stands."""

    source: str
    target: str
    points: tuple[Point, ...]
    back: bool
    label: Point


@frozen
class Laid:
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    wide: float
    high: float


def lay(names: Sequence[str], links: Mapping[tuple[str, str], int], *, small: frozenset[str] = frozenset()) -> Laid:
    """`links`: how strong each is; the strongest decide what is above what. `small`: drawn as a dot."""
    forward = _forward(names, links)
    layers = _layers(names, forward)
    rows, chains = _rows(names, layers, forward)
    _order(rows, chains)
    places = _across(rows, chains, links, small)
    return _drawn(names, links, forward, layers, chains, places, small)


def _forward(names: Sequence[str], links: Mapping[tuple[str, str], int]) -> set[tuple[str, str]]:
    """Lines that go down: first those by which the first of all leads everywhere, then the strongest of the others. One
    that would close a circle goes back.
    """
    below: dict[str, set[str]] = {one: set() for one in names}
    found: set[tuple[str, str]] = set()
    strongest = [ends for ends, _n in sorted(links.items(), key=lambda one: (-one[1], one[0]))]
    for source, target in (*_led(names[:1], strongest), *strongest):
        if source != target and (source, target) not in found and not _reaches(below, target, source):
            below[source].add(target)
            found.add((source, target))
    return found


def _led(roots: Sequence[str], strongest: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    known = set(roots)
    found: list[tuple[str, str]] = []
    while True:
        link = next((one for one in strongest if one[0] in known and one[1] not in known), None)
        if link is None:
            return found
        known.add(link[1])
        found.append(link)


def _reaches(below: Mapping[str, set[str]], begin: str, end: str) -> bool:
    waiting, known = [begin], {begin}
    while waiting:
        one = waiting.pop()
        if one == end:
            return True
        fresh = below[one] - known
        known |= fresh
        waiting += fresh
    return False


def _layers(names: Sequence[str], forward: set[tuple[str, str]]) -> dict[str, int]:
    above: dict[str, list[str]] = {one: [] for one in names}
    for source, target in forward:
        above[target].append(source)
    found: dict[str, int] = {}
    while len(found) < len(names):
        for one in names:
            if one not in found and all(each in found for each in above[one]):
                found[one] = max((found[each] + 1 for each in above[one]), default=0)
    return found


Key = tuple[str, str, int]
"""A box is (name, "", 0); a place of a line on its way is (source, target, layer)."""


def _box(name: str) -> Key:
    return (name, "", 0)


def _rows(
    names: Sequence[str], layers: Mapping[str, int], forward: set[tuple[str, str]]
) -> tuple[list[list[Key]], dict[tuple[str, str], list[Key]]]:
    rows: list[list[Key]] = [[] for _ in range(max(layers.values(), default=0) + 1)]
    for one in names:
        rows[layers[one]].append(_box(one))
    chains: dict[tuple[str, str], list[Key]] = {}
    for source, target in sorted(forward):
        between = [(source, target, layer) for layer in range(layers[source] + 1, layers[target])]
        for place in between:
            rows[place[2]].append(place)
        chains[source, target] = [_box(source), *between, _box(target)]
    return rows, chains


def _neighbours(chains: Mapping[tuple[str, str], list[Key]]) -> tuple[dict[Key, list[Key]], dict[Key, list[Key]]]:
    above: dict[Key, list[Key]] = {}
    below: dict[Key, list[Key]] = {}
    for chain in chains.values():
        for upper, lower in itertools.pairwise(chain):
            below.setdefault(upper, []).append(lower)
            above.setdefault(lower, []).append(upper)
    return above, below


def _order(rows: list[list[Key]], chains: Mapping[tuple[str, str], list[Key]]) -> None:
    above, below = _neighbours(chains)
    best, fewest = [list(row) for row in rows], _crossings(rows, below)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        order = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
        for at in order:
            fixed = {key: place for place, key in enumerate(rows[at - 1 if down else at + 1])}
            rows[at] = _by_middle(rows[at], fixed, above if down else below)
        found = _crossings(rows, below)
        if found < fewest:
            best, fewest = [list(row) for row in rows], found
    rows[:] = best


def _by_middle(row: list[Key], fixed: Mapping[Key, int], neighbours: Mapping[Key, list[Key]]) -> list[Key]:
    own = {key: place for place, key in enumerate(row)}

    def middle(key: Key) -> float:
        found = sorted(fixed[one] for one in neighbours.get(key, ()) if one in fixed)
        if not found:
            return own[key]
        half = len(found) // 2
        return found[half] if len(found) % 2 else (found[half - 1] + found[half]) / 2

    return sorted(row, key=lambda key: (middle(key), own[key]))


def _crossings(rows: Sequence[Sequence[Key]], below: Mapping[Key, list[Key]]) -> int:
    count = 0
    for upper, lower in itertools.pairwise(rows):
        places = {key: place for place, key in enumerate(lower)}
        ends = [sorted(places[one] for one in below.get(key, ()) if one in places) for key in upper]
        passed: list[int] = []
        for some in ends:
            count += sum(1 for before in passed for one in some if before > one)
            passed += some
    return count


def _width(key: Key, small: frozenset[str]) -> float:
    if key[1]:
        return _BEND
    return _BEND if key[0] in small else WIDE


Pulls = dict[Key, list[tuple[Key, float]]]
"""Of each place those it is drawn towards, and how strongly."""


def _pulls(chains: Mapping[tuple[str, str], list[Key]], links: Mapping[tuple[str, str], int]) -> tuple[Pulls, Pulls]:
    """Upwards and downwards. Between two places of the same line more: long lines run straight."""
    above: Pulls = {}
    below: Pulls = {}
    for ends, chain in chains.items():
        for upper, lower in itertools.pairwise(chain):
            weight = float(links[ends]) * (4 if upper[1] and lower[1] else 1)
            below.setdefault(upper, []).append((lower, weight))
            above.setdefault(lower, []).append((upper, weight))
    return above, below


def _across(
    rows: Sequence[Sequence[Key]], chains: Mapping[tuple[str, str], list[Key]], links: Mapping[tuple[str, str], int],
    small: frozenset[str],
) -> dict[Key, float]:  # fmt: skip
    """Each as near to its neighbours as those beside it allow; strong lines pull more than weak ones."""
    above, below = _pulls(chains, links)
    places: dict[Key, float] = {}
    for row in rows:
        at = 0.0
        for key in row:
            places[key] = at + _width(key, small) / 2
            at += _width(key, small) + _APART
        for key in row:
            places[key] -= at / 2
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            _settle(row, places, (above, below)[sweep % 2], small)
    both = {key: [*above.get(key, ()), *below.get(key, ())] for key in places}
    for row in rows:
        _settle(row, places, both, small)
    lowest = min((at - _width(key, small) / 2 for key, at in places.items()), default=0.0)
    return {key: at - lowest + _MARGIN for key, at in places.items()}


def _settle(row: Sequence[Key], places: dict[Key, float], pulls: Pulls, small: frozenset[str]) -> None:
    wanted: list[tuple[float, float]] = []
    for key in row:
        near = pulls.get(key, ())
        strength = sum((weight for _, weight in near), 0.0)
        middle = sum(places[one] * weight for one, weight in near) / strength if strength else places[key]
        wanted.append((middle, strength or 0.01))
    apart = [0.0]
    for left, right in itertools.pairwise(row):
        between = _BEND if left[1] and right[1] else _APART
        apart.append(apart[-1] + (_width(left, small) + _width(right, small)) / 2 + between)
    level = _level([(one - gap, strength) for (one, strength), gap in zip(wanted, apart, strict=True)])
    for key, at, gap in zip(row, level, apart, strict=True):
        places[key] = at + gap


def _level(wanted: Sequence[tuple[float, float]]) -> list[float]:
    """The nearest values that never fall: neighbours that would overlap share their mean, the stronger counting more."""
    blocks: list[tuple[float, float, int]] = []
    for one, strength in wanted:
        mean, weight, count = one, strength, 1
        while blocks and blocks[-1][0] > mean:
            before, heavy, many = blocks.pop()
            mean, weight, count = (before * heavy + mean * weight) / (heavy + weight), heavy + weight, many + count
        blocks.append((mean, weight, count))
    return [mean for mean, _weight, count in blocks for _ in range(count)]


def _drawn(
    names: Sequence[str], links: Mapping[tuple[str, str], int], forward: set[tuple[str, str]],
    layers: Mapping[str, int], chains: Mapping[tuple[str, str], list[Key]], places: Mapping[Key, float],
    small: frozenset[str],
) -> Laid:  # fmt: skip
    def down(key: Key, layer: int) -> Point:
        return (places[key], _MARGIN + HIGH / 2 + layer * _LAYER)

    boxes = {
        one: Box(one, *down(_box(one), layers[one]), _width(_box(one), small), _BEND if one in small else HIGH)
        for one in names
    }
    lines: list[Line] = []
    right = max((at + _width(key, small) / 2 for key, at in places.items()), default=0.0)
    lanes = 0
    for (source, target), _n in sorted(
        links.items(), key=lambda one: (abs(layers[one[0][0]] - layers[one[0][1]]), one[0])
    ):
        if (source, target) in forward:
            middle = [down(key, key[2]) for key in chains[source, target][1:-1]]
            lines.append(_down(boxes[source], boxes[target], middle))
        elif source == target:
            lines.append(_loop(boxes[source]))
        else:
            lanes += 1
            lines.append(_back(boxes[source], boxes[target], right + 14 * lanes, (lanes % 5 - 2) * 17.0))
    wide = right + 14 * lanes + _MARGIN + (_BESIDE if any(one.back for one in lines) else 0)
    return Laid(
        tuple(boxes.values()), tuple(lines), wide, 2 * _MARGIN + HIGH + max(layers.values(), default=0) * _LAYER
    )


def _down(source: Box, target: Box, middle: Sequence[Point]) -> Line:
    """Spread over the edge of the box, so that lines do not meet in one point."""
    aim = middle[0] if middle else (target.x, target.y)
    from_ = middle[-1] if middle else (source.x, source.y)
    points = (
        (_toward(source, aim[0]), source.y + source.high / 2),
        *middle,
        (_toward(target, from_[0]), target.y - target.high / 2),
    )
    half = len(points) // 2
    (ax, ay), (bx, by) = points[half - 1], points[half]
    return Line(source.name, target.name, points, False, (ax + (bx - ax) * 0.5, ay + (by - ay) * 0.5))


def _toward(box: Box, x: float) -> float:
    reach = box.wide / 2 - 12 if box.wide > 2 * _BEND else 0.0
    return box.x + max(-reach, min(reach, (x - box.x) * 0.35))


def _loop(box: Box) -> Line:
    x, y = box.x + box.wide / 2, box.y
    points = ((x, y - 9), (x + 22, y - 9), (x + 22, y + 9), (x, y + 9))
    return Line(box.name, box.name, points, True, (x + 26, y + 4))


def _back(source: Box, target: Box, lane: float, aside: float) -> Line:
    """Up again, to the right of everything; the figures of neighbours stand at other heights."""
    points = (
        (source.x + source.wide / 2, source.y + 12), (lane, source.y + 12),
        (lane, target.y - 12), (target.x + target.wide / 2, target.y - 12),
    )  # fmt: skip
    return Line(source.name, target.name, points, True, (lane, (source.y + target.y) / 2 + aside))
