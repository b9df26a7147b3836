"""Which tasks a list holds, where it is not the plain one: a filter, those I stand in for, those of cases I watch.

Still one short look per post and person. What is filtered by stands in the indexes that are looked through
(`ix_tasks_free`, `ix_tasks_taken`): a row of its own is only looked at where it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, or_, select, tuple_, union_all
from sqlalchemy.sql.selectable import FromClause

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.cases import search
from engine.cases.clocks.still import stands_still
from engine.cases.listing import visible_to
from engine.cases.order import USUAL, of_put, put, usual
from engine.cases.rules import NO_DUE, Order
from engine.cases.tables import cases, tasks
from engine.cases.tables_of_desk import case_watches
from engine.organisation.rules import Actor

STEPS: Final = 0
"""As the kind wanted: steps of the diagram, nothing that was asked beside it."""
MOST_BY_WORDS: Final = 500
"""Cases that a list is looked through for words: the newest."""

Conditions = Sequence[ColumnElement[bool]]


class Which(StrEnum):
    ALL = "all"  # mine, and what is free in my posts
    MINE = "mine"  # claimed by me
    POSTS = "posts"  # free in my posts
    DEPUTISED = "deputised"  # of somebody absent for whom I stand in
    WATCHED = "watched"  # of cases I watch, wherever they lie


@frozen
class Place:
    """Where a page of the list ends; the next one begins behind it."""

    due_at: datetime
    case_id: int
    number: int
    order: Order = Order.NORMAL

    @property
    def among_usual(self) -> Place:
        """Where the page ends among the tasks that stand in their usual order: before or behind all of them, it may be."""
        if self.order is Order.NORMAL:
            return self
        return _BEFORE_ALL if self.order is Order.SOONER else _BEHIND_ALL


_BEFORE_ALL: Final = Place(datetime(1970, 1, 1, tzinfo=UTC), 0, 0)
_BEHIND_ALL: Final = Place(NO_DUE, 2**63 - 1, 2**31 - 1)


@frozen
class Filter:
    """`kind`: of rules.Kind, or STEPS. `due_before` and `late_at` are instants: what is due before them; late is only what does not stand still."""

    procedure_id: int | None = None
    post_id: int | None = None
    from_department_id: int | None = None
    kind: int | None = None
    due_before: datetime | None = None
    late_at: datetime | None = None
    words: str = ""
    among: tuple[int, ...] | None = None
    """Cases: those that carry the words, once they are looked up."""


NOTHING: Final = Filter()


def keys(
    db: Connection,
    actor: Actor,
    which: Which,
    narrowed: Filter,
    after: Place | None,
    limit: int,
    supervised: frozenset[int] | None = None,
) -> FromClause | None:
    """Case, number and due date of the first `limit` tasks. None where there can be none."""
    more = list(_conditions(narrowed))
    branches = list(_branches(db, actor, which, supervised))
    if branches and narrowed.words.strip():
        found = narrowed.among if narrowed.among is not None else looked_up(db, actor, narrowed)[0].among
        branches = [(tasks.c.case_id.in_(found), or_(*(and_(*one) for one in branches)))] if found else []
    if not branches:
        return None
    looks = [_first([*branch, *more, usual(), *_behind(after)], limit) for branch in branches]
    return union_all(*looks, _ordered(branches, more, after, limit)).subquery("keys")


def counted(
    db: Connection,
    actor: Actor,
    which: Which,
    most: int,
    supervised: frozenset[int] | None = None,
    *,
    since: datetime | None = None,
) -> ColumnElement[int] | None:
    """How many there are, at most so many of each stretch; `since`: that have come from then on. None: there can be none."""
    branches = list(_branches(db, actor, which, supervised))
    if not branches:
        return None
    fresh = () if since is None else (tasks.c.opened_at >= since,)
    looks = [
        select(select(literal(1).label("one")).where(*_OPEN, *branch, *fresh).limit(most).subquery())
        for branch in branches
    ]
    every = union_all(*looks).subquery() if len(looks) > 1 else looks[0].subquery()
    return select(func.count()).select_from(every).scalar_subquery()


_OPEN: Final = (tasks.c.office_id == OFFICE, tasks.c.closed_at.is_(None))


def _ordered(branches: Sequence[Conditions], more: Conditions, after: Place | None, limit: int) -> Select[Any]:
    """Of the same tasks the few that somebody has put before or behind the others."""
    behind = [] if after is None else [_of_place(put.c.place) > _of_place(after)]
    found = (
        select(tasks.c.due_at, tasks.c.case_id, tasks.c.number, put.c.place)
        .select_from(put)
        .join(tasks, of_put())
        .where(*_OPEN, or_(*(and_(*one) for one in branches)), *more, *behind)
        .order_by(put.c.place, tasks.c.due_at, tasks.c.case_id, tasks.c.number)
        .limit(limit)
    )
    return select(found.subquery())


def _of_place(at: Any) -> Any:
    """What a list with tasks put before and behind is sorted by: of a row, or of where a page ended."""
    if not isinstance(at, Place):
        return tuple_(at, tasks.c.due_at, tasks.c.case_id, tasks.c.number)
    return tuple_(
        literal(int(at.order), put.c.place.type),
        literal(at.due_at, tasks.c.due_at.type),
        literal(at.case_id, tasks.c.case_id.type),
        literal(at.number, tasks.c.number.type),
    )


def _first(conditions: Conditions, limit: int) -> Select[Any]:
    ordered = (
        select(tasks.c.due_at, tasks.c.case_id, tasks.c.number, USUAL)
        .where(*_OPEN, *conditions)
        .order_by(tasks.c.due_at, tasks.c.case_id, tasks.c.number)
        .limit(limit)
    )
    return select(ordered.subquery())


def _branches(db: Connection, actor: Actor, which: Which, supervised: frozenset[int] | None) -> Iterator[Conditions]:
    """Each is one stretch of an index; the cases one watches are few."""
    if which in (Which.ALL, Which.MINE):
        yield _taken(actor.person_id)
    if which in (Which.ALL, Which.POSTS):
        for post_id in sorted(actor.post_ids):
            yield _free(post_id)
    if which is Which.DEPUTISED:
        yield from _deputised(actor)
    if which is Which.WATCHED:
        yield _watched(db, actor, supervised)


def _deputised(actor: Actor) -> Iterator[Conditions]:
    """What they had claimed, and what is free in their posts; not what is free in mine anyway."""
    for one in actor.stands_in:
        within = [tasks.c.procedure_id.in_(sorted(one.procedure_ids))] if one.procedure_ids else []
        theirs = sorted(post.post_id for post in one.posts)
        if theirs:
            yield [*_taken(one.person_id), tasks.c.post_id.in_(theirs), *within]
        for post_id in theirs:
            if post_id not in actor.post_ids:
                yield [*_free(post_id), *within]


def _taken(person_id: int) -> Conditions:
    return tasks.c.person_id == person_id, tasks.c.person_id.is_not(None)


def _free(post_id: int) -> Conditions:
    return tasks.c.post_id == post_id, tasks.c.person_id.is_(None)


def _watched(db: Connection, actor: Actor, supervised: frozenset[int] | None) -> Conditions:
    """Of the cases I watch those that I may still see."""
    mine = (
        select(cases.c.id)
        .join(case_watches, and_(case_watches.c.office_id == cases.c.office_id, case_watches.c.case_id == cases.c.id))
        .where(
            case_watches.c.office_id == OFFICE,
            case_watches.c.person_id == actor.person_id,
            visible_to(db, actor, supervised=supervised),
        )
    )
    return (tasks.c.case_id.in_(mine),)


def _conditions(narrowed: Filter) -> Iterator[ColumnElement[bool]]:
    for column, wanted in (
        (tasks.c.procedure_id, narrowed.procedure_id),
        (tasks.c.post_id, narrowed.post_id),
        (tasks.c.from_department_id, narrowed.from_department_id),
    ):
        if wanted is not None:
            yield column == wanted
    if narrowed.kind is not None:
        yield tasks.c.kind.is_(None) if narrowed.kind == STEPS else tasks.c.kind == narrowed.kind
    for before in (narrowed.due_before, narrowed.late_at):
        if before is not None:
            yield tasks.c.due_at < before
    if narrowed.late_at is not None:
        yield ~stands_still()


def _behind(after: Place | None) -> Iterator[ColumnElement[bool]]:
    if after is not None:
        at = after.among_usual
        place = tuple_(
            literal(at.due_at, tasks.c.due_at.type),
            literal(at.case_id, tasks.c.case_id.type),
            literal(at.number, tasks.c.number.type),
        )
        yield tuple_(tasks.c.due_at, tasks.c.case_id, tasks.c.number) > place


def looked_up(db: Connection, actor: Actor, narrowed: Filter) -> tuple[Filter, bool]:
    """With the cases that carry its words; whether there are older ones, which the list then leaves out."""
    if not narrowed.words.strip():
        return narrowed, False
    sought = search.wanted(db, actor, narrowed.words, ended=False)
    found = [] if sought is None else search.candidates(db, sought, most=MOST_BY_WORDS + 1)
    return replace(narrowed, among=tuple(found[:MOST_BY_WORDS])), len(found) > MOST_BY_WORDS
