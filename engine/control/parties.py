"""Who has a part in the review of an edition: who wrote in it, whose consent it needs, who may look on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, exists, select

from engine.base.database import OFFICE
from engine.base.errors import NotAllowed
from engine.cases.tables import tasks
from engine.control import rules
from engine.control.rules import Chair
from engine.control.tables import consents, reviews
from engine.organisation.reads import chart, post_name
from engine.organisation.rules import Actor, Right
from engine.organisation.tables import departments, posts
from engine.procedures.tables import editions, owners, procedures
from engine.records.journal import entries

_NOT_WRITING: Final = frozenset({
    "submit_for_review", "check", "consent", "return_to_author", "approve", "set_effective", "put_in_force",
    "take_out_of_force", "withdraw", "hold_up", "comment", "reply", "close_comment",
})  # fmt: skip
"""Acts told on a procedure's chain that change nothing of what an edition says."""


def authors(db: Connection, edition_id: int) -> frozenset[int]:
    """Everybody who deposited, changed or saved this edition, as the record tells."""
    edition = db.execute(
        select(editions.c.number, editions.c.uploaded_by, procedures.c.chain)
        .join(procedures, procedures.c.id == editions.c.procedure_id)
        .where(editions.c.id == edition_id)
    ).one()
    found = {edition.uploaded_by}
    for entry in entries(db, edition.chain):
        if entry.person_id is None or entry.act in _NOT_WRITING or entry.person_id in found:
            continue
        if orjson.loads(entry.facts).get("edition") == edition.number:
            found.add(entry.person_id)
    return frozenset(found)


def consenting_posts(db: Connection, edition_id: int) -> dict[int, int]:
    """Department to the post that consents for it, of the departments the edition's lanes cross."""
    crossed = db.scalars(
        select(posts.c.department_id)
        .join(owners, owners.c.post_id == posts.c.id)
        .where(owners.c.edition_id == edition_id)
        .distinct()
    ).all()
    chairs = [
        Chair(post.id, post.department_id, post.reports_to, Right.SUPERVISE in post.rights) for post in chart(db).posts
    ]
    above: Mapping[int, int | None] = {
        row.id: row.parent_id for row in db.execute(select(departments.c.id, departments.c.parent_id))
    }
    return rules.consenting(sorted(crossed), chairs, above)


def must_have_somebody_else(db: Connection, post_ids: frozenset[int], wrote: frozenset[int]) -> None:
    """Each post that will decide must be held by somebody who did not write in the edition. Raises NobodyElse."""
    for post in chart(db).posts:
        if post.id in post_ids and not any(holder.person_id not in wrote for holder in post.holders):
            raise rules.NobodyElse(post=post_name(db, post.id))


def posts_of(by: Actor) -> frozenset[int]:
    """Their own, and those they stand in for."""
    return by.post_ids | {post.post_id for one in by.stands_in for post in one.posts}


def takes_part(db: Connection, by: Actor, edition_id: int) -> bool:
    """Designers and approvers; those whose consent is asked; whoever has or had a task in its review."""
    if by.may(Right.DESIGN) or by.may(Right.APPROVE):
        return True
    held = posts_of(by)
    if not held:
        return False
    asked = exists().where(consents.c.edition_id == edition_id, consents.c.post_id.in_(held))
    tasked = exists().where(
        tasks.c.office_id == OFFICE,
        tasks.c.case_id.in_(select(reviews.c.case_id).where(reviews.c.edition_id == edition_id)),
        tasks.c.post_id.in_(held),
    )
    return bool(db.scalar(select(asked | tasked)))


def must_take_part(db: Connection, by: Actor, edition_id: int) -> None:
    if not takes_part(db, by, edition_id):
        raise NotAllowed(why=rules.TAKES_NO_PART)


def latest_round(db: Connection, edition_id: int) -> Row[*tuple[Any, ...]] | None:
    return db.execute(
        select(reviews).where(reviews.c.edition_id == edition_id).order_by(reviews.c.round.desc()).limit(1)
    ).first()
