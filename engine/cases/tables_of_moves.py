"""What is kept of moves: which were sent already, and extensions asked for."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY

moves_made = Table(
    "moves_made",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("receipt", LargeBinary, nullable=False),  # the idempotency key it was sent with
    PrimaryKeyConstraint("office_id", "case_id", "receipt"),
    info=BY_KEY,
)

extensions = Table(
    "extensions",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("task_number", Integer, nullable=False),  # the step that needs more time
    Column("case_id", BigInteger, nullable=False),
    Column("asked_task", Integer, nullable=False),  # the task of whoever decides
    Column("asked_at", Instant, nullable=False),
    Column("days", SmallInteger, nullable=False),
    Column("asked_by", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_at", Instant),
    Column("decided_by", Integer),
    Column("approved", Boolean),
    Column("words", Text),
    PrimaryKeyConstraint("office_id", "case_id", "task_number"),
    info=BY_KEY,
)
