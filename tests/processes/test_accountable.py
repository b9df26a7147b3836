"""The shipped procedures at work: whatever happens in a case, one post is accountable for it as long as it is open."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

import processes
from engine import migrations
from engine.base import clock
from engine.base.database import Database
from engine.base.errors import Refusal
from engine.cases.accountable import Why
from engine.cases.acts import resume, suspend
from engine.cases.handing.acts import accept_hand_over
from engine.cases.handing.reads import accountable, unanswered
from engine.cases.standing import standing
from engine.cases.tables import cases, hand_overs, tasks
from engine.organisation.calendars.reads import calendar_of
from engine.organisation.reads import actor
from engine.organisation.tables import posts
from engine.records.verify import first_broken
from engine.worktime.calendar import WorkCalendar
from tests.thorough import THOROUGH
from tests.worlds import every_head
from web.demo.founding import found_demo
from web.demo.simulation import Simulation

SEEDS = (1, 2, 3) if THOROUGH else (1, 3)
END = datetime(2026, 6, 12, 9, 30, tzinfo=UTC)
LENGTH = timedelta(days=14)


class _Watched(Simulation):
    """Looks at a case after everything that happens in it, and lets some of them rest or be accepted meanwhile."""

    def __init__(self, calendar: WorkCalendar, shipped: dict[int, processes.Shipped], seed: int) -> None:
        super().__init__(calendar, shipped, END, seed)
        self.told: Counter[Why] = Counter()
        self._other_chance = Random(seed)

    def _look_at(self, db: Connection, case_id: int, at: datetime) -> None:
        super()._look_at(db, case_id, at)
        self._judge(db, case_id)
        if case_id in self._cases and self._other_chance.random() < 0.1:
            self._answer_or_rest(db, case_id)
            self._judge(db, case_id)

    def _answer_or_rest(self, db: Connection, case_id: int) -> None:
        waiting = [one for one in unanswered(db, limit=20) if one.case_id == case_id]
        at = clock.now()
        for one in waiting:
            holder = self._somebody([one.post_id], at)
            if holder is not None:
                accept_hand_over(db, by=actor(db, holder), case_id=case_id, number=one.number)
                return
        open_tasks = standing(db, case_id=case_id).tasks
        holder = self._somebody([open_tasks[0].post_id], at) if open_tasks else None
        if holder is None:
            return
        by = actor(db, holder)
        try:
            suspend(db, by=by, case_id=case_id, ground=2, words="A hearing is held. 举行听证。")
        except Refusal:
            return  # switched off, or claimed by somebody else
        assert self._judge(db, case_id) is Why.SUSPENDED
        resume(db, by=by, case_id=case_id)

    def _judge(self, db: Connection, case_id: int) -> Why | None:
        one = accountable(db, case_id)
        case = db.execute(select(cases.c.ended_at, cases.c.suspended_at).where(cases.c.id == case_id)).one()
        assert (one is None) == (case.ended_at is not None)
        if one is None:
            return None
        self.told[one.why] += 1
        assert db.scalar(select(posts.c.id).where(posts.c.id == one.post_id)) == one.post_id
        of = {
            row.post_id: row.person_id
            for row in db.execute(
                select(tasks.c.post_id, tasks.c.person_id).where(
                    tasks.c.case_id == case_id, tasks.c.closed_at.is_(None), tasks.c.kind.is_(None)
                )
            )
        }
        senders = set(
            db.scalars(
                select(hand_overs.c.from_post_id).where(
                    hand_overs.c.case_id == case_id, hand_overs.c.accepted_at.is_(None)
                )
            )
        )
        if one.why in (Why.STEP, Why.LEAD, Why.SILENT):
            assert one.post_id in of
            assert (one.why is Why.STEP) == (len(standing(db, case_id=case_id).tasks) == 1) or one.why is Why.SILENT
        elif one.why is Why.SENT:
            assert one.post_id in senders
        elif one.why in (Why.WAITS, Why.OWNER):
            assert not of
        return one.why


def _worked(folder: Path, seed: int) -> Counter[Why]:
    database = Database(f"sqlite:///{folder / f'office_{seed}.db'}")
    migrations.upgrade(database)
    plan = processes.office()
    zone = ZoneInfo(plan.zone)
    begin = (END - LENGTH).astimezone(zone).replace(hour=8, minute=0, second=0, microsecond=0)
    with clock.reading(lambda: begin), database.writing() as db:
        ids = found_demo(db, plan, END.astimezone(zone).date())
    shipped = {ids[one.key]: one for one in processes.shipped() if one.demo.cases_per_day or not one.start_form}
    with database.reading() as db:
        watched = _Watched(calendar_of(db), shipped, seed)
    watched.run(database, begin, lambda _share, _half: None)
    with database.reading() as db:
        assert first_broken(db, every_head(db)) is None
    database.close()
    return watched.told


def test_one_post_is_accountable_whatever_happens(tmp_path: Path) -> None:
    told = sum((_worked(tmp_path, seed) for seed in SEEDS), Counter[Why]())
    assert told.total() > 150 * len(SEEDS)
    assert {Why.STEP, Why.LEAD, Why.SENT, Why.SILENT, Why.WAITS, Why.SUSPENDED} <= set(told), told
