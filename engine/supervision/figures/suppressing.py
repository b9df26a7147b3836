"""Which cells of a table stay hidden, so that no group under five is told: neither shown nor found by subtraction. Pure.

A small cell alone in its row is what the total leaves over. So others are hidden with it, until each hidden cell could
be another number while everything that is shown stays as it is. An empty cell tells of nobody and is shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final, TypeVar

LEAST: Final = 5
Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Shown:
    """None: hidden. `rows` and `columns` are the totals, `total` that of all."""

    cells: tuple[tuple[int | None, ...], ...]
    rows: tuple[int | None, ...]
    columns: tuple[int | None, ...]
    total: int | None


def hidden_of(counts: Mapping[Name, int], least: int = LEAST) -> frozenset[Name]:
    """Groups of one whole, which is shown beside them: those that are not."""
    small = [name for name, count in counts.items() if 0 < count < least]
    hidden = set(small)
    rest = sorted((count, str(name), name) for name, count in counts.items() if count >= least)
    # Two ones add up to two in one way only.
    while hidden and rest and (len(hidden) < 2 or sum(counts[one] for one in hidden) == len(hidden)):
        hidden.add(rest.pop(0)[2])
    return frozenset(hidden)


def is_derivable(counts: Mapping[Name, int], hidden: frozenset[Name]) -> bool:
    """Whether a hidden group follows from the whole: then the whole is not to be shown either."""
    return len(hidden) == 1 or (bool(hidden) and sum(counts[one] for one in hidden) == len(hidden))


def shown_of(cells: Sequence[Sequence[int]], least: int = LEAST) -> Shown:
    """A table of counts with its totals. Every row has as many cells."""
    grid = _with_totals(cells)
    hidden = {(row, column) for row, line in enumerate(grid) for column, one in enumerate(line) if 0 < one < least}
    for cell in sorted(hidden):
        hidden |= _circle(grid, hidden, cell)
    told = [
        [None if (row, column) in hidden else one for column, one in enumerate(line)] for row, line in enumerate(grid)
    ]
    return Shown(
        tuple(tuple(line[:-1]) for line in told[:-1]), tuple(line[-1] for line in told[:-1]), tuple(told[-1][:-1]),
        told[-1][-1],
    )  # fmt: skip


Cell = tuple[int, int]
Node = tuple[str, int]


def _with_totals(cells: Sequence[Sequence[int]]) -> list[list[int]]:
    lines = [[*line, sum(line)] for line in cells]
    return [*lines, [sum(column) for column in zip(*lines, strict=True)]]


def _circle(grid: Sequence[Sequence[int]], hidden: set[Cell], cell: Cell) -> set[Cell]:
    """What is to be hidden so that the cell could be one more or one less, all of it making up for each other.

    Totals count against their row and column, so every row and column adds up to nothing, and a change runs in a circle
    from rows to columns and back, through cells that may grow or shrink. The circle that costs least is taken. There
    always is one: the cell grows, and so do the totals of its row, of its column and of all.
    """
    row, column = ("row", cell[0]), ("column", cell[1])
    up, down = _moves(grid, cell)
    ways = _ways(grid, hidden, cell)
    found = [_cheapest(ways, column, row)] if up else []
    if down:
        found.append(_cheapest(ways, row, column))
    return min((one for one in found if one is not None), key=lambda one: one[0])[1]


def _moves(grid: Sequence[Sequence[int]], cell: Cell) -> tuple[bool, bool]:
    """Whether it may grow, whether it may shrink, totals counted as less than nothing. What is hidden is at least one."""
    is_total = (cell[0] == len(grid) - 1) != (cell[1] == len(grid[0]) - 1)
    may_shrink = grid[cell[0]][cell[1]] > 1
    return (may_shrink, True) if is_total else (True, may_shrink)


Ways = Mapping[Node, Sequence[tuple[Node, int, Cell]]]


def _ways(grid: Sequence[Sequence[int]], hidden: set[Cell], without: Cell) -> Ways:
    """From rows to columns where a cell may grow, back where it may shrink, each with what it costs to hide it."""
    found: dict[Node, list[tuple[Node, int, Cell]]] = defaultdict(list)
    for row, line in enumerate(grid):
        for column in range(len(line)):
            cell = (row, column)
            if cell == without:
                continue
            cost = 0 if cell in hidden else _cost(grid, cell)
            up, down = _moves(grid, cell)
            if up:
                found["row", row].append((("column", column), cost, cell))
            if down:
                found["column", column].append((("row", row), cost, cell))
    return found


def _cost(grid: Sequence[Sequence[int]], cell: Cell) -> int:
    """Small ones first; totals, which are what most people look for, and what is empty only where nothing else does."""
    count = grid[cell[0]][cell[1]]
    everything = grid[-1][-1] + 1
    totals = (cell[0] == len(grid) - 1) + (cell[1] == len(grid[0]) - 1)
    return count + 1 + everything * (10 * totals + 1000 * (count == 0))


def _cheapest(ways: Ways, begin: Node, end: Node) -> tuple[int, set[Cell]] | None:
    """What it costs and the cells on the way, the shortest by Dijkstra."""
    waiting: list[tuple[int, Node, tuple[Cell, ...]]] = [(0, begin, ())]
    seen: set[Node] = set()
    while waiting:
        cost, node, cells = heappop(waiting)
        if node == end:
            return cost, set(cells)
        if node in seen:
            continue
        seen.add(node)
        for following, price, cell in ways.get(node, ()):
            heappush(waiting, (cost + price, following, (*cells, cell)))
    return None
