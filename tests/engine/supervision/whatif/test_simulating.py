"""The simulation by itself: against a formula, against itself, and with each change that can be asked for."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from random import Random

import pytest

from engine.supervision.whatif.answering import answered
from engine.supervision.whatif.learning import Model, Step, Way, learn
from engine.supervision.whatif.record import DAY_MS, HOUR_MS, Away, Case, Done, Order, Record
from engine.supervision.whatif.rules import Change, Kind, key_of_place
from engine.supervision.whatif.simulating import Scene, Span, scene, simulate
from engine.supervision.whatif.staffing import Staffing
from tests.engine.supervision.whatif.queues import (
    ALWAYS,
    DAY,
    MINUTE,
    PROCEDURE,
    Played,
    Station,
    framed,
    holding,
    instant,
)

WAIT = key_of_place("wait", "step", PROCEDURE, "step0")
QUEUE = key_of_place("queue", "step", PROCEDURE, "step0")


def erlang_c(arrivals: float, service: float, people: int) -> float:
    """The mean wait of a queue with exponential gaps and services, as Erlang told it in 1917."""
    load = arrivals * service
    busy = load**people / math.factorial(people) * people / (people - load)
    waits = busy / (sum(load**one / math.factorial(one) for one in range(people)) + busy)
    return waits * service / (people - load)


def queue_of(people: int, *, service: float, gap: float, count: int, seed: int) -> Scene:
    """One step that never rests; lengths in minutes. Services and gaps are even quantiles of the exponential."""
    number = 2_000
    ways = tuple(
        Way(one, PROCEDURE, (_step(-math.log(1 - (one + 0.5) / number) * service),), 0, None, 0, {"step0": 1})
        for one in range(number)
    )
    held = [holding(person, 1) for person in range(people)]
    record = framed({}, {}, held, calendar=ALWAYS)
    chance, at, came = Random(seed), instant(0), []
    gaps = [-math.log(1 - (one + 0.5) / count) * gap for one in range(count)]
    chance.shuffle(gaps)
    for one in gaps:
        at += int(one * MINUTE)
        came.append((at, PROCEDURE))
    model = Model({PROCEDURE: ways}, {}, {}, {1: Order.FIRST}, Staffing(record, ()))
    return scene(record, model, Span(instant(0), at, instant(0) + DAY_MS, tuple(came)))


def _step(minutes: float) -> Step:
    return Step((PROCEDURE, "step0", 1), 1, True, int(minutes * MINUTE), 0, 0, 0, None, (), 0)


@pytest.mark.parametrize(("people", "load"), [(1, 0.5), (3, 0.7)])
def test_the_mean_wait_is_that_of_erlang(people: int, load: float) -> None:
    service, gap = 12.0, 12.0 / people / load
    told = simulate(queue_of(people, service=service, gap=gap, count=10_000, seed=1), seed=1)[WAIT]
    expected = erlang_c(1 / gap, service, people) / 60
    assert told == pytest.approx(expected, rel=0.07)


def test_the_mean_queue_is_arrivals_times_wait() -> None:
    gap = 12.0 / 2 / 0.7
    told = simulate(queue_of(2, service=12.0, gap=gap, count=4_000, seed=3), seed=3)
    assert told[QUEUE] == pytest.approx(told[WAIT] * 60 / gap, rel=0.05)


@pytest.fixture(scope="module")
def record() -> Record:
    return Played([Station(2, 50, 20), Station(3, 60, 20)], 14, days=80, seed=5).record()


AT = instant(80 * DAY - 1)


@pytest.fixture(scope="module")
def stage(record: Record) -> Scene:
    return scene(record, learn(record, AT), Span(AT, AT + 28 * DAY_MS, AT))


def test_the_same_seed_tells_the_same_and_another_tells_another(stage: Scene) -> None:
    assert simulate(stage, seed=7) == simulate(stage, seed=7)
    assert simulate(stage, seed=7) != simulate(stage, seed=8)


def _wait(stage: Scene, change: Change | None, place: int = 0, runs: int = 3) -> float:
    key = key_of_place("wait", "step", PROCEDURE, f"step{place}")
    told = [simulate(stage, seed=seed) if change is None else simulate(stage, change, seed) for seed in range(runs)]
    return sum(one.get(key, 0.0) for one in told) / runs


def test_one_clerk_more_shortens_the_wait_and_one_fewer_lengthens_it(stage: Scene) -> None:
    today = _wait(stage, None)
    assert _wait(stage, Change(Kind.STAFF, 1, post=1)) < 0.7 * today
    assert _wait(stage, Change(Kind.STAFF, -1, post=1)) > 2 * today
    assert _wait(stage, Change(Kind.STAFF, 1, post=2)) == pytest.approx(today, rel=0.05)


def test_more_cases_wait_longer_and_fewer_shorter(stage: Scene) -> None:
    today = _wait(stage, None)
    assert _wait(stage, Change(Kind.ARRIVALS, 20, PROCEDURE)) > 1.2 * today
    assert _wait(stage, Change(Kind.ARRIVALS, -30, PROCEDURE)) < 0.9 * today


def test_a_step_left_out_is_waited_for_by_nobody(stage: Scene) -> None:
    without = Change(Kind.WITHOUT, procedure=PROCEDURE, element="step0")
    told = simulate(stage, without, seed=1)
    assert WAIT not in told
    median = key_of_place("median", PROCEDURE)
    assert told[median] < simulate(stage, seed=1)[median]
    everyone = Change(Kind.SMALL, 100, PROCEDURE, "step0")
    assert WAIT not in simulate(stage, everyone, seed=1)


def test_cases_that_skip_a_step_leave_room_for_the_others(stage: Scene) -> None:
    assert _wait(stage, Change(Kind.SMALL, 40, PROCEDURE, "step0")) < 0.8 * _wait(stage, None)


def test_another_order_changes_who_waits_and_not_how_long_all_do(stage: Scene) -> None:
    """As long as it does not look at how long anything takes."""
    newest = Change(Kind.ORDER, Order.NEWEST, post=1)
    assert _wait(stage, newest) == pytest.approx(_wait(stage, None), rel=0.15)
    assert simulate(stage, newest, seed=2) != simulate(stage, seed=2)


def test_who_is_away_takes_nothing(record: Record) -> None:
    last = date(2027, 1, 1).toordinal()
    gone = replace(record, away=[Away(100, 0, last), Away(101, 0, last)])
    alone = scene(gone, learn(gone, AT), Span(AT, AT + 7 * DAY_MS, AT))
    assert WAIT not in simulate(alone, seed=1)


def test_an_answer_is_a_range_beside_today_and_tells_the_same_twice(record: Record) -> None:
    more = Change(Kind.STAFF, 1, post=1)
    first = answered(record, AT, more, PROCEDURE, lambda: True, runs=3)
    assert first == answered(record, AT, more, PROCEDURE, lambda: True, runs=3)
    wait = first[WAIT]
    assert wait.today.low <= wait.today.middle <= wait.today.high
    assert wait.moved.high < 0


def test_nothing_is_told_of_a_procedure_that_too_little_is_known_of(record: Record) -> None:
    assert answered(record, AT, Change(Kind.ARRIVALS, 10, 9), 9, lambda: True, runs=1) == {}


def test_steps_beside_each_other_are_waited_for_both() -> None:
    """A case with two steps at once and one behind both: it begins when the later of them is done."""
    cases, tasks = {}, {}
    for number in range(1, 31):
        begin = instant(number * DAY)
        first, second = (HOUR_MS, 3 * HOUR_MS) if number % 2 else (2 * HOUR_MS, HOUR_MS)
        both = [_done(number, 1, begin, begin + first), _done(number, 2, begin, begin + second)]
        last = begin + max(first, second)
        tasks[number] = [*both, _done(number, 3, last, last + HOUR_MS)]
        cases[number] = _case(number, begin, last + HOUR_MS)
    record = framed(cases, tasks, [holding(post, post) for post in (1, 2, 3)])
    ways = learn(record, instant(100 * DAY)).ways[PROCEDURE]
    assert {way.steps[2].needs for way in ways} == {(0, 1)}
    assert {way.steps[1].needs for way in ways} == {()}


def _done(case: int, post: int, opened: int, closed: int) -> Done:
    return Done(
        case, post, (PROCEDURE, f"step{post}", post), post, post, opened, opened, closed, None, True, 0, closed - opened
    )


def _case(number: int, began: int, ended: int) -> Case:
    return Case(number, PROCEDURE, began, ended)
