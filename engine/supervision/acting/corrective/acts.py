"""A finding becomes a corrective action; its post carries it out; somebody else says whether it helped."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from engine.base import clock
from engine.base.database import OFFICE, new_id
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name
from engine.cases import moves
from engine.notices.acts import tell, tell_post
from engine.organisation.reads import person_name, post_name, today
from engine.organisation.rules import Actor, Right
from engine.organisation.tables import posts
from engine.procedures.reads import supervised_departments
from engine.supervision.acting.corrective import rules
from engine.supervision.acting.corrective.rules import State
from engine.supervision.acting.corrective.tables import corrective_actions
from engine.supervision.acting.recorded import lock_office, on_office
from engine.supervision.acting.rules import receipt_for
from engine.supervision.reads import must_watch

_t = corrective_actions.c


@frozen
class Found:
    """What was found and where; all but the words may be unknown."""

    finding: str
    cause: str
    measure: str
    procedure_id: int | None = None
    element: str | None = None
    case_id: int | None = None


def open_action(
    db: Connection, *, by: Actor, found: Found, post_id: int, due_on: date | None, receipt: bytes | None = None
) -> int:
    """Its id; where the same was sent before, the id of that.

    Raises FindingMissing, CauseMissing, MeasureMissing, DueUnfit, PostUnfit.
    """
    must_watch(by)
    # A page that the back button brought is sent with the same receipt, and other words in it.
    receipt = receipt_for(receipt, found, post_id, due_on)
    here = _here(db, receipt)
    if here is not None:
        return here
    values: dict[str, Any] = {
        "finding": rules.fit_line(found.finding),
        "cause": moves.reason(found.cause, rules.CauseMissing),
        "measure": moves.reason(found.measure, rules.MeasureMissing),
        "due_on": rules.fit_due(due_on, today(db)),
    }
    department = db.scalar(select(posts.c.department_id).where(posts.c.id == post_id))
    if department is None or department not in supervised_departments(db, by):
        raise rules.PostUnfit()
    made = new_id()
    facts = {
        "action": made, **values, "post": post_id, "procedure": found.procedure_id, "element": found.element,
        "case": found.case_id,
    }  # fmt: skip
    # The record first: its lock on the office's row lets numbers follow one another.
    on_office(db, by, "open_corrective_action", facts)
    last = db.scalar(select(func.max(_t.number)).where(_t.office_id == OFFICE)) or 0
    db.execute(
        insert(corrective_actions).values(
            office_id=OFFICE, id=made, number=last + 1, department_id=department, post_id=post_id, state=State.OPEN,
            rounds=0, told_late=False, opened_at=clock.now(), opened_by=by.person_id, procedure_id=found.procedure_id,
            element=found.element, case_id=found.case_id, receipt=None if receipt is None else receipt.hex(), **values,
        )
    )  # fmt: skip
    _tell_post(db, by, post_id, "corrective_given", values["finding"], made)
    return made


def report_done(db: Connection, *, by: Actor, action_id: int, words: str) -> None:
    """By a holder of the post that answers for it; the same sent again is the same. Raises NotYoursToCarryOut, NotOpen, WordsMissing."""
    row = _locked(db, action_id)
    if row.post_id not in by.post_ids:
        raise rules.NotYoursToCarryOut(number=row.number, post=post_name(db, row.post_id))
    said = moves.reason(words, rules.WordsMissing)
    if (row.state, row.done_by, row.done_words) == (State.DONE, by.person_id, said):
        return
    if row.state != State.OPEN:
        raise _not_open(db, row)
    _change(db, row, state=State.DONE, done_at=clock.now(), done_by=by.person_id, done_words=said)
    on_office(db, by, "report_corrective_action", {"action": row.id, "number": row.number, "note": said})
    _tell_person(db, by, row.opened_by, "corrective_done", row.finding, row.id)


def verify_action(db: Connection, *, by: Actor, action_id: int, effective: bool, words: str) -> None:
    """Where it did not help, it is open again; the same sent again is the same.

    Raises NotYoursToVerify, OwnAction, NotDone, OpenedAgain, NotOpen, WordsMissing.
    """
    row = _locked(db, action_id)
    _must_judge(db, by, row)
    said = moves.reason(words, rules.WordsMissing)
    if _is_again(row, by, State.VERIFIED if effective else State.OPEN, said):
        return
    if row.state in (State.VERIFIED, State.DROPPED):
        raise _not_open(db, row)
    if row.state != State.DONE:
        raise _not_done(db, row)
    rules.must_be_another(row.number, by, row.done_by)
    closed = {"closed_at": clock.now(), "closed_by": by.person_id, "closed_words": said}
    if effective:
        _change(db, row, state=State.VERIFIED, **closed)
    else:
        _change(db, row, state=State.OPEN, rounds=row.rounds + 1, told_late=False, **closed)
    facts = {"action": row.id, "number": row.number, "effective": effective, "note": said}
    on_office(db, by, "verify_corrective_action", facts)
    _tell_post(db, by, row.post_id, "corrective_verified" if effective else "corrective_again", row.finding, row.id)


def drop_action(db: Connection, *, by: Actor, action_id: int, reason: str) -> None:
    """It is not needed after all; it stays in the register, with the reason. Raises NotYoursToVerify, NotOpen, WordsMissing."""
    row = _locked(db, action_id)
    _must_judge(db, by, row)
    said = moves.reason(reason, rules.WordsMissing)
    if _is_again(row, by, State.DROPPED, said):
        return
    if row.state not in (State.OPEN, State.DONE):
        raise _not_open(db, row)
    _change(db, row, state=State.DROPPED, closed_at=clock.now(), closed_by=by.person_id, closed_words=said)
    on_office(db, by, "drop_corrective_action", {"action": row.id, "number": row.number, "reason": said})
    _tell_post(db, by, row.post_id, "corrective_dropped", row.finding, row.id)


def tell_late(db: Connection, *, action_id: int) -> bool:
    """Its day is over and it is still open: the post and whoever opened it are told, once. False where there is nothing to tell."""
    row = _locked(db, action_id)
    if row.state != State.OPEN or row.told_late or row.due_on >= today(db):
        return False
    _change(db, row, told_late=True)
    on_office(db, None, "corrective_action_late", {"action": row.id, "number": row.number, "due": row.due_on})
    facts = {"outcome": Name(row.finding, row.finding), "action": row.id}
    tell_post(db, post_id=row.post_id, kind="corrective_late", facts=facts, except_for=row.opened_by)
    tell(db, persons=[row.opened_by], kind="corrective_late", facts=facts)
    return True


def _must_judge(db: Connection, by: Actor, row: Row[*tuple[Any, ...]]) -> None:
    if not by.may(Right.INSPECT) and row.department_id not in supervised_departments(db, by):
        raise rules.NotYoursToVerify(number=row.number)


def _is_again(row: Row[*tuple[Any, ...]], by: Actor, state: State, said: str) -> bool:
    """What the person closed it with, or opened it again with, is what stands there."""
    mine: bool = (row.state, row.closed_by, row.closed_words) == (state, by.person_id, said)
    return mine


def _not_open(db: Connection, row: Row[*tuple[Any, ...]]) -> rules.NotOpen:
    """Who did what, and when."""
    state = State(row.state)
    by, at = (row.done_by, row.done_at) if state is State.DONE else (row.closed_by, row.closed_at)
    return rules.NotOpen(number=row.number, person=person_name(db, by), did=rules.DID[state], at=at)


def _not_done(db: Connection, row: Row[*tuple[Any, ...]]) -> rules.NotDone | rules.OpenedAgain:
    if row.closed_by is None:
        return rules.NotDone(number=row.number)
    return rules.OpenedAgain(number=row.number, person=person_name(db, row.closed_by), at=row.closed_at)


def _here(db: Connection, receipt: bytes | None) -> int | None:
    """Under a lock: of two that come at once the second finds what the first has made."""
    if receipt is None:
        return None
    lock_office(db)
    found: int | None = db.scalar(select(_t.id).where(_t.office_id == OFFICE, _t.receipt == receipt.hex()))
    return found


def _locked(db: Connection, action_id: int) -> Row[*tuple[Any, ...]]:
    row = db.execute(
        select(corrective_actions).where(_t.office_id == OFFICE, _t.id == action_id).with_for_update()
    ).first()
    if row is None:
        raise NotFound(what=rules.ACTION)
    return row


def _change(db: Connection, row: Row[*tuple[Any, ...]], **values: Any) -> None:
    db.execute(update(corrective_actions).where(_t.office_id == OFFICE, _t.id == row.id).values(**values))


def _tell_post(db: Connection, by: Actor, post_id: int, kind: str, finding: str, action_id: int) -> None:
    facts = {"who": by.name, "outcome": Name(finding, finding), "action": action_id}
    tell_post(db, post_id=post_id, kind=kind, facts=facts, except_for=by.person_id)


def _tell_person(db: Connection, by: Actor, person_id: int, kind: str, finding: str, action_id: int) -> None:
    facts = {"who": by.name, "outcome": Name(finding, finding), "action": action_id}
    tell(db, persons=[person_id], kind=kind, facts=facts, except_for=by.person_id)
