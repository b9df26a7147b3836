"""What there is to do beside the hours there are for it."""

from __future__ import annotations

from datetime import date, timedelta

from engine.base.database import Database
from engine.organisation import acts as organisation
from engine.organisation.absence import acts as absence
from engine.supervision.figures import loads
from engine.supervision.figures.rules import PostLoad, Scope
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.supervision.figures.scene import Office

WEEK = Scope(date(2026, 3, 2), date(2026, 3, 8))
HOURS = timedelta(hours=8)


def _loads(world: Office, scope: Scope = WEEK) -> dict[int, PostLoad]:
    found = loads.workload(world.db, actor=world.office.actor(world.db, "zhou"), scope=scope)
    return {one.post_id: one for one in found}


def _day(world: Office) -> timedelta:
    """What the office works on one day."""
    clerk = _loads(world, Scope(date(2026, 3, 2), date(2026, 3, 2)))[world.office.posts["clerk"]]
    return clerk.capacity / 2


def test_capacity_is_the_hours_of_those_who_are_there(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        world = Office(db, office, clock).open()
        world.step((0, 0, 1))
        clock.advance(days=6)
        clerk = office.posts["clerk"]
        assert _day(world) == HOURS
        assert (_loads(world)[clerk].holders, _loads(world)[clerk].capacity) == (2, 10 * HOURS)


def test_days_that_have_not_come_yet_count_for_nothing(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        world = Office(db, office, clock).open()
        world.step((0, 0, 1))
        assert _loads(world)[office.posts["clerk"]].capacity == 2 * HOURS


def test_whoever_is_away_is_not_counted_and_whoever_holds_two_posts_is_split(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        world = Office(db, office, clock).open()
        world.step((0, 0, 1))
        guo, clerk = office.actor(db, "guo"), office.posts["clerk"]
        organisation.give_post(
            db, by=guo, person_id=office.persons["chen"], post_id=office.posts["reviewer"], from_day=date(2026, 3, 3)
        )
        absence.plan_absence(
            db, by=office.actor(db, "li"), person_id=office.persons["li"], deputy_id=office.persons["chen"],
            from_day=date(2026, 3, 5), until_day=date(2026, 3, 5), why="Leave",
        )  # fmt: skip
        clock.advance(days=6)
        # Li works five days but one; Chen one whole day and four half ones.
        assert _loads(world)[clerk].capacity == 4 * HOURS + HOURS + 4 * HOURS / 2


def test_a_post_that_nobody_holds_is_vacant(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        world = Office(db, office, clock).open()
        world.step((0, 0, 1))
        for login in ("li", "chen"):
            organisation.person_leaves(db, by=office.actor(db, "guo"), person_id=office.persons[login])
        clock.advance(days=1)
        clerk = _loads(world)[office.posts["clerk"]]
        assert (clerk.vacant, clerk.open, clerk.days_to_clear) == (True, 1, None)
