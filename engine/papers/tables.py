"""What is kept of contents in the database: that they are there, and whether they may be handed out."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, PrimaryKeyConstraint, SmallInteger, Table, Text, text

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY, Index

_HELD = "state = 2"

contents = Table(
    "contents",
    metadata,
    Column("digest", LargeBinary, nullable=False),  # SHA-256; the content itself lies in the store under it
    Column("size", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", SmallInteger, nullable=False),  # papers.rules.State
    Column("kind", Text, nullable=False),  # papers.kinds: pdf, docx …
    Column("found", Text),  # what the scanner calls that which it found
    PrimaryKeyConstraint("digest"),
    Index("ix_contents_held", "at", sqlite_where=text(_HELD), postgresql_where=text(_HELD)),
    info=BY_KEY,
)
