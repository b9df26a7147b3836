"""Moving running cases to the edition in force, and back within a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.cases.acts.journey import route
from engine.cases.acts.moving import Note, keep, keep_note, locked, move_of, ready
from engine.cases.calls import put_out_again
from engine.cases.changing import kept_copy, repoint, restore
from engine.cases.duties.reassigning import release_unfit
from engine.cases.rules import CaseEnded
from engine.cases.settle import Move
from engine.cases.tables import cases, tasks
from engine.control.moving import rules
from engine.control.moving.deeds import deeds_of
from engine.control.moving.judging import Judge
from engine.control.moving.reads import as_left, earlier, edition_of, recent
from engine.control.moving.rules import Kind, Verdict
from engine.control.tables import moved_cases
from engine.diagram import run
from engine.diagram.run import Moved
from engine.organisation.rules import Actor
from engine.procedures import rules as procedure_rules
from engine.procedures.tables import editions

_UNPROVED = Text("no way to the end was found from where it would stand", "从转版后的位置未找到通往结束的路径")

_NOT_EARLIER = Text("it does not run on an earlier edition of this procedure", "该办件未在本程序的其他版本上运行")


@frozen
class Outcome:
    """What one batch came to. `left`: cases that could have been moved and are not yet."""

    moved: int
    left: int


def move_case(
    db: Connection,
    *,
    by: Actor,
    case_id: int,
    edition_id: int,
    to: Mapping[str, str] | None = None,
    unproved: bool = False,
) -> None:
    """Raises NotMovable with the reason; `unproved`: also where no way to the end was found."""
    procedure_rules.must_design(by)
    edition = edition_of(db, edition_id)
    rules.must_be_in_force(edition.number, edition.state)
    _move(db, by, case_id, edition, Judge(db, edition_id, to or {}), unproved)


def move_cases(
    db: Connection,
    *,
    by: Actor,
    edition_id: int,
    to: Mapping[str, str] | None = None,
    unproved: bool = False,
    limit: int = rules.BATCH,
) -> Outcome:
    """The next so many of the running cases that can be moved. Each is recorded in its own record."""
    procedure_rules.must_design(by)
    edition = edition_of(db, edition_id)
    rules.must_be_in_force(edition.number, edition.state)
    judge = Judge(db, edition_id, to or {})
    rows = db.execute(earlier(edition.procedure_id, edition_id)).all()
    fit = [row.case_id for row, one in zip(rows, judge.verdicts(rows), strict=True) if _is_fit(one, unproved)]
    moved = tried = 0
    for case_id in fit:
        if moved == limit:
            break
        tried += 1
        try:
            _move(db, by, case_id, edition, judge, unproved)
        except (
            rules.NotMovable,
            CaseEnded,
        ):  # nothing was written of it: another one of its kind was proved, this one is not
            continue
        moved += 1
    return Outcome(moved, len(fit) - tried)


def _is_fit(one: Verdict, unproved: bool) -> bool:
    return one.kind is Kind.MOVES and (unproved or one.proved is True)


def _move(
    db: Connection, by: Actor, case_id: int, edition: Row[*tuple[Any, ...]], judge: Judge, unproved: bool
) -> None:
    case = locked(db, case_id)
    row = db.execute(earlier(edition.procedure_id, edition.id).where(cases.c.id == case_id)).first()
    pair = None if row is None else judge.pair(row.edition_id, row.process)
    if row is None or pair is None:
        raise rules.NotMovable(case=case.case_number, why=_NOT_EARLIER)
    deeds = deeds_of(db, [case_id], exact=True)[case_id]
    verdict, moved = judge.judge(row, pair, deeds, exact=True)
    if moved is None or moved.position is None:
        raise rules.NotMovable(case=case.case_number, why=verdict.reasons[0])
    if not verdict.proved and not unproved:
        raise rules.NotMovable(case=case.case_number, why=_UNPROVED)
    at = clock.now()
    copy = kept_copy(db, case_id)
    from_number = db.scalar(select(editions.c.number).where(editions.c.id == row.edition_id))
    facts = {
        "from": from_number,
        "from_id": row.edition_id,
        "edition": edition.number,
        "state": sha256(case.state).hexdigest(),
        "to": {old: new for old, new in judge.to.items() if old != new},
    }
    move = _move_of(db, case, moved, at)
    # Before what is new is opened: a task that changes its post is handed over, not cancelled and made again.
    repoint(db, case_id, moved.standing, pair.before, pair.after, at)
    db.execute(
        update(cases)
        .where(cases.c.office_id == OFFICE, cases.c.id == case_id)
        .values(edition_id=edition.id, process=pair.after.process)
    )
    keep(db, case, moved.position, move, Note("move_case", by, None, facts), pair.after)
    # What somebody has claimed and may not do by the rules of the new edition is not left with them.
    release_unfit(db, case_id, by)
    # What it has sent elsewhere cannot be called back: such a case has gone on by being moved.
    gone_on = bool(moved.position.sent)
    _remember(db, by, case, row.edition_id, edition.id, b"" if gone_on else copy, at)
    if moved.position.sent:
        route(db, locked(db, case_id), moved.position.sent, pair.after)


def _move_of(db: Connection, case: Row[*tuple[Any, ...]], moved: Moved, at: datetime) -> Move:
    """Where a task is cancelled and another opened elsewhere, the case is handed over by the one's department."""
    bare = move_of(case, at)
    closed = moved.position.closed if moved.position is not None else ()
    from_task = db.execute(
        select(tasks.c.department_id, tasks.c.post_id)
        .where(
            tasks.c.office_id == OFFICE,
            tasks.c.case_id == case.case_id,
            tasks.c.closed_at.is_(None),
            tasks.c.token.in_(closed),
        )
        .limit(1)
    ).first()
    if from_task is None:
        return bare
    return Move(
        bare.case_id, bare.procedure_id, bare.tasks_opened, bare.at,
        from_department=from_task.department_id, from_post=from_task.post_id,
        calendars_version=bare.calendars_version,
    )  # fmt: skip


def _remember(
    db: Connection, by: Actor, case: Row[*tuple[Any, ...]], before: int, after: int, copy: bytes, at: datetime
) -> None:
    last = db.scalar(
        select(func.max(moved_cases.c.number)).where(
            moved_cases.c.office_id == OFFICE, moved_cases.c.case_id == case.case_id
        )
    )
    db.execute(
        insert(moved_cases).values(
            office_id=OFFICE,
            case_id=case.case_id,
            number=(last or 0) + 1,
            from_edition_id=before,
            to_edition_id=after,
            at=at,
            by=by.person_id,
            version=case.version + 1,
            chain_length=case.chain_length + 1 if copy else 0,
            kept=copy,
        )
    )


def move_back(db: Connection, *, by: Actor, case_id: int) -> None:
    """The case as it was before it was moved, to the last row. Raises NotMoved, TooLate, GoneOn."""
    procedure_rules.must_design(by)
    _move_back(db, by, case_id)


def move_cases_back(db: Connection, *, by: Actor, edition_id: int, limit: int = rules.BATCH) -> Outcome:
    """The next so many of the cases moved to the edition in the last day in which nothing was done since."""
    procedure_rules.must_design(by)
    edition_of(db, edition_id)
    ids = db.scalars(
        select(moved_cases.c.case_id)
        .join(cases, cases.c.id == moved_cases.c.case_id)
        .where(recent(edition_id, clock.now()), as_left())
        .order_by(moved_cases.c.at, moved_cases.c.case_id)
    ).all()
    for case_id in ids[:limit]:
        _move_back(db, by, case_id)
    return Outcome(len(ids[:limit]), len(ids[limit:]))


def _move_back(db: Connection, by: Actor, case_id: int) -> None:
    case = db.execute(
        select(cases.c.number, cases.c.version, cases.c.chain_length, cases.c.edition_id)
        .where(cases.c.office_id == OFFICE, cases.c.id == case_id)
        .with_for_update()
    ).first()
    last = db.execute(
        select(moved_cases)
        .where(moved_cases.c.office_id == OFFICE, moved_cases.c.case_id == case_id)
        .order_by(moved_cases.c.number.desc())
        .limit(1)
    ).first()
    if case is None or last is None or last.undone_at is not None:
        raise rules.NotMoved(case=case.number if case is not None else case_id)
    now = clock.now()
    as_it_was_left = (case.version, case.chain_length) == (last.version, last.chain_length)
    rules.must_be_undoable(case.number, last.at, now, as_it_was_left)
    numbers = {row.id: row.number for row in db.execute(select(editions.c.id, editions.c.number))}
    restore(db, case_id, last.kept)
    db.execute(
        update(cases)
        .where(cases.c.office_id == OFFICE, cases.c.id == case_id)
        .values(version=case.version + 1, ended_at=None)
    )
    db.execute(
        update(moved_cases)
        .where(moved_cases.c.office_id == OFFICE, moved_cases.c.case_id == case_id, moved_cases.c.number == last.number)
        .values(undone_at=now, undone_by=by.person_id)
    )
    facts: dict[str, Any] = {"from": numbers[last.to_edition_id], "edition": numbers[last.from_edition_id]}
    before = locked(db, case_id)
    asked = run.calls_out(ready(db, before).model, before.state, now=now)
    # While it stood elsewhere nobody awaited the answer, and whoever sends may have seen that.
    again = put_out_again(db, case_id, before.procedure_id, asked, now)
    if again:
        facts["asked_again"] = list(again)
    keep_note(db, before, Note("move_back", by, None, facts))
