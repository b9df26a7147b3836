"""Who was away for how long: a deputy who falls away brings nobody back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from engine.base.database import Database
from engine.cases.duties import acts as duties
from engine.organisation.absence import acts as absence
from engine.supervision.bottlenecks import reads as bottlenecks
from engine.supervision.figures import loads
from engine.supervision.figures.rules import Scope
from engine.supervision.whatif.gathering import gathered
from engine.supervision.whatif.staffing import Staffing
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.supervision.figures.scene import Office

MONDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 6)
WEEK = Scope(MONDAY, date(2026, 3, 8))
HOURS = timedelta(hours=8)


def _world(db: Any, office: SmallOffice, clock: Clock) -> Office:
    """With a case that waits for a clerk."""
    world = Office(db, office, clock).open()
    world.do_begin(0)
    return world


def _leave(world: Office, who: str, deputy: str, since: date = MONDAY, until: date = FRIDAY) -> int:
    return absence.plan_absence(
        world.db, by=world.office.actor(world.db, who), person_id=world.office.persons[who],
        deputy_id=world.office.persons[deputy], from_day=since, until_day=until,
    )  # fmt: skip


def _hand_over(world: Office, who: str, *, leaves: bool) -> None:
    guo = world.office.actor(world.db, "guo")
    duties.hand_over_work(world.db, by=guo, person_id=world.office.persons[who], to={}, leaves=leaves)


def _capacity(world: Office, post: str = "clerk") -> timedelta:
    """Of the whole week, when it is over."""
    found = loads.workload(world.db, actor=world.office.actor(world.db, "zhou"), scope=WEEK)
    return next(one.capacity for one in found if one.post_id == world.office.posts[post])


def _simulated(world: Office, post: str = "clerk") -> list[int]:
    """How many the what-if counts on each day of the week."""
    staffing = Staffing(gathered(world.db, [world.procedure_id]), ())
    days = (MONDAY + timedelta(days=number) for number in range(5))
    return [len(staffing.holders(world.office.posts[post], day.toordinal())) for day in days]


@pytest.mark.parametrize("leaves", [True, False])
def test_a_deputy_who_leaves_or_hands_over_brings_nobody_back(
    database: Database, office: SmallOffice, clock: Clock, leaves: bool
) -> None:
    with database.writing() as db:
        world = _world(db, office, clock)
        _leave(world, "li", "wang")
        clock.advance(days=2)
        _hand_over(world, "wang", leaves=leaves)
        clock.advance(days=4)
        assert _capacity(world) == 5 * HOURS  # Chen's alone
        assert _simulated(world) == [1, 1, 1, 1, 1]


def test_a_coming_absence_whose_deputy_leaves_still_takes_place(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        world = _world(db, office, clock)
        _leave(world, "li", "wang", since=date(2026, 3, 4))
        _hand_over(world, "wang", leaves=True)
        clock.advance(days=6)
        assert _capacity(world) == 7 * HOURS
        assert _simulated(world) == [2, 2, 1, 1, 1]


def test_whoever_hands_over_work_while_away_is_away_still(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        world = _world(db, office, clock)
        _leave(world, "li", "wang")
        clock.advance(days=2)
        _hand_over(world, "li", leaves=False)
        clock.advance(days=4)
        assert _capacity(world) == 5 * HOURS
        assert _simulated(world) == [1, 1, 1, 1, 1]


def test_whoever_leaves_while_away_was_there_on_no_day_more(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        world = _world(db, office, clock)
        _leave(world, "li", "wang")
        clock.advance(days=2)
        _hand_over(world, "li", leaves=True)
        clock.advance(days=4)
        assert _capacity(world) == 5 * HOURS


@pytest.mark.parametrize(("after", "there"), [(0, [2, 2, 2, 2, 2]), (2, [1, 1, 2, 2, 2])])
def test_whoever_is_back_early_or_never_went_is_there_in_the_what_if_too(
    database: Database, office: SmallOffice, clock: Clock, after: int, there: list[int]
) -> None:
    with database.writing() as db:
        world = _world(db, office, clock)
        planned = _leave(world, "li", "wang", since=MONDAY + timedelta(days=0 if after else 1))
        clock.advance(days=after)
        duties.end_absence(db, by=office.actor(db, "li"), absence_id=planned)
        clock.advance(days=6 - after)
        assert _simulated(world) == there
        assert _capacity(world) == sum(there) * HOURS


def test_a_post_whose_only_deputy_left_is_attended_until_then_and_not_after(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        world = _world(db, office, clock)
        planned = [_leave(world, who, "wang") for who in ("li", "chen")]
        clock.advance(days=2)
        _hand_over(world, "wang", leaves=True)
        clock.advance(days=1)
        absence.change_absence(
            db, by=office.actor(db, "li"), absence_id=planned[0], deputy_id=office.persons["zhao"], until_day=FRIDAY,
            goes_back=True, why="",
        )  # fmt: skip
        clock.advance(days=3)
        there = loads.staff(db, MONDAY, FRIDAY)
        clerk = office.posts["clerk"]
        attended = [there.attended(clerk, MONDAY + timedelta(days=number)) for number in range(5)]
        assert attended == [True, True, False, True, True]


def test_another_deputy_does_not_change_who_stood_in_before(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    """Zhao is away at first: it was Wang who kept the post attended then."""
    with database.writing() as db:
        world = _world(db, office, clock)
        planned = [_leave(world, who, "wang") for who in ("li", "chen")]
        _leave(world, "zhao", "sun", until=MONDAY + timedelta(days=1))
        clock.advance(days=2)
        for one, who in zip(planned, ("li", "chen"), strict=True):
            absence.change_absence(
                db, by=office.actor(db, who), absence_id=one, deputy_id=office.persons["zhao"], until_day=FRIDAY,
                goes_back=True, why="",
            )  # fmt: skip
        there = loads.staff(db, MONDAY, FRIDAY)
        assert all(there.attended(office.posts["clerk"], MONDAY + timedelta(days=number)) for number in range(5))


def test_the_bottleneck_counts_whoever_is_away_without_a_deputy_among_the_absent(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        world = _world(db, office, clock)
        _leave(world, "li", "wang")
        clock.advance(days=2)
        _hand_over(world, "wang", leaves=True)
        there = loads.staff(db, MONDAY, FRIDAY)
        today = clock.now().date()
        assert bottlenecks._is_away(there, office.persons["li"], office.posts["clerk"], today)
