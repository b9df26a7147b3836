"""What is kept of who stood in for whom at a task, and of interests declared."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY, Index

_STANDING = text("withdrawn_at IS NULL")

stood_in = Table(
    "stood_in",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("task_number", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("person_id", Integer, nullable=False),  # who acts; it holds as long as the task is theirs
    Column("for_person_id", Integer, nullable=False),
    Column("absence_id", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("stays", Boolean, nullable=False),  # the person is back, and the deputy finishes it
    PrimaryKeyConstraint("office_id", "case_id", "task_number", "person_id"),
    Index("ix_stood_in_absence", "office_id", "absence_id"),
    info=BY_KEY,
)

interests = Table(
    "interests",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("person_id", Integer, nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("case_id", BigInteger),  # None: in an applicant, for every case of theirs
    Column("standing_id", BigInteger),  # the declaration for all cases that binds in this one
    Column("kind", SmallInteger, nullable=False),  # duties.rules.Interest
    Column("applicant", Text),  # as written
    Column("keys", Text, nullable=False),  # what the applicant is compared by, a space around each
    Column("words", Text, nullable=False),
    Column("declared_by", Integer, nullable=False),
    Column("declared_at", Instant, nullable=False),
    Column("asked_at", Instant),  # since when it waits for consent to be withdrawn
    Column("asked_why", Text, nullable=False),
    Column("withdrawn_at", Instant),
    Column("withdrawn_by", Integer),
    PrimaryKeyConstraint("office_id", "id"),
    Index("ix_interests_case", "office_id", "case_id", "person_id", sqlite_where=_STANDING, postgresql_where=_STANDING),
    Index("ix_interests_person", "office_id", "person_id", sqlite_where=_STANDING, postgresql_where=_STANDING),
    info=BY_KEY,
)
