"""A few people of the demo office are away, and colleagues act in their stead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import Database
from engine.base.errors import Refusal
from engine.cases import acts, inbox
from engine.cases.narrowing import Which
from engine.organisation import reads
from engine.organisation.absence.acts import plan_absence
from engine.organisation.rules import Right

_PAIRS: Final = 4
_TAKEN: Final = 2
_AGO: Final = timedelta(days=2)
_WHY: Final = ("A course 培训", "Leave 休假", "A meeting in the province 赴省开会", "Leave 休假")


def go_away(database: Database, end: datetime, approval_id: int) -> None:
    """Planned two days ago, for a week; since then each deputy has taken up something.

    Not of the procedure `approval_id`: what its consents decide is left to whoever was asked.
    """
    with clock.reading(lambda: end - _AGO), database.writing() as db:
        pairs = list(_pairs(db))
        today = reads.today(db)
        for (absent, deputy), why in zip(pairs, _WHY, strict=False):
            plan_absence(
                db, by=reads.actor(db, absent), person_id=absent, deputy_id=deputy, from_day=today,
                until_day=today + timedelta(days=7), why=why,
            )  # fmt: skip
    with clock.reading(lambda: end), database.writing() as db:
        for _absent, deputy in pairs:
            _take_up(db, deputy, approval_id)


def _pairs(db: Connection) -> Iterator[tuple[int, int]]:
    """Of each department that has two people at work the second is away, and the first stands in."""
    found = 0
    for _depth, department in reads.chart(db).walk():
        at_work = dict.fromkeys(
            holder.person_id
            for post in department.posts
            if not post.rights - {Right.RECEIVE}
            for holder in post.holders
        )
        if len(at_work) > 1 and found < _PAIRS:
            deputy, absent, *_others = at_work
            found += 1
            yield absent, deputy


def _take_up(db: Connection, deputy: int, approval_id: int) -> None:
    by = reads.actor(db, deputy)
    taken = 0
    for line in inbox.inbox(db, actor=by, which=Which.DEPUTISED, limit=20):
        if taken == _TAKEN:
            return
        if line.procedure_id == approval_id:
            continue
        try:
            acts.claim(db, by=by, case_id=line.case_id, number=line.number)
        except Refusal:  # the deputy did what is kept apart from it: nothing was written
            continue
        taken += 1
