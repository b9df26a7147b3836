"""More time on the last day of the demo office: once granted beyond the turn of the year, once asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from engine.base import clock
from engine.base.database import Database
from engine.base.errors import Refusal
from engine.cases import acts, inbox, reads
from engine.cases.inbox import InboxLine, Which
from engine.organisation.reads import actor, chart

_ASKED: Final = (
    (
        30,
        "A survey has to be repeated, and its report takes some weeks. 须重新勘查，报告尚需数周。",
        "Granted once. 同意延长一次。",
    ),
    (3, "The figures of one annex do not agree and are being checked. 一份附件数据不一致，正在核对。", ""),
)


def ask_for_time(database: Database, end: datetime) -> None:
    """By acts of whoever has the tasks, and of whoever decides. The year that the first runs into is not told yet."""
    with clock.reading(lambda: end):
        with database.reading() as db:
            holders = {post.id: [one.person_id for one in post.holders] for post in chart(db).posts}
            persons = dict.fromkeys(person for held in holders.values() for person in held)
            claimed = [
                (person, line)
                for person in persons
                for line in inbox.inbox(db, actor=actor(db, person), which=Which.MINE)
            ]
        able = iter(
            [
                (person, line)
                for person, line in claimed
                if line.working and line.kind is None and line.due_at and line.due_at > end
            ]
        )
        for days, why, granted in _ASKED:
            for person, line in able:
                if _asked(database, person, line, days, why, granted, holders):
                    break


def _asked(
    database: Database, person: int, line: InboxLine, days: int, why: str, granted: str, holders: dict[int, list[int]]
) -> bool:
    try:
        with database.writing() as db:
            by = actor(db, person)
            number = acts.ask_extension(db, by=by, case_id=line.case_id, number=line.number, days=days, reason=why)
            page = reads.case(db, actor=by, case_id=line.case_id)
            post_id = next(one.post_id for one in page.tasks if one.number == number)
            if granted:
                acts.decide_extension(
                    db,
                    by=actor(db, holders[post_id][0]),
                    case_id=line.case_id,
                    number=number,
                    approve=True,
                    words=granted,
                )
    except (Refusal, IndexError):
        return False  # switched off there, or nobody holds the post that decides: another one
    return True
