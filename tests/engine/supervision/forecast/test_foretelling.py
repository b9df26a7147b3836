"""What is learned of an office, foretold of its cases and held to what came."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, func, select, update

from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.cases.clocks import acts as clocks
from engine.organisation.calendars import acts as calendars
from engine.organisation.calendars import rules as calendar_rules
from engine.supervision.forecast import foretelling, past, reads
from engine.supervision.forecast.rules import Basis
from engine.supervision.forecast.tables import forecasts, models
from engine.supervision.forecast.tables import past as past_forecasts
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.supervision.forecast.scene import complete, ended, opened
from tests.worlds import begun


def foretold(db: Connection, procedure_id: int, clock: Clock) -> int:
    found = foretelling.cases_to_foretell(db, procedure_id=procedure_id, at=clock.now())
    return foretelling.keep_forecasts(db, rows=foretelling.foretell(db, procedure_id=procedure_id, case_ids=found))


def history(db: Connection, office: SmallOffice, clock: Clock) -> int:
    """24 cases: 18 decided on the third working day, a Wednesday to a Friday; 6 after two weeks, past the promise."""
    procedure_id = opened(db, office)
    for _week in range(2):
        monday = clock.moment
        ended(db, office, clock, procedure_id, days=2, number=9)
        clock.set(monday)
        ended(db, office, clock, procedure_id, days=14, number=3)
    return procedure_id


def test_what_is_foretold_follows_from_the_cases_that_ended(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        procedure_id = history(db, office, clock)
        fresh = begun(db, office, procedure_id).case_id
        sun, li = office.actor(db, "sun"), office.actor(db, "li")
        assert foretelling.procedures_to_learn(db, at=clock.now()) == (procedure_id,)
        assert foretelling.learn(db, one=foretelling.lesson(db, procedure_id=procedure_id, trees=None))
        assert foretelling.procedures_to_learn(db, at=clock.now()) == ()
        assert foretold(db, procedure_id, clock) == 1
        assert foretold(db, procedure_id, clock) == 0

        told = reads.case_forecast(db, actor=sun, case_id=fresh, now=clock.now())
        assert told is not None
        assert (told.basis, told.similar) == (Basis.STEP, 25)
        # 6 of 24 were late, and a case that began this moment tells nothing yet.
        assert told.promise == 25
        assert told.middle == clock.now() + timedelta(days=2)
        assert told.said.en == "25% likely to miss the promise, from 25 similar cases at this step."
        assert told.law is None  # its period begins once it is checked
        # The clerk who has it in hand answers for it; the reviewer does not yet.
        assert reads.case_forecast(db, actor=li, case_id=fresh, now=clock.now()) == told
        assert reads.case_forecast(db, actor=office.actor(db, "wang"), case_id=fresh, now=clock.now()) is None

        clock.advance(days=1)
        complete(db, office, fresh, "li")
        assert foretold(db, procedure_id, clock) == 1
        later = reads.case_forecast(db, actor=sun, case_id=fresh, now=clock.now())
        assert later is not None
        assert later.made_at == clock.now()
        assert later.law is not None

        (line,) = reads.open_cases(db, actor=sun, now=clock.now(), procedure_id=procedure_id)
        assert (line.case_id, line.step) == (fresh, "Decide 决定")
        (one,) = reads.overview(db, actor=sun, now=clock.now())
        assert (one.open, one.told, one.likely) == (1, 1, 0)
        with pytest.raises(NotAllowed):
            reads.overview(db, actor=li, now=clock.now())
        with pytest.raises(NotFound):
            reads.open_cases(db, actor=sun, now=clock.now(), procedure_id=procedure_id + 1)

        complete(db, office, fresh, "wang")
        assert foretelling.ended_but_kept(db) == (fresh,)
        foretelling.forget(db, case_ids=[fresh])
        assert db.scalar(select(func.count()).select_from(forecasts)) == 0


def test_a_stopped_clock_is_told_and_its_time_is_not_counted(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        procedure_id = history(db, office, clock)
        foretelling.learn(db, one=foretelling.lesson(db, procedure_id=procedure_id, trees=None))
        runs, stands = (begun(db, office, procedure_id).case_id for _ in range(2))
        clocks.stop_clock(
            db, by=office.actor(db, "sun"), case_id=stands, ground="supplement", words="the plan is missing",
        )  # fmt: skip
        clock.advance(days=5)
        foretold(db, procedure_id, clock)
        told = [
            reads.case_forecast(db, actor=office.actor(db, "sun"), case_id=one, now=clock.now())
            for one in (runs, stands)
        ]

        assert [one.standing for one in told if one] == [False, True]
        assert [one.left for one in told if one] == [1, None]
        assert told[0] is not None
        assert told[1] is not None
        # Of its five days the one that stands has used nothing, the other four.
        assert (told[1].promise or 0) <= (told[0].promise or 0)


def _work_through(db: Connection, office: SmallOffice, case_ids: list[int]) -> None:
    for case_id in case_ids:
        for login in ("li", "wang"):
            complete(db, office, case_id, login)


def test_what_was_foretold_is_held_to_what_came(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = history(db, office, clock)
        sun = office.actor(db, "sun")
        foretelling.learn(db, one=foretelling.lesson(db, procedure_id=procedure_id, trees=None))
        clock.advance(days=7)
        running = [begun(db, office, procedure_id).case_id for _ in range(22)]

        past.look_back(db, procedure_id=procedure_id)
        assert past.look_back(db, procedure_id=procedure_id) == 0
        page = reads.procedure_page(db, actor=sun, procedure_id=procedure_id, now=clock.now())
        assert (page.score, page.afterwards) == (None, None)
        assert [one.week for one in page.ahead] == [clock.now().date() + timedelta(days=7 * week) for week in range(4)]

        clock.advance(days=2)
        _work_through(db, office, running)
        clock.advance(days=5)
        past.look_back(db, procedure_id=procedure_id)
        page = reads.procedure_page(db, actor=sun, procedure_id=procedure_id, now=clock.now())
        assert page.score is not None
        assert page.score.count == 22
        kept = db.execute(select(past_forecasts).where(past_forecasts.c.afterwards.is_(False))).all()
        assert {row.case_id for row in kept} >= set(running)
        assert all(row.within == (row.low_at <= row.ended_at <= row.high_at) for row in kept if row.ended_at)
        assert all(row.missed_promise == (row.ended_at > row.promise_due) for row in kept if row.ended_at)
        assert {one.case_id for one in page.last} <= set(running)
        over = {one.week: one.figures for one in page.came}
        assert over[(clock.now() - timedelta(days=7)).date()].came_endings == 22
        with pytest.raises(NotFound):
            reads.procedure_page(db, actor=sun, procedure_id=procedure_id + 1, now=clock.now())


def _first_week(page: reads.ProcedurePage) -> tuple[date, float]:
    """The running week, and how many endings are expected in it."""
    return page.ahead[0].week, page.ahead[0].figures.endings.middle


def test_a_week_is_held_to_what_was_foretold_at_its_beginning(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        procedure_id = history(db, office, clock)
        sun = office.actor(db, "sun")
        foretelling.learn(db, one=foretelling.lesson(db, procedure_id=procedure_id, trees=None))
        clock.advance(days=7)
        monday = clock.now().date()
        running = [begun(db, office, procedure_id).case_id for _ in range(22)]
        past.look_back(db, procedure_id=procedure_id)
        page = reads.procedure_page(db, actor=sun, procedure_id=procedure_id, now=clock.now())
        at_first = _first_week(page)
        assert at_first[1] > 0

        clock.advance(days=2)
        _work_through(db, office, running)
        clock.advance(days=2)
        past.look_back(db, procedure_id=procedure_id)
        clock.advance(days=1)
        past.look_back(db, procedure_id=procedure_id)
        page = reads.procedure_page(db, actor=sun, procedure_id=procedure_id, now=clock.now())
        assert _first_week(page) == (monday, 0.0), "nothing is left to come on a Saturday"
        assert page.reckoned_on == monday + timedelta(days=5)

        clock.advance(days=2)
        past.look_back(db, procedure_id=procedure_id)
        page = reads.procedure_page(db, actor=sun, procedure_id=procedure_id, now=clock.now())
        over = {one.week: one.figures.endings.middle for one in page.came}
        assert over[monday] == at_first[1]


def test_a_week_that_nobody_foretold_at_its_beginning_is_told_afterwards(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        procedure_id = history(db, office, clock)
        foretelling.learn(db, one=foretelling.lesson(db, procedure_id=procedure_id, trees=None))
        clock.advance(days=7)
        monday = clock.now().date()
        begun(db, office, procedure_id)
        clock.advance(days=5)
        past.look_back(db, procedure_id=procedure_id)
        rows = db.execute(select(past_forecasts).where(past_forecasts.c.week == monday)).all()
        assert all(row.afterwards and row.made_at.date() <= monday for row in rows)
        page = reads.procedure_page(db, actor=office.actor(db, "sun"), procedure_id=procedure_id, now=clock.now())
        assert page.ahead[0].week == monday
        assert page.reckoned_on == monday + timedelta(days=5)


def test_it_is_told_how_many_ranges_held(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = history(db, office, clock)
        sun = office.actor(db, "sun")
        foretelling.learn(db, one=foretelling.lesson(db, procedure_id=procedure_id, trees=None))
        (line,) = reads.overview(db, actor=sun, now=clock.now())
        assert line.held is None
        clock.advance(days=7)
        running = [begun(db, office, procedure_id).case_id for _ in range(22)]
        past.look_back(db, procedure_id=procedure_id)
        clock.advance(days=2)
        _work_through(db, office, running)
        clock.advance(days=5)
        past.look_back(db, procedure_id=procedure_id)
        page = reads.procedure_page(db, actor=sun, procedure_id=procedure_id, now=clock.now())
        (line,) = reads.overview(db, actor=sun, now=clock.now())
        assert page.score is not None
        assert line.held == page.held == reads.Held(22, page.score.within)


def test_working_days_are_as_long_as_the_department_works(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        short = [calendar_rules.read_hours(hours) for hours in ["09:00-13:00"] * 5 + [""] * 2]
        calendars.set_hours(db, by=None, week=short, department_id=None)
        procedure_id = history(db, office, clock)
        sun = office.actor(db, "sun")
        foretelling.learn(db, one=foretelling.lesson(db, procedure_id=procedure_id, trees=None))
        clock.advance(days=7)
        case_id = begun(db, office, procedure_id).case_id
        past.look_back(db, procedure_id=procedure_id)
        foretold_end = db.scalar(select(past_forecasts.c.middle_at).where(past_forecasts.c.case_id == case_id))
        assert foretold_end is not None
        clock.set(foretold_end + timedelta(days=7))
        _work_through(db, office, [case_id])
        past.look_back(db, procedure_id=procedure_id)
        page = reads.procedure_page(db, actor=sun, procedure_id=procedure_id, now=clock.now())
        assert [one.off for one in page.last if one.case_id == case_id] == [5.0], "a week later is five working days"


def test_a_damaged_model_is_learned_anew(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = opened(db, office)
        ended(db, office, clock, procedure_id, days=2, number=20)
        begun(db, office, procedure_id)
        lesson = foretelling.lesson(db, procedure_id=procedure_id, trees=None)
        assert foretelling.learn(db, one=lesson)
        assert not foretelling.learn(db, one=lesson)
        db.execute(update(models).values(model=b"not a model"))

        assert foretold(db, procedure_id, clock) == 0
        assert foretelling.forget_damaged(db, procedure_id=procedure_id)
        assert foretelling.procedures_to_learn(db, at=clock.now()) == (procedure_id,)


def test_a_week_is_foretold_as_the_weeks_before_came_out(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = history(db, office, clock)
        foretelling.learn(db, one=foretelling.lesson(db, procedure_id=procedure_id, trees=None))
        for _ in range(9):
            clock.advance(days=7)
            begun(db, office, procedure_id)
            past.look_back(db, procedure_id=procedure_id)
        page = reads.procedure_page(db, actor=office.actor(db, "sun"), procedure_id=procedure_id, now=clock.now())
        over = sorted(page.came, key=lambda one: one.week)[-8:]
        assert [one.figures.came_endings for one in over] == [0] * 8
        first = page.ahead[0].figures
        assert first.reckoned is not None
        assert first.endings.middle < 0.6 * first.reckoned[0].mean, "they had been said to end, and did not"
