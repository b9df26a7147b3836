"""Clocks of the demo office's cases: some stand while experts review, one period was extended, another is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import Database
from engine.base.errors import Refusal
from engine.cases.acts.extending import decides
from engine.cases.acts.resting import has_in_hand
from engine.cases.clocks import acts
from engine.cases.clocks.explained import case_time
from engine.cases.clocks.reads import ClockLine, clocks_expired, ending_cases, standing_cases
from engine.cases.standing import standing
from engine.diagram.rule_sets import Clock
from engine.organisation.reads import actor, chart, today
from engine.organisation.rules import Actor

_AHEAD: Final = timedelta(days=90)
_EXPERTS_TAKE: Final = timedelta(days=9)
_EXPERTS_ASKED: Final = 0.25
"""On how many mornings some expert is asked."""
_STOPS: Final = (
    (
        "review",
        "Experts assess the foundations beside the metro line; ten days. 专家评审临近地铁的基础方案，约需十日。",
    ),
    ("hearing", "Neighbours have asked for a hearing on the height. 利害关系人申请就建筑高度举行听证。"),
    ("inspection", "The fire laboratory tests the façade panels. 消防检测机构正在检测外墙板材。"),
    ("review", "A second opinion on the excavation was asked for. 委托对基坑支护方案复核。"),
)
_GONE_ON: Final = "The opinion is here, and is attached. 评审意见已出具并附卷。"
_ASKED: Final = (
    "Two reviewers are on leave; the fire review takes a week longer. 两名审查人员休假，消防审查需延长一周。",
    "The drawings were changed twice after comments. 图纸按意见修改两次，需重新审查。",
)
_GRANTED: Final = "The works are large and touch a protected building. 工程规模较大且涉及保护建筑，同意延长。"


def keep_clocks(db: Connection, at: datetime, *, works: bool) -> None:
    """What is over is noted, as an office at work does every few seconds; now and then experts are asked, and answer."""
    chance = Random(at.toordinal())  # noqa: S311 -- it decides what the demo shows, nothing else
    for case_id, kind in clocks_expired(db, at=at, limit=500):
        acts.note_expiry(db, case_id=case_id, kind=kind)
    if not works:
        return
    for one in standing_cases(db):
        if one.since is not None and one.since < at - _EXPERTS_TAKE:
            _go_on(db, one.case_id)
    if chance.random() < _EXPERTS_ASKED:
        able = [one for one in ending_cases(db, at=at, until=at + _AHEAD) if one.kind is Clock.JOINT]
        if able:
            _stop(db, chance.choice(able).case_id, *chance.choice(_STOPS))


def _stop(db: Connection, case_id: int, ground: str, words: str) -> None:
    by = next(_at_work(db, case_id), None)
    if by is not None:
        acts.stop_clock(db, by=by, case_id=case_id, ground=ground, words=words, notice_day=today(db))


def _go_on(db: Connection, case_id: int) -> None:
    time, by = case_time(db, case_id), next(_at_work(db, case_id), None)
    if time is None or by is None:
        return
    for stop in (one for one in time.stops if not (one.end_at or one.by_itself or one.rests)):
        acts.resume_clock(db, by=by, case_id=case_id, number=stop.number, words=_GONE_ON)


def keep_time(database: Database, end: datetime) -> None:
    """On the last day one period is extended, and somebody asks that another be."""
    with clock.reading(lambda: end), database.reading() as db:
        found = {one.case_id: one for one in ending_cases(db, at=end, until=end + _AHEAD) if one.kind is Clock.JOINT}
    for reason, one in zip(_ASKED, found.values(), strict=False):
        _ask(database, one, reason, end, grant=reason == _ASKED[0])


def _ask(database: Database, one: ClockLine, reason: str, end: datetime, *, grant: bool) -> None:
    try:
        with clock.reading(lambda: end), database.writing() as db:
            by = next(_at_work(db, one.case_id), None)
            above = decides(db, 0, one.procedure_id)
            if by is None or above is None:
                return
            acts.ask_period(db, by=by, case_id=one.case_id, amount=5, reason=reason)
            granting = next(iter(_holders(db, above)), None)
            if grant and granting is not None:
                acts.extend_period(db, by=granting, case_id=one.case_id, amount=5, reason=_GRANTED)
    except Refusal:
        return  # asked for by whoever would decide, or granted already


def _at_work(db: Connection, case_id: int) -> Iterator[Actor]:
    """Whoever has an open step of it in hand."""
    for task in standing(db, case_id=case_id).tasks:
        for by in _holders(db, task.post_id):
            if has_in_hand(db, case_id, 0, by):
                yield by


def _holders(db: Connection, post_id: int) -> Iterator[Actor]:
    for post in chart(db).posts:
        if post.id == post_id:
            for holder in post.holders:
                yield actor(db, holder.person_id)
