"""What is kept of corrective actions: what was found, why, what is done about it, by whom, and whether it helped."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY, Index

_OPEN = "state = 1 AND told_late = {false}"

corrective_actions = Table(
    "corrective_actions",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, 3 … in this office
    Column("id", BigInteger, nullable=False),
    Column("department_id", Integer, nullable=False),  # of the post that answers for it
    Column("post_id", Integer, nullable=False),
    Column("procedure_id", Integer),  # what it was found in
    Column("case_id", BigInteger),
    Column("state", SmallInteger, nullable=False),  # corrective.rules.State
    Column("rounds", SmallInteger, nullable=False),  # how often it was found not effective
    Column("due_on", Date, nullable=False),
    Column("told_late", Boolean, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", Integer, nullable=False),
    Column("done_at", Instant),
    Column("done_by", Integer),
    Column("closed_at", Instant),  # verified, or dropped
    Column("closed_by", Integer),
    Column("element", Text),
    Column("finding", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("measure", Text, nullable=False),
    Column("done_words", Text),
    Column("closed_words", Text),
    Column("receipt", Text),
    PrimaryKeyConstraint("office_id", "id"),
    Index("uq_corrective_actions_number", "office_id", "number", unique=True),
    Index("uq_corrective_actions_receipt", "office_id", "receipt", unique=True,
          sqlite_where=text("receipt IS NOT NULL"), postgresql_where=text("receipt IS NOT NULL")),
    Index("ix_corrective_actions_department", "office_id", "department_id", "state", "due_on"),
    Index("ix_corrective_actions_post", "office_id", "post_id", "state", "due_on"),
    Index("ix_corrective_actions_late", "due_on",
          sqlite_where=text(_OPEN.format(false="0")), postgresql_where=text(_OPEN.format(false="false"))),
    info=BY_KEY,
)  # fmt: skip
