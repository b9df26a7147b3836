"""Open cases held to how those of the weeks before came out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.supervision.forecast.measures import brier, coverage
from engine.supervision.forecast.model import Forecast, Model, survival_of
from engine.supervision.forecast.stories import Event, Moment, Story
from engine.supervision.forecast.stretching import Foretold, both_ways, stretch
from tests.engine.supervision.forecast.queues import Asked, asked_weekly, each_on_its_own, first_come_first_served

_MONDAY = date(2026, 3, 2)


def _cases(number: int, *, took: float, ended: bool = True, weeks: int = 4, first: int = 0) -> list[Foretold]:
    """Each foretold to end within 2 to 8 days, most likely after 4."""
    return [
        Foretold(first + key, _MONDAY + key % weeks * timedelta(days=7), 2.0, 4.0, 8.0, took, ended)
        for key in range(number)
    ]


def _error(asked: Sequence[Asked], of: Callable[[Asked], Forecast]) -> float:
    return fmean(abs(of(one).middle - one.came) for one in asked)


def _held(asked: Sequence[Asked], of: Callable[[Asked], Forecast]) -> float:
    low, high = [of(one).low for one in asked], [of(one).high for one in asked]
    return coverage(low, high, [one.came for one in asked])


def _missed(asked: Sequence[Asked], of: Callable[[Asked], Forecast]) -> float:
    return brier([of(one).chances["promise"] for one in asked], [one.late for one in asked])


def _told(one: Asked) -> Forecast:
    return one.told


def _reckoned(one: Asked) -> Forecast:
    return one.reckoned


def test_where_waits_grow_ranges_middles_and_chances_follow() -> None:
    stories = first_come_first_served(lambda at: 2.0 if at < 60 else 3.0, 2.2)
    asked = [one for week in asked_weekly(stories) for one in week]
    assert _held(asked, _reckoned) < 0.4
    assert _held(asked, _told) > 0.7
    assert _error(asked, _told) < 0.8 * _error(asked, _reckoned)
    assert _missed(asked, _told) < 0.8 * _missed(asked, _reckoned)
    assert all(one.times >= 1.0 for one in asked[len(asked) // 2 :])


def test_where_cases_take_as_long_as_ever_nothing_changes() -> None:
    weeks = list(asked_weekly(each_on_its_own(3.0)))
    asked = [one for week in weeks[4:] for one in week]
    assert 0.75 <= _held(asked, _reckoned) <= 0.85
    assert {one.times for one in asked} == {1.0}
    assert all(one.told == one.reckoned for one in asked)


def test_where_waits_fall_cases_are_told_to_end_sooner() -> None:
    stories = first_come_first_served(lambda at: 2.4 if at < 80 else 1.4, 2.0)
    weeks = list(asked_weekly(stories))
    falling = [one for week in weeks for one in week if one.times < 1]
    assert len(falling) > 20
    assert _error(falling, _told) < _error(falling, _reckoned)
    asked = [one for week in weeks for one in week]
    assert _held(asked, _told) > _held(asked, _reckoned) + 0.1
    assert _error(asked, _told) < _error(asked, _reckoned)


def test_of_few_cases_or_weeks_nothing_is_learned() -> None:
    assert stretch([]) == 1.0
    assert stretch(_cases(7, took=12.0)) == 1.0
    assert stretch(_cases(40, took=12.0, weeks=2)) == 1.0
    assert stretch(_cases(40, took=12.0)) > 1.5


def test_what_is_learned_is_drawn_towards_what_was_reckoned_as_by_fifteen_cases() -> None:
    assert stretch(_cases(10, took=12.0)) == round(3 ** (10 / 25), 2)
    assert stretch(_cases(45, took=12.0)) == round(3 ** (45 / 60), 2)
    assert stretch(_cases(45, took=400.0)) == round(3 ** (45 / 60), 2), "three times as long at most"


def test_what_is_still_open_counts_as_longer_than_seen() -> None:
    """To leave it out would be to learn from the quick ones alone."""
    quick = _cases(12, took=3.0)
    waiting = _cases(30, took=12.0, ended=False, first=12)
    assert stretch([*quick, *waiting]) > 1.5
    assert stretch(quick) < 1.0


def test_where_ranges_held_nothing_changes_wherever_the_middle_lay() -> None:
    held = [*_cases(40, took=7.0), *_cases(10, took=12.0, first=40)]
    assert stretch(held) == 1.0
    assert stretch([*held, *_cases(10, took=12.0, first=50)]) > 1.0


def _model() -> tuple[Model, Moment]:
    story = Story(1, (Event("decide", 0.0, 0.0),), None, dues={"promise": 6.0})
    lengths = [(1.0 + number / 10, True) for number in range(100)]
    return Model(survival_of({"steps": {"decide": lengths}, "whole": lengths})), Moment(story, 1)


def test_a_case_is_told_both_ways() -> None:
    model, moment = _model()
    said = model.says(moment)
    assert said is not None
    told = both_ways(model, moment, None, said, 2.0)
    assert (told.low, told.high) == (said.low, 2 * said.high)
    assert told.middle == pytest.approx(said.middle * 2**0.5)
    assert said.chances["promise"] == pytest.approx(0.49)
    assert told.chances["promise"] == pytest.approx((0.49 + 0.79) / 2), "6 days, and 3 of days that take twice as long"
    assert (told.similar, told.at_step, told.boosted) == (said.similar, said.at_step, said.boosted)
    shorter = both_ways(model, moment, None, said, 0.5)
    assert (shorter.low, shorter.high) == (said.low / 2, said.high)
    assert shorter.chances["promise"] == pytest.approx(0.49 / 2)
    assert both_ways(model, moment, None, said, 1.0) is said


@given(st.floats(1 / 3, 3.0))
def test_a_range_holds_its_middle_and_no_chance_leaves_its_bounds(times: float) -> None:
    model, moment = _model()
    said = model.says(moment)
    assert said is not None
    told = both_ways(model, moment, None, said, times)
    assert told.low <= told.middle <= told.high
    assert told.low <= said.low
    assert told.high >= said.high
    assert 0 <= told.chances["promise"] <= 1


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 3), st.floats(0.0, 60.0), st.booleans()), min_size=1, max_size=60
    )
)
def test_nothing_is_told_for_more_than_three_times_as_long_or_less_than_a_third(
    cases: list[tuple[int, int, float, bool]],
) -> None:
    before = [
        Foretold(case_id, _MONDAY + week * timedelta(days=7), 2.0, 4.0, 8.0, seen, ended)
        for case_id, week, seen, ended in cases
    ]
    assert 1 / 3 <= stretch(before) <= 3
