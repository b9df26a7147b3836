"""Figures of small logs against plain counting, and maps of them."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.organisation.calendars.rules import PLAIN_WEEK
from engine.supervision.mining.discovery import BEGIN, END, seen
from engine.supervision.mining.events import Event, Lifecycle, Trace
from engine.supervision.mining.figures import Tally, percentile, spread
from engine.supervision.mining.layout import lay
from engine.worktime.calendar import WorkCalendar
from engine.worktime.counting import time_between
from tests.engine.supervision.mining.files import at

CALENDAR = WorkCalendar(ZoneInfo("Asia/Shanghai"), PLAIN_WEEK)

_hours = st.integers(0, 400)
_events = st.builds(
    lambda activity, hours, state, group: Event(activity, at(2) + timedelta(hours=hours), state, group=group),
    st.sampled_from("abcd"), _hours, st.sampled_from([Lifecycle.COMPLETE] * 3 + [Lifecycle.START, Lifecycle.SCHEDULE]),
    st.sampled_from([None, "X", "Y", "Z"]),
)  # fmt: skip
_traces = st.lists(st.lists(_events, min_size=1, max_size=7), min_size=1, max_size=6).map(
    lambda given: [Trace(str(number), sorted(events, key=lambda one: one.at)) for number, events in enumerate(given)]
)


def tallied(traces: list[Trace]) -> Tally:
    tally = Tally(CALENDAR)
    for one in traces:
        tally.add(one)
    return tally


@settings(max_examples=60)
@given(_traces)
def test_every_figure_is_what_plain_counting_finds(traces: list[Trace]) -> None:
    figures = tallied(traces).figures()
    done = [[one for one in trace.events if one.lifecycle is Lifecycle.COMPLETE] for trace in traces]
    names = [[one.activity for one in some] for some in done]
    for one in figures.activities:
        assert one.n == sum(some.count(one.activity) for some in names)
        assert one.cases == sum(one.activity in some for some in names)
        assert one.repeated == one.n - one.cases
        assert one.first == sum(some[:1] == [one.activity] for some in names)
        assert one.last == sum(some[-1:] == [one.activity] for some in names)
        assert one.looped == sum(a == b == one.activity for some in names for a, b in pairwise(some))
    every = [(a, b) for some in done for a, b in pairwise(some)]
    for path in figures.paths:
        mine = [(a, b) for a, b in every if (a.activity, b.activity) == (path.source, path.target)]
        assert path.n == len(mine)
        assert path.cases == sum(any((a, b) == (path.source, path.target) for a, b in pairwise(some)) for some in names)
        worked = [time_between(CALENDAR, a.at, b.at) for a, b in mine]
        assert path.gap_worked.total == sum(worked, timedelta()) / timedelta(milliseconds=1)
        assert path.gap.median == median((b.at - a.at) / timedelta(milliseconds=1) for a, b in mine)
    assert sum(one.n for one in figures.paths) == len(every)
    crossings = [
        (a.group, b.group)
        for some in done
        for a, b in pairwise([one for one in some if one.group])
        if a.group != b.group
    ]
    assert {(one.source, one.target): one.n for one in figures.hands} == {
        one: crossings.count(one) for one in set(crossings)
    }
    assert sum(one.began for one in figures.days) == sum(one.ended for one in figures.days) == len(traces)
    assert sum(one.done for one in figures.days) == figures.steps == sum(len(some) for some in done)


def test_percentiles_lie_between_neighbours() -> None:
    assert [percentile([10, 20, 30, 40, 50], share) for share in (0, 0.5, 0.85, 1)] == [10, 30, 44, 50]
    assert spread([]).n == 0
    assert spread([7]).p95 == 7


def test_what_came_straight_back_is_told_of_the_way_there() -> None:
    events = [Event("s", at(2, hour), group=group) for hour, group in zip(range(9, 15), "XYXZXX", strict=True)]
    hands = {(one.source, one.target): (one.n, one.returned) for one in tallied([Trace("1", events)]).figures().hands}
    assert hands == {("X", "Y"): (1, 1), ("Y", "X"): (1, 0), ("X", "Z"): (1, 1), ("Z", "X"): (1, 0)}


def chain(*names: str) -> Trace:
    return Trace("1", [Event(name, at(2) + timedelta(hours=hour)) for hour, name in enumerate(names)])


@settings(max_examples=40)
@given(st.lists(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=8), min_size=1, max_size=6), st.integers(1, 100),
       st.integers(0, 100))  # fmt: skip
def test_a_map_shows_what_is_asked_for_and_nothing_hangs_loose(given_: list[list[str]], share: int, paths: int) -> None:
    figures = tallied([chain(*some) for some in given_]).figures()
    shown = seen(figures.activities, figures.paths, share=share, paths_share=paths)
    kept = [one.activity for one in shown.activities]
    assert len(kept) == max(1, -(-len(figures.activities) * share // 100))
    assert sum(one.n for one in shown.activities) == sum(
        sorted((one.n for one in figures.activities), reverse=True)[: len(kept)]
    )
    names = [BEGIN, *kept, END]
    assert all(one.source in names and one.target in names for one in shown.links)
    if share == 100:
        assert all(any(one.target == name != one.source for one in shown.links) for name in kept)
        assert all(any(one.source == name != one.target for one in shown.links) for name in kept)
    laid = lay(names, {(one.source, one.target): one.n for one in shown.links}, small=frozenset((BEGIN, END)))
    assert {box.name for box in laid.boxes} == set(names)
    assert {(line.source, line.target) for line in laid.lines} == {(one.source, one.target) for one in shown.links}
    for number, box in enumerate(laid.boxes):
        assert box.x - box.wide / 2 >= 0
        assert box.x + box.wide / 2 <= laid.wide
        for other in laid.boxes[number + 1 :]:
            assert (
                abs(box.x - other.x) >= (box.wide + other.wide) / 2
                or abs(box.y - other.y) >= (box.high + other.high) / 2
            )


def test_a_line_that_goes_down_goes_down_and_one_that_closes_a_circle_goes_back() -> None:
    laid = lay(["a", "b", "c"], {("a", "b"): 9, ("b", "c"): 9, ("c", "a"): 2, ("b", "b"): 1})
    heights = {one.name: one.y for one in laid.boxes}
    assert heights["a"] < heights["b"] < heights["c"]
    assert {(one.source, one.target) for one in laid.lines if one.back} == {("c", "a"), ("b", "b")}


def test_a_time_beside_a_line_that_goes_back_has_room_on_the_map() -> None:
    """As “under a minute” takes it."""
    laid = lay(["a", "b", "c"], {("a", "b"): 9, ("b", "c"): 9, ("c", "a"): 2, ("a", "a"): 1})
    assert all(one.label[0] + 94 <= laid.wide for one in laid.lines if one.back)
