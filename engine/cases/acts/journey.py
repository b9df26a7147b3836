"""How a case begins, and how what it sends reaches another: a case that is begun or reached may send in turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select

from engine.base import clock
from engine.base.database import OFFICE, apart, new_id
from engine.base.dialects import upserting
from engine.base.frozen import frozen
from engine.cases import rules, search
from engine.cases.acts.moving import Note, answer_facts, as_it_stands, keep, keep_note, locked, move_of, ready
from engine.cases.duties.binding import bind_standing
from engine.cases.settle import Opened
from engine.cases.tables import awaited, cases
from engine.diagram import run
from engine.diagram.position import Sent, WaitKind
from engine.organisation.reads import office
from engine.organisation.rules import Actor
from engine.procedures.runnable import Runnable, runnable
from engine.procedures.tables import counters


@frozen
class Started:
    case_id: int
    number: str
    opened: tuple[Opened, ...]
    ended: bool

    def next_for(self, actor: Actor) -> int | None:
        """A task of the case for one of the person's own posts."""
        return next((task.number for task in self.opened if task.post_id in actor.post_ids), None)


@frozen
class Beginning:
    made_ready: Runnable
    prefix: str
    matter: str
    applicant: str
    answers: Mapping[str, Any]
    chosen: Mapping[str, Sequence[str]]
    by: Actor | None
    parent: int | None
    start: str | None
    receipt: bytes | None
    subject: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)  # what else the record says of how it began
    applicant_kind: int | None = None


def begin(db: Connection, one: Beginning) -> Started:
    at = clock.now()
    case_id = new_id()
    number = _next_number(db, one.made_ready.procedure_id, one.prefix, at)
    position = run.begin(one.made_ready.model, one.answers, now=at, start=one.start, chosen=one.chosen)
    _insert(db, one, case_id, number, at)
    bind_standing(db, case_id, one.applicant)
    case = locked(db, case_id)
    facts = {
        "number": number,
        "edition": one.made_ready.edition_id,
        "matter": one.matter,
        "applicant": one.applicant,
        **({"subject": one.subject} if one.subject else {}),
        **({"applicant_kind": int(one.applicant_kind)} if one.applicant_kind else {}),
        **answer_facts(one.answers, one.chosen),
        **one.facts,
    }
    opened = keep(db, case, position, move_of(case, at), Note("start_case", one.by, None, facts), one.made_ready)
    search.note_begun(
        db, case_id=case_id, procedure_id=one.made_ready.procedure_id,
        started_by=None if one.by is None else one.by.person_id, posts=[task.post_id for task in opened],
        number=number, matter=one.matter, applicant=one.applicant,
    )  # fmt: skip
    if position.sent:
        route(db, case, position.sent, one.made_ready)
    return Started(case_id, number, opened, position.ended)


def _insert(db: Connection, one: Beginning, case_id: int, number: str, at: datetime) -> None:
    db.execute(
        insert(cases).values(
            office_id=OFFICE,
            id=case_id,
            procedure_id=one.made_ready.procedure_id,
            edition_id=one.made_ready.edition_id,
            process=one.made_ready.process,
            started_by=None if one.by is None else one.by.person_id,
            number=number,
            matter=one.matter,
            applicant=one.applicant,
            parent=one.parent,
            started_at=at,
            state=b"",
            version=0,
            tasks_opened=0,
            chain_length=0,
            chain_head=b"",
            receipt=one.receipt,
            subject=one.subject,
            applicant_kind=one.applicant_kind,
        )
    )


def _next_number(db: Connection, procedure_id: int, prefix: str, at: datetime) -> str:
    """BP-2026-0418: the row of the procedure's year is locked until the case is kept, so no number is lost."""
    year = at.astimezone(office(db).zone_info).year
    insert_into = upserting(db.dialect.name)
    counted = db.execute(
        insert_into(counters)
        .values(procedure_id=procedure_id, year=year, last=1)
        .on_conflict_do_update(index_elements=["procedure_id", "year"], set_={"last": counters.c.last + 1})
        .returning(counters.c.last)
    ).scalar_one()
    return f"{prefix}-{year}-{counted:04d}"


def deliver(db: Connection, *, case_id: int, token: str, payload: Mapping[str, Any], by: Actor | None) -> None:
    """What the case awaits has come; `by` None where another case sent it. Raises NotWaiting."""
    case = locked(db, case_id)
    at = clock.now()
    waiting = db.execute(
        select(awaited.c.element, awaited.c.name).where(
            awaited.c.office_id == OFFICE,
            awaited.c.case_id == case_id,
            awaited.c.token == token,
            awaited.c.closed_at.is_(None),
            awaited.c.kind != WaitKind.CALL,  # nobody answers in a connector's stead but by settling its incident
        )
    ).first()
    if waiting is None:
        raise rules.NotWaiting()
    made_ready = ready(db, case)
    position = run.deliver(made_ready.model, case.state, token, payload, now=at)
    # What the record says of the clocks it says itself, never whoever sends.
    told = {name: value for name, value in payload.items() if name != "clocks"}
    facts = {**told, "element": waiting.element, "message": waiting.name}
    keep(db, case, position, move_of(case, at), Note("deliver_message", by, None, facts), made_ready)
    if position.sent:
        route(db, case, position.sent, made_ready)


def route(db: Connection, case: Row[*tuple[Any, ...]], sent: Iterable[Sent], made_ready: Runnable) -> None:
    """A message begins the pool whose start it names, else goes to the related case that awaits it.

    One that nobody awaits stays in the record of the case that sent it. Nothing here undoes what sent it: where
    somebody else's message was quicker, or the case that awaited it has ended, the record says that it came too late.
    """
    for one in sent:
        if one.kind != "message":
            continue
        begins = made_ready.message_starts.get(one.name)
        if begins is not None:
            _begin_pool(db, case, begins, one)
        else:
            _deliver_to_relative(db, case, one)


def _begin_pool(db: Connection, case: Row[*tuple[Any, ...]], begins: tuple[str, str], one: Sent) -> None:
    process, start = begins
    _begin_by_message(
        db,
        parent=case.case_id,
        made_ready=runnable(db, case.case_edition_id, process),
        start=start,
        payload=one.payload,
    )


def _deliver_to_relative(db: Connection, case: Row[*tuple[Any, ...]], one: Sent) -> None:
    tried: set[tuple[int, str]] = set()
    while (found := _awaits(db, case, one)) is not None and found not in tried:
        tried.add(found)
        case_id, token = found
        try:
            with apart(db):
                deliver(db, case_id=case_id, token=token, payload=dict(one.payload), by=None)
            return
        except (rules.NotWaiting, rules.CaseEnded):
            continue  # what was seen waiting was not locked yet; another may wait
    if tried:
        keep_note(db, as_it_stands(db, case.case_id), Note("message_late", None, None, {"note": one.name}))


def _awaits(db: Connection, case: Row[*tuple[Any, ...]], one: Sent) -> tuple[int, str] | None:
    """The related case that has awaited this the longest, and where; with what it is correlated by, any case that awaits just that."""
    related = select(cases.c.id).where(
        cases.c.office_id == OFFICE,
        cases.c.id != case.case_id,
        or_(
            cases.c.parent == case.case_id,
            cases.c.id == case.parent,
            cases.c.parent == case.parent if case.parent is not None else cases.c.id == -1,
        ),
    )
    waiting = db.execute(
        select(awaited.c.case_id, awaited.c.token)
        .where(
            awaited.c.office_id == OFFICE,
            awaited.c.name == one.name,
            awaited.c.kind == "message",
            awaited.c.closed_at.is_(None),
            awaited.c.case_id.in_(related) if one.correlation is None else awaited.c.correlation == one.correlation,
            awaited.c.case_id != case.case_id,
        )
        .order_by(awaited.c.opened_at)
        .limit(1)
    ).first()
    return None if waiting is None else (waiting.case_id, waiting.token)


def _begin_by_message(
    db: Connection, *, parent: int, made_ready: Runnable, start: str, payload: Mapping[str, Any]
) -> int:
    """A case in another pool of the same file, started by a message of the case `parent`."""
    origin = db.execute(
        select(cases.c.matter, cases.c.applicant, cases.c.number, cases.c.applicant_kind).where(
            cases.c.office_id == OFFICE, cases.c.id == parent
        )
    ).one()
    prefix = origin.number.split("-")[0]
    beginning = Beginning(
        made_ready, prefix, origin.matter, origin.applicant, payload, {}, None, parent, start, None,
        applicant_kind=origin.applicant_kind,
    )  # fmt: skip
    return begin(db, beginning).case_id
