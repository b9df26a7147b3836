"""Kaplan and Meier's estimate: by hand, and what always holds."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.supervision.forecast.stories import Event, Moment, Story
from engine.supervision.forecast.survival import by_step, curve

LENGTHS = st.lists(st.tuples(st.integers(0, 40).map(float), st.booleans()), min_size=1, max_size=60)


def test_without_censoring_it_is_the_share_that_is_longer() -> None:
    found = curve([(1.0, True), (2.0, True), (2.0, True), (5.0, True)])

    assert [found.beyond(at) for at in (0.5, 1.0, 2.0, 4.9, 5.0)] == [1.0, 0.75, 0.25, 0.25, 0.0]


def test_a_case_that_is_open_counts_as_long_as_it_was_open() -> None:
    """6, 6, 6 ended and 6 open; 7 ended; 9 open; 10 ended: the first seven of Gehan's 6-MP patients, worked by hand."""
    found = curve([(6, True), (6, True), (6, True), (6, False), (7, True), (9, False), (10, True)])

    assert found.beyond(6) == pytest.approx(4 / 7)
    assert found.beyond(7) == pytest.approx(4 / 7 * 2 / 3)
    assert found.beyond(9.9) == pytest.approx(4 / 7 * 2 / 3)
    assert found.beyond(10) == 0.0


def test_of_one_that_has_waited_only_those_count_that_waited_as_long() -> None:
    found = curve([(1, True), (2, True), (3, True), (4, True), (8, True), (8, True)])

    assert found.similar(2.5) == 4
    assert found.chance_beyond(1.5, waited=2.5) == pytest.approx(2 / 4)
    assert found.quantile(0.5, waited=2.5) == 3.5  # the median of 3, 4, 8 and 8, less what was waited
    assert found.quantile(0.9, waited=2.5) == 5.5


def test_whoever_has_just_come_is_asked_beside_all_that_came_also_those_that_ended_at_once() -> None:
    found = curve([(0, True), (0, True), (0, True), (6, True)])

    assert found.similar(0) == 4
    assert found.quantile(0.5) == 0
    assert found.chance_beyond(5) == 0.25


def test_what_was_never_seen_to_end_has_no_median() -> None:
    found = curve([(1, True), (5, False), (5, False), (5, False)])

    assert found.quantile(0.25) == 1
    assert found.quantile(0.5) is None


def test_a_period_that_is_over_is_missed_for_certain() -> None:
    assert curve([(1, True)]).chance_beyond(-0.1) == 1.0


@given(LENGTHS)
def test_it_falls_from_one_and_never_below_nought(lengths: list[tuple[float, bool]]) -> None:
    found = curve(lengths)
    seen = [found.beyond(at) for at in range(-1, 42)]

    assert seen[0] == 1.0
    assert all(0 <= late <= early for early, late in itertools.pairwise(seen))


@given(st.lists(st.integers(0, 40).map(float), min_size=1, max_size=60), st.integers(0, 40))
def test_where_everything_has_ended_it_is_counting(ended: list[float], at: int) -> None:
    found = curve([(one, True) for one in ended])

    assert found.beyond(at) == pytest.approx(sum(one > at for one in ended) / len(ended))


@given(LENGTHS, st.integers(0, 40), st.sampled_from((0.1, 0.5, 0.9)))
def test_by_a_quantile_so_many_have_ended_and_not_before(
    lengths: list[tuple[float, bool]], waited: int, share: float
) -> None:
    found = curve(lengths)
    length = found.quantile(share, waited)

    if length is not None:
        assert 1 - found.chance_beyond(length, waited) >= share - 1e-9
        assert 1 - found.chance_beyond(length - 0.5, waited) <= share + 1e-9


def story(key: int, *steps: tuple[str, float], ended: float | None) -> Story:
    return Story(key, tuple(Event(step, at, at) for step, at in steps), ended)


def test_nothing_is_known_of_what_comes_after() -> None:
    """At 10 the second is at its first step, and that the first will have ended is not known."""
    every = [story(1, ("a", 0), ("b", 4), ended=12.0), story(2, ("a", 9), ("b", 11), ended=20.0)]
    visits = [Moment(one, count) for one in every for count in (1, 2)]

    found = by_step(visits, until=10.0)

    assert set(found) == {"a", "b"}
    assert found["a"].lengths == (1.0, 10.0)
    assert found["a"].at == ()
    assert found["b"].lengths == (6.0,)
