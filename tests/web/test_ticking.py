"""Timers fire by themselves: all that are due, in due order, whatever one broken case does."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from engine.base.database import Database
from engine.cases import acts
from engine.cases.tables import cases, task_events, timers
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.engine.diagram.builders import border, catch, cycle, end, first, line, source, start, timer, user
from tests.worlds import begun, every_head, in_force
from web.working.rounds import tick

CLERK = {"process:p": "clerk"}


def _late(days: int) -> bytes:
    return source(
        start(), user("work"), border("bell", "work", timer(f"P{days}D")), user("late"), end(),
        line("s", "work", "e"), line("bell", "late", "e"),
    )  # fmt: skip


def _begin(database: Database, office: SmallOffice, *days: int) -> list[int]:
    """A case each, whose timer is due after so many days."""
    with database.writing() as db:
        procedures = {
            one: in_force(db, office, _late(one), owners=CLERK, prefix="T" + "ABCDEFGHI"[one]) for one in {*days}
        }
        return [begun(db, office, procedures[one]).case_id for one in days]


def _fired(database: Database) -> list[int]:
    """Cases in the order in which something was opened in them for a second time."""
    with database.reading() as db:
        query = select(task_events.c.case_id).where(task_events.c.task_number == 2).order_by(task_events.c.at)
        return list(db.scalars(query))


def _open_timers(database: Database) -> int:
    with database.reading() as db:
        return len(db.execute(select(timers).where(timers.c.closed_at.is_(None))).all())


def test_whatever_is_due_fires_once_and_nothing_else(database: Database, office: SmallOffice, clock: Clock) -> None:
    case_ids = _begin(database, office, 1, 5, 1)
    assert tick(database) == 0
    clock.advance(days=1)
    assert tick(database) == 2
    assert sorted(_fired(database)) == sorted([case_ids[0], case_ids[2]])
    assert tick(database) == 0
    with database.reading() as db:
        assert first_broken(db, every_head(db)) is None


def test_more_than_one_look_holds_all_fire(
    database: Database, office: SmallOffice, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.working.draining._LOOK", 20)
    with database.writing() as db:
        procedure_id = in_force(db, office, _late(1), owners=CLERK)
        for _ in range(47):
            begun(db, office, procedure_id)
    clock.advance(days=2)
    assert tick(database) == 47
    assert _open_timers(database) == 0


class _Running:
    """A clock that goes on a little with every look, so that what came first can be told."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def now(self) -> object:
        return self.clock.advance(milliseconds=1)


def test_they_fire_in_the_order_they_are_due(
    database: Database, office: SmallOffice, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_ids = _begin(database, office, 3, 1, 2)
    clock.advance(days=4)
    monkeypatch.setattr("engine.base.clock.now", _Running(clock).now)
    assert tick(database) == 3
    assert _fired(database) == [case_ids[1], case_ids[2], case_ids[0]]


@pytest.mark.parametrize("rubbish", [b"", b"rubbish", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_one_broken_case_keeps_no_other_waiting(
    database: Database, office: SmallOffice, clock: Clock, caplog: pytest.LogCaptureFixture, rubbish: bytes
) -> None:
    broken, *sound = _begin(database, office, 1, 1, 2)
    with database.writing() as db:
        db.execute(update(cases).where(cases.c.id == broken).values(state=rubbish))
    clock.advance(days=3)
    with caplog.at_level(logging.ERROR, logger="officium.working"):
        assert tick(database) == 2
    assert str(broken) in caplog.text
    assert sorted(_fired(database)) == sorted(sound)
    assert _open_timers(database) == 1, "it is due still"
    assert tick(database) == 0, "and tried again without end neither"


def test_a_timer_that_another_one_disarms_does_not_fire_and_delays_nothing(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    """Two timers race behind one gateway; the loser is gone before its turn comes."""
    race = source(
        start(), first("race"), catch("quick", timer("P1D")), catch("slow", timer("P2D")), user("one"), user("two"), end(),
        line("s", "race", "quick", "one", "e"), line("race", "slow", "two", "e"),
    )  # fmt: skip
    with database.writing() as db:
        racing = in_force(db, office, race, owners=CLERK, prefix="RA")
        other = in_force(db, office, _late(3), owners=CLERK, prefix="OT")
        raced = [begun(db, office, racing).case_id for _ in range(60)]
        late = [begun(db, office, other).case_id for _ in range(60)]
    clock.advance(days=4)
    assert tick(database) == len(raced) + len(late)
    assert _open_timers(database) == 0


def test_a_cycle_that_fell_far_behind_ends_the_tick(database: Database, office: SmallOffice, clock: Clock) -> None:
    endless = source(
        start(), user("work"), border("bell", "work", cycle("R/PT1H"), interrupting=False), user("urge"), end(),
        line("s", "work", "e"), line("bell", "urge", "e"),
    )  # fmt: skip
    with database.writing() as db:
        begun(db, office, in_force(db, office, endless, owners=CLERK))
    clock.advance(days=30, minutes=1)
    assert tick(database) == 1
    with database.reading() as db:
        due = db.execute(select(timers.c.due_at).where(timers.c.closed_at.is_(None))).scalar_one()
    assert BEGINNING + timedelta(days=30) < due <= clock.now() + timedelta(hours=1)


def test_a_case_that_ended_meanwhile_is_no_trouble(
    database: Database, office: SmallOffice, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    (case_id,) = _begin(database, office, 1)
    with database.writing() as db:
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
    clock.advance(days=2)
    assert tick(database) == 0
    assert caplog.text == ""
