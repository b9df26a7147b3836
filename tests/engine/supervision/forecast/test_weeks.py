"""Weeks to come, held to how weeks that are over came out."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.supervision.forecast.model import Survival, survival_of
from engine.supervision.forecast.weeks import Leaning, Leanings, Reckoned, leaning, next_weeks, read_week

_AS_RECKONED = Leaning()
_TEN = Reckoned(10.0, 10.0)
_ARRIVED = [(3, 5.0)] * 8
_AHEAD = (5.0, 5.0, 5.0, 5.0)


def _survival() -> Survival:
    return survival_of({"steps": {}, "whole": [(4.0, True)] * 30})


def test_of_less_than_four_weeks_nothing_is_learned() -> None:
    nearer = Leaning(0.7, 2.0)
    assert leaning([(_TEN, 1)] * 3, nearer) == nearer
    assert leaning([(_TEN, 1)] * 3 + [(Reckoned(0.0, 0.0), 2)], nearer) == nearer, "nothing had been reckoned of it"


def test_a_share_is_drawn_towards_what_was_reckoned_as_by_one_week() -> None:
    assert leaning([(_TEN, 5)] * 5, _AS_RECKONED).share == pytest.approx((25 + 10) / (50 + 10))
    assert leaning([(_TEN, 10)] * 5, _AS_RECKONED) == _AS_RECKONED


def test_a_range_is_as_wide_as_eight_in_ten_weeks_ask_for() -> None:
    four = Reckoned(4.0, 4.0)
    found = leaning([(four, 4)] * 4 + [(four, 16)], _AS_RECKONED)
    assert found.share == pytest.approx((32 + 4) / (20 + 4))
    assert found.width == pytest.approx((16 - 1.5 * 4) / math.sqrt(1.5 * 4) / 1.2816)
    assert leaning([(_TEN, 10)] * 9 + [(_TEN, 10 + 60)], _AS_RECKONED).width < 2, "one week in ten may be anything"


def test_weeks_are_foretold_as_those_before_came_out() -> None:
    plain = next_weeks(_survival(), [], _ARRIVED, _AHEAD, promised=False, leanings=[Leanings()] * 4)
    halved = next_weeks(
        _survival(), [], _ARRIVED, _AHEAD, promised=False, leanings=[Leanings(arrivals=Leaning(0.5, 1.0))] * 4
    )
    assert [one.arrivals.middle for one in plain] == [3.0] * 4
    assert [one.arrivals.middle for one in halved] == [1.5] * 4
    assert [one.endings for one in halved] == [one.endings for one in plain]
    assert [one.reckoned for one in halved] == [one.reckoned for one in plain], "never learned from what was learned"


def test_what_is_kept_is_read_as_it_was() -> None:
    (week, *_) = next_weeks(_survival(), [], _ARRIVED, _AHEAD, promised=True, leanings=[Leanings()] * 4)
    assert read_week(week.dumped()) == week


def test_of_a_week_kept_without_it_the_range_tells_what_was_reckoned() -> None:
    (week, *_) = next_weeks(_survival(), [], _ARRIVED, _AHEAD, promised=False, leanings=[Leanings()] * 4)
    old = {name: one for name, one in week.dumped().items() if name != "reckoned"}
    endings, arrivals, late = read_week(old).held_from()
    assert (arrivals.mean, late) == (3.0, None)
    assert math.sqrt(arrivals.variance) == pytest.approx((week.arrivals.high - week.arrivals.low) / 2 / 1.2816)
    assert endings.mean == week.endings.middle


@given(st.lists(st.tuples(st.floats(0.1, 60), st.floats(0.0, 5), st.integers(0, 90)), min_size=4, max_size=8))
def test_eight_in_ten_of_the_weeks_learned_from_are_held(weeks: list[tuple[float, float, int]]) -> None:
    before = [(Reckoned(mean, mean * spread), came) for mean, spread, came in weeks]
    found = leaning(before, _AS_RECKONED)
    assert found.width >= 1
    held = sum(
        abs(came - found.share * one.mean)
        <= 1.2816 * found.width * math.sqrt(max(found.share * one.variance, 0.25)) + 1e-6
        for one, came in before
    )
    assert held >= 0.8 * len(before)
