"""Whom something can be asked: a post, a person in one of their posts, a department by its head."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, or_, select

from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.cases.asked import rules
from engine.organisation.reads import department_name, person_name, post_name, today
from engine.organisation.rules import Right, rights_of
from engine.organisation.tables import departments, holdings, persons, posts

MOST_FOUND: Final = 30


@frozen
class Whom:
    """A post with whoever holds it today, or one person in the first of their posts."""

    post_id: int
    department_id: int
    person_id: int | None
    name: Text
    post: Text
    department: Text
    holders: frozenset[int]

    @property
    def key(self) -> str:
        return f"post:{self.post_id}" if self.person_id is None else f"person:{self.person_id}"


@frozen
class Place:
    """A department with the posts that somebody holds, its head first."""

    department_id: int
    code: str
    name: Text
    posts: tuple[Whom, ...]


def _held(db: Connection) -> Select[Any]:
    on = today(db)
    return (
        select(
            posts.c.id.label("post_id"), posts.c.code, posts.c.name_en.label("post_en"),
            posts.c.name_zh.label("post_zh"), posts.c.reports_to, posts.c.rights, posts.c.department_id,
            departments.c.code.label("department_code"), departments.c.name_en.label("department_en"),
            departments.c.name_zh.label("department_zh"), persons.c.id.label("person_id"), persons.c.login,
            persons.c.name_en.label("person_en"), persons.c.name_zh.label("person_zh"),
        )
        .join(departments, departments.c.id == posts.c.department_id)
        .join(
            holdings,
            and_(
                holdings.c.post_id == posts.c.id,
                holdings.c.from_day <= on,
                or_(holdings.c.until_day.is_(None), holdings.c.until_day >= on),
            ),
        )
        .join(persons, persons.c.id == holdings.c.person_id)
        .where(or_(persons.c.left_on.is_(None), persons.c.left_on > on))
        .order_by(departments.c.code, posts.c.code, persons.c.login)
    )  # fmt: skip


def chosen(db: Connection, keys: Iterable[str]) -> tuple[Whom, ...]:
    """In the order chosen, each once. Raises NobodyToAsk, NobodyChosen."""
    wanted = [(kind, int(number)) for kind, _colon, number in (one.partition(":") for one in dict.fromkeys(keys))
              if number.isascii() and number.isdecimal() and len(number) < 10]  # fmt: skip
    rules.must_choose(wanted)
    of = {kind: [number for one, number in wanted if one == kind] for kind in ("post", "person", "department")}
    rows = db.execute(
        _held(db).where(
            or_(
                posts.c.id.in_(of["post"]),
                persons.c.id.in_(of["person"]),
                posts.c.department_id.in_(of["department"]),
            )
        )
    ).all()
    return tuple(_found(db, kind, number, rows) for kind, number in wanted)


def _found(db: Connection, kind: str, number: int, rows: Sequence[Row[*tuple[Any, ...]]]) -> Whom:
    if kind == "person":
        held = [row for row in rows if row.person_id == number]
        if held:
            return _whom(held[:1], number)
        raise rules.NobodyToAsk(whom=person_name(db, number))
    if kind == "post":
        held = [row for row in rows if row.post_id == number]
        if held:
            return _whom(held, None)
        raise rules.NobodyToAsk(whom=post_name(db, number))
    held = [row for row in rows if row.department_id == number]
    if kind == "department" and held:
        return _by_post(held)[0]
    raise rules.NobodyToAsk(whom=department_name(db, number))


def _whom(rows: Sequence[Row[*tuple[Any, ...]]], person_id: int | None) -> Whom:
    first = rows[0]
    post = Name(first.post_en, first.post_zh)
    return Whom(
        post_id=first.post_id, department_id=first.department_id, person_id=person_id,
        name=post if person_id is None else Name(first.person_en, first.person_zh), post=post,
        department=Name(first.department_en, first.department_zh),
        holders=frozenset(row.person_id for row in rows),
    )  # fmt: skip


def _by_post(rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Whom]:
    """Of one department: the head first, who reports to nobody inside it; a supervising post before others."""
    inside = {row.post_id for row in rows}
    by_post: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in rows:
        by_post.setdefault(row.post_id, []).append(row)

    def rank(held: Sequence[Row[*tuple[Any, ...]]]) -> tuple[bool, bool, str]:
        return held[0].reports_to in inside, Right.SUPERVISE not in rights_of(held[0].rights), held[0].code

    return [_whom(held, None) for held in sorted(by_post.values(), key=rank)]


def places(db: Connection, codes: Collection[str] | None = None) -> tuple[Place, ...]:
    """Every department with somebody in it, or those of these codes."""
    asked_for = _held(db) if codes is None else _held(db).where(departments.c.code.in_(codes))
    by_department: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in db.execute(asked_for):
        by_department.setdefault(row.department_id, []).append(row)
    return tuple(
        Place(
            key, rows[0].department_code, Name(rows[0].department_en, rows[0].department_zh), tuple(_by_post(rows))
        )
        for key, rows in by_department.items()
    )  # fmt: skip


def found(db: Connection, words: str, *, near: Collection[int] = (), but: int | None = None) -> tuple[Whom, ...]:
    """Posts and persons whose name, login, code or department holds every word; those of the departments `near` first.

    `but` is left out: nobody asks themselves.
    """
    asked_for = _held(db)
    for word in words.replace("\0", " ").split()[:5]:
        pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        asked_for = asked_for.where(or_(*(column.ilike(pattern, escape="\\") for column in _SEARCHED)))
    if not words.split():
        asked_for = asked_for.where(posts.c.department_id.in_(near))
    rows = db.execute(asked_for.limit(MOST_FOUND * 20)).all()
    by_post: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in rows:
        by_post.setdefault(row.post_id, []).append(row)
    all_found: list[Whom] = []
    for held in by_post.values():
        if any(row.person_id != but for row in held):
            all_found.append(_whom(held, None))
            all_found += [_whom([row], row.person_id) for row in held if row.person_id != but]
    seen = {one.key: one for one in reversed(all_found)}
    ordered = sorted(reversed(seen.values()), key=lambda one: one.department_id not in near)
    return tuple(ordered[:MOST_FOUND])


_SEARCHED: Final = (
    posts.c.name_en, posts.c.name_zh, posts.c.code, departments.c.name_en, departments.c.name_zh,
    persons.c.name_en, persons.c.name_zh, persons.c.login,
)  # fmt: skip


def members(db: Connection, code: str) -> Whom | None:
    """The post of that code with whoever holds it; None where there is none, or it is vacant."""
    rows = db.execute(_held(db).where(posts.c.code == code)).all()
    return _whom(rows, None) if rows else None


def names_of(whom: Iterable[Whom]) -> Name:
    """In a sentence."""
    listed = list(whom)
    return Name(", ".join(one.name.en for one in listed), "、".join(one.name.zh for one in listed))
