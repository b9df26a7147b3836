"""Percentiles from bins beside exact ones, and bins kept, added and taken away."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.supervision.figures.bins import MANY, Bins, bin_of, listed, middle_of

_YEARS = 3 * 365 * 86_400_000
lengths = st.integers(0, _YEARS)


@given(st.lists(lengths, min_size=1, max_size=400), st.sampled_from((50, 85, 95)))
def test_a_percentile_is_at_most_five_percent_off(values: list[int], percent: int) -> None:
    exact = sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]
    told = Bins.of(values).ranked(percent, len(values))
    assert told is not None
    assert abs(told - exact) <= 0.05 * exact + 50 * (exact > 0)  # of what took less than a second: a twentieth of one


def test_nothing_took_time() -> None:
    assert Bins.of([0, 0]).ranked(95, 2) == 0
    assert Bins().ranked(50, 0) is None


@given(lengths.filter(bool))
def test_the_middle_of_a_bin_lies_in_it(value: int) -> None:
    assert bin_of(middle_of(bin_of(value))) in (bin_of(value), max(0, bin_of(value) - 1))


@given(st.lists(st.lists(lengths, max_size=MANY * 2), max_size=4))
def test_rows_as_they_are_kept_add_up_to_what_was_put_into_them(rows: list[list[int]]) -> None:
    kept = [Bins.of(row).written() for row in rows]
    assert Bins.added_up(kept) == Bins.of(value for row in rows for value in row)


@given(st.lists(lengths, max_size=300), st.lists(lengths, max_size=60))
def test_what_is_put_behind_a_row_is_counted_with_it(before: list[int], after: list[int]) -> None:
    more = listed(bin_of(value) for value in after if value)[2:]
    assert Bins.added_up([Bins.of(before).written() + more]) == Bins.of([*before, *after])


@given(st.lists(lengths, max_size=50), st.lists(lengths, max_size=50))
def test_what_is_taken_away_again_leaves_what_there_was(stays: list[int], goes: list[int]) -> None:
    assert Bins.of([*stays, *goes]).without(Bins.of(goes)) == Bins.of(stays)
    assert Bins.of(stays).without(Bins.of([*stays, *goes])) == Bins(), "there is never less than nothing"


def test_bins_know_how_many_they_hold() -> None:
    found = Bins.of([1_000, 1_000, 60_000, 0])
    assert found.count == 3
    assert dict(found) == {bin_of(1_000): 2, bin_of(60_000): 1}
    assert not Bins()
    assert Bins() + found == found
