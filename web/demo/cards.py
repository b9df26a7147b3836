"""Cards in the demo office: given day by day through its last weeks, some answered, some lifted, the others open."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import Database
from engine.base.errors import Refusal
from engine.organisation.reads import actor, chart
from engine.organisation.rules import Right
from engine.supervision.cards.acts import answer_card, lift_card, look_at_case
from engine.supervision.cards.kinds import Kind
from engine.supervision.cards.reads import CardLine, State, Which, card_list
from engine.supervision.cards.sweeping import due_looks

LAST_DAYS: Final = timedelta(days=5)
"""How long before its end the demo office begins to give cards: an office does not begin with half a year of them."""
_EVERY: Final = 2
_ANSWERS: Final = (
    "The surveyor was ill until Thursday. It is done first thing tomorrow. 测绘人员病休至周四，明日首先办理。",
    "Two of us were at the training. I have taken it over from my colleague. 两人外出培训，我已接手办理。",
    "The papers lay in another tray. They are found, and the step is being done. 材料误放，现已找到，正在办理。",
)
_LIFTED: Final = (
    "The register was out of order that day, for everybody; the report is with the case. 当日登记系统故障，有报告附卷。",
    "The applicant had asked for the date to be put off, in writing. 申请人曾书面要求改期。",
)
_ORDERED: Final = (
    "Somebody else takes it over today; I shall look at it again on Friday. 今日改派他人办理，周五我再查看。"
)


def look(db: Connection, now: datetime) -> None:
    """What the background would have done by then."""
    for case_id in due_looks(db, at=now, limit=2000):
        look_at_case(db, case_id=case_id)


def see_to_cards(database: Database, end: datetime) -> None:
    """By acts of whoever holds the post that got them, and of the supervision office."""
    with clock.reading(lambda: end):
        with database.writing() as db:
            look(db, end)
        with database.reading() as db:
            holders = {post.name.en: [one.person_id for one in post.holders] for post in chart(db).posts}
            officer = next(
                one.person_id for post in chart(db).posts if Right.INSPECT in post.rights for one in post.holders
            )
            given = card_list(db, actor=actor(db, officer), which=Which.ALL, state=State.OPEN, limit=500)
        own = [one for one in given if one.kind is not Kind.ESCALATION]
        for place, one in enumerate(own[::_EVERY]):
            if place % 3 < 2:
                _answered(database, one, holders.get(one.post.en, []), _ANSWERS[place % len(_ANSWERS)])
            else:
                _lifted(database, one, officer, _LIFTED[place % len(_LIFTED)])
        for one in [one for one in given if one.kind is Kind.ESCALATION][:: 2 * _EVERY]:
            _answered(database, one, holders.get(one.superior.en if one.superior else "", []), _ORDERED)


def _answered(database: Database, one: CardLine, people: list[int], words: str) -> None:
    if people:
        with database.writing() as db:
            answer_card(db, by=actor(db, people[0]), card_id=one.card_id, words=words)


def _lifted(database: Database, one: CardLine, officer: int, words: str) -> None:
    try:
        with database.writing() as db:
            lift_card(db, by=actor(db, officer), card_id=one.card_id, words=words)
    except Refusal:
        return  # it went to the supervision office itself
