"""A case comes to rest on a ground that the law knows (中止), and goes on (恢复) with as much time as it had."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.cases import moves, rules
from engine.cases.acts.made import is_new
from engine.cases.acts.moving import Note, keep, keep_note, locked, move_of, ready
from engine.cases.clocks import kept as clocks
from engine.cases.due.counting import Clock, rested
from engine.cases.handing.rows import put_off
from engine.cases.marks import mark
from engine.cases.rules import NO_DUE, Mark
from engine.cases.tables import cases, tasks, timers
from engine.diagram import run
from engine.notices import acts as notices
from engine.organisation.rules import Actor, Right
from engine.procedures.reads import supervises
from engine.procedures.runnable import Runnable, place


def suspend(db: Connection, *, by: Actor, case_id: int, ground: int, words: str, receipt: bytes | None = None) -> None:
    """From now on nothing is completed in it and no timer fires. Raises GroundMissing, NotYoursToSuspend, CaseRests."""
    case = locked(db, case_id)
    if not is_new(db, case_id, receipt):
        return
    made_ready = ready(db, case)
    must_have_in_hand(db, case, by)
    must_be_allowed_everywhere(db, case, made_ready, "suspend")
    moves.must_not_rest(case)
    why = moves.ground(ground)
    said = moves.reason(words, rules.ReasonMissing)
    at = clock.now()
    db.execute(_of_case(case_id).values(suspended_at=at))
    db.execute(_open_timers(case_id).values(wake_at=None))
    clocks.rest_begins(db, case, at, by=by.person_id, words=said)
    keep_note(db, case, Note("suspend", by, _by_which(db, case_id, by), {"ground": int(why), "reason": said}))
    _tell(db, case, by, "suspended", said)


def resume(db: Connection, *, by: Actor, case_id: int, words: str = "", receipt: bytes | None = None) -> None:
    """What is due comes later by as long as it rested, in working time where it is counted in that; so do timers, but
    for those set for a day that is written down.

    Raises NotResting, NotYoursToSuspend.
    """
    case = locked(db, case_id)
    if not is_new(db, case_id, receipt):
        return
    must_have_in_hand(db, case, by)
    if case.suspended_at is None:
        raise moves.NotResting(case=case.case_number)
    at = clock.now()
    stood = at - case.suspended_at
    made_ready = ready(db, case)
    position = run.postpone(made_ready.model, case.state, by=stood, now=at)
    db.execute(_of_case(case_id).values(suspended_at=None))
    _put_off_tasks(db, case, made_ready, by, at)
    put_off(db, case, made_ready, [(case.suspended_at, at)])
    clocks.rest_ends(db, case, at, by=by.person_id)
    facts: dict[str, Any] = {"since": case.suspended_at, "seconds": int(stood.total_seconds())}
    if words.strip():
        facts["note"] = moves.reason(words, rules.ReasonMissing)
    keep(db, case, position, move_of(case, at), Note("resume", by, None, facts), made_ready)
    db.execute(_open_timers(case_id).where(timers.c.wake_at.is_(None)).values(wake_at=timers.c.due_at))
    _tell(db, case, by, "resumed", words.strip())


def _put_off_tasks(db: Connection, case: Row[*tuple[Any, ...]], made_ready: Runnable, by: Actor, at: datetime) -> None:
    for row in db.execute(
        select(
            tasks.c.number, tasks.c.due_at, tasks.c.opened_at, tasks.c.department_id, tasks.c.kind, tasks.c.edition_id,
            tasks.c.element,
        ).where(tasks.c.office_id == OFFICE, tasks.c.case_id == case.case_id, tasks.c.closed_at.is_(None))
    ).all():  # fmt: skip
        if row.due_at < NO_DUE:
            clock_of_task = Clock.of(row, place(db, made_ready, row.edition_id, row.element).standard_time)
            kept = rested(db, clock_of_task, case.suspended_at, at, version=case.calendars_version)
            db.execute(
                update(tasks)
                .where(tasks.c.office_id == OFFICE, tasks.c.case_id == case.case_id, tasks.c.number == row.number)
                .values(**kept.columns)
            )
        mark(db, case_id=case.case_id, number=row.number, kind=Mark.RESUMED, at=at, person_id=by.person_id)


def must_have_in_hand(db: Connection, case: Row[*tuple[Any, ...]], by: Actor) -> None:
    """Whoever has a task of it, or may take one; its supervisors. Raises NotYoursToSuspend."""
    if not has_in_hand(db, case.case_id, case.procedure_id, by):
        raise moves.NotYoursToSuspend(case=case.case_number)


def has_in_hand(db: Connection, case_id: int, procedure_id: int, by: Actor) -> bool:
    posts = by.post_ids | {
        post.post_id for one in by.stands_in for post in one.posts if one.covers(post.post_id, procedure_id)
    }
    mine = db.scalar(
        select(tasks.c.number)
        .where(
            tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.closed_at.is_(None),
            tasks.c.kind.is_(None),
            or_(tasks.c.person_id == by.person_id, (tasks.c.person_id.is_(None)) & tasks.c.post_id.in_(posts)),
        )
        .limit(1)
    )  # fmt: skip
    return mine is not None or supervises(db, by, procedure_id)


def _by_which(db: Connection, case_id: int, by: Actor) -> int | None:
    """The post that is accountable while it rests: that of the step they have or may take, else one that supervises."""
    row = db.execute(
        select(tasks.c.post_id)
        .where(
            tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.closed_at.is_(None),
            tasks.c.kind.is_(None), or_(tasks.c.person_id == by.person_id, tasks.c.post_id.in_(by.post_ids)),
        )
        .order_by(tasks.c.person_id.is_(None), tasks.c.due_at, tasks.c.number)
        .limit(1)
    ).first()  # fmt: skip
    if row is not None:
        return int(row.post_id)
    held = sorted(by.posts, key=lambda post: (Right.SUPERVISE not in post.rights, post.post_id))
    return held[0].post_id if held else None


def must_be_allowed_everywhere(db: Connection, case: Row[*tuple[Any, ...]], made_ready: Runnable, move: str) -> None:
    """A case stands at all of its open steps: any of them may be without the move. Raises MoveSwitchedOff."""
    for row in db.execute(
        select(tasks.c.edition_id, tasks.c.element).where(
            tasks.c.office_id == OFFICE, tasks.c.case_id == case.case_id, tasks.c.closed_at.is_(None),
            tasks.c.kind.is_(None),
        )
    ):  # fmt: skip
        step = place(db, made_ready, row.edition_id, row.element)
        rules.must_be_switched_on(step.name, step.without, move)


def _open_timers(case_id: int) -> Any:
    return update(timers).where(
        timers.c.office_id == OFFICE, timers.c.case_id == case_id, timers.c.closed_at.is_(None)
    )  # fmt: skip


def _of_case(case_id: int) -> Any:
    return update(cases).where(cases.c.office_id == OFFICE, cases.c.id == case_id)


def _tell(db: Connection, case: Row[*tuple[Any, ...]], by: Actor, kind: str, why: str) -> None:
    tell_all_at_work(db, case.case_id, by, kind, {"who": by.name, "why": why})


def tell_all_at_work(db: Connection, case_id: int, by: Actor, kind: str, facts: dict[str, Any]) -> None:
    """Whoever has claimed an open task of it."""
    persons = db.scalars(
        select(tasks.c.person_id)
        .where(
            tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.closed_at.is_(None),
            tasks.c.person_id.is_not(None),
        )
        .distinct()
    ).all()  # fmt: skip
    if persons:
        notices.tell(db, persons=persons, kind=kind, facts=facts, case_id=case_id, except_for=by.person_id)
