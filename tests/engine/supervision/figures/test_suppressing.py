"""What is hidden of a table cannot be found again from what is shown of it."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.supervision.figures.suppressing import LEAST, Shown, hidden_of, is_derivable, shown_of

Grid = list[list[int]]
_COUNTS = st.one_of(st.integers(0, 7), st.integers(0, 60))


@st.composite
def _grids(draw: st.DrawFn) -> Grid:
    columns = draw(st.integers(1, 3))
    return draw(st.lists(st.lists(_COUNTS, min_size=columns, max_size=columns), min_size=1, max_size=3))


def _fits(one: Grid, shown: Shown) -> bool:
    """Whether somebody who sees what is shown must think it possible."""
    told = [
        *((shown.cells[row][column], one[row][column]) for row in range(len(one)) for column in range(len(one[0]))),
        *((total, sum(line)) for total, line in zip(shown.rows, one, strict=True)),
        *((total, sum(line)) for total, line in zip(shown.columns, zip(*one, strict=True), strict=True)),
        (shown.total, sum(map(sum, one))),
    ]
    return all(said is None or said == there for said, there in told)


def _possible(grid: Grid, shown: Shown) -> list[Grid]:
    """Tables that nobody could tell from the real one, each cell at most one off; what is hidden tells of somebody."""
    choices = [
        [there]
        if shown.cells[row][column] is not None
        else [n for n in (there - 1, there, there + 1) if n >= min(there, 1)]
        for row, line in enumerate(grid)
        for column, there in enumerate(line)
    ]
    width = len(grid[0])
    tables = ([list(flat[at : at + width]) for at in range(0, len(flat), width)] for flat in product(*choices))
    return [one for one in tables if _fits(one, shown)]


@settings(max_examples=150)
@given(grid=_grids())
def test_every_hidden_cell_and_total_could_be_another_number(grid: Grid) -> None:
    shown = shown_of(grid)
    possible = _possible(grid, shown)
    for row, line in enumerate(shown.cells):
        for column, said in enumerate(line):
            assert said is not None or len({one[row][column] for one in possible}) > 1
    for row, said in enumerate(shown.rows):
        assert said is not None or len({sum(one[row]) for one in possible}) > 1
    for column, said in enumerate(shown.columns):
        assert said is not None or len({sum(line[column] for line in one) for one in possible}) > 1
    assert shown.total is not None or len({sum(map(sum, one)) for one in possible}) > 1


@given(grid=_grids())
def test_nothing_under_five_is_shown_but_what_is_empty_and_what_is_shown_is_right(grid: Grid) -> None:
    shown = shown_of(grid)
    pairs = [
        *(
            (said, there)
            for line, real in zip(shown.cells, grid, strict=True)
            for said, there in zip(line, real, strict=True)
        ),
        *zip(shown.rows, map(sum, grid), strict=True),
        *zip(shown.columns, map(sum, zip(*grid, strict=True)), strict=True),
        (shown.total, sum(map(sum, grid))),
    ]
    assert all(said is None or (said == there and (said == 0 or said >= LEAST)) for said, there in pairs)


@given(grid=st.lists(st.lists(st.integers(LEAST, 90), min_size=3, max_size=3), min_size=1, max_size=4))
def test_where_no_group_is_small_everything_is_shown(grid: Grid) -> None:
    shown = shown_of(grid)
    assert shown.cells == tuple(map(tuple, grid))
    assert None not in (*shown.rows, *shown.columns, shown.total)


def test_one_small_cell_takes_others_with_it() -> None:
    shown = shown_of([[3, 20, 30], [40, 50, 60], [70, 80, 90]])
    hidden = {(row, column) for row, line in enumerate(shown.cells) for column, one in enumerate(line) if one is None}
    assert (0, 0) in hidden
    # In its row and in its column another one, and those make up for each other.
    assert len(hidden) == 4
    assert None not in (*shown.rows, *shown.columns, shown.total)


@given(counts=st.dictionaries(st.sampled_from("abcdef"), _COUNTS, min_size=1))
def test_of_groups_beside_their_whole_the_hidden_ones_do_not_follow_from_it(counts: dict[str, int]) -> None:
    hidden = hidden_of(counts)
    assert all(count == 0 or count >= LEAST for name, count in counts.items() if name not in hidden)
    if not hidden or is_derivable(counts, hidden):
        return
    left = sum(counts[name] for name in hidden)
    ordered = sorted(hidden)
    for name in ordered:
        # All others at least one: it may be anything from 1 to what they leave.
        assert left - (len(ordered) - 1) > 1, name


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ({"a": 10, "b": 20}, ""),
        ({"a": 3, "b": 20, "c": 9}, "ac"),
        ({"a": 1, "b": 1, "c": 9}, "abc"),
        ({"a": 3, "b": 4, "c": 9}, "ab"),
        ({"a": 0, "b": 8}, ""),
        ({"a": 2}, "a"),
    ],
)
def test_groups_that_are_hidden(counts: dict[str, int], hidden: str) -> None:
    assert hidden_of(counts) == frozenset(hidden)
