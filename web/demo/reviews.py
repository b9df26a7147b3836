"""What is under review in the demo office: an edition with comments and a consent still awaited, one approved for a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

import processes
from engine.base import clock
from engine.base.database import Database
from engine.control import acts
from engine.control.reads import review
from engine.organisation.reads import actor, all_persons, chart
from engine.organisation.rules import Actor
from engine.procedures import acts as procedures
from engine.worktime.calendar import WorkCalendar
from processes.shape import Shipped
from web.demo.hours import at_work
from web.demo.simulation import Half

_LONG_REVIEWED: Final = 5
"""Months after which the procedure is reviewed that is overdue in the demo."""


def hold_reviews(database: Database, ids: Mapping[str, int], end: datetime, calendar: WorkCalendar, half: Half) -> None:
    """By acts, in the last days before `end`. `ids` are the procedures by their keys; what was done is added to `half`."""
    story = _Story(database, ids, end, calendar, half)
    story.approved_for_a_day()
    story.in_review()
    story.overdue()


class _Story:
    def __init__(
        self, database: Database, ids: Mapping[str, int], end: datetime, calendar: WorkCalendar, half: Half
    ) -> None:
        self._half = half
        self._database = database
        self._ids = ids
        self._end = end
        self._calendar = calendar
        self._zone = calendar.zone
        with database.reading() as db:
            self._persons = {one.login: one.id for one in all_persons(db)}

    @contextmanager
    def _on(self, days_ago: float) -> Iterator[Connection]:
        """A working moment about so many days before the end, and never behind it."""
        moment = min(at_work(self._end - timedelta(days=days_ago), self._calendar), self._end).replace(microsecond=0)
        with clock.reading(lambda: moment), self._database.writing() as db:
            yield db

    def _as(self, db: Connection, login: str) -> Actor:
        return actor(db, self._persons[login])

    def _drafted(self, db: Connection, key: str, before: bytes, after: bytes) -> int:
        (shipped,) = (one for one in processes.shipped() if one.key == key)
        return _deposited(db, self._as(db, "heping"), self._ids[key], shipped, before, after)

    def in_review(self) -> None:
        """The building permit: two departments have agreed, Planning asks and has not answered yet."""
        with self._on(6) as db:
            edition = self._drafted(
                db, "building_permit",
                b'officium:form="plans.form.json" officium:standardTime="P3D"',
                b'officium:form="plans.form.json" officium:standardTime="P2D"',
            )  # fmt: skip
            self._half.started += 1
            acts.submit_for_review(
                db,
                by=self._as(db, "heping"),
                edition_id=edition,
                note="The review of the plans takes two days instead of three. 图纸审查由三日缩短为两日。",
            )
        with self._on(5) as db:
            by = self._as(db, "xuguodong")
            acts.comment(
                db, by=by, edition_id=edition, element="review_plans",
                text="Who stands in when both permit officers are out on site? 两名经办人同时外出踏勘时由谁审查？",
            )  # fmt: skip
            acts.comment(
                db, by=by, edition_id=edition, element="review_planning",
                text="The form still asks for the plot in square mu. 表单中面积单位仍为“亩”。",
            )  # fmt: skip
            self._half.completed += 1
            acts.check(db, by=by, edition_id=edition, remarks="Well made; two comments. 编制规范，另有两条批注。")
        with self._on(4) as db:
            answer = "Guo Peng, who holds the post too. It is in the instruction now. 由郭鹏顶岗，作业指导已写明。"
            acts.reply(db, by=self._as(db, "heping"), edition_id=edition, number=1, text=answer)
        self._consents(edition, {"luoshan": 3.5, "gaoyuanming": 3, "shenkai": 2})
        with self._on(1) as db:
            acts.comment(
                db, by=self._as(db, "fanlihua"), edition_id=edition, element="review_planning",
                text="Two days are enough for the plans. Who tells us when they are ready? 审图两日足够。图纸审完后由谁通知我局？",
            )  # fmt: skip

    def _consents(self, edition: int, days: Mapping[str, float]) -> None:
        for login, ago in days.items():
            with self._on(ago) as db:
                self._half.completed += 1
                acts.consent(db, by=self._as(db, login), edition_id=edition, agreed=True)

    def approved_for_a_day(self) -> None:
        """The incoming document: agreed by all and approved, in force from the week after next."""
        with self._on(12) as db:
            edition = self._drafted(db, "incoming_document", b"P7D", b"P5D")
            self._half.started += 1
            acts.submit_for_review(
                db,
                by=self._as(db, "heping"),
                edition_id=edition,
                note="Reminders go out after five days instead of seven. 催办时间由七日改为五日。",
            )
        with self._on(11) as db:
            self._half.completed += 1
            acts.check(db, by=self._as(db, "dengrui"), edition_id=edition, remarks="Clear. 内容清楚。")
        self._all_consent(edition)
        with self._on(7) as db:
            self._half.completed += 1
            acts.approve(
                db,
                by=self._as(db, "linwanqing"),
                edition_id=edition,
                from_day=(self._end + timedelta(days=9)).astimezone(self._zone).date(),
                remarks="Tell the towns before it begins. 实行前通知各镇街。",
            )

    def _all_consent(self, edition: int) -> None:
        """Each department by the first holder of the post that is asked."""
        ago = 10.0
        while True:
            with self._on(ago) as db:
                person = _awaited(db, self._as(db, "heping"), edition)
                if person is None:
                    return
                self._half.completed += 1
                acts.consent(db, by=actor(db, person), edition_id=edition, agreed=True)
            ago -= 0.3

    def overdue(self) -> None:
        with self._on(0.5) as db:
            acts.set_review_interval(
                db, by=self._as(db, "heping"), procedure_id=self._ids["additional_budget"], months=_LONG_REVIEWED
            )


def _awaited(db: Connection, by: Actor, edition: int) -> int | None:
    """Somebody who holds the first post whose consent is awaited."""
    asked = review(db, actor=by, edition_id=edition).rounds[0].consents
    missing = next((one.post_id for one in asked if one.agreed is None), None)
    return next((post.holders[0].person_id for post in chart(db).posts if post.id == missing), None)


def _deposited(db: Connection, by: Actor, procedure_id: int, shipped: Shipped, before: bytes, after: bytes) -> int:
    """The shipped diagram with one thing changed. Posts and files are carried over from the edition in force."""
    changed = shipped.diagram.replace(before, after)
    if changed == shipped.diagram:
        raise ValueError(f"{shipped.key}: what the demo changes in it is not there any more")
    return procedures.deposit(
        db, by=by, procedure_id=procedure_id, file=f"{shipped.key}.bpmn", source=changed, attachments={}
    )
