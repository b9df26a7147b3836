"""Who holds the posts that an edition's owners are mapped to, for the rules that look at people."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, and_, bindparam, or_, select

from engine.base.text import Name
from engine.diagram.staffing import StaffedPost, Staffing
from engine.organisation.reads import today
from engine.organisation.tables import departments, holdings, persons, posts
from engine.procedures.tables import owners

_HELD: Final = (
    select(
        owners.c.owner, posts.c.id.label("post_id"), posts.c.name_en, posts.c.name_zh, posts.c.department_id,
        departments.c.name_en.label("department_en"), departments.c.name_zh.label("department_zh"),
        holdings.c.post_id.label("held_id"), persons.c.id.label("person_id"),
        persons.c.name_en.label("person_en"), persons.c.name_zh.label("person_zh"),
    )
    .join(posts, posts.c.id == owners.c.post_id)
    .join(departments, departments.c.id == posts.c.department_id)
    .outerjoin(
        holdings,
        and_(
            or_(holdings.c.post_id == posts.c.id, holdings.c.post_id == posts.c.reports_to),
            holdings.c.from_day <= bindparam("day"),
            or_(holdings.c.until_day.is_(None), holdings.c.until_day >= bindparam("day")),
        ),
    )
    .outerjoin(
        persons,
        and_(
            persons.c.id == holdings.c.person_id,
            or_(persons.c.left_on.is_(None), persons.c.left_on > bindparam("day")),
        ),
    )
    .where(owners.c.edition_id == bindparam("edition_id"))
)  # fmt: skip


def staffing(db: Connection, edition_id: int) -> Staffing:
    """As of today: one statement, however many posts."""
    found: dict[str, StaffedPost] = {}
    holders: dict[str, dict[int, Name]] = {}
    above: dict[str, set[int]] = {}
    for row in db.execute(_HELD, {"edition_id": edition_id, "day": today(db)}):
        found[row.owner] = StaffedPost(
            Name(row.name_en, row.name_zh), row.department_id, Name(row.department_en, row.department_zh)
        )
        if row.person_id is not None and row.held_id == row.post_id:
            holders.setdefault(row.owner, {})[row.person_id] = Name(row.person_en, row.person_zh)
        elif row.person_id is not None:
            above.setdefault(row.owner, set()).add(row.person_id)
    return Staffing(
        {
            owner: StaffedPost(
                post.name, post.department, post.department_name, holders.get(owner, {}),
                frozenset(above.get(owner, ())),
            )
            for owner, post in found.items()
        }
    )  # fmt: skip
