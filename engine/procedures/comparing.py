"""Two editions of a procedure side by side."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sqlalchemy import Connection, select

from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.diagram.differ import Difference, Side, differences, side
from engine.organisation.tables import posts
from engine.procedures import reads, tables
from engine.procedures.editions import contents
from engine.procedures.rules import EditionState

_MOST_KEPT: Final = 64


@frozen
class Compared:
    """`old` is the edition with the lower number."""

    old: reads.EditionLine
    new: reads.EditionLine
    differences: tuple[Difference, ...]


def beside(db: Connection, edition_id: int) -> reads.EditionLine | None:
    """What an edition is compared with unless something is said: the one in force, else the one before it."""
    page = reads.edition(db, edition_id)
    others = [one for one in reads.editions(db, page.procedure_id) if one.id != edition_id]
    in_force = next((one for one in others if one.state == EditionState.IN_FORCE), None)
    before = next((one for one in others if one.number < page.line.number), None)
    return in_force or before or next(iter(others), None)


def compared(db: Connection, *, edition_id: int, other_id: int) -> Compared:
    """Raises NotFound where the other is no edition of the same procedure."""
    page = reads.edition(db, edition_id)
    reads.must_belong(db, page.procedure_id, other_id)
    other = reads.edition(db, other_id)
    old, new = sorted((page, other), key=lambda one: one.line.number)
    found = _differences(_Key(_side(db, old.line.id)), _Key(_side(db, new.line.id)))
    return Compared(old.line, new.line, found)


def _side(db: Connection, edition_id: int) -> Side:
    held = contents(db, edition_id)
    rows = db.execute(
        select(tables.owners.c.owner, posts.c.name_en, posts.c.name_zh)
        .join(posts, posts.c.id == tables.owners.c.post_id)
        .where(tables.owners.c.edition_id == edition_id)
    )
    owned: dict[str, Text] = {row.owner: Name(row.name_en, row.name_zh) for row in rows}
    asked = db.scalars(select(tables.questions.c.flow).where(tables.questions.c.edition_id == edition_id))
    return side(held.diagram, held.attachments, owned, frozenset(asked))


class _Key:
    """Alike where all that is compared is alike."""

    def __init__(self, one: Side) -> None:
        self.side = one
        self.sign = (
            one.diagram.source, tuple(sorted(one.attachments.items())),
            tuple(sorted((key, post.en, post.zh) for key, post in one.posts.items())), one.asked,
        )  # fmt: skip

    def __hash__(self) -> int:
        return hash(self.sign)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.sign == other.sign


@lru_cache(maxsize=_MOST_KEPT)
def _differences(old: _Key, new: _Key) -> tuple[Difference, ...]:
    return differences(old.side, new.side)
