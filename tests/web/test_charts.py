"""Where lines, layers and columns run: nothing leaves the drawing, heights are as the numbers say."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.charts import HEIGHT, KINDS, WIDTH, Chart, Series, columns, layers, lines

NUMBERS = st.floats(0, 1e6).map(lambda number: round(number, 3))
ROWS = st.integers(1, 12).flatmap(
    lambda count: st.lists(st.lists(NUMBERS, min_size=count, max_size=count), min_size=1, max_size=KINDS + 2)
)


def _series(rows: list[list[float]]) -> tuple[list[Series], list[str]]:
    return [Series(f"s{number}", row) for number, row in enumerate(rows)], [
        f"l{number}" for number in range(len(rows[0]))
    ]


def _places(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]?(-?[\d.e+]+) (-?[\d.e+]+)", path)]


def _within(chart: Chart) -> None:
    for one in chart.series:
        for x, y in _places(one.path) + _places(one.dots.replace("h0", "")):
            assert 0 <= x <= WIDTH
            assert -0.1 <= y <= HEIGHT + 0.1


@given(ROWS)
def test_lines_and_layers_stay_within_the_drawing(rows: list[list[float]]) -> None:
    _within(lines(*_series(rows)))
    _within(layers(*_series(rows)))


@given(ROWS)
def test_a_layer_begins_where_the_one_under_it_ends(rows: list[list[float]]) -> None:
    series, labels = _series(rows)
    drawn = [one for one in layers(series, labels).series if one.path]
    for under, over in itertools.pairwise(drawn):
        count = len(labels)
        assert _places(under.path)[:count] == list(reversed(_places(over.path)[count:]))


def test_a_line_is_as_high_as_its_number_beside_the_scale() -> None:
    chart = lines([Series("a", [0, 50, 100])], ["x", "y", "z"])
    assert next(one.said for one in chart.down) == "0.0"
    assert _places(chart.series[0].path) == [(0, HEIGHT), (WIDTH / 2, HEIGHT / 2), (WIDTH, 0)]


def test_a_line_is_broken_where_there_is_nothing() -> None:
    chart = lines([Series("a", [1, 2, None, 2, 1])], list("abcde"))
    assert chart.series[0].path.count("M") == 2


def test_a_single_value_is_a_dot() -> None:
    chart = lines([Series("a", [None] * 20 + [3.0])], [str(number) for number in range(21)])
    assert chart.series[0].path == ""
    assert chart.series[0].dots.endswith("h0")


@pytest.mark.parametrize(("most", "top"), [(1, 1), (7, 8), (9, 10), (84, 100), (101, 150), (400, 400), (0.3, 0.3)])
def test_the_scale_ends_at_a_round_number(most: float, top: float) -> None:
    assert float(lines([Series("a", [0, most])], ["x", "y"]).down[-1].said) == pytest.approx(top)


@given(ROWS)
def test_columns_stand_on_the_ground_and_beside_each_other(rows: list[list[float]]) -> None:
    found = columns(*_series(rows))
    for one in found.columns:
        assert one.y + one.height == pytest.approx(HEIGHT, abs=0.11)
        assert 0 <= one.x <= 100
        assert one.x + one.width <= 100.01
    ordered = sorted(found.columns, key=lambda one: one.x)
    assert all(left.x + left.width <= right.x + 0.01 for left, right in itertools.pairwise(ordered))


def test_there_are_never_more_labels_than_room() -> None:
    for count in (1, 2, 5, 6, 30, 365):
        labels = [str(number) for number in range(count)]
        for ticks in (
            lines([Series("a", [1] * count)], labels).across,
            columns([Series("a", [1] * count)], labels).across,
        ):
            assert 1 <= len(ticks) <= 5
            assert ticks[0].said == "0"
            assert ticks[-1].said == str(count - 1)


def test_nothing_to_draw_is_empty() -> None:
    assert lines([Series("a", [])], []).empty
    assert columns([Series("a", [0, 0])], ["x", "y"]).empty
