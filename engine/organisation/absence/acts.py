"""What people do about absences: plan, change, end. Written on the chain of whoever is absent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, or_, select, update

from engine.base import clock
from engine.base.dialects import upserting
from engine.base.errors import NotFound
from engine.base.text import Name
from engine.organisation import reads
from engine.organisation.absence import rules
from engine.organisation.absence.reads import ABSENCE, supervises_person
from engine.organisation.absence.rules import Scope
from engine.organisation.rules import Actor, PersonLeft, Right
from engine.organisation.tables import absences, former_deputies, holdings, persons
from engine.records.journal import Chain, write

_DAY: Final = timedelta(days=1)


def plan_absence(
    db: Connection,
    *,
    by: Actor,
    person_id: int,
    deputy_id: int,
    from_day: date,
    until_day: date,
    post_ids: Collection[int] = (),
    procedure_ids: Collection[int] = (),
    goes_back: bool = True,
    why: str = "",
) -> int:
    """`until_day` is the last day. Raises what keeps the days, the deputy or the scope from being possible."""
    person = _account(db, person_id)
    _must_plan_for(db, by, person_id, _name(person))
    today = reads.today(db)
    rules.fit_days(from_day, until_day, today)
    scope = Scope(frozenset(post_ids), frozenset(procedure_ids))
    words = rules.fit_why(why)
    _must_be_possible(db, person, deputy_id, from_day, until_day, scope, besides=None)
    made: int = db.execute(
        insert(absences)
        .values(
            person_id=person_id, deputy_id=deputy_id, from_day=from_day, until_day=until_day,
            post_ids=rules.words_of(scope.post_ids), procedure_ids=rules.words_of(scope.procedure_ids),
            goes_back=goes_back, why=words, planned_by=by.person_id,
        )
        .returning(absences.c.id)
    ).scalar_one()  # fmt: skip
    facts = {
        "absence": made, "deputy": deputy_id, "from": from_day, "until": until_day, "posts": sorted(scope.post_ids),
        "procedures": sorted(scope.procedure_ids), "goes_back": goes_back, "why": words,
    }  # fmt: skip
    _note(db, person, by, "plan_absence", facts)
    return made


def change_absence(
    db: Connection, *, by: Actor, absence_id: int, deputy_id: int, until_day: date, goes_back: bool, why: str
) -> None:
    """Another deputy, another last day. What the first deputy has claimed stays theirs until the absence ends."""
    row = _open(db, absence_id)
    person = _account(db, row.person_id)
    _must_plan_for(db, by, row.person_id, _name(person))
    today = reads.today(db)
    rules.fit_days(row.from_day, until_day, today, begun=True)
    words = rules.fit_why(why)
    scope = Scope(rules.ids_of(row.post_ids), rules.ids_of(row.procedure_ids))
    begin = max(row.from_day, today)  # who was away before may stand in from now on
    _must_be_possible(db, person, deputy_id, begin, until_day, scope, besides=absence_id)
    if deputy_id != row.deputy_id:
        _keep_former(db, row)
    db.execute(
        update(absences)
        .where(absences.c.id == absence_id)
        .values(deputy_id=deputy_id, until_day=until_day, goes_back=goes_back, why=words)
    )
    facts = {
        "absence": absence_id, "deputy": deputy_id, "deputy_before": row.deputy_id, "until": until_day,
        "until_before": row.until_day, "goes_back": goes_back, "why": words,
    }  # fmt: skip
    _note(db, person, by, "change_absence", facts)


def _keep_former(db: Connection, row: Row[*tuple[Any, ...]]) -> None:
    """Whoever is named on a day counts for the whole of it; who was so for no whole day is not kept."""
    last = reads.today(db) - _DAY
    if row.from_day <= last:
        former = {"absence_id": row.id, "until_day": last, "deputy_id": row.deputy_id}
        db.execute(upserting(db.dialect.name)(former_deputies).values(former).on_conflict_do_nothing())


def drop_deputy(db: Connection, *, by: Actor, absence_id: int, deputy_id: int) -> Row[*tuple[Any, ...]] | None:
    """The absence goes on, and nobody stands in until somebody is named. None where it was not theirs any more."""
    row = db.execute(select(absences).where(absences.c.id == absence_id).with_for_update()).first()
    if row is None:
        raise NotFound(what=ABSENCE)
    if row.closed_at is not None or row.deputy_id != deputy_id or row.until_day < reads.today(db):
        return None
    _keep_former(db, row)
    db.execute(update(absences).where(absences.c.id == absence_id).values(deputy_id=None))
    _note(db, _account(db, row.person_id), by, "drop_deputy", {"absence": absence_id, "deputy_before": deputy_id})
    return row


def close_absence(
    db: Connection, *, by: Actor | None, absence_id: int, back: bool = True
) -> Row[*tuple[Any, ...]] | None:
    """From now on nobody stands in by it. `by` None: its last day is past; else the person is back from today on,
    or (not `back`) leaves the office. None where it was closed before.
    """
    row = db.execute(select(absences).where(absences.c.id == absence_id).with_for_update()).first()
    if row is None:
        raise NotFound(what=ABSENCE)
    if row.closed_at is not None:
        return None
    person, today = _account(db, row.person_id), reads.today(db)
    if by is not None:
        _must_plan_for(db, by, row.person_id, _name(person))
    elif row.until_day >= today:
        return None
    back_on = today if by is not None and back and today <= row.until_day else None
    db.execute(update(absences).where(absences.c.id == absence_id).values(closed_at=clock.now(), back_on=back_on))
    facts = {
        "absence": absence_id, "deputy": row.deputy_id, "until": row.until_day, "goes_back": row.goes_back,
        "back_on": back_on,
    }  # fmt: skip
    _note(db, person, by, "end_absence" if by is not None else "absence_over", facts)
    return row


def _must_plan_for(db: Connection, by: Actor, person_id: int, name: Name) -> None:
    """Raises NotYoursToPlan."""
    if by.person_id == person_id or by.may(Right.ADMINISTER) or supervises_person(db, by, person_id):
        return
    raise rules.NotYoursToPlan(person=name)


def _open(db: Connection, absence_id: int) -> Row[*tuple[Any, ...]]:
    row = db.execute(select(absences).where(absences.c.id == absence_id).with_for_update()).first()
    if row is None:
        raise NotFound(what=ABSENCE)
    if row.closed_at is not None or row.until_day < reads.today(db):
        raise rules.AbsenceOver(day=row.until_day)
    return row


def _must_be_possible(
    db: Connection, person: Row[*tuple[Any, ...]], deputy_id: int, from_day: date, until_day: date, scope: Scope,
    besides: int | None,
) -> None:  # fmt: skip
    name = _name(person)
    if person.left_on is not None and person.left_on <= until_day:
        raise PersonLeft(person=name, day=person.left_on)
    if deputy_id == person.id:
        raise rules.OwnDeputy(person=name)
    deputy = db.execute(select(persons).where(persons.c.id == deputy_id)).first()
    if deputy is None:
        raise NotFound(what=reads.PERSON)
    if deputy.left_on is not None and deputy.left_on <= until_day:
        raise rules.DeputyLeft(deputy=_name(deputy), day=deputy.left_on, until_day=until_day)
    if not _held(db, deputy_id, from_day, until_day):
        raise rules.DeputyWithoutPost(deputy=_name(deputy))
    for post_id in scope.post_ids - _held(db, person.id, from_day, until_day):
        raise rules.PostNotHeld(person=name, post=reads.post_name(db, post_id))
    _must_be_alone(db, person, deputy, from_day, until_day, scope, besides)


def _must_be_alone(
    db: Connection, person: Row[*tuple[Any, ...]], deputy: Row[*tuple[Any, ...]], from_day: date, until_day: date,
    scope: Scope, besides: int | None,
) -> None:  # fmt: skip
    rows = db.execute(
        select(absences)
        .where(
            absences.c.person_id.in_([person.id, deputy.id]), absences.c.closed_at.is_(None),
            absences.c.from_day <= until_day, absences.c.until_day >= from_day, absences.c.id != (besides or 0),
        )
        .order_by(absences.c.from_day)
    )  # fmt: skip
    for row in rows:
        if row.person_id == deputy.id:
            raise rules.DeputyAbsent(
                deputy=_name(deputy), from_day=row.from_day, until_day=row.until_day, person=_name(person)
            )
        if scope.meets(Scope(rules.ids_of(row.post_ids), rules.ids_of(row.procedure_ids))):
            raise rules.AbsenceOverlaps(
                person=_name(person), from_day=row.from_day, until_day=row.until_day,
                deputy=rules.NOBODY if row.deputy_id is None else reads.person_name(db, row.deputy_id),
            )  # fmt: skip


def _held(db: Connection, person_id: int, from_day: date, until_day: date) -> frozenset[int]:
    """Posts held on some day of that time."""
    return frozenset(
        db.scalars(
            select(holdings.c.post_id).where(
                holdings.c.person_id == person_id, holdings.c.from_day <= until_day,
                or_(holdings.c.until_day.is_(None), holdings.c.until_day >= from_day),
            )
        )
    )  # fmt: skip


def _account(db: Connection, person_id: int) -> Row[*tuple[Any, ...]]:
    """Locked: one plan of a person follows another."""
    row = db.execute(select(persons).where(persons.c.id == person_id).with_for_update()).first()
    if row is None:
        raise NotFound(what=reads.PERSON)
    return row


def _name(row: Row[*tuple[Any, ...]]) -> Name:
    return Name(row.name_en, row.name_zh)


def _note(db: Connection, person: Row[*tuple[Any, ...]], by: Actor | None, act: str, facts: Mapping[str, Any]) -> None:
    chain = write(
        db, Chain(person.chain, person.chain_length, person.chain_head), act=act,
        by=None if by is None else by.person_id, facts={"person": person.id, **facts},
    )  # fmt: skip
    db.execute(
        update(persons).where(persons.c.id == person.id).values(chain_length=chain.length, chain_head=chain.head)
    )
