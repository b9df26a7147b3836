"""A period comes near its end, is over, and somebody confirms what that means where silence makes a legal act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from engine.base import clock
from engine.base.text import Text
from engine.cases import moves
from engine.cases.acts.extending import decides
from engine.cases.acts.made import is_new
from engine.cases.acts.moving import Note, keep_note, locked, ready
from engine.cases.clocks import kept, reads, rows, rules
from engine.cases.clocks.acts.counting import recompute_case
from engine.cases.clocks.held import give_back
from engine.cases.clocks.rows import Found
from engine.cases.clocks.tables import clocks
from engine.cases.rules import ReasonMissing
from engine.diagram.rule_sets import DECIDING, Clock
from engine.notices import acts as notices
from engine.organisation.rules import Actor
from engine.organisation.tables import posts
from engine.procedures.reads import supervises

_NOTICE = rules.KIND_NUMBERS[Clock.NOTICE]


def warn_of_expiry(db: Connection, *, case_id: int, kind: int) -> bool:
    """Five working days before silence takes effect, once. False where there is nothing to tell any more."""
    case = rows.open_case(db, case_id)
    if case is None or case.suspended_at is not None:
        return False
    at = clock.now()
    row = _due(db, case, kind, clocks.c.warn_at <= at)
    if row is None:
        return False
    _change(db, case_id, kind, warn_at=None)
    post = _tell_line(db, case, row, "period_ends")
    facts = {"clock": rules.KINDS[kind].value, "due": row.due_at, "effect": rules.EFFECTS[row.effect].value}
    keep_note(db, case, Note("warn_of_expiry", None, post, facts))
    return True


def note_expiry(db: Connection, *, case_id: int, kind: int) -> bool:
    """It is over, and that is told and kept once. What was to be told of what is missing is then deemed accepted from
    the day it was received; what silence is deemed to grant or refuse waits to be confirmed by a person."""
    case = rows.open_case(db, case_id)
    if case is None or case.suspended_at is not None:
        return False
    at = clock.now()
    row = _due(db, case, kind, clocks.c.due_at <= at, clocks.c.expired_at.is_(None))
    if row is None:
        return False
    effect = rules.EFFECTS[row.effect].value
    deemed = rules.is_deemed(row.effect)
    _change(db, case_id, kind, expired_at=at, warn_at=None, **({"unsettled_since": at} if deemed else {}))
    facts: dict[str, Any] = {"clock": rules.KINDS[kind].value, "due": row.due_at, "effect": effect}
    if kind == _NOTICE:
        facts["effect"] = "accepted"
        facts["began"] = _deem_accepted(db, case, row.begun_at, at)
    post = _tell_line(db, case, row, "period_over")
    if deemed:
        above = decides(db, 0, case.procedure_id)
        if above is not None:
            period = {"period": rules.kind_name(kind)}
            notices.tell_post(db, post_id=above, kind="period_to_confirm", facts=period, case_id=case_id)
    keep_note(db, case, Note("note_expiry", None, post, facts))
    return True


def confirm_expiry(
    db: Connection, *, by: Actor, case_id: int, kind: int, agree: bool, words: str, receipt: bytes | None = None
) -> None:
    """Silence is deemed to have decided, or that is set aside with a reason, as where a decision was sent in time.

    Raises NotYoursToConfirm, NotOver.
    """
    case = locked(db, case_id)
    if not is_new(db, case_id, receipt):
        return
    if not supervises(db, by, case.procedure_id):
        raise rules.NotYoursToConfirm(case=case.case_number)
    row = db.execute(
        select(clocks).where(
            *rows.of_case(case_id), clocks.c.kind == kind, clocks.c.unsettled_since.is_not(None),
            clocks.c.ended_at.is_(None),
        )
    ).first()  # fmt: skip
    if row is None:
        raise rules.NotOver(case=case.case_number)
    said = moves.reason(words, ReasonMissing)
    at = clock.now()
    _change(db, case_id, kind, unsettled_since=None, settled_at=at, settled_by=by.person_id, confirmed=agree)
    facts: dict[str, Any] = {
        "clock": rules.KINDS[kind].value, "effect": rules.EFFECTS[row.effect].value, "agree": agree, "reason": said
    }  # fmt: skip
    if agree:
        facts |= _decided(db, case, at)
    keep_note(db, case, Note("confirm_expiry", by, None, facts))
    held = reads.accountable_post(db, case_id)
    if held is not None:
        outcome = DEEMED_SAID[row.effect] if agree else _SET_ASIDE
        told = {"who": by.name, "why": said, "outcome": outcome}
        notices.tell_post(
            db, post_id=held, kind="period_confirmed", facts=told, case_id=case_id, except_for=by.person_id
        )


DEEMED_SAID = {
    2: Text("deemed granted", "视为准予"),
    3: Text("deemed refused", "视为不予准许"),
}
_SET_ASIDE = Text("set aside", "不予适用")


def _due(db: Connection, case: Found, kind: int, *conditions: Any) -> Found | None:
    """By the calendars of today: what was due by others may not be due yet, and is counted anew first."""
    row = db.execute(
        select(clocks).where(
            *rows.of_case(case.case_id), clocks.c.kind == kind, clocks.c.ended_at.is_(None), clocks.c.stands == 0,
            *conditions,
        )
    ).first()  # fmt: skip
    if row is not None and row.counted_by != case.calendars_version:
        recompute_case(db, case_id=case.case_id)
        return None
    return row


def _deem_accepted(db: Connection, case: Found, received: datetime, at: datetime) -> list[str]:
    """Nobody said in time what is missing: what begins with acceptance has run since the day it was received."""
    _change(db, case.case_id, _NOTICE, ended_at=at)
    watched = ready(db, case).clocks
    if watched is None:
        return []
    waiting = [one for one in watched.plans if one.kind in DECIDING and one.begins]
    began = kept.begin(db, case, waiting, watched.department_id, received)
    kept.count_anew(db, case.case_id, case.calendars_version)
    return [rules.KINDS[one].value for one in sorted(began)]


def _decided(db: Connection, case: Found, at: datetime) -> Mapping[str, Any]:
    """What runs until it is decided ends; what begins with the decision begins."""
    db.execute(
        update(clocks)
        .where(
            *rows.of_case(case.case_id), clocks.c.kind.in_([rules.KIND_NUMBERS[one] for one in DECIDING]),
            clocks.c.ended_at.is_(None),
        )
        .values(ended_at=at, stands=0)
    )  # fmt: skip
    made_ready = ready(db, case)
    ended = kept.release(db, case, at)
    given = {"stops_ended": ended, **give_back(db, case, made_ready, ended)} if ended else {}
    watched = made_ready.clocks
    after = [one for one in watched.plans if one.kind is Clock.DELIVERY] if watched is not None else []
    began = kept.begin(db, case, after, watched.department_id, at) if watched is not None and after else ()
    kept.count_anew(db, case.case_id, case.calendars_version)
    told = {"began": [rules.KINDS[one].value for one in sorted(began)]}
    return {**told, "clocks": given} if given else told


def _tell_line(db: Connection, case: Found, row: Found, kind: str) -> int | None:
    """The accountable post and the one above it; which post that was."""
    held = reads.accountable_post(db, case.case_id)
    if held is None:
        return None
    facts = {"period": rules.kind_name(row.kind)}
    notices.tell_post(db, post_id=held, kind=kind, facts=facts, case_id=case.case_id)
    above = db.scalar(select(posts.c.reports_to).where(posts.c.id == held))
    if above is not None:
        notices.tell_post(db, post_id=above, kind=kind, facts=facts, case_id=case.case_id)
    return held


def _change(db: Connection, case_id: int, kind: int, **values: Any) -> None:
    db.execute(update(clocks).where(*rows.of_case(case_id), clocks.c.kind == kind).values(**values))
