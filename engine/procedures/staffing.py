"""Who holds the posts that an edition's owners are mapped to, for the rules that look at people."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select

from engine.base.text import Name
from engine.connectors.reads import by_code
from engine.diagram.shape import Element
from engine.diagram.staffing import StaffedPost, Staffing
from engine.organisation.reads import today
from engine.organisation.tables import departments, holdings, persons, posts
from engine.procedures.editions import contents
from engine.procedures.tables import editions, owners

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
    """As of today: one statement, however many posts; one more for each of committees and departments that are named."""
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
    drawn = tuple(contents(db, edition_id).diagram.elements.values())
    return Staffing(
        {
            owner: StaffedPost(
                post.name, post.department, post.department_name, holders.get(owner, {}),
                frozenset(above.get(owner, ())),
            )
            for owner, post in found.items()
        },
        _members(db, drawn),
        _departments(db, drawn),
        _connectors(db, edition_id, drawn),
    )  # fmt: skip


def _connectors(db: Connection, edition_id: int, drawn: Collection[Element]) -> frozenset[str]:
    """Codes of those that the edition names and that are set up and open to its procedure."""
    codes = {one.connector for one in drawn if one.connector}
    if not codes:
        return frozenset()
    procedure = db.execute(select(editions.c.procedure_id).where(editions.c.id == edition_id)).scalar_one()
    return frozenset(one.code for one in by_code(db, list(codes)).values() if one.serves(procedure))


def _members(db: Connection, drawn: Collection[Element]) -> dict[str, int]:
    """How many people hold the post of each committee that the edition names."""
    codes = {one.committee for one in drawn if one.committee is not None}
    if not codes:
        return {}
    on = today(db)
    rows = db.execute(
        select(posts.c.code, func.count(func.distinct(persons.c.id)).label("members"))
        .outerjoin(holdings, and_(holdings.c.post_id == posts.c.id, _on(on)))
        .outerjoin(persons, and_(persons.c.id == holdings.c.person_id, _here(on)))
        .where(posts.c.code.in_(codes))
        .group_by(posts.c.code)
    )
    return {row.code: row.members for row in rows}


def _departments(db: Connection, drawn: Collection[Element]) -> frozenset[str]:
    codes = {code for one in drawn for code in one.countersign}
    if not codes:
        return frozenset()
    on = today(db)
    return frozenset(
        db.scalars(
            select(departments.c.code)
            .join(posts, posts.c.department_id == departments.c.id)
            .join(holdings, and_(holdings.c.post_id == posts.c.id, _on(on)))
            .join(persons, and_(persons.c.id == holdings.c.person_id, _here(on)))
            .where(departments.c.code.in_(codes))
        )
    )


def _on(day: date) -> ColumnElement[bool]:
    return and_(holdings.c.from_day <= day, or_(holdings.c.until_day.is_(None), holdings.c.until_day >= day))


def _here(day: date) -> ColumnElement[bool]:
    return or_(persons.c.left_on.is_(None), persons.c.left_on > day)
