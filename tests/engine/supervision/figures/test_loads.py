"""What there is to do beside the hours there are for it."""

from __future__ import annotations

from datetime import date, timedelta

from engine.base.database import Database
from engine.cases import acts
from engine.organisation import acts as organisation
from engine.organisation.absence import acts as absence
from engine.organisation.lending import acts as lending
from engine.supervision.figures import loads
from engine.supervision.figures.acts import allow_people
from engine.supervision.figures.rules import PostLoad, Scope
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.supervision.figures.scene import Office
from tests.worlds import begun

WEEK = Scope(date(2026, 3, 2), date(2026, 3, 8))
HOURS = timedelta(hours=8)


def _loads(world: Office, scope: Scope = WEEK) -> dict[int, PostLoad]:
    found = loads.workload(world.db, actor=world.office.actor(world.db, "zhou"), scope=scope)
    return {one.post_id: one for one in found}


def _day(world: Office) -> timedelta:
    """What the office works on one day."""
    clerk = _loads(world, Scope(date(2026, 3, 2), date(2026, 3, 2)))[world.office.posts["clerk"]]
    return clerk.capacity / 2


def _leave_of_li(world: Office, since: date, until: date) -> int:
    """With Chen as deputy."""
    li = world.office.actor(world.db, "li")
    return absence.plan_absence(
        world.db, by=li, person_id=li.person_id, deputy_id=world.office.persons["chen"], from_day=since, until_day=until,
        why="Leave",
    )  # fmt: skip


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
        _leave_of_li(world, date(2026, 3, 5), date(2026, 3, 5))
        clock.advance(days=6)
        # Li works five days but one; Chen one whole day and four half ones.
        assert _loads(world)[clerk].capacity == 4 * HOURS + HOURS + 4 * HOURS / 2


def test_whoever_came_back_early_is_there_from_that_day_on(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        world = Office(db, office, clock).open()
        world.step((0, 0, 1))
        planned = _leave_of_li(world, date(2026, 3, 2), date(2026, 3, 6))
        clock.advance(days=2)
        absence.close_absence(db, by=office.actor(db, "li"), absence_id=planned)
        clock.advance(days=4)
        assert _loads(world)[office.posts["clerk"]].capacity == 8 * HOURS  # Chen five days, Li the last three


def test_whoever_is_lent_counts_at_the_post_for_those_days_and_opens_no_figure_of_few(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        world = Office(db, office, clock).open()
        clerk, boss = office.posts["clerk"], office.actor(db, "zhou")
        for login in ("zhao", "sun"):
            organisation.give_post(db, by=office.actor(db, "guo"), person_id=office.persons[login], post_id=clerk)
        lending.lend_post(
            db, by=boss, person_id=office.persons["wang"], post_id=clerk, until_day=date(2026, 3, 3), reason="Help"
        )
        case_id = begun(db, office, world.procedure_id).case_id
        wang = office.actor(db, "wang")
        acts.claim(db, by=wang, case_id=case_id, number=1)
        acts.begin_work(db, by=wang, case_id=case_id, number=1)
        clock.advance(hours=3)
        acts.complete_task(db, by=wang, case_id=case_id, number=1, submitted={})
        told = _loads(world)[clerk]
        # Five hold it, of whom one for two days: without them it is a group of four.
        assert (told.holders, told.lent, told.hidden, told.working, told.helped) == (5, 1, True, None, None)
        allow_people(db, by=office.actor(db, "guo"), allowed=True, reason="Agreed with the staff")
        told = _loads(world)[clerk]
        assert (told.working, told.helped) == (timedelta(hours=3), timedelta(hours=3))
        (helper,) = (one for one in loads.people(db, actor=boss, scope=WEEK) if one.post_id == clerk)
        assert (helper.person_id, helper.lent, helper.done) == (office.persons["wang"], True, 1)
        clock.advance(days=6)
        told = _loads(world)[clerk]
        assert (told.holders, told.lent, told.helped) == (4, 0, timedelta(hours=3))
        assert told.lent_capacity == 2 * HOURS / 2  # two days, half of each at their own post


def test_a_post_that_nobody_holds_is_vacant(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        world = Office(db, office, clock).open()
        world.step((0, 0, 1))
        for login in ("li", "chen"):
            organisation.person_leaves(db, by=office.actor(db, "guo"), person_id=office.persons[login])
        clock.advance(days=1)
        clerk = _loads(world)[office.posts["clerk"]]
        assert (clerk.vacant, clerk.open, clerk.days_to_clear) == (True, 1, None)
