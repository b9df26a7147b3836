"""The past is told task by task and case by case, whatever its length."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from engine.base.database import Database
from engine.cases.tables import cases
from engine.supervision.figures import history
from engine.supervision.figures.rules import Scope, WindowInverted
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.counting import counting
from tests.engine.supervision.figures.scene import Office

SINCE, UNTIL = date(2026, 3, 1), date(2026, 3, 31)


def _world(database: Database, office: SmallOffice, clock: Clock, db: object) -> Office:
    world = Office(db, office, clock).open()  # type: ignore[arg-type]
    for _ in range(4):
        world.step((0, 0, 1))
    for _ in range(18):
        world.step((1, 1, 2))
    return world


def test_tasks_come_case_by_case_in_their_order(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        world = _world(database, office, clock, db)
        told = list(history.finished(db, procedure_id=world.procedure_id, since=SINCE, until=UNTIL))
        ended = set(db.scalars(select(cases.c.id).where(cases.c.ended_at.is_not(None))))
        assert ended
        assert {one.case_id for one in told} == ended
        for case_id in ended:
            mine = [one for one in told if one.case_id == case_id]
            assert [one.task_number for one in mine] == sorted(one.task_number for one in mine)
            assert [one.first for one in mine] == [True, *[False] * (len(mine) - 1)]
        assert all(one.closed_at is not None and one.completed for one in told)


def test_a_page_of_many_is_as_exact_as_all_at_once(
    database: Database, office: SmallOffice, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as db:
        world = _world(database, office, clock, db)
        every = list(history.finished(db, procedure_id=world.procedure_id, since=SINCE, until=UNTIL))
        monkeypatch.setattr(history, "_TOGETHER", 1)
        assert sorted(
            history.finished(db, procedure_id=world.procedure_id, since=SINCE, until=UNTIL), key=str
        ) == sorted(every, key=str)
        with counting(database) as first:
            next(history.finished(db, procedure_id=world.procedure_id, since=SINCE, until=UNTIL))
        # One case has been read by then, not all of them.
        assert len(first.statements) <= 9


def test_cases_of_another_period_are_left_out(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        world = _world(database, office, clock, db)
        later = UNTIL + timedelta(days=1)
        assert list(history.finished(db, procedure_id=world.procedure_id, since=later, until=later)) == []
        ended = list(history.cases_between(db, procedure_id=world.procedure_id, since=SINCE, until=UNTIL))
        both = list(history.cases_between(db, procedure_id=world.procedure_id, since=SINCE, until=UNTIL, open_too=True))
        assert len(both) == 4
        assert {one.case_id for one in both if one.ended_at is not None} == {one.case_id for one in ended}
        open_now = {one.case_id for one in history.standing(db, procedure_id=world.procedure_id)}
        assert open_now == {one.case_id for one in both if one.ended_at is None}
        assert all(one.started_at >= BEGINNING for one in both)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(WindowInverted):
        Scope(UNTIL, SINCE)
