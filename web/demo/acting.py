"""What supervisors of the demo office have done about what they saw: an alert, a corrective action, a task put before others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import Database
from engine.cases.inbox import Which, inbox
from engine.cases.rules import Order
from engine.organisation.reads import actor, chart, today
from engine.organisation.rules import Actor, Right
from engine.supervision.acting.corrective.acts import Found, open_action
from engine.supervision.acting.rules import Act
from engine.supervision.acting.together import Wish, act_on
from engine.supervision.alerts.acts import make_alert
from engine.supervision.alerts.rules import Alert, Kind

_SECTION: Final = "HC-PER"
_FOUND: Final = Found(
    "Plans come back a second time in one case of six 六件中有一件图纸二次退回",
    "The list of what a plan must show is known to the reviewers alone. 图纸要求清单仅审查人员掌握。",
    "The list goes to the counter, and to the applicant with the receipt. 将清单下发窗口，并随回执告知申请人。",
)
_WHY: Final = "The roof of the school next door has to be closed before winter. 相邻学校屋面须在入冬前封闭。"


def act_there(database: Database, end: datetime) -> None:
    with clock.reading(lambda: end), database.writing() as db:
        for department_id, post_id, by in _supervised(db):
            _act(db, department_id, post_id, by)


def _act(db: Connection, department_id: int, post_id: int, by: Actor) -> None:
    alert = Alert(
        "Too much waits 积压过多", "now.waiting", Kind.ABOVE, 10, 0, department_id=department_id,
    )  # fmt: skip
    make_alert(db, by=by, alert=alert)
    open_action(db, by=by, found=_FOUND, post_id=post_id, due_on=today(db) + timedelta(days=21))
    last = list(_lying(db, post_id))[-1:]
    if last:
        act_on(db, by=by, chosen=last, wish=Wish(Act.ORDER, _WHY, order=Order.SOONER))


def _lying(db: Connection, post_id: int) -> Iterator[tuple[int, int]]:
    holder = next((one for post in chart(db).posts if post.id == post_id for one in post.holders), None)
    if holder is not None:
        for line in inbox(db, actor=actor(db, holder.person_id), which=Which.POSTS, limit=20):
            if not line.suspended and line.kind is None:
                yield line.case_id, line.number


def _supervised(db: Connection) -> Iterator[tuple[int, int, Actor]]:
    """The section that reviews plans, its first post, and whoever supervises the bureau above it."""
    for _depth, bureau in chart(db).walk():
        heads = [post for post in bureau.posts if Right.SUPERVISE in post.rights and post.holders]
        for section in bureau.departments:
            doing = [post for post in section.posts if post.holders and not post.rights]
            if section.code == _SECTION and heads and doing:
                yield section.id, doing[0].id, actor(db, heads[0].holders[0].person_id)
