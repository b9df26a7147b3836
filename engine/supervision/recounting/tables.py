"""Each time that history was counted again: who asked for it and why, and how far it has come."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, Table, Text

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY

recounts = Table(
    "recounts",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("asked_by", Integer, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("last_case", BigInteger, nullable=False),  # the last one that was looked at
    Column("cases", Integer, nullable=False),  # how many there were when it was asked for
    Column("looked_at", Integer, nullable=False),  # cases
    Column("recounted", Integer, nullable=False),  # steps and ends of cases that an earlier calendar had counted
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("office_id", "id"),
    info=BY_KEY,
)
