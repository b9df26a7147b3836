"""What makes a bottleneck, what it costs and why it may stand: figures in, findings out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.base.text import Name
from engine.supervision.bottlenecks import rules
from engine.supervision.bottlenecks.levels import BORDERS, Measure, level, width
from engine.supervision.bottlenecks.rules import Cause, Standing, causes, cost, growing_for, judged, misses, rank

STEADY = ((4, 4),) * 20
GROWS = ((4, 4),) * 8 + ((6, 4),) * 12


def standing(element: str = "review", **figures: Any) -> Standing:
    return Standing(
        1, 1, element, "Permit", "Review", 1, Name("Reviewer", "审核岗"), 1, Name("Transport", "交通局"), **figures
    )


QUEUE = standing(daily=GROWS, waits=80, waited=60.0, waiting=24, aged=60.0, holders=3)


def test_a_queue_that_grows_is_told_with_since_when_and_at_what_rates() -> None:
    found = judged(QUEUE)
    assert found is not None
    assert (found.growing_for, found.arrivals, found.finished) == (12, 6.0, 4.0)
    # Eighty waited sixty days together, of which forty are allowed; twenty-four have waited sixty, of which twelve are.
    assert (found.lost, found.lying, found.cost) == (20.0, 48.0, 68.0)


@pytest.mark.parametrize(
    "step",
    [
        standing(daily=STEADY, waits=80, waited=20.0, waiting=2, aged=1.0),
        standing(daily=STEADY, waits=80, waited=45.0, waiting=6, aged=7.0),
        replace(QUEUE, standard=40.0),
        standing(daily=STEADY, waits=80, waited=200.0, waiting=0),
        standing(daily=STEADY, waits=80, waited=400.0, waiting=4, aged=8.0),
        standing(),
    ],
    ids=[
        "a little lies there",
        "it costs little",
        "within what is allowed",
        "it was, but nothing lies there",
        "it was, and little is left",
        "nothing",
    ],
)
def test_nothing_is_told(step: Standing) -> None:
    assert judged(step) is None


def test_what_waits_outside_or_stands_is_no_ground_to_tell_of_a_post() -> None:
    quiet = standing(daily=STEADY, waits=80, waited=20.0, waiting=2, aged=1.0)
    assert judged(replace(quiet, outside=400, stopped=300)) is None
    told, more = judged(QUEUE), judged(replace(QUEUE, outside=400, stopped=300))
    assert told is not None
    assert more is not None
    assert (told.cost, told.misses) == (more.cost, more.misses)


def test_a_quarter_of_the_standard_time_is_allowed_and_half_a_day_where_there_is_none() -> None:
    assert standing().allowed == 0.5
    assert standing(standard=6.0).allowed == 1.5
    step = standing(standard=8.0, waits=10, waited=50.0, waiting=5, aged=25.0)
    assert cost(step) == (30.0, 15.0)


def test_it_is_allowed_once_a_case() -> None:
    assert cost(standing(waits=10, waited=12.0))[0] == 7.0
    assert cost(standing(waits=10, waited=12.0, repeated=4))[0] == 9.0


def test_the_costliest_comes_first() -> None:
    told = rank(
        [QUEUE, replace(QUEUE, element="sign", aged=90.0), replace(QUEUE, element="quiet", aged=2.0, waiting=2)]
    )
    assert [one.at.element for one in told] == ["sign", "review"]


def test_promises_that_end_before_their_turn_comes_are_missed() -> None:
    # Two a day: the turns come after half a day, one, one and a half, two, two and a half, three, three and a half.
    left = [0.4, 1.0, -1.0, 1.0, 9.0, 4.0, 3.4]
    assert misses(left, 2.0, horizon=5.0) == (1, 3)
    assert misses(left, 2.0, horizon=0.5) == (1, 1)
    assert misses(left, 0.0, horizon=5.0) == (1, 5)
    assert misses([float("inf")] * 3, 0.0, horizon=5.0) == (0, 0)


@given(st.lists(st.floats(-1, 30), max_size=40), st.floats(0, 20), st.floats(0, 20), st.floats(0, 10))
def test_whoever_works_faster_misses_no_more(left: list[float], slow: float, more: float, horizon: float) -> None:
    late, missed = misses(left, slow, horizon)
    assert misses(left, slow + more, horizon)[1] <= missed
    assert late + missed <= len(left)


def test_a_queue_grows_since_it_was_last_at_its_shortest() -> None:
    assert growing_for(standing(daily=GROWS, waiting=30)) == 12
    assert growing_for(standing(daily=STEADY, waiting=30)) == 0
    assert growing_for(standing(daily=((4, 4),) * 19 + ((9, 4),), waiting=30)) == 0  # a day is no trend


@pytest.mark.parametrize(
    ("cause", "figures"),
    [
        (Cause.VACANCY, {"holders": 1, "vacant": 2}),
        (Cause.ABSENCE, {"absent": 0.6, "absent_now": 2}),
        (Cause.REWORK, {"repeated": 40}),
        (Cause.HAND_OVER, {"in_transit": 300.0, "handing": 20}),
        (Cause.ARRIVALS, {"days_before": 20, "arrived_before": 80, "finished_before": 80}),
        (Cause.SLOWER, {"worked": 0.9, "worked_before": 0.4}),
        (Cause.BATCHING, {"daily": ((4, 0), (4, 0), (4, 0), (4, 0), (4, 20)) * 4}),
        (Cause.FEWER, {"daily": ((4, 4),) * 10 + ((4, 2),) * 10, "days_before": 20, "arrived_before": 80,
                       "finished_before": 80}),
    ],
)  # fmt: skip
def test_the_likely_cause_is_what_the_record_shows(cause: Cause, figures: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"daily": STEADY, "waits": 80, "waited": 60.0, "waiting": 24, "holders": 3}
    if cause is Cause.ARRIVALS:
        usual["daily"] = GROWS
    found = causes(standing(**(usual | figures)))
    assert found[0].cause is cause
    assert 0 < found[0].weight <= 1


def test_where_the_record_shows_nothing_no_cause_is_made_up() -> None:
    assert causes(standing(daily=STEADY, waits=80, waited=200.0, waiting=24, holders=3)) == ()


def test_that_more_comes_through_again_is_not_told_as_more_arrivals() -> None:
    looped = ((4, 4),) * 8 + ((8, 6),) * 12
    step = standing(daily=looped, waits=100, waited=200.0, waiting=30, repeated=48, days_before=20, arrived_before=80)
    assert [one.cause for one in causes(step)] == [Cause.REWORK]


figures = st.fixed_dictionaries(
    {
        "daily": st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=25).map(tuple),
        "waits": st.integers(0, 500), "waited": st.floats(0, 5000), "in_transit": st.floats(0, 500),
        "repeated": st.integers(0, 300), "waiting": st.integers(0, 300), "handing": st.integers(0, 300),
        "aged": st.floats(0, 5000), "holders": st.integers(0, 9), "vacant": st.integers(0, 9),
        "absent": st.floats(0, 1), "days_before": st.integers(0, 30), "arrived_before": st.integers(0, 300),
        "finished_before": st.integers(0, 300),
    }
)  # fmt: skip


@given(figures)
def test_whatever_the_figures_what_is_told_costs_and_stands(given_: dict[str, Any]) -> None:
    found = judged(standing(**given_))
    if found is not None:
        assert found.cost >= rules.LEAST_COST
        assert found.at.queue >= rules.LEAST_QUEUE or found.causes
        assert 0 <= found.growing_for <= len(given_["daily"])
        assert all(0 < one.weight <= 1 for one in found.causes)


def test_more_of_it_is_never_a_cooler_colour() -> None:
    for measure, borders in BORDERS.items():
        assert [level(measure, border) for border in borders] == [1, 2, 3, 4]
        assert level(measure, borders[0] - 0.001) == 0
        assert level(measure, None) == 0
    assert set(BORDERS) == set(Measure)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_flow_is_as_thick_as_its_traffic(one: int, other: int) -> None:
    busiest = max(one, other)
    assert busiest < 4 or width(busiest, busiest) == 4
    assert (width(one, busiest) == 0) == (one == 0)
    assert (one >= other) <= (width(one, busiest) >= width(other, busiest))
