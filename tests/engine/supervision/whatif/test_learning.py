"""What is learned from a record, where what made it is known; and the gate, where the cause of the wait is."""

from __future__ import annotations

import pytest

from engine.supervision.whatif import rules
from engine.supervision.whatif.backtest import back_test
from engine.supervision.whatif.learning import learn
from engine.supervision.whatif.record import DAY_MS, HOUR_MS, Case, Done, Held, Order
from engine.supervision.whatif.rules import Gate, near
from engine.supervision.whatif.staffing import NEW, Staffing
from tests.engine.supervision.whatif.queues import DAY, MINUTE, PROCEDURE, Played, Station, framed, holding, instant

LAST = instant(129.99 * DAY)


@pytest.mark.parametrize("order", list(Order))
def test_the_order_of_service_is_recognised(order: Order) -> None:
    played = Played([Station(1, 40, order=order)], 10, days=60, seed=2).record()
    assert learn(played, LAST).orders == {1: order}


@pytest.mark.parametrize("service", [10, 60])
def test_how_soon_somebody_looks_is_told_from_waiting_for_somebody_busy(service: int) -> None:
    """An hour on average, whether people have little to do or much."""
    record = Played([Station(2, service, look=60)], 11, seed=4).record()
    looking = learn(record, LAST).looking[PROCEDURE, "step0", 1]
    drawn = [looking.drawn((one + 0.5) / 1000) for one in range(1000)]
    assert sum(drawn) / len(drawn) / HOUR_MS == pytest.approx(1.0, rel=0.15)


def test_who_never_waits_to_look_is_learned_as_such() -> None:
    record = Played([Station(2, 60)], 11, seed=4).record()
    looking = learn(record, LAST).looking[PROCEDURE, "step0", 1]
    assert sum(looking.drawn((one + 0.5) / 100) for one in range(100)) / 100 < 2 * MINUTE


def test_nothing_that_came_later_is_learned_from() -> None:
    """However the second half of the record is, what is learned of the first is the same."""
    early = Played([Station(2, 30, 20)], 8, days=60, seed=6).record()
    at = instant(50 * DAY)
    cut = framed(
        {key: one for key, one in early.cases.items() if one.ended is not None and one.ended < at},
        {
            key: list(of)
            for key, of in early.tasks.items()
            if (ended := early.cases[key].ended) is not None and ended < at
        },
        list(early.held),
    )  # fmt: skip
    known, before = learn(early, at), learn(cut, at)
    assert [way.steps for way in known.ways[PROCEDURE]] == [way.steps for way in before.ways[PROCEDURE]]


def test_work_held_at_the_same_time_is_shared_among_it() -> None:
    """Whoever has two tasks for the same two hours worked an hour on each."""
    begin = instant(0)
    tasks = {
        one: [_done(one, begin, begin, begin + 2 * HOUR_MS), _done(one, begin, begin, begin + 2 * HOUR_MS, number=2)]
        for one in range(1, 2)
    }
    tasks |= {one: [_done(one, *(instant(one * DAY) + at * HOUR_MS for at in (0, 1, 3)))] for one in range(2, 30)}
    cases = {one: _ended(one, of) for one, of in tasks.items()}
    record = framed(cases, tasks, [holding(1, 1)])
    ways = learn(record, instant(60 * DAY)).ways[PROCEDURE]
    shared = next(way for way in ways if way.case == 1)
    assert [(step.service, step.hold) for step in shared.steps] == [(HOUR_MS, HOUR_MS)] * 2
    assert {step.service for way in ways if way.case != 1 for step in way.steps} == {2 * HOUR_MS}


def _done(case: int, opened: int, claimed: int, closed: int, number: int = 1, person: int = 1) -> Done:
    return Done(
        case, number, (PROCEDURE, "step", 1), 1, person, opened, claimed, closed, None, True, claimed - opened,
        closed - claimed,
    )  # fmt: skip


def _ended(case: int, of: list[Done]) -> Case:
    return Case(case, PROCEDURE, of[0].opened, max(one.closed or 0 for one in of))


def test_a_holder_who_never_does_a_step_is_not_counted_on_for_it_but_a_new_one_is() -> None:
    day = 740_000
    held = [holding(1, 1), holding(2, 1), Held(3, 1, day - NEW, None)]
    record = framed({}, {}, held)
    few = [_done(one, 0, 0, 1) for one in range(19)]
    enough = [_done(one, 0, 0, 1) for one in range(20)]
    place = (PROCEDURE, "step", 1)
    assert Staffing(record, few).able(place, day) == {1, 2, 3}
    assert Staffing(record, enough).able(place, day) == {1, 3}
    assert Staffing(record, enough).able(place, day + 1) == {1}


def test_near_is_a_quarter_or_next_to_nothing() -> None:
    assert near(4.0, 5.0, 0.1)
    assert near(4.0, 3.0, 0.1)
    assert not near(4.0, 5.1, 0.1)
    assert near(0.0, 0.05, 0.1)
    few = rules.Tested(1, 19, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0)
    assert few.gate is Gate.FEW


def _gates(played: Played, runs: int = 6) -> dict[int, Gate]:
    record = played.record()
    until = instant(played.days * DAY - 1)
    tested, _cycles = back_test(record, until - 28 * DAY_MS, until, runs=runs)
    return {one.department: one.gate for one in tested}


def test_the_gate_opens_where_people_are_what_is_waited_for() -> None:
    """Busy people and a look now and then. Four weeks of a queue may go either way, so of most departments."""
    gates = [
        gate
        for seed in range(2)
        for gate in _gates(Played([Station(3, 60, 30), Station(3, 70, 40)], 14, days=100, seed=seed), runs=4).values()
    ]
    assert gates.count(Gate.OPEN) >= 3


@pytest.mark.parametrize(
    "other",
    [Station(1, 6, fridays=True), Station(2, 20, outside=5)],
    ids=["saved up for fridays", "waits for somebody outside and nobody noted it"],
)
def test_the_gate_closes_where_they_are_not(other: Station) -> None:
    gates = _gates(Played([Station(2, 30, 20), other], 10, days=100, seed=1), runs=2)
    assert gates[1] is Gate.OPEN
    assert gates[2] in (Gate.CLOSED, Gate.LYING)


def test_piles_gone_through_in_order_are_told_from_one_tray() -> None:
    """Busy people and idle ones, alone and several; and of a tray nothing is kept that is not so."""
    stations = [Station(3, 60, 90, own=True), Station(1, 20, 120, own=True), Station(3, 60, 90), Station(2, 60)]
    assert learn(Played(stations, 11, days=80, seed=3).record(), LAST).divided == {1, 2}


def test_what_one_fewer_at_the_piles_does_is_foretold() -> None:
    """One of three leaves when the four weeks begin. From one tray the simulation would tell a third too little."""
    played = Played([Station(3, 60, 240, own=True, leaves=80)], 14, days=100, seed=3)
    record, until = played.record(), instant(100 * DAY - 1)
    (tested,), _cycles = back_test(record, until - 28 * DAY_MS, until, runs=3)
    assert near(tested.wait, tested.simulated_wait, 0)
    assert near(tested.queue, tested.simulated_queue, 0)
    assert tested.low <= tested.simulated_wait <= tested.high
