"""What administrators do with the links by which a screen shows a board."""

from __future__ import annotations

import secrets

import orjson
from sqlalchemy import Connection, func, insert, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.errors import NotFound, Refusal
from engine.base.text import Text
from engine.notices.kept import on_office
from engine.organisation.reads import department_name, person_name
from engine.organisation.rules import Actor, must_administer
from engine.organisation.tables import offices
from engine.records.tables import entries
from engine.supervision.acting.recorded import lock_office
from engine.supervision.boards import rules
from engine.supervision.boards.rules import Board
from engine.supervision.boards.tables import board_links

_LINK = Text("link", "链接")


def make_board_link(db: Connection, *, by: Actor, board: Board, department_id: int, place: str) -> str:
    """The link's secret, which is told this once: only its digest is kept. Raises PlaceMissing, LinkThere, LinksTooMany, NotFound."""
    must_administer(by)
    department_name(db, department_id)
    found, at = rules.fit_place(place), clock.now()
    lock_office(db)
    there = db.execute(
        select(board_links.c.made_by, board_links.c.made_at).where(
            board_links.c.revoked_at.is_(None), board_links.c.good_until > at, board_links.c.board == board,
            board_links.c.department_id == department_id, board_links.c.place == found,
        )
    ).first()  # fmt: skip
    if there is not None:
        raise rules.LinkThere(person=person_name(db, there.made_by), place=found, at=there.made_at)
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
    """The screen that shows it is told so at its next look. Raises RevokedAlready."""
    must_administer(by)
    revoked = db.execute(
        update(board_links)
        .where(board_links.c.id == link_id, board_links.c.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    if revoked.rowcount != 1:
        raise _revoked(db, link_id)
    on_office(db, by, "revoke_board_link", {"link": link_id})


def _revoked(db: Connection, link_id: int) -> Refusal:
    """By whom, as the record says."""
    said = db.execute(
        select(entries.c.person_id, entries.c.at, entries.c.facts)
        .join(offices, offices.c.chain == entries.c.chain)
        .where(entries.c.office_id == OFFICE, offices.c.id == OFFICE, entries.c.act == "revoke_board_link")
        .order_by(entries.c.number.desc())
    )
    for one in said:
        if orjson.loads(one.facts)["link"] == link_id:
            place = db.scalar(select(board_links.c.place).where(board_links.c.id == link_id))
            return rules.RevokedAlready(place=place, person=person_name(db, one.person_id), at=one.at)
    return NotFound(what=_LINK)
