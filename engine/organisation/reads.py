"""What can be asked of the organisation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, or_, select

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.once import once
from engine.base.prepared import Prepared
from engine.base.text import Language, Name, Text
from engine.organisation import rules
from engine.organisation.acting import OF_PERSON, actor_from
from engine.organisation.rules import Actor, Right
from engine.organisation.tables import departments, holdings, offices, persons, posts
from engine.records.journal import Chain

PERSON: Final = Text(en="person", zh="人员")
POST: Final = Text(en="post", zh="岗位")
DEPARTMENT: Final = Text(en="department", zh="部门")
HOLDING: Final = Text(en="holding", zh="任职")


@frozen
class Office:
    name: Name
    zone: str  # an IANA time zone
    calendars_version: int = 0  # for calendars.reads.calendar_of

    @property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


@frozen
class Holder:
    holding_id: int
    person_id: int
    login: str
    name: Name
    from_day: date
    until_day: date | None


@frozen
class Post:
    id: int
    code: str
    name: Name
    department_id: int
    reports_to: int | None
    rights: frozenset[Right]
    holders: tuple[Holder, ...]  # today's


@frozen
class Department:
    """With its posts and the departments below it, each in the order of their codes."""

    id: int
    code: str
    name: Name
    parent_id: int | None
    posts: tuple[Post, ...]
    departments: tuple[Department, ...]

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Department]]:
        """This one and all below it from the top, each with its depth."""
        yield depth, self
        for one in self.departments:
            yield from one.walk(depth + 1)


@frozen
class Chart:
    departments: tuple[Department, ...]  # those that stand under no other

    def walk(self) -> Iterator[tuple[int, Department]]:
        for one in self.departments:
            yield from one.walk()

    @property
    def posts(self) -> tuple[Post, ...]:
        return tuple(post for _, department in self.walk() for post in department.posts)


@frozen
class HeldBy:
    """A holding, seen from the person; past and coming ones too."""

    holding_id: int
    post_id: int
    post: Name
    department: Name
    from_day: date
    until_day: date | None
    today: bool


@frozen
class Person:
    id: int
    login: str
    name: Name
    language: Language
    left_on: date | None
    has_password: bool
    holdings: tuple[HeldBy, ...]


def is_founded(db: Connection) -> bool:
    return db.scalar(select(offices.c.id).where(offices.c.id == OFFICE)) is not None


def office(db: Connection) -> Office:
    """Raises NotFounded."""
    return once(db, "the office", lambda: _office(db))


def _office(db: Connection) -> Office:
    row = _OFFICE.first(db, {})
    if row is None:
        raise rules.NotFounded()
    return Office(Name(row.name_en, row.name_zh), row.zone, row.calendars_version)


def today(db: Connection) -> date:
    """The day it is in the office."""
    return clock.now().astimezone(office(db).zone_info).date()


def person_name(db: Connection, person_id: int) -> Name:
    return _name(db, persons, person_id, PERSON)


def post_name(db: Connection, post_id: int) -> Name:
    return _name(db, posts, post_id, POST)


def department_name(db: Connection, department_id: int) -> Name:
    return _name(db, departments, department_id, DEPARTMENT)


def _name(db: Connection, table: Any, key: int, what: Text) -> Name:
    row = db.execute(select(table.c.name_en, table.c.name_zh).where(table.c.id == key)).first()
    if row is None:
        raise NotFound(what=what)
    return Name(row.name_en, row.name_zh)


def actor(db: Connection, person_id: int) -> Actor:
    """The person with the posts held today and those they stand in for, whether signed in or not. Raises NotFound."""
    on = today(db)
    rows = db.execute(OF_PERSON, {"person": person_id, "earliest": on, "latest": on}).all()
    if not rows:
        raise NotFound(what=PERSON)
    return actor_from(rows, on)


def actor_named(db: Connection, login: str) -> Actor:
    """Raises LoginUnknown."""
    person_id = db.scalar(select(persons.c.id).where(persons.c.login == login))
    if person_id is None:
        raise rules.LoginUnknown(login=login)
    return actor(db, person_id)


def chart(db: Connection) -> Chart:
    """Every department and post with the holders of today: three statements, however large the office."""
    holders = _holders(db, today(db))
    posts_of: dict[int, list[Post]] = defaultdict(list)
    for row in db.execute(select(posts).order_by(posts.c.code)):
        posts_of[row.department_id].append(
            Post(
                row.id, row.code, Name(row.name_en, row.name_zh), row.department_id, row.reports_to,
                rules.rights_of(row.rights), tuple(holders.get(row.id, ())),
            )
        )  # fmt: skip
    below: dict[int | None, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row in db.execute(select(departments).order_by(departments.c.code)):
        below[row.parent_id].append(row)
    return Chart(_departments(None, below, posts_of))


def _departments(
    parent: int | None, below: Mapping[int | None, list[Row[*tuple[Any, ...]]]], posts_of: Mapping[int, list[Post]]
) -> tuple[Department, ...]:
    return tuple(
        Department(
            row.id, row.code, Name(row.name_en, row.name_zh), row.parent_id, tuple(posts_of.get(row.id, ())),
            _departments(row.id, below, posts_of),
        )
        for row in below.get(parent, ())
    )  # fmt: skip


def _holders(db: Connection, on: date) -> dict[int, list[Holder]]:
    found: dict[int, list[Holder]] = defaultdict(list)
    rows = db.execute(
        select(
            holdings.c.id, holdings.c.post_id, holdings.c.from_day, holdings.c.until_day,
            persons.c.id.label("person_id"), persons.c.login, persons.c.name_en, persons.c.name_zh,
        )
        .join(persons, persons.c.id == holdings.c.person_id)
        .where(
            holdings.c.from_day <= on,
            or_(holdings.c.until_day.is_(None), holdings.c.until_day >= on),
            or_(persons.c.left_on.is_(None), persons.c.left_on > on),
        )
        .order_by(holdings.c.from_day, persons.c.login)
    )  # fmt: skip
    for row in rows:
        found[row.post_id].append(
            Holder(row.id, row.person_id, row.login, Name(row.name_en, row.name_zh), row.from_day, row.until_day)
        )
    return found


def department_and_below(db: Connection, ids: Iterable[int]) -> frozenset[int]:
    """The departments asked for and every one under them."""
    top = tuple(ids)
    if not top:
        return frozenset()
    return once(db, ("departments below", frozenset(top)), lambda: _and_below(db, top))


def _and_below(db: Connection, top: Sequence[int]) -> frozenset[int]:
    found = select(departments.c.id).where(departments.c.id.in_(top)).cte("found", recursive=True)
    found = found.union(select(departments.c.id).join(found, departments.c.parent_id == found.c.id))
    return frozenset(db.scalars(select(found.c.id)))


def all_persons(db: Connection) -> tuple[Person, ...]:
    """By login; those who left too."""
    return _persons(db, None)


def person(db: Connection, person_id: int) -> Person:
    """Raises NotFound."""
    found = _persons(db, person_id)
    if not found:
        raise NotFound(what=PERSON)
    return found[0]


def _persons(db: Connection, person_id: int | None) -> tuple[Person, ...]:
    on = today(db)
    held = select(
        holdings.c.id, holdings.c.person_id, holdings.c.post_id, holdings.c.from_day, holdings.c.until_day,
        posts.c.name_en, posts.c.name_zh, departments.c.name_en.label("department_en"),
        departments.c.name_zh.label("department_zh"),
    ).join(posts, posts.c.id == holdings.c.post_id).join(departments, departments.c.id == posts.c.department_id)  # fmt: skip
    who = select(persons)
    if person_id is not None:
        held, who = held.where(holdings.c.person_id == person_id), who.where(persons.c.id == person_id)
    holdings_of: dict[int, list[HeldBy]] = defaultdict(list)
    for row in db.execute(held.order_by(holdings.c.from_day, posts.c.code)):
        period = rules.Period(row.from_day, row.until_day)
        holdings_of[row.person_id].append(
            HeldBy(
                row.id, row.post_id, Name(row.name_en, row.name_zh), Name(row.department_en, row.department_zh),
                row.from_day, row.until_day, period.includes(on),
            )
        )  # fmt: skip
    return tuple(
        Person(
            row.id, row.login, Name(row.name_en, row.name_zh), row.language, row.left_on, row.password is not None,
            tuple(holdings_of.get(row.id, ())),
        )
        for row in db.execute(who.order_by(persons.c.login))
    )  # fmt: skip


def heads(db: Connection) -> Iterator[Chain]:
    """Every chain of the record that the organisation owns: the office's and each person's."""
    for table in (offices, persons):
        for row in db.execute(select(table.c.chain, table.c.chain_length, table.c.chain_head)):
            yield Chain(row.chain, row.chain_length, row.chain_head)


_OFFICE: Final = Prepared(
    select(offices.c.name_en, offices.c.name_zh, offices.c.zone, offices.c.calendars_version).where(
        offices.c.id == OFFICE
    )
)
