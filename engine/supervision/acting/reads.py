"""What a supervisor asks before they act: to whom tasks can go."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from engine.base.text import Name
from engine.organisation.reads import today
from engine.organisation.rules import Actor
from engine.organisation.tables import departments, holdings, persons, posts
from engine.procedures.reads import supervised_departments


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who holds a post today in a department that is supervised."""

    person_id: int
    name: Name
    posts: tuple[Name, ...]
    department: Name


def receivers(db: Connection, *, actor: Actor) -> tuple[Receiver, ...]:
    """By department, then by name: two statements."""
    watched = supervised_departments(db, actor)
    if not watched:
        return ()
    found: dict[tuple[int, int], list[Row[*tuple[Any, ...]]]] = {}
    for row in _holders(db, watched):
        found.setdefault((row.department_id, row.person_id), []).append(row)
    return tuple(
        Receiver(
            person_id,
            Name(rows[0].name_en, rows[0].name_zh),
            tuple(Name(row.post_en, row.post_zh) for row in rows),
            Name(rows[0].department_en, rows[0].department_zh),
        )
        for (_department, person_id), rows in found.items()
    )


def _holders(db: Connection, watched: Collection[int]) -> list[Row[*tuple[Any, ...]]]:
    on = today(db)
    return list(
        db.execute(
            select(
                persons.c.id.label("person_id"), persons.c.name_en, persons.c.name_zh, posts.c.department_id,
                posts.c.name_en.label("post_en"), posts.c.name_zh.label("post_zh"),
                departments.c.name_en.label("department_en"), departments.c.name_zh.label("department_zh"),
            )
            .select_from(holdings)
            .join(persons, persons.c.id == holdings.c.person_id)
            .join(posts, posts.c.id == holdings.c.post_id)
            .join(departments, departments.c.id == posts.c.department_id)
            .where(
                posts.c.department_id.in_(watched),
                holdings.c.from_day <= on,
                or_(holdings.c.until_day.is_(None), holdings.c.until_day >= on),
                or_(persons.c.left_on.is_(None), persons.c.left_on > on),
            )
            .order_by(departments.c.code, persons.c.login, posts.c.code)
        )
    )  # fmt: skip
