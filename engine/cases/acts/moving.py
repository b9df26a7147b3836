"""How every act on a case goes: lock it, move its token, bring the rows to the new position, keep the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Row, bindparam, select, update

from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.prepared import Prepared
from engine.base.text import Text
from engine.base.together import Together
from engine.cases import rules
from engine.cases.clocks import kept as clocks
from engine.cases.clocks.held import give_back
from engine.cases.due.counting import calendars_version
from engine.cases.duties.standing_in import in_whose_name
from engine.cases.settle import Move, Opened, settle
from engine.cases.tables import cases
from engine.diagram.position import Position
from engine.organisation.rules import Actor
from engine.procedures.runnable import Runnable, runnable
from engine.records.journal import Chain, write

CASE = Text(en="case", zh="办件")
TASK = Text(en="task", zh="任务")

CASE_COLUMNS = (
    cases.c.id.label("case_id"),
    cases.c.procedure_id,
    cases.c.edition_id.label("case_edition_id"),
    cases.c.process,
    cases.c.number.label("case_number"),
    cases.c.parent,
    cases.c.subject,
    cases.c.ended_at,
    cases.c.suspended_at,
    cases.c.started_by,
    cases.c.state,
    cases.c.version,
    cases.c.tasks_opened,
    cases.c.chain_length,
    cases.c.chain_head,
    cases.c.period_due,
    cases.c.clock_stops,
    calendars_version(),
)

_LOCKED = Prepared(
    select(*CASE_COLUMNS).where(cases.c.office_id == OFFICE, cases.c.id == bindparam("case_id")).with_for_update()
)
_GOES_ON = (
    update(cases)
    .where(
        cases.c.office_id == OFFICE,
        cases.c.id == bindparam("b_case"),
        cases.c.version == bindparam("b_version"),
    )
    .values(
        state=bindparam("b_state"),
        version=bindparam("b_version") + 1,
        tasks_opened=bindparam("b_tasks_opened"),
        chain_length=bindparam("b_length"),
        chain_head=bindparam("b_head"),
    )
)
_KEEP = Prepared(_GOES_ON)
"""Says nothing of the end: on SQLite an index is written anew for each column that is named, changed or not."""
_KEEP_END = Prepared(_GOES_ON.values(ended_at=bindparam("b_ended_at")))
_KEEP_CHAIN = Prepared(
    update(cases)
    .where(cases.c.office_id == OFFICE, cases.c.id == bindparam("b_case"))
    .values(
        chain_length=bindparam("b_length"),
        chain_head=bindparam("b_head"),
        tasks_opened=cases.c.tasks_opened + bindparam("b_opened", type_=Integer),
    )
)


@frozen
class Note:
    """What an entry of the record says of a move."""

    act: str
    by: Actor | None  # None: the engine itself, as when a timer is due
    post: int | None
    facts: Mapping[str, Any]


def locked(db: Connection, case_id: int) -> Row[*tuple[Any, ...]]:
    """The open case, locked until the transaction ends. Raises CaseEnded."""
    row: Row[*tuple[Any, ...]] | None = _LOCKED.first(db, {"case_id": case_id})
    if row is None:
        raise NotFound(what=CASE)
    if row.ended_at is not None:
        raise rules.CaseEnded(case=row.case_number, at=row.ended_at)
    return row


def as_it_stands(db: Connection, case_id: int) -> Row[*tuple[Any, ...]]:
    """A case that this transaction has locked, ended by now or not."""
    row: Row[*tuple[Any, ...]] | None = _LOCKED.first(db, {"case_id": case_id})
    if row is None:
        raise NotFound(what=CASE)
    return row


def ready(db: Connection, case: Row[*tuple[Any, ...]]) -> Runnable:
    return runnable(db, case.case_edition_id, case.process, case.calendars_version)


def keep(
    db: Connection,
    case: Row[*tuple[Any, ...]],
    position: Position,
    move: Move,
    note: Note,
    made_ready: Runnable,
) -> tuple[Opened, ...]:
    """Brings the case's rows to `position` and writes one entry. The case must be locked."""
    writes = Together()
    opened = settle(db, move, position, made_ready, writes)
    facts = dict(in_whose_name(db, case, note.act, note.by, note.post, note.facts))
    if rules.tells_passed(note.act, facts, position.passed):
        facts["passed"] = list(position.passed)
    if position.sent:
        facts["sent"] = [one.name for one in position.sent]
    if position.troubles:
        facts["troubles"] = [[one.element, one.kind] for one in position.troubles]
    if position.ended:
        facts["ended"] = True
    if made_ready.clocks is not None or case.period_due is not None:
        facts |= _clocks(db, case, move, position, made_ready)
    chain = write(
        db,
        Chain(case.case_id, case.chain_length, case.chain_head),
        act=note.act,
        by=None if note.by is None else note.by.person_id,
        post=note.post,
        facts=facts,
        writes=writes,
    )
    writes.add(
        _KEEP_END if position.ended or case.ended_at is not None else _KEEP,
        {
            "b_case": case.case_id,
            "b_version": case.version,
            "b_state": b"" if position.ended else position.state,
            "b_tasks_opened": case.tasks_opened + len(opened),
            "b_ended_at": move.at if position.ended else None,
            "b_length": chain.length,
            "b_head": chain.head,
        },
    )
    if writes.run(db) != 1:
        raise rules.NotWaiting()
    return opened


def _clocks(
    db: Connection, case: Row[*tuple[Any, ...]], move: Move, position: Position, made_ready: Runnable
) -> Mapping[str, Any]:
    told = clocks.moved(db, case, move, position, made_ready.clocks)
    ended = told.get("clocks", {}).get("stops_ended") if not position.ended else None
    if not ended:
        return told
    over = {*position.closed, *((move.completed_token,) if move.completed_token else ())}
    return {"clocks": {**told["clocks"], **give_back(db, case, made_ready, ended, over)}}


def keep_note(db: Connection, case: Row[*tuple[Any, ...]], note: Note, *, opened: int = 0) -> None:
    """One entry for an act that leaves the token where it is. The case must be locked.

    `opened` counts the tasks that were opened beside the diagram.
    """
    chain = write(
        db,
        Chain(case.case_id, case.chain_length, case.chain_head),
        act=note.act,
        by=None if note.by is None else note.by.person_id,
        post=note.post,
        facts=in_whose_name(db, case, note.act, note.by, note.post, note.facts),
    )
    _KEEP_CHAIN.run(db, {"b_case": case.case_id, "b_length": chain.length, "b_head": chain.head, "b_opened": opened})


def move_of(case: Row[*tuple[Any, ...]], at: datetime, **more: Any) -> Move:
    """`more`: what else a `Move` may tell."""
    return Move(
        case_id=case.case_id, procedure_id=case.procedure_id, tasks_opened=case.tasks_opened, at=at,
        rests=case.suspended_at is not None, calendars_version=case.calendars_version, **more,
    )  # fmt: skip


def answer_facts(answers: Mapping[str, Any], chosen: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Empty parts are left out: the record holds what was said."""
    facts: dict[str, Any] = {}
    if answers:
        facts["answers"] = dict(answers)
    if chosen:
        facts["chosen"] = {gateway: list(flows) for gateway, flows in chosen.items()}
    return facts
