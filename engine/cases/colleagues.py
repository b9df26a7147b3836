"""To whom a task can be handed over."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.organisation.tables import holdings, persons, posts


@frozen
class Colleague:
    person_id: int
    post_id: int
    name: Text
    post: Text


def colleagues(db: Connection, task: Row[*tuple[Any, ...]], *, on: date, anywhere: bool) -> tuple[Colleague, ...]:
    """Others who hold the task's post on that day; `anywhere`: also whoever holds another post of its department.

    Whether duties are to be kept apart is looked at when it is handed over.
    """
    which = posts.c.department_id == task.department_id if anywhere else posts.c.id == task.post_id
    rows = db.execute(
        select(
            persons.c.id, persons.c.name_en, persons.c.name_zh, holdings.c.post_id,
            posts.c.name_en.label("post_en"), posts.c.name_zh.label("post_zh"),
        )
        .join(holdings, holdings.c.person_id == persons.c.id)
        .join(posts, posts.c.id == holdings.c.post_id)
        .where(
            which,
            holdings.c.from_day <= on,
            holdings.c.until_day.is_(None) | (holdings.c.until_day >= on),
            persons.c.left_on.is_(None) | (persons.c.left_on > on),
        )
        .order_by(posts.c.id != task.post_id, posts.c.id, persons.c.name_en)
    )  # fmt: skip
    return tuple(
        Colleague(row.id, row.post_id, Name(row.name_en, row.name_zh), Name(row.post_en, row.post_zh))
        for row in rows
        if (row.id, row.post_id) != (task.person_id, task.post_id)
    )
