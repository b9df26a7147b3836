"""What was asked at the counter of the demo office lately: answered, handed on, and still waiting."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import Database
from engine.counter import acts
from engine.organisation.reads import actor, chart
from engine.organisation.rules import Actor
from engine.worktime.calendar import WorkCalendar
from web.demo.hours import at_work

_ASKED: Final = (
    # days ago, who, contact, channel, what, answer, handed to, accepted
    (6.0, "Bai Ling 白玲", "13800016637", "2", "Does a garden wall of 1.8 m need a permit? 一米八高的院墙需要办理施工许可吗？",
     "No: below 30 m² of floor area nothing is needed; the neighbours' consent is. 不需要，建筑面积三十平方米以下无需许可，但须征得相邻方同意。", "", False),
    (3.0, "Hengda Logistics Co. 恒达物流有限公司", "13800005526", "1",
     "Which bureau decides on the access road of the warehouse? 仓库进场道路由哪个局审批？", "", "PN-REV", True),
    (1.2, "Peng Tao 彭涛", "", "1", "When is the road in front of No. 12 Willow Lane opened again? 柳巷 12 号门前道路何时恢复通行？",
     "", "TR-DOC", False),
    (0.4, "Wen Xiu 温秀", "wenxiu@example.com", "4", "May the application be handed in by post? 申请材料可以邮寄吗？", "", "", False),
)  # fmt: skip


def ask(database: Database, end: datetime, calendar: WorkCalendar) -> None:
    """By acts, in the last days before `end`."""
    for days_ago, caller, contact, channel, matter, answer, handed_to, accepted in _ASKED:
        moment = min(at_work(end - timedelta(days=days_ago), calendar), end).replace(microsecond=0)
        with clock.reading(lambda moment=moment: moment), database.writing() as db:  # type: ignore[misc]
            clerk = _holder(db, "SC-WIN")
            enquiry = acts.note_enquiry(db, by=clerk, caller=caller, contact=contact, channel=channel, matter=matter)
            if answer:
                acts.answer_enquiry(db, by=clerk, enquiry_id=enquiry, answer=answer)
            if handed_to:
                post = next(one.id for one in chart(db).posts if one.code == handed_to)
                acts.hand_on(db, by=clerk, enquiry_id=enquiry, post_id=post, reason="It is theirs 属其职责")
            if accepted:
                acts.accept_enquiry(db, by=_holder(db, handed_to), enquiry_id=enquiry)


def _holder(db: Connection, post: str) -> Actor:
    """The first of those who hold the post at the moment told."""
    found = next(one for one in chart(db).posts if one.code == post)
    return actor(db, found.holders[0].person_id)
