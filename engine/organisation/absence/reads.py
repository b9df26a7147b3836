"""What can be asked about absences and who stands in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.organisation.absence.rules import ids_of
from engine.organisation.reads import department_and_below, today
from engine.organisation.rules import Actor, Right, rights_of
from engine.organisation.tables import absences, departments, former_deputies, holdings, persons, posts

ABSENCE: Final = Text(en="absence", zh="外出安排")
_MOST_PAST: Final = 20
_DAY: Final = timedelta(days=1)


@frozen
class AbsenceLine:
    """`posts` empty: every post of theirs; `procedure_ids` likewise. `deputy` None: nobody stands in until somebody is named.

    `back_on`: the first day on which the person was there again, where that was before its end.
    """

    id: int
    person_id: int
    person: Name
    deputy_id: int | None
    deputy: Name | None
    from_day: date
    until_day: date
    posts: tuple[Name, ...]
    procedure_ids: frozenset[int]
    goes_back: bool
    why: str
    closed: bool
    now: bool
    back_on: date | None = None
    gap: tuple[date, date] | None = None
    """First and last day, of today's and those to come, on which the deputy is absent too."""

    @property
    def coming(self) -> bool:
        return not self.closed and not self.now

    @property
    def is_wanting(self) -> bool:
        """Somebody has to be named."""
        return not self.closed and (self.deputy is None or self.gap is not None)


@frozen
class Away:
    """On those days, in those posts (none named: every one); `deputy_id` stands in, None: nobody."""

    person_id: int
    from_day: date
    until_day: date
    post_ids: frozenset[int]
    deputy_id: int | None = None

    def on(self, day: date, post_id: int) -> bool:
        return self.from_day <= day <= self.until_day and (not self.post_ids or post_id in self.post_ids)


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


def planners_for(db: Connection, person_id: int, *, besides: int) -> frozenset[int]:
    """Who has to name a deputy for somebody who may be unable to, `besides` whoever goes: those who supervise the nearest department
    of which one is there today, with those nearer who are not; administrators where none is.
    """
    on = today(db)
    above = {row.id: row.parent_id for row in db.execute(select(departments.c.id, departments.c.parent_id))}
    held = holdings.c.from_day <= on, or_(holdings.c.until_day.is_(None), holdings.c.until_day >= on)
    supervising, administering = defaultdict[int, set[int]](set), set[int]()
    for row in db.execute(
        select(posts.c.rights, posts.c.department_id, holdings.c.person_id)
        .join(holdings, holdings.c.post_id == posts.c.id)
        .join(persons, persons.c.id == holdings.c.person_id)
        .where(
            *held, posts.c.rights != "", persons.c.id.not_in([person_id, besides]),
            or_(persons.c.left_on.is_(None), persons.c.left_on > on),
        )
    ):  # fmt: skip
        if Right.SUPERVISE in rights_of(row.rights):
            supervising[row.department_id].add(row.person_id)
        if Right.ADMINISTER in rights_of(row.rights):
            administering.add(row.person_id)
    away = set(db.scalars(select(absences.c.person_id).where(_runs(on))))
    found = set[int]()
    for own in db.scalars(
        select(posts.c.department_id)
        .join(holdings, holdings.c.post_id == posts.c.id)
        .where(*held, holdings.c.person_id == person_id)
    ):
        department, nearest = own, set[int]()
        while department is not None and not nearest - away:
            nearest |= supervising[department]
            department = above[department]
        found |= nearest
    return frozenset(found if found - away else found | administering)


def _runs(on: date) -> ColumnElement[bool]:
    return and_(absences.c.closed_at.is_(None), absences.c.from_day <= on, absences.c.until_day >= on)


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


def days_away(db: Connection, since: date, until: date) -> tuple[Away, ...]:
    """Whoever was, or will be, away on some of these days, apart for each deputy in turn. Days that never came to be are not among them."""
    before = former_deputies.c.until_day.label("before_until"), former_deputies.c.deputy_id.label("before")
    rows = db.execute(
        select(absences, *before)
        .outerjoin(former_deputies, former_deputies.c.absence_id == absences.c.id)
        .where(absences.c.from_day <= until, absences.c.until_day >= since)
        .order_by(absences.c.id, former_deputies.c.until_day)
    )
    found = []
    for _absence, several in groupby(rows, lambda row: row.id):
        turns = list(several)
        row = turns[0]
        begin, named = row.from_day, ids_of(row.post_ids)
        last = row.until_day if row.back_on is None else min(row.until_day, row.back_on - _DAY)
        for end, deputy_id in (
            *((one.before_until, one.before) for one in turns if one.before_until is not None),
            (last, row.deputy_id),
        ):
            if begin <= end:
                found.append(Away(row.person_id, begin, end, named, deputy_id))
                begin = end + _DAY
    return tuple(found)


def _lines(db: Connection, *where: Any) -> tuple[AbsenceLine, ...]:
    on = today(db)
    deputy = persons.alias("deputy")
    rows = db.execute(
        select(
            absences, persons.c.name_en, persons.c.name_zh, deputy.c.name_en.label("deputy_en"),
            deputy.c.name_zh.label("deputy_zh"),
        )
        .join(persons, persons.c.id == absences.c.person_id)
        .outerjoin(deputy, deputy.c.id == absences.c.deputy_id)
        .where(*where)
        .order_by(absences.c.until_day.desc(), absences.c.id)
        .limit(200)
    ).all()  # fmt: skip
    names = _post_names(db, {one for row in rows for one in ids_of(row.post_ids)})
    gaps = _gaps(db, [row for row in rows if row.closed_at is None], on)
    lines = [_line(row, names, on, gaps.get(row.id)) for row in rows]
    running = sorted((one for one in lines if not one.closed), key=lambda one: (one.from_day, one.id))
    return (*running, *[one for one in lines if one.closed][:_MOST_PAST])


def _gaps(db: Connection, rows: Iterable[Row[*tuple[Any, ...]]], on: date) -> dict[int, tuple[date, date]]:
    """By absence, its first."""
    own = defaultdict[int, list[tuple[date, date]]](list)
    deputies = {row.deputy_id for row in rows} - {None}
    if deputies:
        for one in db.execute(
            select(absences.c.person_id, absences.c.from_day, absences.c.until_day)
            .where(absences.c.person_id.in_(deputies), absences.c.closed_at.is_(None), absences.c.until_day >= on)
            .order_by(absences.c.from_day, absences.c.id)
        ):
            own[one.person_id].append((one.from_day, one.until_day))
    found = dict[int, tuple[date, date]]()
    for row in rows:
        for first, last in own.get(row.deputy_id, ()):
            begin, end = max(row.from_day, first, on), min(row.until_day, last)
            if begin <= end:
                found.setdefault(row.id, (begin, end))
    return found


def _post_names(db: Connection, ids: Collection[int]) -> dict[int, Name]:
    if not ids:
        return {}
    rows = db.execute(select(posts.c.id, posts.c.name_en, posts.c.name_zh).where(posts.c.id.in_(ids)))
    return {row.id: Name(row.name_en, row.name_zh) for row in rows}


def _line(row: Row[*tuple[Any, ...]], names: dict[int, Name], on: date, gap: tuple[date, date] | None) -> AbsenceLine:
    closed = row.closed_at is not None or row.until_day < on
    wanted: Iterable[int] = sorted(ids_of(row.post_ids))
    return AbsenceLine(
        id=row.id, person_id=row.person_id, person=Name(row.name_en, row.name_zh), deputy_id=row.deputy_id,
        deputy=None if row.deputy_id is None else Name(row.deputy_en, row.deputy_zh), from_day=row.from_day,
        until_day=row.until_day,
        posts=tuple(names[one] for one in wanted), procedure_ids=ids_of(row.procedure_ids), goes_back=row.goes_back,
        why=row.why, closed=closed, now=not closed and row.from_day <= on, back_on=row.back_on,
        gap=gap,
    )  # fmt: skip
