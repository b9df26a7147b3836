"""How good forecasts are told to be, by hand; and what is kept of trees."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.supervision.forecast.calibrating import drift, ends, missed_by, shifted
from engine.supervision.forecast.forests import Forest, ModelUnfit, Tree, averaged, read_forest
from engine.supervision.forecast.measures import bands, calibration_error, coverage, recall_at_top, separation

CHANCES = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=60)


def test_separation_counts_pairs() -> None:
    assert separation([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == 0.75
    assert separation([0.5, 0.5], [True, False]) == 0.5
    assert separation([0.5, 0.6], [True, True]) is None


def test_calibration_error_weighs_each_band_by_its_number() -> None:
    said, came = [0.05, 0.05, 0.95, 0.95], [False, True, True, True]

    assert calibration_error(said, came) == pytest.approx(0.5 * 0.45 + 0.5 * 0.05)
    assert [one.count for one in bands(said, came)] == [2, 2]


def test_the_likeliest_tenth_holds_so_many_of_those_that_came() -> None:
    said = [place / 20 for place in range(20)]

    assert recall_at_top(said, [place in (19, 3) for place in range(20)]) == 0.5
    assert recall_at_top(said, [False] * 20) is None


def test_coverage_counts_both_ends() -> None:
    assert coverage([0, 0, 0], [1, 1, 1], [0, 1, 2]) == pytest.approx(2 / 3)


@given(CHANCES, st.floats(-3, 3))
def test_what_is_shifted_keeps_its_order_and_what_is_certain(seen: list[tuple[float, bool]], shift: float) -> None:
    said = sorted(one for one, _ in seen)
    found = [shifted(one, shift) for one in said]

    assert found == sorted(found)
    assert (shifted(0.0, shift), shifted(1.0, shift)) == (0.0, 1.0)
    assert [shifted(one, 0.0) for one in said] == pytest.approx(said)


def test_a_shift_is_found_with_which_as_many_come_as_are_said() -> None:
    assert missed_by([0.2] * 10, [True] * 6 + [False] * 4) == pytest.approx(math.log(6), abs=1e-4)  # odds 1:4 to 3:2


def test_chances_that_are_always_too_low_are_raised_by_half() -> None:
    turn = [0.2] * 10, [True] * 6 + [False] * 4

    assert drift([turn, turn, turn]) == pytest.approx(math.log(6) / 2, abs=1e-4)


def test_chances_that_were_too_low_once_and_true_thereafter_are_left() -> None:
    bad, good = ([0.2] * 10, [True] * 6 + [False] * 4), ([0.2] * 10, [True] * 2 + [False] * 8)

    assert drift([bad, good, good]) == 0.0
    assert drift([bad]) == 0.0, "one turn shows nothing of what follows"


def test_an_average_of_forests_says_the_mean_of_what_they_say() -> None:
    parted = Forest((Tree((0,), (1.0,), (-1,), (-2,), (True,), (2.0, 8.0)),))
    flat = Forest((Tree((), (), (), (), (), (4.0,)), Tree((), (), (), (), (), (2.0,))))

    assert averaged([parted, flat]).of([0.5]) == pytest.approx(4.0)
    assert averaged([parted, flat]).of([1.5]) == pytest.approx(7.0)


def test_a_tenth_of_what_came_lies_beyond_either_end() -> None:
    said = [place / 20 for place in range(20)]

    low, high = ends(said, said, [True] * 20)

    assert sum(one > low for one in said) == sum(one < high for one in said) == 2


def test_what_is_open_is_not_taken_for_what_has_ended() -> None:
    """Twenty were told alike; of half of them the length is known, the rest took longer than it was likely to be seen."""
    said, ended = [0.95, 0.85, 0.75, 0.65, 0.55] * 2 + [0.5] * 10, [True] * 10 + [False] * 10

    assert list(ends(said, said, ended)) == pytest.approx([0.9, 0.1])
    assert list(ends(said[:10], said[:10], ended[:10])) == pytest.approx([0.95, 0.55])


def test_a_tree_is_walked_by_its_bounds_and_a_gap_goes_its_own_way() -> None:
    forest = read_forest(
        [[[0, 1], [5.0, 2.0], [1, -2], [-1, -3], [1, 0], [10.0, 20.0, 30.0]], [[], [], [], [], [], [1]]], 2
    )

    assert forest.of([5.0, 2.0]) == 21
    assert forest.of([5.0, 3.0]) == 31
    assert forest.of([6.0, 0.0]) == 11
    assert forest.of([math.nan, math.nan]) == 31
    assert read_forest(forest.dumped(), 2) == forest


@pytest.mark.parametrize(
    "kept",
    [
        "no list",
        [[[0], [1.0], [0], [-1], [0], [1.0, 2.0]]],  # comes back to itself
        [[[0], [1.0], [-3], [-1], [0], [1.0, 2.0]]],  # a leaf that is not there
        [[[7], [1.0], [-1], [-2], [0], [1.0, 2.0]]],  # a column that is not there
        [[[0], [math.inf], [-1], [-2], [0], [1.0, 2.0]]],
        [[[0], ["1"], [-1], [-2], [0], [1.0, 2.0]]],
        [[[True], [1.0], [-1], [-2], [0], [1.0, 2.0]]],
        [[[], [], [], [], [], []]],
        [[[]]],
        [7],
    ],
)  # fmt: skip
def test_trees_that_could_be_left_or_never_end_are_refused(kept: object) -> None:
    with pytest.raises(ModelUnfit):
        read_forest(kept, 2)


def test_what_no_tree_says_is_nought() -> None:
    assert Forest(()).of([]) == 0
    assert Tree((), (), (), (), (), (2.5,)).of([]) == 2.5
