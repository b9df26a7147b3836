"""The demo office, for a fortnight instead of half a year: whatever is in it was done by acts, and holds together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

import processes
from engine import migrations
from engine.base import clock
from engine.base.database import Database
from engine.cases import inbox
from engine.cases.rules import Change
from engine.cases.tables import awaited, cases, incidents, task_events, tasks, timers
from engine.notices.tables import notices
from engine.organisation.reads import actor, all_persons
from engine.organisation.rules import AlreadyFounded
from engine.organisation.sign_in import sign_in
from engine.records.verify import first_broken
from engine.worktime.calendar import Hours, WorkCalendar, fit_week
from tests.worlds import every_head
from web import demo
from web.demo.hours import after_working, at_work
from web.demo.notices import UNREAD_FOR
from web.demo.simulation import Half

END = datetime(2026, 6, 12, 9, 30, tzinfo=UTC)
"""A Friday, half past five in the afternoon in Shanghai."""
FORTNIGHT = timedelta(days=14)
SHANGHAI = ZoneInfo("Asia/Shanghai")
HALVES = (Hours(time(8, 30), time(12)), Hours(time(13, 30), time(17, 30)))
CALENDAR = WorkCalendar(SHANGHAI, fit_week([HALVES] * 5 + [()] * 2))


@dataclass(frozen=True)
class Loaded:
    database: Database
    half: Half
    progress: list[float]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('demo') / 'office.db'}")
    migrations.upgrade(database)
    progress: list[float] = []
    with pytest.MonkeyPatch.context() as patch, clock.reading(lambda: END):
        patch.setattr(demo, "HALF_A_YEAR", FORTNIGHT)
        half = demo.load(database, lambda share, _half: progress.append(share))
        yield Loaded(database, half, progress)
    database.close()


def test_cases_were_started_and_some_have_ended(loaded: Loaded) -> None:
    with loaded.database.reading() as db:
        apart = db.scalar(select(func.count()).where(cases.c.number.startswith("LE-")))  # that ask a register outside
        started = db.scalar(select(func.count()).select_from(cases))
        ended = db.scalar(select(func.count()).select_from(cases).where(cases.c.ended_at.is_not(None)))
        completed = db.scalar(
            select(func.count())
            .select_from(task_events)
            .join(
                tasks,
                (tasks.c.case_id == task_events.c.case_id) & (tasks.c.number == task_events.c.task_number),
            )
            .where(task_events.c.change == Change.COMPLETED, tasks.c.kind.is_(None))
        )
        of = set(db.scalars(select(cases.c.procedure_id).where(cases.c.parent.is_(None))))
    assert started is not None
    assert ended is not None
    assert apart == 3
    assert (loaded.half.started, loaded.half.ended, loaded.half.completed) == (started - apart, ended, completed)
    assert started > ended > 0
    assert len(of) == len(processes.shipped()) + 1


def test_the_progress_goes_forward_from_nothing_to_all(loaded: Loaded) -> None:
    assert loaded.progress == sorted(loaded.progress)
    assert loaded.progress[0] >= 0
    assert 0.9 < loaded.progress[-1] <= 1


def test_nothing_went_wrong_in_it(loaded: Loaded) -> None:
    with loaded.database.reading() as db:
        (unanswered,) = db.execute(select(incidents.c.element, incidents.c.kind))  # by the register, as is meant
        assert tuple(unanswered) == ("ask_register", "service")
        assert first_broken(db, every_head(db)) is None


def test_every_open_case_waits_for_something_and_every_open_task_for_somebody(loaded: Loaded) -> None:
    with loaded.database.reading() as db:
        waiting = {
            case_id
            for table in (tasks, timers, awaited, incidents)
            for case_id in db.scalars(select(table.c.case_id).where(table.c.closed_at.is_(None)))
        }
        assert waiting == set(db.scalars(select(cases.c.id).where(cases.c.ended_at.is_(None))))
        held = {one.post_id for person in all_persons(db) for one in person.holdings if one.today}
        open_posts = set(db.scalars(select(tasks.c.post_id).where(tasks.c.closed_at.is_(None))))
        assert open_posts
        assert open_posts <= held


def test_no_timer_is_left_that_was_due_before_the_end(loaded: Loaded) -> None:
    with loaded.database.reading() as db:
        overdue = select(timers).where(timers.c.closed_at.is_(None), timers.c.due_at < END - timedelta(minutes=1))
        assert db.execute(overdue).all() == []


def test_everything_happened_within_the_fortnight_and_people_worked_when_people_work(loaded: Loaded) -> None:
    with loaded.database.reading() as db:
        moments = db.execute(select(task_events.c.at, task_events.c.change)).all()
    assert min(row.at for row in moments) >= END - FORTNIGHT - timedelta(days=1)
    assert max(row.at for row in moments) <= END
    for row in moments:
        if row.change in (Change.CLAIMED, Change.COMPLETED):
            local = row.at.astimezone(SHANGHAI)
            assert local.weekday() < 5, local
            assert 8 <= local.hour < 18, local


def test_whoever_is_offered_as_a_sign_in_can_sign_in_and_has_a_desk(loaded: Loaded) -> None:
    with loaded.database.writing() as db:
        offered = demo.sign_ins(db)
        assert len({one.login for one in offered}) == len(offered) > 3
        for one in offered:
            _secret, person = sign_in(db, login=one.login, password=one.password)
            assert person.post_ids
            inbox.inbox(db, actor=person)
        assert demo.is_the_demo(db)
        desks = [len(inbox.inbox(db, actor=actor(db, person.id))) for person in all_persons(db)]
        assert sum(desks) > 0


def test_loading_twice_is_refused_and_changes_nothing(loaded: Loaded) -> None:
    with loaded.database.reading() as db:
        before = db.scalar(select(func.count()).select_from(cases))
    with pytest.raises(AlreadyFounded):
        demo.load(loaded.database, lambda _share, _half: None)
    with loaded.database.reading() as db:
        assert db.scalar(select(func.count()).select_from(cases)) == before


# the hours people are at work

MOMENTS = st.integers(0, 365 * 24 * 3600).map(
    lambda second: datetime(2026, 1, 1, tzinfo=SHANGHAI) + timedelta(seconds=second)
)


def _is_at_work(moment: datetime) -> bool:
    minutes = moment.hour * 60 + moment.minute + moment.second / 60 + moment.microsecond / 6e7
    return moment.weekday() < 5 and (510 <= minutes <= 720 or 810 <= minutes <= 1050)


@given(MOMENTS)
def test_people_begin_when_they_are_at_work_and_not_before_they_were_asked(moment: datetime) -> None:
    begun = at_work(moment, CALENDAR)
    assert begun >= moment
    assert _is_at_work(begun)
    assert at_work(begun, CALENDAR) == begun


@given(MOMENTS, st.integers(0, 6000), st.integers(0, 6000))
def test_work_done_in_two_pieces_is_done_when_it_would_be_in_one(moment: datetime, first: int, second: int) -> None:
    whole = after_working(moment, timedelta(minutes=first + second), CALENDAR)
    pieces = after_working(
        after_working(moment, timedelta(minutes=first), CALENDAR), timedelta(minutes=second), CALENDAR
    )
    assert _is_at_work(whole)
    if second:
        assert pieces == whole
    assert whole >= moment + timedelta(minutes=first + second)


def test_everybody_has_read_what_they_were_told_but_for_the_last_days(loaded: Loaded) -> None:
    with loaded.database.reading() as db:
        rows = db.execute(select(notices.c.at, notices.c.read_at)).all()
    assert all(row.at >= END - UNREAD_FOR for row in rows if row.read_at is None)
    assert any(row.read_at is None for row in rows)
    assert any(row.read_at is not None for row in rows)
