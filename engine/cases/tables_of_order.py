"""What is kept of the order of service: open tasks that somebody put before or behind what is due first."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, SmallInteger, Table

from engine.base.database import metadata
from engine.base.dialects import BY_KEY

task_order = Table(
    "task_order",
    metadata,
    # Few rows, of open tasks alone: what has been closed meanwhile goes with the next change.
    Column("office_id", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("place", SmallInteger, nullable=False),  # cases.rules.Order
    PrimaryKeyConstraint("office_id", "case_id", "number"),
    info=BY_KEY,
)
