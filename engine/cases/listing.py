"""Which cases a person may see, and the list of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, false, literal, or_, select, tuple_

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.cases import search
from engine.cases.asked.tables import copies
from engine.cases.tables import cases, tasks
from engine.organisation.rules import Actor
from engine.organisation.tables import posts
from engine.procedures.reads import supervised_departments
from engine.procedures.tables import procedures


def visible_to(db: Connection, actor: Actor, *, supervised: frozenset[int] | None = None) -> ColumnElement[bool]:
    """A condition on `cases`: those the person started, has or had a task in, was sent a copy of, or supervises."""
    took_part = exists().where(
        tasks.c.office_id == cases.c.office_id,
        tasks.c.case_id == cases.c.id,
        or_(
            tasks.c.post_id.in_(actor.post_ids),
            and_(tasks.c.person_id == actor.person_id, tasks.c.kind.is_not(None)),
            *_stood_in_for(actor),
        ),
    )
    was_sent = exists().where(
        copies.c.office_id == cases.c.office_id,
        copies.c.case_id == cases.c.id,
        or_(copies.c.person_id == actor.person_id, copies.c.post_id.in_(actor.post_ids)),
    )
    watched = supervised_departments(db, actor) if supervised is None else supervised
    return or_(
        cases.c.started_by == actor.person_id,
        took_part,
        was_sent,
        _supervised(watched) if watched else false(),
    )


def _stood_in_for(actor: Actor) -> Iterator[ColumnElement[bool]]:
    """What reaches somebody as a deputy; and what they have begun as one and finish, also when that is over."""
    for one in actor.stands_in:
        theirs = tasks.c.post_id.in_([post.post_id for post in one.posts])
        yield and_(theirs, tasks.c.procedure_id.in_(one.procedure_ids)) if one.procedure_ids else theirs
    yield and_(tasks.c.person_id == actor.person_id, tasks.c.closed_at.is_(None))


def _supervised(watched: frozenset[int]) -> ColumnElement[bool]:
    answered_for = select(procedures.c.id).where(procedures.c.department_id.in_(watched))
    in_hand = exists().where(
        tasks.c.office_id == cases.c.office_id, tasks.c.case_id == cases.c.id, tasks.c.department_id.in_(watched)
    )
    return or_(cases.c.procedure_id.in_(answered_for), in_hand)


@frozen
class CaseLine:
    """A case as listed. `post` is where it lies, `found` where the words were found in what the line does not say itself."""

    case_id: int
    number: str
    matter: str
    applicant: str
    procedure: str
    started_at: datetime
    ended_at: datetime | None
    post: Text | None = None
    found: tuple[search.Excerpt, ...] = ()


def case_list(
    db: Connection,
    *,
    actor: Actor,
    words: str = "",
    procedure_id: int | None = None,
    ended: bool | None = None,
    before: datetime | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> tuple[CaseLine, ...]:
    """Newest first; `before` and `before_id` continue behind the last one shown: many may have begun together.

    `words`: in whatever search knows of a case.
    """
    query = _lines(db, actor, procedure_id, ended)
    if words.strip():
        sought = search.wanted(db, actor, words, procedure_id=procedure_id, ended=ended)
        rows = [] if sought is None else _found(db, query, sought, before_id, limit)
        told = search.excerpts(db, words, [row.id for row in rows]) if rows else {}
    else:
        rows, told = list(db.execute(_behind(query, before, before_id).limit(limit))), {}
    lying = _posts(db, [row.id for row in rows if row.ended_at is None])
    return tuple(
        CaseLine(
            row.id, row.number, row.matter, row.applicant, row.name, row.started_at, row.ended_at, lying.get(row.id),
            told.get(row.id, ()),
        )
        for row in rows
    )  # fmt: skip


def _lines(db: Connection, actor: Actor, procedure_id: int | None, ended: bool | None) -> Select[Any]:
    query = (
        select(
            cases.c.id, cases.c.number, cases.c.matter, cases.c.applicant, cases.c.started_at, cases.c.ended_at,
            procedures.c.name,
        )
        .join(procedures, procedures.c.id == cases.c.procedure_id)
        .where(cases.c.office_id == OFFICE, visible_to(db, actor))
    )  # fmt: skip
    if procedure_id is not None:
        query = query.where(cases.c.procedure_id == procedure_id)
    if ended is not None:
        query = query.where(cases.c.ended_at.is_not(None) if ended else cases.c.ended_at.is_(None))
    return query


def _behind(query: Select[Any], before: datetime | None, before_id: int | None) -> Select[Any]:
    if before is not None and before_id is not None:
        shown = tuple_(literal(before, cases.c.started_at.type), literal(before_id, cases.c.id.type))
        query = query.where(tuple_(cases.c.started_at, cases.c.id) < shown)
    elif before is not None:
        query = query.where(cases.c.started_at < before)
    return query.order_by(cases.c.started_at.desc(), cases.c.id.desc())


def _found(
    db: Connection, query: Select[Any], sought: search.Wanted, before_id: int | None, limit: int
) -> list[Row[*tuple[Any, ...]]]:
    """What the index gives is asked for once more: somebody may have lost a post since."""
    rows: list[Row[*tuple[Any, ...]]] = []
    behind = search.NEWEST if before_id is None else before_id
    while len(rows) < limit:
        ids = search.candidates(db, sought, before=behind, most=limit)
        if ids:
            rows += db.execute(query.where(cases.c.id.in_(ids)).order_by(cases.c.id.desc()))
        if len(ids) < limit:
            break
        behind = ids[-1]
    return rows[:limit]


def _posts(db: Connection, case_ids: Sequence[int]) -> dict[int, Text]:
    """Where a case lies: the post of the step that has been open longest."""
    if not case_ids:
        return {}
    rows = db.execute(
        select(tasks.c.case_id, posts.c.name_en, posts.c.name_zh)
        .join(posts, posts.c.id == tasks.c.post_id)
        .where(
            tasks.c.office_id == OFFICE, tasks.c.case_id.in_(case_ids), tasks.c.closed_at.is_(None), tasks.c.kind.is_(None)
        )
        .order_by(tasks.c.case_id, tasks.c.number.desc())
    )  # fmt: skip
    return {row.case_id: Name(row.name_en, row.name_zh) for row in rows}
