"""Where a length ends, by hand; and how long it takes, sought by the chance of each length."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.supervision.forecast.days import days
from engine.supervision.forecast.forests import Forest, Tree
from engine.supervision.forecast.model import Spread

MONDAY = 4  # 5 January 1970
WORKED = 1 / 3


def works(day: int) -> bool:
    return (day + 3) % 7 < 5


def begins(day: int) -> float:
    """By a clock that stands while nobody works: a third of a day on each day that is worked."""
    weeks, weekday = divmod(day - MONDAY, 7)
    return (5 * weeks + min(weekday, 5)) * WORKED


def test_by_the_clock_of_the_wall_a_length_ends_on_its_weekday() -> None:
    found = days(0, 30, works).ahead(MONDAY + 0.5, 9.25)

    assert found == pytest.approx((9.25, 9.75, (2 + 0.75) * 24, 7.0))  # Wednesday of the week after, at six


def test_by_a_clock_that_rests_friday_noon_and_a_day_is_monday_noon() -> None:
    axis = days(0, 30, works, begins)

    found = axis.ahead(begins(MONDAY + 4) + WORKED / 2, WORKED)

    assert found == pytest.approx((WORKED, 5.5 * WORKED, 12.0, 1.0))


def test_beyond_the_last_day_that_is_known_it_ends_then() -> None:
    axis = days(0, 1, works)

    assert axis.ahead(0.5, 5_000.0)[2:] == axis.ahead(0.5, 9_000.0)[2:]


PARTED = Forest(
    (
        Tree((0, 2, 1), (3.0, 5.0, 2.0), (1, -1, -3), (2, -2, -4), (True, True, True), (4.0, -4.0, 1.0, 2.0)),
        Tree((), (), (), (), (), (0.5,)),
        Tree((2,), (1.0,), (-1,), (-2,), (True,), (8.0, -1.0)),
    )
)


@given(st.lists(st.floats(0, 8), min_size=3, max_size=3))
def test_what_is_known_of_a_row_says_the_same_whenever_the_rest_comes(row: list[float]) -> None:
    for known in range(4):
        assert PARTED.along(row[:known]).of(row[known:]) == PARTED.of(row)


def test_a_gap_goes_its_own_way_there_too() -> None:
    assert PARTED.along([math.nan, 0.0]).of([2.0]) == PARTED.of([math.nan, 0.0, 2.0])


def test_the_middle_and_both_ends_are_where_their_chance_is() -> None:
    """It is certain to take longer than two days, likely to take longer than five and never longer than nine."""
    falls = [Tree((1,), (bound,), (-1,), (-2,), (True,), (0.0, -6.0)) for bound in (2.0, 5.0, 9.0)]
    steps = Forest((Tree((), (), (), (), (), (9.0,)), *falls))
    spread = Spread(steps, (0.99, 0.01), 30.0)

    found = spread.of(steps.along([0.0]), 10.0, days(0, 100, works))

    assert found == pytest.approx((2, 5, 9), rel=0.05)
