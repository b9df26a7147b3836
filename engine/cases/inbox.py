"""The desk's list: one short look per post and one at what is mine, never a scan of everything open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    literal,
    select,
    tuple_,
    union_all,
)

from engine.base.database import OFFICE
from engine.base.prepared import Prepared
from engine.base.text import Name, Text
from engine.cases import rules
from engine.cases.tables import cases, hand_overs, tasks
from engine.organisation.rules import Actor
from engine.organisation.tables import departments, posts
from engine.procedures.reads import element_names
from engine.procedures.tables import procedures

MOST_COUNTED: Final = 1000
"""Beyond this a count is shown as “999+”: counting a million rows tells nobody anything."""


class Which(StrEnum):
    ALL = "all"  # mine, and what is free in my posts
    MINE = "mine"  # claimed by me
    POSTS = "posts"  # free in my posts


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the list ends; the next one begins behind it."""

    due_at: datetime
    case_id: int
    number: int


@dataclass(frozen=True, slots=True)
class InboxLine:
    case_id: int
    number: int
    case_number: str
    matter: str
    applicant: str
    procedure: str
    step: str
    item: str | None
    post: Text
    mine: bool
    opened_at: datetime
    claimed_at: datetime | None
    due_at: datetime | None
    handed_over_from: Text | None

    @property
    def place(self) -> Place:
        return Place(self.due_at or rules.NO_DUE, self.case_id, self.number)


@dataclass(frozen=True, slots=True)
class Counts:
    """Capped at MOST_COUNTED each."""

    mine: int
    posts: int


_COLUMNS = (
    tasks.c.case_id, tasks.c.number, tasks.c.edition_id, tasks.c.element, tasks.c.item, tasks.c.post_id,
    tasks.c.person_id, tasks.c.opened_at, tasks.c.claimed_at, tasks.c.due_at,
)  # fmt: skip


def inbox(
    db: Connection, *, actor: Actor, which: Which = Which.ALL, after: Place | None = None, limit: int = 50
) -> tuple[InboxLine, ...]:
    """Sorted by what is due first; at most `limit` lines."""
    asked = _asked(actor)
    if which is Which.POSTS and not actor.post_ids:
        return ()
    asked["most"] = limit
    if after is not None:
        asked |= {"after_due": after.due_at, "after_case": after.case_id, "after_number": after.number}
    rows = _list_of(len(actor.post_ids), which, after is not None).all(db, asked)
    return tuple(_line(db, actor, row) for row in rows)


def counts(db: Connection, *, actor: Actor) -> Counts:
    ((mine, *free),) = _counts_of(len(actor.post_ids)).all(db, _asked(actor))
    return Counts(mine=mine, posts=min(sum(free), MOST_COUNTED))


def next_free(db: Connection, *, actor: Actor) -> tuple[int, int] | None:
    """Case and number of the free task of my posts that is due first."""
    line = next(iter(inbox(db, actor=actor, which=Which.POSTS, limit=1)), None)
    return None if line is None else (line.case_id, line.number)


def _asked(actor: Actor) -> dict[str, Any]:
    return {"me": actor.person_id, **{f"post_{index}": post for index, post in enumerate(sorted(actor.post_ids))}}


# The statements depend only on how many posts somebody holds: each is put together once.


@lru_cache(maxsize=256)
def _list_of(posts_held: int, which: Which, continues: bool) -> Prepared:
    branches = ([] if which is Which.POSTS else [_mine()]) + ([] if which is Which.MINE else _free(posts_held))
    looks = [_look(branch, continues) for branch in branches]
    found = union_all(*looks).subquery("found") if len(looks) > 1 else looks[0].subquery("found")
    sender = departments.alias("sender")
    return Prepared(
        select(
            found, cases.c.number.label("case_number"), cases.c.matter, cases.c.applicant,
            procedures.c.name.label("procedure"), posts.c.name_en, posts.c.name_zh,
            sender.c.name_en.label("sender_en"), sender.c.name_zh.label("sender_zh"),
        )
        .join(cases, and_(cases.c.office_id == OFFICE, cases.c.id == found.c.case_id))
        .join(procedures, procedures.c.id == cases.c.procedure_id)
        .join(posts, posts.c.id == found.c.post_id)
        .outerjoin(
            hand_overs,
            and_(
                hand_overs.c.office_id == OFFICE,
                hand_overs.c.case_id == found.c.case_id,
                hand_overs.c.task_number == found.c.number,
            ),
        )
        .outerjoin(sender, sender.c.id == hand_overs.c.from_department_id)
        .order_by(found.c.due_at, found.c.case_id, found.c.number)
        .limit(bindparam("most", type_=Integer))
    )  # fmt: skip


@lru_cache(maxsize=64)
def _counts_of(posts_held: int) -> Prepared:
    branches = [_mine(), *_free(posts_held)]
    return Prepared(
        select(*(_capped(branch).scalar_subquery().label(f"found_{index}") for index, branch in enumerate(branches)))
    )


def _mine() -> Select[Any]:
    # "IS NOT NULL" repeats what the equality implies: only so does the partial index serve in both databases.
    return select(*_COLUMNS).where(
        tasks.c.office_id == OFFICE,
        tasks.c.person_id == bindparam("me"),
        tasks.c.person_id.is_not(None),
        tasks.c.closed_at.is_(None),
    )


def _free(posts_held: int) -> list[Select[Any]]:
    return [
        select(*_COLUMNS).where(
            tasks.c.office_id == OFFICE,
            tasks.c.post_id == bindparam(f"post_{index}"),
            tasks.c.person_id.is_(None),
            tasks.c.closed_at.is_(None),
        )
        for index in range(posts_held)
    ]


def _look(branch: Select[Any], continues: bool) -> Select[Any]:
    if continues:
        place = tuple_(
            bindparam("after_due", type_=tasks.c.due_at.type),
            bindparam("after_case", type_=BigInteger),
            bindparam("after_number", type_=Integer),
        )
        branch = branch.where(tuple_(tasks.c.due_at, tasks.c.case_id, tasks.c.number) > place)
    ordered = branch.order_by(tasks.c.due_at, tasks.c.case_id, tasks.c.number)
    return select(ordered.limit(bindparam("most", type_=Integer)).subquery())


def _capped(branch: Select[Any]) -> Select[Any]:
    short = branch.with_only_columns(literal(1).label("one")).limit(MOST_COUNTED).subquery()
    return select(func.count()).select_from(short)


def _line(db: Connection, actor: Actor, row: Any) -> InboxLine:
    names = element_names(db, row.edition_id)
    return InboxLine(
        case_id=row.case_id, number=row.number, case_number=row.case_number, matter=row.matter,
        applicant=row.applicant, procedure=row.procedure, step=names.get(row.element, row.element), item=row.item,
        post=Name(row.name_en, row.name_zh), mine=row.person_id == actor.person_id, opened_at=row.opened_at,
        claimed_at=row.claimed_at, due_at=None if row.due_at >= rules.NO_DUE else row.due_at,
        handed_over_from=Name(row.sender_en, row.sender_zh) if row.sender_en else None,
    )  # fmt: skip
