"""The register of corrective actions, one of them, and those whose day is over."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, false, func, literal_column, or_, select, true

from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name
from engine.cases.listing import visible_to
from engine.cases.tables import cases
from engine.organisation.calendars.reads import calendar_of
from engine.organisation.reads import today
from engine.organisation.rules import Actor, Right
from engine.organisation.tables import departments, offices, persons, posts
from engine.procedures.reads import supervised_departments
from engine.procedures.tables import procedures
from engine.records.tables import entries
from engine.supervision.acting.corrective import rules
from engine.supervision.acting.corrective.rules import State
from engine.supervision.acting.corrective.tables import corrective_actions

_t = corrective_actions.c


class Which(StrEnum):
    OPEN = "open"
    VERIFY = "verify"
    CLOSED = "closed"


_STATES: Final = {
    Which.OPEN: (State.OPEN,),
    Which.VERIFY: (State.DONE,),
    Which.CLOSED: (State.VERIFIED, State.DROPPED),
}


@frozen
class ActionLine:
    action_id: int
    number: int
    finding: str
    post: Name
    department: Name
    state: State
    due_on: date
    late: bool
    rounds: int
    opened_at: datetime


@frozen
class Said:
    """In an earlier round: what was reported as done, or why it was found not effective."""

    at: datetime
    person: Name | None
    is_report: bool
    words: str


@frozen
class ActionPage:
    line: ActionLine
    cause: str
    measure: str
    opened_by: Name
    procedure_id: int | None
    procedure: str | None
    element: str | None
    case_id: int | None
    case_number: str | None  # None too where the person may not see the case
    done_at: datetime | None
    done_by: Name | None
    done_words: str | None
    closed_at: datetime | None
    closed_by: Name | None
    closed_words: str | None
    may_do: bool
    may_judge: bool
    is_own: bool  # carried out by the person who looks: somebody else verifies it
    before: tuple[Said, ...] = ()  # of rounds that newer words have taken the place of


def action_list(db: Connection, *, actor: Actor, which: Which = Which.OPEN, limit: int = 200) -> tuple[ActionLine, ...]:
    """Those of the posts the person holds, and of the departments they supervise; what is due first on top."""
    newest = which is Which.CLOSED
    order = (_t.closed_at.desc(), _t.id.desc()) if newest else (_t.due_on, _t.id)
    rows = db.execute(_lines().where(_seen_by(db, actor), _t.state.in_(_STATES[which])).order_by(*order).limit(limit))
    on = today(db)
    return tuple(_line(row, on) for row in rows)


def counts(db: Connection, *, actor: Actor) -> dict[Which, int]:
    rows = db.execute(
        select(_t.state, func.count()).where(_t.office_id == OFFICE, _seen_by(db, actor)).group_by(_t.state)
    )
    found = {State(state): number for state, number in rows}
    return {which: sum(found.get(one, 0) for one in states) for which, states in _STATES.items()}


def action(db: Connection, *, actor: Actor, action_id: int) -> ActionPage:
    """Raises NotFound where the person may not see it."""
    done, closed, opened = persons.alias("done"), persons.alias("closed"), persons.alias("opened")
    row = db.execute(
        _lines()
        .add_columns(
            corrective_actions, procedures.c.name.label("procedure"), opened.c.name_en.label("opened_en"),
            opened.c.name_zh.label("opened_zh"), done.c.name_en.label("done_en"), done.c.name_zh.label("done_zh"),
            closed.c.name_en.label("closed_en"), closed.c.name_zh.label("closed_zh"),
        )
        .join(opened, opened.c.id == _t.opened_by)
        .outerjoin(done, done.c.id == _t.done_by)
        .outerjoin(closed, closed.c.id == _t.closed_by)
        .outerjoin(procedures, procedures.c.id == _t.procedure_id)
        .where(_t.id == action_id, _seen_by(db, actor))
    ).first()  # fmt: skip
    if row is None:
        raise NotFound(what=rules.ACTION)
    judges = actor.may(Right.INSPECT) or row.department_id in supervised_departments(db, actor)
    state = State(row.state)
    return ActionPage(
        line=_line(row, today(db)), cause=row.cause, measure=row.measure,
        opened_by=Name(row.opened_en, row.opened_zh), procedure_id=row.procedure_id, procedure=row.procedure,
        element=row.element, case_id=row.case_id, case_number=_case(db, actor, row.case_id), done_at=row.done_at,
        done_by=_named(row, "done"), done_words=row.done_words, closed_at=row.closed_at,
        closed_by=_named(row, "closed"), closed_words=row.closed_words,
        may_do=state is State.OPEN and row.post_id in actor.post_ids,
        may_judge=judges and state in (State.OPEN, State.DONE),
        is_own=row.done_by == actor.person_id,
        before=_earlier_rounds(db, row) if row.rounds else (),
    )  # fmt: skip


_REPORT: Final = "report_corrective_action"
_VERDICT: Final = "verify_corrective_action"


def _earlier_rounds(db: Connection, row: Row[*tuple[Any, ...]]) -> tuple[Said, ...]:
    """From the record: the row holds the newest words alone."""
    chain = select(offices.c.chain).where(offices.c.id == OFFICE).scalar_subquery()
    written = db.execute(
        select(entries.c.at, entries.c.act, entries.c.facts, persons.c.name_en, persons.c.name_zh)
        .outerjoin(persons, persons.c.id == entries.c.person_id)
        .where(
            entries.c.office_id == OFFICE, entries.c.chain == chain, entries.c.act.in_((_REPORT, _VERDICT)),
            entries.c.at >= row.opened_at,
        )
        .order_by(entries.c.number)
    )  # fmt: skip
    every = [(one, facts) for one in written if (facts := orjson.loads(one.facts))["action"] == row.id]
    shown = [_REPORT, *([_VERDICT] if row.state != State.DROPPED else [])]
    for act in shown:
        newest = max(place for place, (one, _facts) in enumerate(every) if one.act == act)
        del every[newest]
    return tuple(
        Said(one.at, None if one.name_en is None else Name(one.name_en, one.name_zh), one.act == _REPORT, facts["note"])
        for one, facts in every
    )


def due_actions(db: Connection, *, at: datetime, limit: int = 100) -> tuple[int, ...]:
    """Open ones whose day is over and of whom nobody was told; read from one index."""
    on = at.astimezone(calendar_of(db).zone).date()
    return tuple(
        db.scalars(
            select(_t.id)
            .where(_t.state == literal_column("1"), _t.told_late == false(), _t.due_on < on)
            .order_by(_t.due_on)
            .limit(limit)
        )
    )


def _seen_by(db: Connection, actor: Actor) -> ColumnElement[bool]:
    if actor.may(Right.INSPECT):
        return true()
    watched = supervised_departments(db, actor)
    return or_(
        _t.post_id.in_(actor.post_ids) if actor.post_ids else false(),
        _t.department_id.in_(watched) if watched else false(),
    )


def _lines() -> Select[Any]:
    return (
        select(
            _t.id, _t.number, _t.finding, _t.state, _t.due_on, _t.rounds, _t.opened_at,
            posts.c.name_en.label("post_en"), posts.c.name_zh.label("post_zh"),
            departments.c.name_en.label("department_en"), departments.c.name_zh.label("department_zh"),
        )
        .join(posts, posts.c.id == _t.post_id)
        .join(departments, departments.c.id == _t.department_id)
        .where(_t.office_id == OFFICE)
    )  # fmt: skip


def _line(row: Row[*tuple[Any, ...]], on: date) -> ActionLine:
    state = State(row.state)
    return ActionLine(
        row.id, row.number, row.finding, Name(row.post_en, row.post_zh), Name(row.department_en, row.department_zh),
        state, row.due_on, state is State.OPEN and row.due_on < on, row.rounds, row.opened_at,
    )  # fmt: skip


def _named(row: Row[*tuple[Any, ...]], who: str) -> Name | None:
    en = getattr(row, f"{who}_en")
    return None if en is None else Name(en, getattr(row, f"{who}_zh"))


def _case(db: Connection, actor: Actor, case_id: int | None) -> str | None:
    if case_id is None:
        return None
    found: str | None = db.scalar(
        select(cases.c.number).where(cases.c.office_id == OFFICE, cases.c.id == case_id, visible_to(db, actor))
    )
    return found
