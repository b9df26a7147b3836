"""How many cards wait for somebody: asked on every page, and known from one table alone."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, func, select

from engine.base.database import OFFICE
from engine.organisation.rules import Actor
from engine.supervision.cards.kinds import Kind
from engine.supervision.cards.tables import cards

MOST_COUNTED: Final = 99


def at_the_door(db: Connection, *, actor: Actor) -> int:
    """How many the person is to answer, MOST_COUNTED at most; one statement over partial indexes."""
    mine = [post for post in sorted(own_posts(actor))]
    if not mine:
        return 0
    standing = (cards.c.office_id == OFFICE, cards.c.answered_at.is_(None), cards.c.lifted_at.is_(None))
    up = select(cards.c.id).where(*standing, cards.c.superior_id.in_(mine), cards.c.kind == Kind.ESCALATION)
    own = select(cards.c.id).where(*standing, cards.c.post_id.in_(mine), cards.c.kind != Kind.ESCALATION)
    numbers = [
        select(func.count()).select_from(one.limit(MOST_COUNTED).subquery()).scalar_subquery() for one in (own, up)
    ]
    found = db.execute(select(*(one.label(f"of_{place}") for place, one in enumerate(numbers)))).one()
    return min(sum(found), MOST_COUNTED)


def own_posts(actor: Actor) -> frozenset[int]:
    return actor.post_ids | {post.post_id for one in actor.stands_in for post in one.posts}
