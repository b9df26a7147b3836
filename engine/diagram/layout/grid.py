"""Columns and rows for the steps of one scope, and a free row for every flow that passes over columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count

from engine.base.frozen import frozen


@frozen
class Link:
    """A flow between two cells. A flow from a boundary event starts at its host's cell."""

    id: str
    source: str
    target: str


@dataclass(slots=True)
class Grid:
    """`row_of` and `run_of` are band and row within it; a flow without a run goes straight through one gap."""

    column_of: dict[str, int]
    row_of: dict[str, tuple[int, int]] = field(default_factory=dict)
    run_of: dict[str, tuple[int, int]] = field(default_factory=dict)
    backward: frozenset[str] = frozenset()
    _taken: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))  # columns as bits

    def rows_in(self, band: int) -> int:
        return max((row + 1 for held, row in self._taken if held == band), default=1)

    def is_free(self, place: tuple[int, int], first: int, last: int) -> bool:
        return not self._taken.get(place, 0) & _bits(first, last)

    def take(self, place: tuple[int, int], first: int, last: int) -> None:
        self._taken[place] |= _bits(first, last)


def _bits(first: int, last: int) -> int:
    return (1 << (last + 1)) - (1 << first) if last >= first else 0


def arrange(nodes: Sequence[str], links: Sequence[Link], band_of: Mapping[str, int]) -> Grid:
    """Bands keep their order from top to bottom; within them what comes first in the file comes first."""
    backward = _backward(nodes, links)
    forward = [link for link in links if link.id not in backward]
    grid = Grid(_columns(nodes, forward), backward=backward)
    incoming = defaultdict(list)
    for link in forward:
        incoming[link.target].append(link)
    order = {node: place for place, node in enumerate(nodes)}
    for node in sorted(nodes, key=lambda one: (grid.column_of[one], order[one])):
        _place(grid, node, incoming[node], band_of[node])
    for link in links:
        if link.id in backward:
            _turn_back(grid, link)
    return grid


def _backward(nodes: Sequence[str], links: Sequence[Link]) -> frozenset[str]:
    """Links that close a circle, met by walking from the starts."""
    leaving: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        leaving[link.source].append(link)
    entered = {link.target for link in links}
    found: set[str] = set()
    done: set[str] = set()
    open_now: set[str] = set()
    for first in chain((one for one in nodes if one not in entered), nodes):
        if first in done:
            continue
        open_now.add(first)
        walk: list[tuple[str, Iterator[Link]]] = [(first, iter(leaving[first]))]
        while walk:
            node, ways = walk[-1]
            onward = next(ways, None)
            if onward is None:
                walk.pop()
                open_now.discard(node)
                done.add(node)
            elif onward.target in open_now:
                found.add(onward.id)
            elif onward.target not in done:
                open_now.add(onward.target)
                walk.append((onward.target, iter(leaving[onward.target])))
    return frozenset(found)


def _columns(nodes: Sequence[str], forward: Sequence[Link]) -> dict[str, int]:
    """The longest way from a start."""
    leaving: dict[str, list[str]] = defaultdict(list)
    missing: dict[str, int] = dict.fromkeys(nodes, 0)
    for link in forward:
        leaving[link.source].append(link.target)
        missing[link.target] += 1
    column = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if not missing[node]]
    for node in ready:  # grows while it is walked
        for target in leaving[node]:
            column[target] = max(column[target], column[node] + 1)
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    return column


def _place(grid: Grid, node: str, incoming: Sequence[Link], band: int) -> None:
    column = grid.column_of[node]
    before = [grid.row_of[link.source][1] for link in incoming if grid.row_of[link.source][0] == band]
    wanted = before[0] if before else 0
    row = next(row for row in _rows_near(wanted) if grid.is_free((band, row), column, column))
    grid.row_of[node] = (band, row)
    grid.take((band, row), column, column)
    for link in incoming:
        first, last = grid.column_of[link.source] + 1, column - 1
        if last >= first:
            _run(grid, link, first, last)


def _run(grid: Grid, link: Link, first: int, last: int) -> None:
    near = (grid.row_of[link.target], grid.row_of[link.source])
    band, row = near[0]
    places = chain(near, ((band, one) for one in _rows_near(row)))
    _reserve(grid, link, next(place for place in places if grid.is_free(place, first, last)), first, last)


def _turn_back(grid: Grid, link: Link) -> None:
    """Over the columns of both ends too: it comes back under them."""
    first, last = grid.column_of[link.target], grid.column_of[link.source]
    band, row = grid.row_of[link.source]
    place = next((band, one) for one in _rows_near(row) if grid.is_free((band, one), first, last))
    _reserve(grid, link, place, first, last)


def _reserve(grid: Grid, link: Link, place: tuple[int, int], first: int, last: int) -> None:
    grid.run_of[link.id] = place
    grid.take(place, first, last)


def _rows_near(wanted: int) -> Iterator[int]:
    """Below first, as people read; upwards only where a row was left free."""
    yield wanted
    for step in count(1):
        yield wanted + step
        if wanted - step >= 0:
            yield wanted - step
