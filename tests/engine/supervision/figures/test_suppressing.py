"""What is hidden of a table cannot be found again from what is shown of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.supervision.figures.suppressing import LEAST, hidden_of

_COUNTS = st.one_of(st.integers(0, 7), st.integers(0, 60))


@given(counts=st.dictionaries(st.sampled_from("abcdef"), _COUNTS, min_size=1))
def test_of_groups_beside_their_whole_the_hidden_ones_do_not_follow_from_it(counts: dict[str, int]) -> None:
    hidden = hidden_of(counts)
    assert all(count == 0 or count >= LEAST for name, count in counts.items() if name not in hidden)
    left = sum(counts[name] for name in hidden)
    if left < LEAST or left == len(counts):
        return  # then the whole is not shown either; or all there are stand alone, and nothing else could be hidden
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
