"""What can be asked about absences and who stands in."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, or_, select

from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.organisation.absence.rules import ids_of
from engine.organisation.reads import department_and_below, today
from engine.organisation.rules import Actor, Right
from engine.organisation.tables import absences, departments, holdings, persons, posts

ABSENCE: Final = Text(en="absence", zh="外出安排")
_MOST_PAST: Final = 20


@frozen
class AbsenceLine:
    """`posts` empty: every post of theirs; `procedure_ids` likewise."""

    id: int
    person_id: int
    person: Name
    deputy_id: int
    deputy: Name
    from_day: date
    until_day: date
    posts: tuple[Name, ...]
    procedure_ids: frozenset[int]
    goes_back: bool
    why: str
    closed: bool
    now: bool

    @property
    def coming(self) -> bool:
        return not self.closed and not self.now


@frozen
class Colleague:
    """Somebody who holds a post today; `posts` are what they hold."""

    person_id: int
    name: Name
    posts: tuple[Name, ...]
    department_ids: frozenset[int]
    post_ids: tuple[int, ...]


def supervises_person(db: Connection, actor: Actor, person_id: int) -> bool:
    """The person holds, now or later, a post in a department that the actor supervises, or below it."""
    watched = _watched(db, actor)
    if not watched:
        return False
    held = (
        select(holdings.c.id)
        .join(posts, posts.c.id == holdings.c.post_id)
        .where(
            holdings.c.person_id == person_id, posts.c.department_id.in_(watched),
            or_(holdings.c.until_day.is_(None), holdings.c.until_day >= today(db)),
        )
        .limit(1)
    )  # fmt: skip
    return db.scalar(held) is not None


def _watched(db: Connection, actor: Actor) -> frozenset[int]:
    own = [post.department_id for post in actor.posts if Right.SUPERVISE in post.rights]
    return department_and_below(db, own)


def absence(db: Connection, absence_id: int) -> AbsenceLine:
    """Raises NotFound."""
    found = _lines(db, absences.c.id == absence_id)
    if not found:
        raise NotFound(what=ABSENCE)
    return found[0]


def absences_of(db: Connection, person_id: int) -> tuple[AbsenceLine, ...]:
    """Those that run or are coming first, then the last ones that are over."""
    return _lines(db, absences.c.person_id == person_id)


def standing_in(db: Connection, person_id: int) -> tuple[AbsenceLine, ...]:
    """Absences that run or are coming in which the person is the deputy."""
    return _lines(
        db, absences.c.deputy_id == person_id, absences.c.closed_at.is_(None), absences.c.until_day >= today(db)
    )


def absences_among(db: Connection, actor: Actor) -> tuple[AbsenceLine, ...]:
    """Running and coming ones of those whom the actor plans for: their departments' people, or everybody's."""
    people = {one.person_id for one in colleagues(db, actor)}
    return _lines(
        db, absences.c.person_id.in_(people), absences.c.closed_at.is_(None), absences.c.until_day >= today(db)
    )


def colleagues(db: Connection, actor: Actor | None) -> tuple[Colleague, ...]:
    """Whom the actor plans for: everybody for an administrator, else who holds a post in a supervised department.

    `actor` None: everybody.
    """
    on = today(db)
    query = (
        select(
            persons.c.id, persons.c.name_en, persons.c.name_zh, posts.c.id.label("post_id"), posts.c.department_id,
            posts.c.name_en.label("post_en"), posts.c.name_zh.label("post_zh"),
        )
        .join(holdings, holdings.c.person_id == persons.c.id)
        .join(posts, posts.c.id == holdings.c.post_id)
        .join(departments, departments.c.id == posts.c.department_id)
        .where(
            holdings.c.from_day <= on, or_(holdings.c.until_day.is_(None), holdings.c.until_day >= on),
            or_(persons.c.left_on.is_(None), persons.c.left_on > on),
        )
        .order_by(departments.c.code, persons.c.login, posts.c.code)
    )  # fmt: skip
    found: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in db.execute(query):
        found.setdefault(row.id, []).append(row)
    everybody = actor is None or actor.may(Right.ADMINISTER)
    watched = frozenset[int]() if everybody or actor is None else _watched(db, actor)
    return tuple(
        _colleague(rows) for rows in found.values() if everybody or any(row.department_id in watched for row in rows)
    )


def _colleague(rows: list[Row[*tuple[Any, ...]]]) -> Colleague:
    first = rows[0]
    return Colleague(
        first.id, Name(first.name_en, first.name_zh), tuple(Name(row.post_en, row.post_zh) for row in rows),
        frozenset(row.department_id for row in rows), tuple(row.post_id for row in rows),
    )  # fmt: skip


def over(db: Connection, limit: int = 100) -> tuple[int, ...]:
    """Absences whose last day is past and that nobody has closed yet."""
    rows = db.scalars(
        select(absences.c.id)
        .where(absences.c.closed_at.is_(None), absences.c.until_day < today(db))
        .order_by(absences.c.until_day, absences.c.id)
        .limit(limit)
    )
    return tuple(rows)


def _lines(db: Connection, *where: Any) -> tuple[AbsenceLine, ...]:
    on = today(db)
    deputy = persons.alias("deputy")
    rows = db.execute(
        select(
            absences, persons.c.name_en, persons.c.name_zh, deputy.c.name_en.label("deputy_en"),
            deputy.c.name_zh.label("deputy_zh"),
        )
        .join(persons, persons.c.id == absences.c.person_id)
        .join(deputy, deputy.c.id == absences.c.deputy_id)
        .where(*where)
        .order_by(absences.c.until_day.desc(), absences.c.id)
        .limit(200)
    ).all()  # fmt: skip
    names = _post_names(db, {one for row in rows for one in ids_of(row.post_ids)})
    lines = [_line(row, names, on) for row in rows]
    running = sorted((one for one in lines if not one.closed), key=lambda one: (one.from_day, one.id))
    return (*running, *[one for one in lines if one.closed][:_MOST_PAST])


def _post_names(db: Connection, ids: Collection[int]) -> dict[int, Name]:
    if not ids:
        return {}
    rows = db.execute(select(posts.c.id, posts.c.name_en, posts.c.name_zh).where(posts.c.id.in_(ids)))
    return {row.id: Name(row.name_en, row.name_zh) for row in rows}


def _line(row: Row[*tuple[Any, ...]], names: dict[int, Name], on: date) -> AbsenceLine:
    closed = row.closed_at is not None or row.until_day < on
    wanted: Iterable[int] = sorted(ids_of(row.post_ids))
    return AbsenceLine(
        id=row.id, person_id=row.person_id, person=Name(row.name_en, row.name_zh), deputy_id=row.deputy_id,
        deputy=Name(row.deputy_en, row.deputy_zh), from_day=row.from_day, until_day=row.until_day,
        posts=tuple(names[one] for one in wanted), procedure_ids=ids_of(row.procedure_ids), goes_back=row.goes_back,
        why=row.why, closed=closed, now=not closed and row.from_day <= on,
    )  # fmt: skip
