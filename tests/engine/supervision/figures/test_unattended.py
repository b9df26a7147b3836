"""How much of the waiting passed while nobody was there, beside the same counted minute by minute."""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from engine.base.database import Database
from engine.cases import acts
from engine.organisation.tables import absences, holdings
from engine.supervision.figures.folding import fold
from engine.supervision.figures.rules import Scope
from engine.supervision.figures.unattended import Unattended, unattended
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.engine.supervision.figures.brute import Brute
from tests.engine.supervision.figures.keeping_histories import day_of, told
from tests.engine.supervision.figures.scene import MOVES, Office

FIRST = BEGINNING.date()
WEEK = Scope(date(2026, 3, 2), date(2026, 3, 8))
POSTS = {"clerk": ("li", "chen"), "reviewer": ("wang", "zhao")}
AWAY = {"li": (0, 3, "chen"), "chen": (1, 2, "wang"), "wang": (1, 4, "zhao"), "zhao": (1, 3, "chen")}
"""From which day of the history to which, and who stands in: on the second and third nobody does, for clerks or reviewers."""
LEFT = {"wang": 5, "zhao": 6}
"""The last day on which they hold their post."""
OFTEN = ("begin", "begin", "claim", "claim", "release", "suspend", "resume", "resume", *("complete",) * 6)


def _away(world: Office) -> None:
    people = world.office.persons
    for login, (begin, end, deputy) in AWAY.items():
        world.db.execute(
            insert(absences).values(
                person_id=people[login], deputy_id=people[deputy], from_day=FIRST + timedelta(days=begin),
                until_day=FIRST + timedelta(days=end), post_ids="", procedure_ids="", goes_back=False, why="",
                planned_by=people[login],
            )
        )  # fmt: skip
    for login, last in LEFT.items():
        held = update(holdings).where(holdings.c.person_id == people[login])
        world.db.execute(held.values(until_day=FIRST + timedelta(days=last)))


def _is_there(login: str, number: int) -> bool:
    begin, end, _deputy = AWAY.get(login, (1, 0, ""))
    return not begin <= number <= end


def _attended(post: str, day: date) -> bool:
    number = (day - FIRST).days
    holders = [one for one in POSTS[post] if number <= LEFT.get(one, 1000)]
    return any(_is_there(one, number) or _is_there(AWAY[one][2], number) for one in holders)


def _exact(world: Office, scope: Scope, now: datetime) -> dict[int, Unattended]:
    rows = {one.case.id: one for one in told(world.db, world.procedure_id)}
    posts = {world.office.posts[post]: post for post in POSTS}
    waited, alone, done = Counter[int](), Counter[int](), Counter[int]()
    for one in Brute(world.db, scope, now).done:
        done[one.post_id] += 1
        case = rows[one.case_id]
        task = next(each for each in case.tasks if each.number == one.task_number)
        for minute, part, _work in case.parts(task):
            if part in ("waiting", "handed"):
                waited[one.post_id] += 1
                alone[one.post_id] += not _attended(posts[one.post_id], day_of(minute))
    return {
        post: Unattended(done[post], timedelta(minutes=waited[post]), timedelta(minutes=alone[post])) for post in waited
    }


@pytest.mark.parametrize("seed", [2, 4, *range(10, 6 + int(os.environ.get("OFFICIUM_HISTORIES", "4")))])
def test_it_equals_the_minutes_that_passed_while_nobody_was_there(
    database: Database, office: SmallOffice, clock: Clock, seed: int
) -> None:
    """What is played here is begun, taken and done more often than in other histories: else hardly anything is completed."""
    dice = random.Random(seed)
    with database.writing() as db:
        world = Office(db, office, clock).open()
        for _number in range(90):
            move = MOVES.index(dice.choice(OFTEN))
            world.step((move, dice.randrange(12), dice.randrange(28)))
        _away(world)
        fold(db, limit=dice.choice((0, 20, 10_000)) or 1)
        some: dict[int, Unattended] = {}
        for since, until in ((-2, 30), (0, 4), (3, 9)):
            scope = Scope(FIRST + timedelta(days=since), FIRST + timedelta(days=until), procedure_id=world.procedure_id)
            exact = _exact(world, scope, clock.now())
            assert unattended(db, actor=office.actor(db, "zhou"), scope=scope) == exact
            some |= exact
        if seed < 10:
            assert any(one.alone for one in some.values())
            assert any(one.alone != one.waited for one in some.values())


def test_what_waits_over_days_on_which_all_clerks_are_away_counts_these_days(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    """Monday nine o'clock to Friday one o'clock, and away on Tuesday and Wednesday: sixteen hours of thirty-six."""
    with database.writing() as db:
        world = Office(db, office, clock).open()
        for login in POSTS["clerk"]:
            db.execute(
                insert(absences).values(
                    person_id=office.persons[login], deputy_id=office.persons[login], from_day=date(2026, 3, 3),
                    until_day=date(2026, 3, 4), post_ids="", procedure_ids="", goes_back=False, why="", planned_by=1,
                )
            )  # fmt: skip
        world.do_begin(0)
        (row,) = world._tasks()
        opened = row.opened_at
        clock.advance(days=4, hours=4)
        li = office.actor(db, "li")
        acts.claim(db, by=li, case_id=row.case_id, number=row.number)
        acts.complete_task(db, by=li, case_id=row.case_id, number=row.number, submitted={})
        assert opened == BEGINNING
        found = unattended(db, actor=office.actor(db, "zhou"), scope=WEEK)[office.posts["clerk"]]
        assert (found.done, found.waited, found.alone) == (1, timedelta(hours=36), timedelta(hours=16))
        assert found.share == 16 / 36
        elsewhere = unattended(db, actor=office.actor(db, "sun"), scope=WEEK)[office.posts["clerk"]]
        assert elsewhere.alone is None, "two clerks of a department that she does not supervise"
