"""Nothing ran for two days: what was due meanwhile takes effect once, in its order, and the record says what was missed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import orjson
from sqlalchemy import Connection, select

from engine.base import clock as base_clock
from engine.base.database import Database
from engine.cases import acts, reads
from engine.cases.acts.firing import stale_timers
from engine.cases.tables import timers
from engine.organisation.calendars import acts as calendars
from engine.organisation.calendars.reads import calendar_of
from engine.records.journal import entries
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.engine.diagram.builders import border, catch, cycle, end, line, source, start, timer, user
from tests.worlds import begun, every_head, in_force

CLERK = {"process:p": "clerk"}
HOURLY = source(
    start(), user("work"), border("bell", "work", cycle("R/PT1H"), interrupting=False), user("urge"), end(),
    line("s", "work", "e"), line("bell", "urge", "e"),
)  # fmt: skip
PAUSE = source(start(), catch("pause", timer("PT5H")), user("two"), end(), line("s", "pause", "two", "e"))
WORKED = PAUSE.replace(b'Event id="pause"', b'Event id="pause" officium:workingTime="true"').replace(b"PT5H", b"P2D")


def _facts(db: Connection, case_id: int) -> list[dict[str, object]]:
    return [orjson.loads(one.facts) for one in entries(db, case_id) if one.act == "fire_timer"]


def _catch_up(database: Database) -> list[int]:
    """Cases in the order in which something took effect in them."""
    found: list[int] = []
    while True:
        with database.writing() as db:
            due = reads.due_timers(db, at=base_clock.now(), limit=4)
            if not due:
                return found
            found += [case_id for case_id, token in due if acts.fire_timer(db, case_id=case_id, token=token)]


def test_after_two_days_each_cycle_comes_once_and_says_what_it_missed_and_all_else_in_its_order(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        hourly = in_force(db, office, HOURLY, owners=CLERK, prefix="HO")
        pause = in_force(db, office, PAUSE, owners=CLERK, prefix="PA")
        first = begun(db, office, pause).case_id
        cycles = [begun(db, office, hourly).case_id for _ in range(3)]
    clock.advance(minutes=30)
    with database.writing() as db:
        later = [begun(db, office, pause).case_id for _ in range(3)]
    clock.set(BEGINNING + timedelta(days=2))
    assert _catch_up(database) == [*sorted(cycles), first, *sorted(later)]
    assert _catch_up(database) == []
    with database.reading() as db:
        for case_id in cycles:
            (told,) = _facts(db, case_id)
            assert told["missed"] == 47
            (next_due,) = db.scalars(
                select(timers.c.due_at).where(timers.c.case_id == case_id, timers.c.closed_at.is_(None))
            ).all()
            assert next_due == clock.now() + timedelta(hours=1)
        for case_id in (first, *later):
            (told,) = _facts(db, case_id)
            assert "missed" not in told
        assert first_broken(db, every_head(db)) is None


def test_what_belongs_to_cases_that_rest_is_not_looked_at_until_they_go_on(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        hourly = in_force(db, office, HOURLY, owners=CLERK)
        resting = [begun(db, office, hourly).case_id for _ in range(5)]
        for case_id in resting:
            acts.suspend(db, by=office.actor(db, "li"), case_id=case_id, ground=1, words="Waits for a court.")
        clock.advance(minutes=5)
        awake = begun(db, office, hourly).case_id
    clock.advance(hours=3)
    with database.writing() as db:
        assert [case_id for case_id, _token in reads.due_timers(db, at=clock.now(), limit=1)] == [awake]
        assert not acts.fire_timer(db, case_id=resting[0], token=_token(db, resting[0]))
        acts.resume(db, by=office.actor(db, "li"), case_id=resting[0])
        assert resting[0] not in {one for one, _token_ in reads.due_timers(db, at=clock.now())}
    clock.advance(hours=1)
    with database.writing() as db:
        assert resting[0] in {one for one, _token_ in reads.due_timers(db, at=clock.now())}
        assert acts.fire_timer(db, case_id=resting[0], token=_token(db, resting[0]))


def _token(db: Connection, case_id: int) -> str:
    return str(
        db.scalars(select(timers.c.token).where(timers.c.case_id == case_id, timers.c.closed_at.is_(None))).one()
    )


def _due(db: Connection, case_id: int) -> datetime:
    found: datetime = db.scalars(
        select(timers.c.due_at).where(timers.c.case_id == case_id, timers.c.closed_at.is_(None))
    ).one()
    return found


def test_a_timer_of_working_time_ends_with_business_and_is_counted_anew_when_a_holiday_is_told(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    """Monday morning and two working days: Wednesday, until Tuesday is taken for a day off."""
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office, WORKED, owners=CLERK)).case_id
        calendar = calendar_of(db)
        ends = calendar.spans(date(2026, 3, 4))[-1][1]
        assert _due(db, case_id) == ends
        (wait,) = reads.case(db, actor=office.actor(db, "li"), case_id=case_id).waits
        assert (wait.working, wait.since) == (True, clock.now())
        assert wait.how_long is not None
        assert wait.how_long.say("en") == "after 2 working days"
        assert stale_timers(db) == ()
        calendars.set_day(db, by=None, day=date(2026, 3, 3), works=False, name_en="Off", name_zh="休")
    with database.writing() as db:
        assert stale_timers(db) == (case_id,)
        assert acts.recount_timers(db, case_id=case_id)
        assert _due(db, case_id) == calendar_of(db).spans(date(2026, 3, 5))[-1][1]
        assert stale_timers(db) == ()
        assert not acts.recount_timers(db, case_id=case_id)
        last = entries(db, case_id)[-1]
        assert (last.act, last.person_id) == ("recount_timers", None)
    clock.set(ends)
    with database.reading() as db:
        assert reads.due_timers(db, at=clock.now()) == ()
    clock.advance(days=1)
    assert _catch_up(database) == [case_id]
    with database.reading() as db:
        assert first_broken(db, every_head(db)) is None
