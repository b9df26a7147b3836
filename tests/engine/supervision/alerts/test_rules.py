"""When an alert fires, when it has recovered, and which one is refused because it never could."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.supervision.alerts import rules, words
from engine.supervision.alerts.measuring import NOW, OF_A_STEP, OF_CASES, WATCHED
from engine.supervision.alerts.rules import Alert, Kind, Outcome, Repeats, Standing
from engine.supervision.figures.definitions import DEFINITIONS

QUEUE = Alert("Queue", "now.waiting", Kind.ABOVE, 10, 0)
KEPT = Alert("Promises", "cases.promise_kept", Kind.BELOW, 0.9, 7)
GROWTH = Alert("Arrivals", "arrived", Kind.RISES, 0.5, 7)
DAY = date(2026, 3, 2)


def _fit(alert: Alert) -> Alert:
    return rules.fit(alert, now_figures=NOW, step_figures=OF_A_STEP, case_figures=OF_CASES, known=WATCHED)


def _told(alert: Alert, values: list[float | None]) -> int:
    return rules.would_have_fired(alert, [(DAY + timedelta(days=day), value) for day, value in enumerate(values)])


def test_every_figure_that_is_a_number_can_be_watched() -> None:
    assert DEFINITIONS.keys() - {"variant", "clears_on"} == WATCHED  # ways, and a day


def test_it_fires_once_and_again_only_after_it_has_recovered() -> None:
    assert _told(QUEUE, [12, 13, 12]) == 1
    assert _told(QUEUE, [12, 10, 12]) == 1  # back at the threshold is not recovered
    assert _told(QUEUE, [12, 9, 12]) == 2
    assert _told(QUEUE, [10]) == 0  # more than, not as many as


def test_daily_it_is_told_every_day_while_it_stands() -> None:
    daily = replace(QUEUE, repeats=Repeats.DAILY)
    assert _told(daily, [12, 13, 9.5, 12]) == 3  # between: it neither holds nor has recovered
    standing = Standing(stands=True, told_on=DAY)
    assert rules.outcome(daily, standing, 12, DAY) is Outcome.NOTHING
    assert rules.outcome(daily, standing, 12, DAY + timedelta(days=1)) is Outcome.FIRES


def test_what_cannot_be_told_changes_nothing() -> None:
    assert _told(QUEUE, [12, None, 12]) == 1
    assert _told(QUEUE, [None]) == 0


def test_below_and_changes_recover_on_their_own_side() -> None:
    assert _told(KEPT, [0.8, 0.95, 0.8]) == 1  # 0.95 is not 10 % better than the threshold
    assert _told(KEPT, [0.8, 1.0, 0.8]) == 2  # but no share is more than all of it
    assert _told(GROWTH, [0.6, 0.4, 0.6]) == 2
    falls = replace(GROWTH, kind=Kind.FALLS)
    assert _told(falls, [-0.6, -0.4, -0.6, -0.5]) == 2


@given(
    st.sampled_from([QUEUE, KEPT, GROWTH, replace(GROWTH, kind=Kind.FALLS)]),
    st.lists(st.floats(-2, 30, allow_nan=False), max_size=30),
)
def test_it_never_fires_twice_without_having_recovered_between(alert: Alert, values: list[float]) -> None:
    standing = Standing()
    for value in values:
        found = rules.outcome(alert, standing, value, DAY)
        if found is Outcome.FIRES:
            assert not standing.stands
            assert rules.holds(alert, value)
        if found is Outcome.RECOVERS:
            assert not rules.holds(alert, value)
        standing = rules.after(standing, found, DAY)


@pytest.mark.parametrize(
    ("alert", "why"),
    [
        (replace(KEPT, kind=Kind.ABOVE, threshold=1.0), rules.AlertNeverFires),
        (replace(KEPT, kind=Kind.BELOW, threshold=0), rules.AlertNeverFires),
        (replace(QUEUE, kind=Kind.BELOW, threshold=0), rules.AlertNeverFires),
        (replace(GROWTH, kind=Kind.FALLS, threshold=1.0), rules.AlertNeverFires),
        (replace(KEPT, threshold=1.2), rules.AlertAlwaysFires),
        (replace(QUEUE, threshold=-1), rules.AlertAlwaysFires),
        (replace(GROWTH, threshold=0), rules.ThresholdUnfit),
        (replace(QUEUE, threshold=float("nan")), rules.ThresholdUnfit),
        (replace(QUEUE, threshold=float("inf")), rules.ThresholdUnfit),
        (replace(QUEUE, kind=Kind.RISES), rules.NoWindowBefore),
        (replace(KEPT, days=0), rules.DaysUnfit),
        (replace(KEPT, days=91), rules.DaysUnfit),
        (replace(KEPT, figure="variant"), rules.FigureUnknown),
        (replace(KEPT, figure="growing"), rules.StepNeeded),
        (replace(KEPT, name="  "), rules.AlertNameMissing),
    ],
)
def test_what_is_refused(alert: Alert, why: type[Exception]) -> None:
    with pytest.raises(why):
        _fit(alert)


def test_a_change_is_a_part_of_what_was_before() -> None:
    assert rules.change(15, 10) == pytest.approx(0.5)
    assert rules.change(15, 0) is None
    assert rules.change(None, 10) is None


def test_it_says_its_figure_with_its_unit() -> None:
    assert words.told(QUEUE, 12).en == "Queue is 12, more than 10"
    assert words.told(KEPT, 0.5).en == "On time against the promise is 50%, less than 90%"
    assert words.told(GROWTH, 0.75).zh == "新增任务较前 7 天上升 75%，超过 50%"
    waiting = Alert("Wait", "waiting", Kind.ABOVE, 8 * 3600, 7)
    assert words.rule(waiting).en == "Waiting is more than 8 working hours, over 7 days"
