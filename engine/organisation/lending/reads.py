"""Who is lent to which post, by whom and until when; and to which posts somebody may lend."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, select

from engine.base.frozen import frozen
from engine.base.text import Name
from engine.organisation.lending import rules
from engine.organisation.reads import department_and_below, today
from engine.organisation.rules import Actor, Right, rights_of
from engine.organisation.tables import departments, holdings, loans, persons, posts


@frozen
class Loan:
    holding_id: int
    person_id: int
    person: Name
    post_id: int
    post: Name
    department: Name
    from_day: date
    until_day: date
    lent_by: Name
    reason: str
    may_end: bool


@frozen
class Lendable:
    post_id: int
    name: Name
    department_id: int
    department: Name


def lendable_in(db: Connection, by: Actor) -> frozenset[int]:
    """The departments of the person's supervising posts, and all below them."""
    own = [post.department_id for post in by.posts if Right.SUPERVISE in post.rights]
    return department_and_below(db, own)


def must_be_lendable(
    db: Connection, by: Actor, *, post: object, rights: frozenset[Right], department_id: int, parent_id: int | None
) -> None:
    """Raises RightsNotLent, SupervisionNotLent."""
    over = frozenset(
        right
        for right in rights
        if department_id in department_and_below(db, [held.department_id for held in by.posts if right in held.rights])
    )
    rules.must_be_lendable(post, rights, over=over, from_above=parent_id in lendable_in(db, by))


def loans_of(db: Connection, *, actor: Actor) -> tuple[Loan, ...]:
    """Those that are not over, to posts of the departments the person supervises; what ends first on top."""
    lender = persons.alias("lender")
    rows = db.execute(
        select(
            holdings.c.id, holdings.c.from_day, holdings.c.until_day, loans.c.reason, persons.c.id.label("person_id"),
            persons.c.name_en, persons.c.name_zh, posts.c.id.label("post_id"), posts.c.name_en.label("post_en"),
            posts.c.name_zh.label("post_zh"), departments.c.name_en.label("department_en"),
            departments.c.name_zh.label("department_zh"), posts.c.department_id, departments.c.parent_id,
            posts.c.rights,
            lender.c.name_en.label("lender_en"),
            lender.c.name_zh.label("lender_zh"),
        )
        .select_from(loans)
        .join(holdings, holdings.c.id == loans.c.holding_id)
        .join(persons, persons.c.id == holdings.c.person_id)
        .join(posts, posts.c.id == holdings.c.post_id)
        .join(departments, departments.c.id == posts.c.department_id)
        .join(lender, lender.c.id == loans.c.lent_by)
        .where(posts.c.department_id.in_(lendable_in(db, actor)), holdings.c.until_day >= today(db))
        .order_by(holdings.c.until_day, holdings.c.id)
    )  # fmt: skip
    on = today(db)
    return tuple(
        Loan(
            row.id, row.person_id, Name(row.name_en, row.name_zh), row.post_id, Name(row.post_en, row.post_zh),
            Name(row.department_en, row.department_zh), row.from_day, row.until_day,
            Name(row.lender_en, row.lender_zh), row.reason,
            (row.from_day > on or row.until_day > rules.last_day(row.from_day, on))
            and _may_lend(db, actor, rights_of(row.rights), row.department_id, row.parent_id),
        )
        for row in rows
    )  # fmt: skip


def lendable_posts(db: Connection, *, actor: Actor) -> tuple[Lendable, ...]:
    """Those that somebody may be added to."""
    return tuple(
        one
        for one, rights, parent_id in _posts(db, actor)
        if _may_lend(db, actor, rights, one.department_id, parent_id)
    )


def supervised_posts(db: Connection, *, actor: Actor) -> tuple[Lendable, ...]:
    """All of the departments the person supervises."""
    return tuple(one for one, _rights, _parent in _posts(db, actor))


def _may_lend(
    db: Connection, actor: Actor, rights: frozenset[Right], department_id: int, parent_id: int | None
) -> bool:
    try:
        must_be_lendable(db, actor, post="", rights=rights, department_id=department_id, parent_id=parent_id)
    except (rules.RightsNotLent, rules.SupervisionNotLent):
        return False
    return True


def _posts(db: Connection, actor: Actor) -> list[tuple[Lendable, frozenset[Right], int | None]]:
    rows = db.execute(
        select(
            posts, departments.c.name_en.label("department_en"), departments.c.name_zh.label("department_zh"),
            departments.c.parent_id,
        )
        .join(departments, departments.c.id == posts.c.department_id)
        .where(posts.c.department_id.in_(lendable_in(db, actor)))
        .order_by(departments.c.code, posts.c.code)
    )  # fmt: skip
    return [
        (
            Lendable(
                row.id, Name(row.name_en, row.name_zh), row.department_id, Name(row.department_en, row.department_zh)
            ),
            rights_of(row.rights),
            row.parent_id,
        )
        for row in rows
    ]
