"""A period is extended once, by somebody entitled who did not ask for it, and with a reason that the applicant is told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.text import Text
from engine.cases import moves
from engine.cases.acts.extending import decides
from engine.cases.acts.made import is_new
from engine.cases.acts.moving import Note, keep_note, locked
from engine.cases.acts.resting import has_in_hand
from engine.cases.clocks import kept, rows, rules
from engine.cases.clocks.rows import Found
from engine.cases.clocks.tables import clocks, extensions
from engine.cases.rules import ReasonMissing
from engine.notices import acts as notices
from engine.organisation.rules import Actor
from engine.procedures.reads import supervises

_OUTCOME = {True: Text("granted", "同意"), False: Text("declined", "不同意")}


def ask_period(
    db: Connection, *, by: Actor, case_id: int, amount: int, reason: str, receipt: bytes | None = None
) -> None:
    """A supervisor of the procedure decides on it. Raises NotYoursToStop, NoClockRuns, NotExtended, PeriodOver,
    ExtendedAlready, AskedAlready, AmountUnfit."""
    case = locked(db, case_id)
    if not is_new(db, case_id, receipt):
        return
    if not has_in_hand(db, case_id, case.procedure_id, by):
        raise rules.NotYoursToStop(case=case.case_number)
    found = _extensible(db, case)
    asked = rows.asked_row(db, case_id)
    if asked is not None:
        raise rules.AskedAlready(at=asked.asked_at)
    more = rules.fit_amount(amount, _most(found))
    why = moves.reason(reason, ReasonMissing)
    unit = found[0].unit
    _insert(db, case_id, amount=more, unit=unit, asked_by=by.person_id, reason=why)
    keep_note(db, case, Note("ask_period", by, None, {"amount": more, "unit": unit, "reason": why}))
    above = decides(db, 0, case.procedure_id)
    if above is not None:
        notices.tell_post(
            db, post_id=above, kind="period_asked", facts={"who": by.name, "why": why}, case_id=case_id,
            except_for=by.person_id,
        )  # fmt: skip


def extend_period(
    db: Connection, *, by: Actor, case_id: int, amount: int, reason: str, receipt: bytes | None = None
) -> None:
    """Whether it was asked for or not. Raises NotYoursToExtend, OwnPeriod, NoClockRuns, NotExtended, PeriodOver,
    ExtendedAlready, AmountUnfit."""
    case = locked(db, case_id)
    if not is_new(db, case_id, receipt):
        return
    found = _extensible(db, case)
    asked = _must_decide(db, case, by)
    more = rules.fit_amount(amount, _most(found))
    why = moves.reason(reason, ReasonMissing)
    if asked is None:
        _insert(db, case_id, amount=more, unit=found[0].unit, asked_by=None, reason=why)
        asked = rows.asked_row(db, case_id)
    _decide(db, case, by, granted=True, words=why, amount=more)
    longer = [one.kind for one in found if one.extension]
    db.execute(update(clocks).where(*rows.of_case(case_id), clocks.c.kind.in_(longer)).values(extended_by=more))
    kept.count_anew(db, case_id, case.calendars_version)
    facts = {"amount": more, "unit": found[0].unit, "clocks": [rules.KINDS[one].value for one in longer], "reason": why}
    keep_note(db, case, Note("extend_period", by, None, facts))
    _tell(db, case_id, asked, by, why, granted=True)


def decline_period(db: Connection, *, by: Actor, case_id: int, reason: str, receipt: bytes | None = None) -> None:
    """Raises NotYoursToExtend, OwnPeriod, NobodyAsked."""
    case = locked(db, case_id)
    if not is_new(db, case_id, receipt):
        return
    asked = _must_decide(db, case, by)
    if asked is None:
        raise rules.NobodyAsked(case=case.case_number)
    why = moves.reason(reason, ReasonMissing)
    _decide(db, case, by, granted=False, words=why, amount=asked.amount)
    keep_note(db, case, Note("decline_period", by, None, {"amount": asked.amount, "unit": asked.unit, "reason": why}))
    _tell(db, case_id, asked, by, why, granted=False)


def _extensible(db: Connection, case: Found) -> list[Found]:
    """The first is the one whose unit the amount is told in."""
    running = rows.deciding_rows(db, case)
    found = [one for one in running if one.extension]
    if not found:
        raise rules.NotExtended()
    before = rows.granted_at(db, case.case_id)
    if before is not None:
        raise rules.ExtendedAlready(at=before)
    rows.must_not_be_over(found, clock.now())
    return found


def _most(found: list[Found]) -> int:
    return max(int(one.extension) for one in found)


def _must_decide(db: Connection, case: Found, by: Actor) -> Found | None:
    if not supervises(db, by, case.procedure_id):
        raise rules.NotYoursToExtend(case=case.case_number)
    asked = rows.asked_row(db, case.case_id)
    if (asked is not None and asked.asked_by == by.person_id) or rows.has_claimed(db, case.case_id, by.person_id):
        raise rules.OwnPeriod(case=case.case_number)
    return asked


def _insert(db: Connection, case_id: int, **values: Any) -> None:
    of_case = extensions.c.office_id == OFFICE, extensions.c.case_id == case_id
    number = select(func.coalesce(func.max(extensions.c.number), 0) + 1).where(*of_case).scalar_subquery()
    db.execute(
        insert(extensions).values(office_id=OFFICE, case_id=case_id, number=number, asked_at=clock.now(), **values)
    )


def _decide(db: Connection, case: Found, by: Actor, *, granted: bool, words: str, amount: int) -> None:
    db.execute(
        update(extensions)
        .where(
            extensions.c.office_id == OFFICE, extensions.c.case_id == case.case_id, extensions.c.decided_at.is_(None)
        )
        .values(decided_at=clock.now(), decided_by=by.person_id, granted=granted, words=words, amount=amount)
    )  # fmt: skip


def _tell(db: Connection, case_id: int, asked: Found | None, by: Actor, why: str, *, granted: bool) -> None:
    if asked is not None and asked.asked_by is not None:
        facts = {"who": by.name, "why": why, "outcome": _OUTCOME[granted]}
        notices.tell(
            db, persons=[asked.asked_by], kind="period_decided", facts=facts, case_id=case_id, except_for=by.person_id
        )
