"""What is kept of wall boards: the links by which a screen that nobody sits at shows one."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, SmallInteger, Table, Text

from engine.base.database import Instant, metadata

board_links = Table(
    "board_links",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("board", SmallInteger, nullable=False),  # boards.rules.Board
    Column("department_id", Integer, nullable=False),  # what it shows: this one and all below it
    Column("place", Text, nullable=False),  # where the screen hangs, in the administrator's words
    Column("digest", LargeBinary, nullable=False),  # SHA-256: the link itself is told once and kept nowhere
    Column("hint", Text, nullable=False),  # its last signs, to tell it from others
    Column("made_at", Instant, nullable=False),
    Column("made_by", Integer, nullable=False),
    Column("good_until", Instant, nullable=False),
    Column("revoked_at", Instant),
    Index("uq_board_links_digest", "digest", unique=True),
)
