"""Hand-overs as they lie on the last day of the demo office: some just accepted, one returned, the others waiting."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from engine.base import clock
from engine.base.database import Database
from engine.base.errors import Refusal
from engine.cases.handing.acts import accept_hand_over, return_hand_over
from engine.cases.handing.reads import Unanswered, unanswered
from engine.organisation.reads import actor, chart

_ACCEPTED: Final = 6
_RETURNED: Final = (
    "The annexes that its list names are not with it. Please add them and send it again. "
    "清单所列附件未随件交来，请补齐后重新交接。"
)


def answer(database: Database, end: datetime) -> None:
    """By acts of whoever holds the post that received them."""
    with clock.reading(lambda: end):
        with database.reading() as db:
            waiting = unanswered(db, limit=60)
            holders = {post.id: [one.person_id for one in post.holders] for post in chart(db).posts}
        able = [one for one in waiting if holders[one.post_id]]
        returned = next((one for one in able if _returned(database, one, holders[one.post_id][0])), None)
        for one in [one for one in able if one is not returned][: 3 * _ACCEPTED : 3]:
            with database.writing() as db:
                by = actor(db, holders[one.post_id][0])
                accept_hand_over(db, by=by, case_id=one.case_id, number=one.number)


def _returned(database: Database, one: Unanswered, person_id: int) -> bool:
    try:
        with database.writing() as db:
            by = actor(db, person_id)
            return_hand_over(db, by=by, case_id=one.case_id, number=one.number, reason=_RETURNED)
    except Refusal:
        return False  # no way leads back from there: another one
    return True
