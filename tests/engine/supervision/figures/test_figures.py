"""Every figure equals what the rows come to, on random histories: folded, half folded and not folded at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import pytest

from engine.base.database import Database
from engine.procedures.reads import element_names
from engine.supervision.figures import reads
from engine.supervision.figures.rules import Scope
from engine.supervision.figures.spreads import Spread, spread
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.supervision.figures.brute import Brute, survival
from tests.engine.supervision.figures.playing import played
from tests.engine.supervision.figures.scene import Office

_A_BIN: Final = 2 ** (1 / 8)
"""Eight bins a doubling: what is told of a percentile lies in the bin of the value that is there."""


def same_spread(told: Spread, there: Sequence[timedelta]) -> None:
    exact = spread(there)
    assert (told.n, told.total) == (exact.n, exact.total)
    assert told.mean == exact.mean
    for one, other in ((told.median, exact.median), (told.p85, exact.p85), (told.p95, exact.p95)):
        assert close(one, other), (told, there)


def close(one: timedelta | None, other: timedelta | None) -> bool:
    """In the same bin: a second more of both, because bins begin at one."""
    if one is None or other is None:
        return one is other
    first, second = one.total_seconds() + 1, other.total_seconds() + 1
    return first <= second * _A_BIN * 1.001 and second <= first * _A_BIN * 1.001


def test_every_figure_of_a_step_equals_the_rows(database: Database, office: SmallOffice, clock: Clock) -> None:
    def look(world: Office, scope: Scope) -> None:
        there = Brute(world.db, scope, clock.now()).steps()
        told = reads.steps(world.db, actor=office.actor(world.db, "zhou"), scope=scope)
        assert [(one.procedure_id, one.edition_id, one.element) for one in told] == sorted(there)
        for one in told:
            exact = there[one.procedure_id, one.edition_id, one.element]
            for name in (
                "arrived",
                "done",
                "cancelled",
                "repeated",
                "self_loops",
                "late",
                "promised",
                "open",
                "growing",
            ):
                assert getattr(one, name) == exact[name], name
            for name in ("waiting", "taken", "working", "stopped", "outside", "handed", "sojourn", "sojourn_calendar"):
                same_spread(getattr(one, name), exact[name])
            assert (one.same_day.n, one.same_day.of) == (exact["same_day"], exact["done"])
            assert one.rate == pytest.approx(exact["rate"])
            assert one.clears_on == exact["clears_on"]
            assert one.score == pytest.approx(exact["score"])
            assert one.little == (None if exact["little"] is None else pytest.approx(exact["little"]))
            assert _survives(one.standing_survival, exact["sojourn"], exact["still"])
            whole = one.waiting.total + one.taken.total + one.stopped.total + one.outside.total + one.handed.total
            assert one.sojourn.total == whole

    played(database, office, clock, look)


def _survives(told: timedelta | None, done: Sequence[timedelta], still: Sequence[timedelta]) -> bool:
    """Open ones that lasted about as long as some were done in may fall on either side of their bin."""
    wider = [
        survival(done, [timedelta(seconds=(one.total_seconds() + 1) * factor - 1) for one in still])
        for factor in (1 / _A_BIN, 1, _A_BIN)
    ]
    known = [one for one in wider if one is not None]
    if told is None:
        return None in wider
    return any(close(told, one) for one in known) or (len(known) > 0 and min(known) <= told <= max(known))


def test_every_figure_of_cases_equals_the_rows(database: Database, office: SmallOffice, clock: Clock) -> None:
    def look(world: Office, scope: Scope) -> None:
        exact = Brute(world.db, scope, clock.now()).whole()
        told = reads.whole(world.db, actor=office.actor(world.db, "zhou"), scope=scope)
        for name in ("started", "ended", "cancelled", "open", "repeated", "waiting", "working", "sojourn", "measured"):
            assert getattr(told, name) == exact[name], name
        same_spread(told.cycle, exact["cycle"])
        same_spread(told.cycle_working, exact["cycle_working"])
        assert (told.promise.n, told.promise.of) == exact["promise"]
        assert (told.law.n, told.law.of) == exact["law"]
        assert (told.first_pass.n, told.first_pass.of) == (exact["first_pass"], exact["ended"])
        assert (told.same_day.n, told.same_day.of) == (exact["same_day"], exact["ended"])

    played(database, office, clock, look)


def test_flows_hand_overs_and_ways_equal_the_rows(database: Database, office: SmallOffice, clock: Clock) -> None:
    def look(world: Office, scope: Scope) -> None:
        brute, actor = Brute(world.db, scope, clock.now()), office.actor(world.db, "zhou")
        flows = {
            (one.edition_id, one.from_element, one.to_element): (one.n, one.wait)
            for one in reads.flows(world.db, actor=actor, scope=scope)
        }
        assert flows == {
            key: (
                len(some),
                spread(one.parts.waiting + one.parts.handed for one in some if key[2] and one.completed).mean,
            )
            for key, some in brute.flows().items()
        }
        hands = {(one.from_department_id, one.to_department_id): one for one in
                 reads.hand_overs(world.db, actor=actor, scope=scope)}  # fmt: skip
        there, back = brute.hands(), brute.returned()
        assert hands.keys() == there.keys()
        for pair, one in hands.items():
            some = there[pair]
            assert one.n == len(some)
            same_spread(one.wait, [each.parts.waiting + each.parts.handed for each in some if each.completed])
            assert one.returned == sum((each.case_id, each.task_number) in back for each in some)
            assert one.ping_pong == sum(brute.came_back(each) for each in some)
        ways = reads.variants(world.db, actor=actor, scope=scope, limit=50)
        exact = brute.ways()
        assert {one.elements: one.n for one in ways} == {way: len(times) for way, times in exact.items()}
        drawn: dict[str, str] = {}
        for edition in sorted({one.edition_id for one in brute.every}):
            drawn |= element_names(world.db, edition)
        for way in ways:
            assert way.names == tuple(drawn[element] for element in way.elements), "whatever is folded yet"
            assert way.share == pytest.approx(way.n / len(brute.ended))
            assert close(way.median_cycle, spread(exact[way.elements]).median)

    played(database, office, clock, look)


def test_every_day_and_every_post_equals_the_rows(database: Database, office: SmallOffice, clock: Clock) -> None:
    def look(world: Office, scope: Scope) -> None:
        brute, actor = Brute(world.db, scope, clock.now()), office.actor(world.db, "zhou")
        told = reads.days(world.db, actor=actor, scope=scope)
        assert [one.day for one in told] == brute.days_of()
        for one in told:
            exact = brute.on(one.day)
            assert {name: getattr(one, name) for name in exact} == exact
            assert one.open == sum(layer.open for layer in one.steps)
        posts = {one.post_id: one for one in reads.workload(world.db, actor=actor, scope=scope)}
        for post, counted in brute.by_post().items():
            if any(counted.values()):
                assert {name: getattr(posts[post], name) for name in ("open", "arrived", "done")} == {
                    name: counted[name] for name in ("open", "arrived", "done")
                }

    played(database, office, clock, look)
