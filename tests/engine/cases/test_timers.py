"""Timers: armed when a case comes to them, fired once and not before they are due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from engine.base.database import Database
from engine.base.errors import NotFound
from engine.cases import acts, reads, rules
from engine.cases.tables import timers
from engine.records.journal import entries
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.engine.diagram.builders import border, catch, cycle, end, line, source, start, timer, user
from tests.worlds import begun, every_head, in_force

CLERK = {"process:p": "clerk"}


def _drawn(*, interrupting: bool, when: str) -> bytes:
    return source(
        start(), user("work"), border("bell", "work", when, interrupting=interrupting), user("urge"), end(),
        line("s", "work", "e"), line("bell", "urge", "e"),
    )  # fmt: skip


LATE = _drawn(interrupting=True, when=timer("P3D"))
URGED = _drawn(interrupting=False, when=timer("P3D"))
EVERY_DAY = _drawn(interrupting=False, when=cycle("R3/P1D"))
PAUSE = source(
    start(), user("one"), catch("pause", timer("P2D")), user("two"), end(), line("s", "one", "pause", "two", "e")
)


def _begin(database: Database, office: SmallOffice, drawn: bytes) -> int:
    with database.writing() as db:
        return begun(db, office, in_force(db, office, drawn, owners=CLERK)).case_id


def _armed(db: Connection, case_id: int) -> list[tuple[str, datetime]]:
    rows = db.execute(
        select(timers.c.token, timers.c.due_at)
        .where(timers.c.case_id == case_id, timers.c.closed_at.is_(None))
        .order_by(timers.c.due_at)
    )
    return [(row.token, row.due_at) for row in rows]


def _fire(database: Database, case_id: int, token: str) -> bool:
    with database.writing() as db:
        return acts.fire_timer(db, case_id=case_id, token=token)


def _page(db: Connection, office: SmallOffice, case_id: int) -> reads.CasePage:
    return reads.case(db, actor=office.actor(db, "li"), case_id=case_id)


def _token(database: Database, case_id: int) -> str:
    with database.reading() as db:
        return _armed(db, case_id)[0][0]


def test_a_timer_is_armed_with_the_step_it_belongs_to(database: Database, office: SmallOffice) -> None:
    case_id = _begin(database, office, LATE)
    with database.reading() as db:
        assert [due for _token, due in _armed(db, case_id)] == [BEGINNING + timedelta(days=3)]
        (wait,) = _page(db, office, case_id).waits
        assert (wait.element, wait.kind, wait.due_at) == ("bell", "timer", BEGINNING + timedelta(days=3))


def test_a_timer_is_disarmed_when_its_step_is_completed(database: Database, office: SmallOffice, clock: Clock) -> None:
    case_id = _begin(database, office, LATE)
    token = _token(database, case_id)
    with database.writing() as db:
        assert acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={}).ended
    clock.advance(days=4)
    with database.writing() as db:
        assert _armed(db, case_id) == []
        assert reads.due_timers(db, at=clock.now()) == ()
        with pytest.raises(rules.CaseEnded):
            acts.fire_timer(db, case_id=case_id, token=token)


def test_not_before_it_is_due(database: Database, office: SmallOffice, clock: Clock) -> None:
    case_id = _begin(database, office, LATE)
    token = _token(database, case_id)
    clock.advance(days=3, milliseconds=-1)
    with database.reading() as db:
        assert reads.due_timers(db, at=clock.now()) == ()
    assert not _fire(database, case_id, token)
    clock.advance(milliseconds=1)
    with database.reading() as db:
        assert reads.due_timers(db, at=clock.now()) == ((case_id, token),)
    assert _fire(database, case_id, token)


def test_an_interrupting_timer_cancels_the_step(database: Database, office: SmallOffice, clock: Clock) -> None:
    case_id = _begin(database, office, LATE)
    with database.writing() as db:
        acts.claim(db, by=office.actor(db, "li"), case_id=case_id, number=1)
    clock.advance(days=3)
    assert _fire(database, case_id, _token(database, case_id))
    with database.reading() as db:
        work, urge = _page(db, office, case_id).tasks
        assert (work.cancelled, work.closed_at) == (True, clock.now())
        assert (urge.element, urge.closed_at) == ("urge", None)
        assert _armed(db, case_id) == []


def test_a_timer_that_does_not_interrupt_leaves_the_step_open(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    case_id = _begin(database, office, URGED)
    clock.advance(days=3)
    assert _fire(database, case_id, _token(database, case_id))
    with database.reading() as db:
        assert [one.element for one in _page(db, office, case_id).open_tasks] == ["work", "urge"]
        assert _armed(db, case_id) == []


def test_once(database: Database, office: SmallOffice, clock: Clock) -> None:
    case_id = _begin(database, office, URGED)
    token = _token(database, case_id)
    clock.advance(days=5)
    assert _fire(database, case_id, token)
    assert not _fire(database, case_id, token)
    with database.reading() as db:
        assert [one.element for one in _page(db, office, case_id).open_tasks] == ["work", "urge"]


def test_a_cycle_is_armed_again_until_it_is_over(database: Database, office: SmallOffice, clock: Clock) -> None:
    case_id = _begin(database, office, EVERY_DAY)
    for rung in range(1, 4):
        with database.reading() as db:
            ((token, due),) = _armed(db, case_id)
        assert due == BEGINNING + timedelta(days=rung)
        clock.set(due)
        assert _fire(database, case_id, token)
        assert not _fire(database, case_id, token)
    with database.reading() as db:
        assert _armed(db, case_id) == []
        assert [one.element for one in _page(db, office, case_id).open_tasks] == ["work", "urge", "urge", "urge"]
        assert first_broken(db, every_head(db)) is None


def test_a_cycle_that_fell_behind_rings_once_and_goes_on(database: Database, office: SmallOffice, clock: Clock) -> None:
    """Nobody is urged three times in one minute because the server was off for three days."""
    case_id = _begin(database, office, EVERY_DAY)
    clock.advance(days=2, hours=12)
    assert _fire(database, case_id, _token(database, case_id))
    with database.reading() as db:
        assert all(due > clock.now() for _token_, due in _armed(db, case_id))
        assert [one.element for one in _page(db, office, case_id).open_tasks] == ["work", "urge"]


def test_the_end_of_a_pause_opens_what_comes_next(database: Database, office: SmallOffice, clock: Clock) -> None:
    case_id = _begin(database, office, PAUSE)
    with database.writing() as db:
        done = acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
        assert (done.ended, done.opened) == (False, ())
    clock.advance(days=2)
    assert _fire(database, case_id, _token(database, case_id))
    with database.reading() as db:
        assert [one.element for one in _page(db, office, case_id).open_tasks] == ["two"]


def test_the_record_says_that_the_engine_did_it_and_when_it_was_due(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    case_id = _begin(database, office, LATE)
    clock.advance(days=3, minutes=2)
    assert _fire(database, case_id, _token(database, case_id))
    with database.reading() as db:
        last = _page(db, office, case_id).record[-1]
        assert (last.act, last.person, last.at) == ("fire_timer", None, clock.now())
        assert last.facts["element"] == "bell"
        assert datetime.fromisoformat(last.facts["due"]) == BEGINNING + timedelta(days=3)
        assert [one.person_id for one in entries(db, case_id)] == [office.persons["li"], None]


def test_timers_are_told_in_the_order_they_are_due(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        slow = in_force(db, office, _drawn(interrupting=True, when=timer("P3D")), owners=CLERK, prefix="SL")
        quick = in_force(db, office, _drawn(interrupting=True, when=timer("P1D")), owners=CLERK, prefix="QU")
        cases = [begun(db, office, one).case_id for one in (slow, quick, slow, quick)]
    clock.advance(days=5)
    with database.reading() as db:
        told = [case_id for case_id, _token_ in reads.due_timers(db, at=clock.now())]
        assert set(told[:2]) == {cases[1], cases[3]}
        assert set(told[2:]) == {cases[0], cases[2]}
        assert len(reads.due_timers(db, at=clock.now(), limit=3)) == 3


@pytest.mark.parametrize("wrong", [{"token": "nowhere"}, {"case_id": 7}])
def test_a_timer_that_is_not_there_does_nothing(database: Database, office: SmallOffice, wrong: dict[str, Any]) -> None:
    case_id = _begin(database, office, LATE)
    asked = {"case_id": case_id, "token": "x", **wrong}
    with database.writing() as db:
        if "case_id" in wrong:
            with pytest.raises(NotFound):
                acts.fire_timer(db, **asked)
        else:
            assert not acts.fire_timer(db, **asked)
