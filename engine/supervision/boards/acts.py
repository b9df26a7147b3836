"""What administrators do with the links by which a screen shows a board."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, func, insert, select, update

from engine.base import clock
from engine.base.errors import NotFound
from engine.base.text import Text
from engine.notices.kept import on_office
from engine.organisation.reads import department_name
from engine.organisation.rules import Actor, must_administer
from engine.supervision.boards import rules
from engine.supervision.boards.rules import Board
from engine.supervision.boards.tables import board_links

_LINK = Text("link", "链接")


def make_board_link(db: Connection, *, by: Actor, board: Board, department_id: int, place: str) -> str:
    """The link's secret, which is told this once: only its digest is kept. Raises PlaceMissing, LinksTooMany, NotFound."""
    must_administer(by)
    department_name(db, department_id)
    found, at = rules.fit_place(place), clock.now()
    in_use = db.scalar(
        select(func.count())
        .select_from(board_links)
        .where(board_links.c.revoked_at.is_(None), board_links.c.good_until > at)
    )
    if (in_use or 0) >= rules.MOST_LINKS:
        raise rules.LinksTooMany(most=rules.MOST_LINKS)
    secret = rules.BEGINS + secrets.token_urlsafe(32)
    made = db.execute(
        insert(board_links)
        .values(
            board=board, department_id=department_id, place=found, digest=rules.digest_of(secret), hint=secret[-4:],
            made_at=at, made_by=by.person_id, good_until=at + rules.GOOD_FOR,
        )
        .returning(board_links.c.id)
    ).scalar_one()  # fmt: skip
    facts = {"link": made, "board": int(board), "department": department_id, "place": found}
    on_office(db, by, "make_board_link", facts)
    return secret


def revoke_board_link(db: Connection, *, by: Actor, link_id: int) -> None:
    """The screen that shows it is told so at its next look."""
    must_administer(by)
    revoked = db.execute(
        update(board_links)
        .where(board_links.c.id == link_id, board_links.c.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    if revoked.rowcount != 1:
        raise NotFound(what=_LINK)
    on_office(db, by, "revoke_board_link", {"link": link_id})
