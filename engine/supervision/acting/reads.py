"""What a supervisor asks before they act: to whom tasks can go."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from engine.base.frozen import frozen
from engine.base.text import Name
from engine.organisation.reads import today
from engine.organisation.rules import Actor, Right
from engine.organisation.tables import absences, departments, holdings, loans, persons, posts


@frozen
class Receiver:
    """Somebody who may be given a task. `posts`: those by which they may; `lent_until`: they are added to the post for a time."""

    person_id: int
    name: Name
    posts: tuple[Name, ...]
    lent_until: date | None = None
    away_until: date | None = None


@frozen
class Receivers:
    """Those who hold the post of a task; `post` None: those who hold another post of its department."""

    post: Name | None
    department: Name
    people: tuple[Receiver, ...]


def receivers(db: Connection, *, actor: Actor, places: Mapping[int, int]) -> tuple[Receivers, ...]:
    """To whom a supervisor may give tasks that lie with these posts, each post's department beside it: one statement.

    Everybody once: under the first of the posts that they hold, else under the department. Whether duties are to be kept
    apart is looked at when a task is given.
    """
    if not places or not actor.may(Right.SUPERVISE):
        return ()
    own: dict[int, dict[int, Receiver]] = {}
    beside: dict[int, dict[int, Receiver]] = {}
    names: dict[int, Name] = {}
    there: dict[int, Name] = {}
    for row in _holders(db, frozenset(places.values())):
        there[row.department_id] = Name(row.department_en, row.department_zh)
        names[row.post_id] = post = Name(row.post_en, row.post_zh)
        group = own.setdefault(row.post_id, {}) if row.post_id in places else beside.setdefault(row.department_id, {})
        known = group.get(row.person_id)
        group[row.person_id] = (
            Receiver(row.person_id, Name(row.name_en, row.name_zh), (post,), _lent(row), row.away_until)
            if known is None
            else replace(known, posts=(*known.posts, post))
        )
    found, told = [], set[int]()
    for post_id in (one for one in places if one in own):
        found.append(Receivers(names[post_id], there[places[post_id]], _untold(own[post_id], told)))
    for department_id, group in beside.items():
        found.append(Receivers(None, there[department_id], _untold(group, told)))
    return tuple(one for one in found if one.people)


def _lent(row: Row[*tuple[Any, ...]]) -> date | None:
    until: date | None = row.until_day
    return None if row.lent_by is None else until


def _untold(group: Mapping[int, Receiver], told: set[int]) -> tuple[Receiver, ...]:
    """Whoever is there before whoever is away."""
    fresh = [one for person_id, one in group.items() if person_id not in told]
    told |= group.keys()
    return tuple(sorted(fresh, key=lambda one: one.away_until is not None))


def _holders(db: Connection, there: Collection[int]) -> list[Row[*tuple[Any, ...]]]:
    on = today(db)
    away = (
        select(func.max(absences.c.until_day))
        .where(
            absences.c.person_id == persons.c.id, absences.c.closed_at.is_(None), absences.c.from_day <= on,
            absences.c.until_day >= on,
        )
        .scalar_subquery()
    )  # fmt: skip
    return list(
        db.execute(
            select(
                persons.c.id.label("person_id"), persons.c.name_en, persons.c.name_zh, posts.c.id.label("post_id"),
                posts.c.department_id, posts.c.name_en.label("post_en"), posts.c.name_zh.label("post_zh"),
                departments.c.name_en.label("department_en"), departments.c.name_zh.label("department_zh"),
                away.label("away_until"), loans.c.lent_by, holdings.c.until_day,
            )
            .select_from(holdings)
            .join(persons, persons.c.id == holdings.c.person_id)
            .join(posts, posts.c.id == holdings.c.post_id)
            .join(departments, departments.c.id == posts.c.department_id)
            .outerjoin(loans, loans.c.holding_id == holdings.c.id)
            .where(
                posts.c.department_id.in_(there),
                holdings.c.from_day <= on,
                or_(holdings.c.until_day.is_(None), holdings.c.until_day >= on),
                or_(persons.c.left_on.is_(None), persons.c.left_on > on),
            )
            .order_by(departments.c.code, persons.c.login, posts.c.code)
        )
    )  # fmt: skip
