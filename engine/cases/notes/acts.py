"""What people do with notes. The record holds of each text its digest alone: see decisions/0022."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name
from engine.cases.acts.moving import CASE, CASE_COLUMNS, Note, keep_note
from engine.cases.listing import visible_to
from engine.cases.notes import rules
from engine.cases.notes.reads import NOTE, is_visible, may_see, persons_by_login
from engine.cases.notes.tables import notes, texts
from engine.cases.tables import cases, tasks
from engine.notices.acts import tell
from engine.organisation.reads import actor, department_name, person_name
from engine.organisation.rules import Actor
from engine.procedures.reads import supervises

Found = Row[*tuple[Any, ...]]


@frozen
class Written:
    """`told`: whom it mentions, but the writer."""

    number: int
    told: tuple[Name, ...]


def write_note(
    db: Connection,
    *,
    by: Actor,
    case_id: int,
    text: str,
    department_id: int | None = None,
    also: Collection[int] = (),
) -> Written:
    """For whoever may see the case, or for one department. Tells whom it mentions, and those in `also`.

    Raises NoteEmpty, NotAnAudience, MayNotSeeCase, NotInAudience, TooManyMentioned.
    """
    fit = rules.fit_text(text)
    case = _locked(db, by, case_id)
    _must_be_an_audience(db, by, case_id, department_id)
    told = _told(db, by, case_id, department_id, fit, also)
    number = (db.scalar(select(func.max(notes.c.number)).where(*_of(case_id))) or 0) + 1
    at = clock.now()
    db.execute(
        insert(notes).values(
            office_id=OFFICE, case_id=case_id, number=number, at=at, person_id=by.person_id,
            department_id=department_id, versions=1, mentions=_ids(told),
        )
    )  # fmt: skip
    facts = {"department": department_id, "digest": _keep_text(db, case_id, number, 1, at, fit)}
    keep_note(db, case, Note("write_note", by, None, {"about": number, **facts}))
    _tell(db, by, case, number, [one.person_id for one in told])
    return Written(number, tuple(one.name for one in told))


def correct_note(db: Connection, *, by: Actor, case_id: int, number: int, text: str) -> Written:
    """Its writer, in the first minutes; the text before stays readable. Raises NoteOfOthers, NoteSettled, NoteStruck."""
    fit, at = rules.fit_text(text), clock.now()
    case = _locked(db, by, case_id)
    note = _note(db, by, case_id, number)
    if note.person_id != by.person_id:
        raise rules.NoteOfOthers(number=number, person=person_name(db, note.person_id))
    until = rules.may_correct_until(note.at)
    if at > until:
        raise rules.NoteSettled(number=number, until=until)
    told = _told(db, by, case_id, note.department_id, fit, ())
    version = note.versions + 1
    db.execute(update(notes).where(*_one(case_id, number)).values(versions=version, mentions=_ids(told)))
    facts = {"about": number, "digest": _keep_text(db, case_id, number, version, at, fit)}
    keep_note(db, case, Note("correct_note", by, None, facts))
    before = set(map(int, note.mentions.split()))
    _tell(db, by, case, number, [one.person_id for one in told if one.person_id not in before])
    return Written(number, tuple(one.name for one in told))


def strike_note(db: Connection, *, by: Actor, case_id: int, number: int, reason: str) -> None:
    """It stays, struck out, with the reason. Its writer, or whoever supervises the procedure. Raises NotForYouToStrike, NoteStruck."""
    fit, at = rules.fit_reason(reason), clock.now()
    case = _locked(db, by, case_id)
    note = _note(db, by, case_id, number)
    if note.person_id != by.person_id and not supervises(db, by, case.procedure_id):
        raise rules.NotForYouToStrike(number=number, person=person_name(db, note.person_id))
    salt = db.scalar(
        select(texts.c.salt).where(
            texts.c.office_id == OFFICE, texts.c.case_id == case_id, texts.c.number == number,
            texts.c.version == note.versions,
        )
    )  # fmt: skip
    db.execute(update(notes).where(*_one(case_id, number)).values(struck_at=at, struck_by=by.person_id, reason=fit))
    facts = {"about": number, "digest": rules.digest(salt or b"", fit)}
    keep_note(db, case, Note("strike_note", by, None, facts))


def _of(case_id: int) -> list[Any]:
    return [notes.c.office_id == OFFICE, notes.c.case_id == case_id]


def _one(case_id: int, number: int) -> list[Any]:
    return [*_of(case_id), notes.c.number == number]


def _locked(db: Connection, by: Actor, case_id: int) -> Found:
    """Also a case that has ended: what is asked about it later is noted on it too. Raises NotFound where it is not to be seen."""
    case = db.execute(
        select(*CASE_COLUMNS)
        .where(cases.c.office_id == OFFICE, cases.c.id == case_id, visible_to(db, by))
        .with_for_update()
    ).first()
    if case is None:
        raise NotFound(what=CASE)
    return case


def _note(db: Connection, by: Actor, case_id: int, number: int) -> Found:
    note = db.execute(select(notes).where(*_one(case_id, number), is_visible(by))).first()
    if note is None:
        raise NotFound(what=NOTE)
    if note.struck_at is not None:
        raise rules.NoteStruck(number=number, at=note.struck_at)
    return note


def _must_be_an_audience(db: Connection, by: Actor, case_id: int, department_id: int | None) -> None:
    if department_id is None or department_id in rules.departments_of(by):
        return
    takes_part = select(tasks.c.number).where(
        tasks.c.office_id == OFFICE, tasks.c.case_id == case_id, tasks.c.department_id == department_id
    )
    if db.scalar(takes_part.limit(1)) is None:
        raise rules.NotAnAudience()


def _told(
    db: Connection, by: Actor, case_id: int, department_id: int | None, text: str, also: Collection[int]
) -> list[Actor]:
    """Each of them may read the note already: a mention opens nothing to anybody."""
    known = persons_by_login(db, rules.possible_logins(text))
    wanted = {person for _begin, _end, person in rules.mentioned(text, known)} | set(also)
    if len(wanted) > rules.MOST_MENTIONED:
        raise rules.TooManyMentioned(most=rules.MOST_MENTIONED)
    found = [actor(db, person) for person in sorted(wanted - {by.person_id})]
    for one in found:
        if not may_see(db, one, case_id):
            raise rules.MayNotSeeCase(person=one.name)
        if department_id is not None and department_id not in rules.departments_of(one):
            raise rules.NotInAudience(person=one.name, department=department_name(db, department_id))
    return found


def _ids(persons: Collection[Actor]) -> str:
    return " ".join(str(one.person_id) for one in persons)


def _keep_text(db: Connection, case_id: int, number: int, version: int, at: datetime, text: str) -> str:
    salt = secrets.token_bytes(16)
    db.execute(
        insert(texts).values(
            office_id=OFFICE, case_id=case_id, number=number, version=version, at=at, salt=salt, text=text
        )
    )
    return rules.digest(salt, text)


def _tell(db: Connection, by: Actor, case: Found, number: int, persons: Collection[int]) -> None:
    tell(
        db, persons=persons, kind="mentioned", facts={"who": by.name, "note": number},
        case_id=case.case_id, except_for=by.person_id,
    )  # fmt: skip
