"""The line of posts above a post, by the organisation of the day: vacant ones are passed over."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, Connection, Integer, exists, literal, or_, select

from engine.organisation.reads import today
from engine.organisation.tables import holdings, persons, posts

_LONGEST = 30


def line_above(db: Connection, post_id: int) -> tuple[int, ...]:
    """Posts that somebody holds today, the nearest first. Whoever is absent has a deputy, who is told in their stead; or somebody
    was told to name one.
    """
    on = today(db)
    own = select(posts.c.reports_to.label("id"), literal(1, Integer).label("height")).where(
        posts.c.id == post_id, posts.c.reports_to.is_not(None)
    )
    above = own.cte("above", recursive=True)
    above = above.union_all(
        select(posts.c.reports_to, above.c.height + 1)
        .join(above, above.c.id == posts.c.id)
        .where(posts.c.reports_to.is_not(None), above.c.height < _LONGEST)
    )
    rows = db.execute(select(above.c.id).where(_is_held(above.c.id, on)).order_by(above.c.height))
    return tuple(dict.fromkeys(row.id for row in rows if row.id != post_id))


def _is_held(post_id: ColumnElement[int], on: date) -> ColumnElement[bool]:
    return exists().where(
        holdings.c.post_id == post_id,
        holdings.c.person_id == persons.c.id,
        holdings.c.from_day <= on,
        or_(holdings.c.until_day.is_(None), holdings.c.until_day >= on),
        or_(persons.c.left_on.is_(None), persons.c.left_on > on),
    )


def reached(above: tuple[int, ...], level: int) -> int | None:
    """The post so many up the line; where it ends before, its highest."""
    return above[min(level, len(above)) - 1] if above else None
