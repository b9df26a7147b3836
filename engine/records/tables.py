"""What is kept of the record: entries, never changed, each chained to the one before."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY

entries = Table(
    "entries",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, 3 … within the chain
    Column("chain", BigInteger, nullable=False),  # the case's id; or the id of a procedure's or the office's chain
    Column("at", Instant, nullable=False),
    Column("person_id", Integer),  # None: the engine itself
    Column("post_id", Integer),
    Column("act", Text, nullable=False),
    Column("facts", Text, nullable=False),  # canonical JSON
    Column("seal", LargeBinary, nullable=False),  # SHA-256, see records.journal
    PrimaryKeyConstraint("office_id", "chain", "number"),
    info=BY_KEY,
)
