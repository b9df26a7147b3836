"""What a supervisor does where the watch shows that it is needed: a task is given to somebody else, somebody is added to a post."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, select

from engine.base.database import OFFICE
from engine.base.text import Name
from engine.cases import acts
from engine.cases.acts.moving import locked
from engine.cases.handing.rows import SILENT
from engine.cases.tables import hand_overs, tasks
from engine.notices.acts import tell
from engine.organisation.lending import acts as lending
from engine.organisation.reads import actor
from engine.organisation.rules import Actor
from engine.organisation.tables import holdings, persons, posts
from engine.procedures.reads import supervised_departments
from engine.supervision.acting.recorded import lock_office
from engine.supervision.acting.rules import FreedMeanwhile, TakenMeanwhile


def reassign(
    db: Connection, *, by: Actor, case_id: int, number: int, to_person: int | None, reason: str,
    receipt: bytes | None = None, seen: int | None = None,
) -> None:  # fmt: skip
    """To somebody, in the task's post where they hold it, else in one of theirs in its department; None: back to the post.

    Whoever supervises the department that has not accepted it yet accepts it so, by naming who does it.
    `seen`: who had it when it was looked at, 0 nobody: who would undo what another has just done is told so instead.
    Raises TakenMeanwhile, FreedMeanwhile, and what `transfer` and `give_back` raise.
    """
    if seen is not None:
        _must_be_as_seen(db, case_id, number, seen, to_person)
    if to_person is None:
        acts.give_back(db, by=by, case_id=case_id, number=number, reason=reason, receipt=receipt)
        return
    if _waits_for_acceptance(db, case_id, number, by):
        acts.accept_on_behalf(db, by=by, case_id=case_id, number=number, reason=reason)
    acts.transfer(
        db, by=by, case_id=case_id, number=number, to_person=to_person, reason=reason, receipt=receipt,
        to_post=_post_for(db, case_id, number, to_person),
    )  # fmt: skip


def _waits_for_acceptance(db: Connection, case_id: int, number: int, by: Actor) -> bool:
    """In a department whose supervisor the person is."""
    here = hand_overs.c.office_id == OFFICE, hand_overs.c.case_id == case_id, hand_overs.c.task_number == number
    receiver = db.scalar(select(hand_overs.c.to_department_id).where(*here, SILENT))
    return receiver is not None and receiver in supervised_departments(db, by)


def _must_be_as_seen(db: Connection, case_id: int, number: int, seen: int, to_person: int | None) -> None:
    """Already where it is to go is as good: the same sent twice."""
    locked(db, case_id)
    row = db.execute(
        select(tasks.c.person_id, tasks.c.claimed_at, persons.c.name_en, persons.c.name_zh)
        .outerjoin(persons, persons.c.id == tasks.c.person_id)
        .where(tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.number == number)
    ).first()
    if row is None or row.person_id == to_person or (row.person_id or 0) == seen:
        return
    if row.person_id is None:
        raise FreedMeanwhile()
    raise TakenMeanwhile(person=Name(row.name_en, row.name_zh), at=row.claimed_at)


def _post_for(db: Connection, case_id: int, number: int, person_id: int) -> int | None:
    """None: the task's own."""
    task = db.execute(
        select(tasks.c.post_id, tasks.c.department_id).where(
            tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.number == number
        )
    ).first()
    held = actor(db, person_id).posts
    if task is None or any(one.post_id == task.post_id for one in held):
        return None
    return next((one.post_id for one in held if one.department_id == task.department_id), None)


def lend(
    db: Connection,
    *,
    by: Actor,
    person_id: int,
    post_id: int,
    until_day: date | None,
    reason: str,
    from_day: date | None = None,
) -> int:
    """Somebody is added to a post for a time, and told. Raises what `lend_post` raises."""
    lock_office(db)  # of two that come at once the second finds what the first has given
    before = db.scalar(select(func.max(holdings.c.id)))
    made = lending.lend_post(
        db, by=by, person_id=person_id, post_id=post_id, until_day=until_day, reason=reason, from_day=from_day
    )
    if before is None or made > before:  # not the same sent again
        _tell_lent(db, by, made, "post_lent", reason)
    return made


def end_loan(db: Connection, *, by: Actor, holding_id: int, reason: str) -> date | None:
    """Whoever it was is told, once. Its last day; None where it had been ended already. Raises what `lending.end_loan` raises."""
    facts = _lent(db, holding_id)
    ended = lending.end_loan(db, by=by, holding_id=holding_id, reason=reason)
    if ended is not None and facts is not None:
        person_id, post, _until = facts
        told = {"who": by.name, "outcome": post, "why": reason.strip()}
        tell(db, persons=[person_id], kind="post_lent_ended", facts=told, except_for=by.person_id)
    return ended


def _tell_lent(db: Connection, by: Actor, holding_id: int, kind: str, reason: str) -> None:
    facts = _lent(db, holding_id)
    if facts is not None:
        person_id, post, until = facts
        outcome = Name(f"{post.en}, until {until.isoformat()}", f"{post.zh}，至 {until.isoformat()}")
        told = {"who": by.name, "outcome": outcome, "why": reason.strip()}
        tell(db, persons=[person_id], kind=kind, facts=told, except_for=by.person_id)


def _lent(db: Connection, holding_id: int) -> tuple[int, Name, date] | None:
    row = db.execute(
        select(holdings.c.person_id, holdings.c.until_day, posts.c.name_en, posts.c.name_zh)
        .join(posts, posts.c.id == holdings.c.post_id)
        .where(holdings.c.id == holding_id)
    ).first()
    return None if row is None else (row.person_id, Name(row.name_en, row.name_zh), row.until_day)
