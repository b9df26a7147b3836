"""The desk's list: one short look per post and one at what is mine, never a scan of everything open.

The plain list is put together once for each number of posts; `narrowing` tells every other question in Core.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.sql.selectable import FromClause

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.prepared import Prepared
from engine.base.text import Name, Text
from engine.cases import narrowing, rules
from engine.cases.asked.reads import unread_copies
from engine.cases.due.shown import counts_by
from engine.cases.handing.rows import SILENT
from engine.cases.listing import visible_to
from engine.cases.narrowing import NOTHING, Filter, Place, Which
from engine.cases.order import USUAL, out_of_order, usual
from engine.cases.reasons import Reason, reasons
from engine.cases.rules import Kind
from engine.cases.tables import cases, hand_overs, marks, tasks
from engine.organisation.rules import Actor
from engine.organisation.tables import departments, persons, posts
from engine.procedures.reads import element_names, steps_together
from engine.procedures.tables import procedures

__all__ = [
    "MOST_COUNTED",
    "Counts",
    "Filter",
    "InboxLine",
    "News",
    "Place",
    "Which",
    "counts",
    "first_free",
    "inbox",
    "news",
    "next_free",
    "titles",
]

MOST_COUNTED: Final = 1000
"""Beyond this a count is shown as “999+”: counting a million rows tells nobody anything."""


@frozen
class InboxLine:
    """`kind`: asked beside the diagram, at the step that is named. `together`: may be completed with others at once."""

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
    to_accept: bool = False
    """Handed over, and nobody has answered it yet."""
    procedure_id: int = 0
    kind: Kind | None = None
    together: bool = False
    suspended: bool = False
    person: Text | None = None
    """Who has claimed it, where that is somebody else."""
    reasons: tuple[Reason, ...] = ()
    department_id: int | None = None
    working: bool = False
    """Due by what its department works, not by the clock."""
    in_hours: bool = False
    provisional: bool = False  # a holiday may be told yet that moves the day
    stands: bool = False
    """The clock of its case stands; the work may go on."""
    order: rules.Order = rules.Order.NORMAL  # put before or behind what is due first
    period_due: datetime | None = None
    """When the first of the case's periods is over, where that is before the step is due."""

    @property
    def place(self) -> Place:
        return Place(self.due_at or rules.NO_DUE, self.case_id, self.number, self.order)

    @property
    def escalated(self) -> bool:
        return any(reason.kind is rules.Mark.ESCALATED for reason in self.reasons)


@frozen
class Counts:
    """Capped at MOST_COUNTED each."""

    mine: int
    posts: int
    deputised: int = 0
    watched: int = 0
    copies: int = 0  # not read yet


@frozen
class News:
    """How much there is now, and how much of it has come since somebody looked."""

    counts: Counts
    fresh: int


_COLUMNS = (
    tasks.c.case_id, tasks.c.number, tasks.c.edition_id, tasks.c.element, tasks.c.item, tasks.c.post_id,
    tasks.c.person_id, tasks.c.opened_at, tasks.c.claimed_at, tasks.c.due_at, tasks.c.kind, tasks.c.department_id,
    tasks.c.provisional,
)  # fmt: skip


def inbox(
    db: Connection,
    *,
    actor: Actor,
    which: Which = Which.ALL,
    after: Place | None = None,
    limit: int = 50,
    narrowed: Filter = NOTHING,
    supervised: frozenset[int] | None = None,
) -> tuple[InboxLine, ...]:
    """Sorted by what is due first, but for what a supervisor has put before or behind; at most `limit` lines. `supervised`: departments, where that is known already."""
    if which is Which.POSTS and not actor.post_ids:
        return ()
    if narrowed == NOTHING and which in _PLAIN:
        asked = _asked(actor) | {"most": limit}
        if after is not None:
            usual = after.among_usual
            asked |= {
                "after_due": usual.due_at, "after_case": usual.case_id, "after_number": usual.number,
                "behind_place": int(after.order), "behind_due": after.due_at, "behind_case": after.case_id,
                "behind_number": after.number,
            }  # fmt: skip
        rows = _list_of(len(actor.post_ids), which, after is not None).all(db, asked)
    else:
        keys = narrowing.keys(db, actor, which, narrowed, after, limit, supervised)
        rows = [] if keys is None else list(db.execute(_whole(keys, limit)))
    return _lines(db, actor, rows)


def counts(
    db: Connection,
    *,
    actor: Actor,
    watches: bool = False,
    copied: bool = False,
    supervised: frozenset[int] | None = None,
) -> Counts:
    """One statement. `watches`, `copied`: the person watches any case at all, was ever sent a copy."""
    if not (watches or copied or actor.stands_in):
        ((mine, *free),) = _counts_of(len(actor.post_ids)).all(db, _asked(actor))
        return Counts(mine, min(sum(free), MOST_COUNTED))
    wanted = {which: narrowing.counted(db, actor, which, MOST_COUNTED) for which in (Which.MINE, Which.POSTS)}
    if actor.stands_in:
        wanted[Which.DEPUTISED] = narrowing.counted(db, actor, Which.DEPUTISED, MOST_COUNTED)
    if watches:
        wanted[Which.WATCHED] = narrowing.counted(db, actor, Which.WATCHED, MOST_COUNTED, supervised)
    columns = [literal(0) if one is None else one for one in wanted.values()]
    unread = unread_copies(actor) if copied else literal(0)
    *numbers, copies = db.execute(select(*columns, unread)).one()
    found = {which: min(number, MOST_COUNTED) for which, number in zip(wanted, numbers, strict=True)}
    return Counts(
        mine=found[Which.MINE], posts=found[Which.POSTS], deputised=found.get(Which.DEPUTISED, 0),
        watched=found.get(Which.WATCHED, 0), copies=copies,
    )  # fmt: skip


def news(db: Connection, *, actor: Actor, since: datetime, copied: bool = False) -> News:
    """What has come to me or become free in my posts, read from the indexes alone, the thousand most urgent of each.

    Whoever stands in for somebody, or was ever sent a copy (`copied`), pays one statement more.
    """
    (found,) = _news_of(len(actor.post_ids)).all(db, _asked(actor) | {"since": since})
    (mine, *free), (mine_fresh, *fresh) = found[::2], found[1::2]
    now = Counts(mine=mine, posts=min(sum(free), MOST_COUNTED))
    told = sum(map(int, (mine_fresh, *fresh)))
    if not (copied or actor.stands_in):
        return News(now, told)
    theirs = [
        narrowing.counted(db, actor, Which.DEPUTISED, MOST_COUNTED, since=moment) for moment in (None, since)
    ] if actor.stands_in else [None, None]  # fmt: skip
    columns = [literal(0) if one is None else one for one in theirs]
    row = db.execute(select(*columns, unread_copies(actor) if copied else literal(0))).one()
    deputised, more, copies = tuple(row)
    return News(replace(now, deputised=min(deputised, MOST_COUNTED), copies=copies), told + more)


def next_free(db: Connection, *, actor: Actor, narrowed: Filter = NOTHING) -> tuple[int, int] | None:
    """Case and number of the free task of my posts that is due first."""
    return next(iter(first_free(db, actor=actor, narrowed=narrowed, most=1)), None)


def first_free(db: Connection, *, actor: Actor, narrowed: Filter = NOTHING, most: int) -> tuple[tuple[int, int], ...]:
    """Case and number of the free tasks of my posts that are due first."""
    lines = inbox(db, actor=actor, which=Which.POSTS, limit=most, narrowed=narrowed)
    return tuple((line.case_id, line.number) for line in lines)


def titles(
    db: Connection, *, actor: Actor, wanted: Collection[tuple[int, int]]
) -> Mapping[tuple[int, int], tuple[str, str]]:
    """Step and case number of these tasks, by case and number; those of cases the person may not see are left out."""
    ids = {case_id for case_id, _number in wanted}
    seen = (
        select(cases.c.id, cases.c.number)
        .where(cases.c.office_id == OFFICE, cases.c.id.in_(ids), visible_to(db, actor))
        .subquery()
    )
    rows = db.execute(
        select(tasks.c.case_id, tasks.c.number, tasks.c.edition_id, tasks.c.element, seen.c.number.label("case_number"))
        .join(seen, seen.c.id == tasks.c.case_id)
        .where(tasks.c.office_id == OFFICE, tasks.c.number.in_({number for _case_id, number in wanted}))
    )
    return {
        (row.case_id, row.number): (element_names(db, row.edition_id).get(row.element, row.element), row.case_number)
        for row in rows
    }


def _asked(actor: Actor) -> dict[str, Any]:
    return {"me": actor.person_id, **{f"post_{index}": post for index, post in enumerate(sorted(actor.post_ids))}}


# The statements depend only on how many posts somebody holds: each is put together once.

_PLAIN: Final = frozenset({Which.ALL, Which.MINE, Which.POSTS})


@lru_cache(maxsize=256)
def _list_of(posts_held: int, which: Which, continues: bool) -> Prepared:
    mine, free = which is not Which.POSTS, which is not Which.MINE
    looks = [_look(one, continues) for one in [*([_mine()] if mine else ()), *(_free(posts_held) if free else ())]]
    looks.append(out_of_order(_COLUMNS, posts_held, continues, mine=mine, free=free))
    found = union_all(*looks).subquery("found")
    return Prepared(_told(found).limit(bindparam("most", type_=Integer)))


def _whole(keys: FromClause, limit: int) -> Select[Any]:
    """The tasks of these keys, with the name of whoever holds each."""
    found = (
        select(*_COLUMNS, keys.c.place)
        .join(keys, and_(tasks.c.case_id == keys.c.case_id, tasks.c.number == keys.c.number))
        .where(tasks.c.office_id == OFFICE)
        .subquery("found")
    )
    return (
        _told(found)
        .add_columns(persons.c.name_en.label("person_en"), persons.c.name_zh.label("person_zh"))
        .outerjoin(persons, persons.c.id == found.c.person_id)
        .limit(limit)
    )


def _told(found: FromClause) -> Select[Any]:
    """With everything that a line says."""
    sender = departments.alias("sender")
    marked = exists().where(
        marks.c.office_id == OFFICE, marks.c.case_id == found.c.case_id, marks.c.task_number == found.c.number
    )
    return (
        select(
            found, cases.c.number.label("case_number"), cases.c.matter, cases.c.applicant, cases.c.procedure_id,
            cases.c.suspended_at, cases.c.clock_stops, cases.c.period_due, procedures.c.name.label("procedure"), posts.c.name_en, posts.c.name_zh,
            sender.c.name_en.label("sender_en"), sender.c.name_zh.label("sender_zh"), marked.label("marked"),
            and_(hand_overs.c.case_id.is_not(None), SILENT).label("to_accept"),
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
        .order_by(found.c.place, found.c.due_at, found.c.case_id, found.c.number)
    )  # fmt: skip


@lru_cache(maxsize=64)
def _counts_of(posts_held: int) -> Prepared:
    branches = [_mine(), *_free(posts_held)]
    return Prepared(
        select(*(_capped(branch).scalar_subquery().label(f"found_{index}") for index, branch in enumerate(branches)))
    )


@lru_cache(maxsize=64)
def _news_of(posts_held: int) -> Prepared:
    """For each branch how many there are and how many of them are new: `opened_at` and `claimed_at` stand in the index."""
    looks = []
    since = bindparam("since", type_=tasks.c.opened_at.type)
    for index, branch in enumerate([_mine(), *_free(posts_held)]):
        at = tasks.c.claimed_at if index == 0 else tasks.c.opened_at
        newest = branch.with_only_columns(at.label("at")).order_by(tasks.c.due_at).limit(MOST_COUNTED).subquery()
        fresh = func.coalesce(func.sum(case((newest.c.at > since, 1), else_=0)), 0)
        looks += [
            select(func.count()).select_from(newest).scalar_subquery().label(f"all_{index}"),
            select(fresh).select_from(newest).scalar_subquery().label(f"new_{index}"),
        ]
    return Prepared(select(*looks))


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
    branch = branch.add_columns(USUAL).where(usual())
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


def _lines(db: Connection, actor: Actor, rows: Sequence[Any]) -> tuple[InboxLine, ...]:
    marked = [(row.case_id, row.number) for row in rows if row.marked]
    why = reasons(db, marked) if marked else {}
    return tuple(_line(db, actor, row, why.get((row.case_id, row.number), ())) for row in rows)


def _line(db: Connection, actor: Actor, row: Any, why: tuple[Reason, ...]) -> InboxLine:
    names = element_names(db, row.edition_id)
    mine = row.person_id == actor.person_id
    another = None if mine or row.person_id is None else Name(row.person_en, row.person_zh)
    return InboxLine(
        case_id=row.case_id, number=row.number, case_number=row.case_number, matter=row.matter,
        applicant=row.applicant, procedure=row.procedure, step=names.get(row.element, row.element), item=row.item,
        post=Name(row.name_en, row.name_zh), mine=mine, opened_at=row.opened_at,
        claimed_at=row.claimed_at, due_at=None if row.due_at >= rules.NO_DUE else row.due_at,
        handed_over_from=Name(row.sender_en, row.sender_zh) if row.sender_en else None, to_accept=bool(row.to_accept),
        procedure_id=row.procedure_id, kind=None if row.kind is None else Kind(row.kind),
        together=row.kind is None and row.element in steps_together(db, row.edition_id),
        suspended=row.suspended_at is not None, person=another, reasons=why, department_id=row.department_id,
        order=rules.Order(row.place), provisional=row.provisional is not None, stands=bool(row.clock_stops),
        period_due=None if row.period_due is None or row.period_due >= row.due_at else row.period_due,
        **counts_by(db, row),
    )  # fmt: skip
