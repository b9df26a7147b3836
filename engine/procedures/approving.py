"""Whether editions are approved here, and by which procedure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, select

from engine.base.frozen import frozen
from engine.base.text import Name
from engine.diagram.shape import Diagram
from engine.organisation.rules import Right, rights_of
from engine.organisation.tables import posts
from engine.procedures import rules
from engine.procedures.rules import APPROVAL, APPROVAL_ACTS, EditionState
from engine.procedures.tables import editions, procedures


@frozen
class Approving:
    """The procedure in force by which editions are approved."""

    procedure_id: int
    edition_id: int
    name: str


_IN_FORCE: Final = (
    select(procedures.c.id, editions.c.id.label("edition_id"), procedures.c.name)
    .join(editions, editions.c.procedure_id == procedures.c.id)
    .where(editions.c.process == APPROVAL, editions.c.state == EditionState.IN_FORCE)
    .order_by(procedures.c.id)
    .limit(1)
)


def approving(db: Connection) -> Approving | None:
    """None where designers put their editions in force themselves."""
    row = db.execute(_IN_FORCE).first()
    return None if row is None else Approving(row.id, row.edition_id, row.name)


def must_serve(
    db: Connection, procedure_id: int, diagram: Diagram, owner_of: Mapping[str, str], mapped: Mapping[str, int]
) -> None:
    """What a diagram must hold by which others are to be approved; there is one such procedure in an office."""
    present = approving(db)
    if present is not None and present.procedure_id != procedure_id:
        raise rules.AnotherApproval(procedure=present.name)
    steps = {one.act: one for one in diagram.elements.values() if one.act and one.process == APPROVAL}
    missing = [act for act in APPROVAL_ACTS if act not in steps]
    if missing:
        raise rules.ApprovalUnfit(acts=", ".join(missing))
    approve = steps["approve"]
    post_id = mapped.get(owner_of.get(approve.id, ""), 0)
    post = db.execute(select(posts.c.name_en, posts.c.name_zh, posts.c.rights).where(posts.c.id == post_id)).first()
    if post is not None and Right.APPROVE not in rights_of(post.rights):
        raise rules.ApproverWithoutRight(step=approve.name or approve.id, post=Name(post.name_en, post.name_zh))
