"""What is kept of what-if: how the simulation stood the test of the last four weeks, and each question with its answer."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY, Index

_TO_DO = "state < 10"

what_if_tests = Table(
    "what_if_tests",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("version", Integer, nullable=False),  # one more each time
    Column("made_at", Instant, nullable=False),
    Column("figures", Text, nullable=False),  # JSON of whatif.kept.Tests
    PrimaryKeyConstraint("office_id"),
    info=BY_KEY,
)

what_if_runs = Table(
    "what_if_runs",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("procedure_id", Integer, nullable=False),
    Column("state", SmallInteger, nullable=False),  # whatif.rules.State
    Column("asked_by", Integer, nullable=False),
    Column("test_version", Integer, nullable=False),  # of what was shown when it was asked
    Column("done", SmallInteger, nullable=False),  # simulations so far
    Column("at", Instant, nullable=False),
    Column("touched_at", Instant),  # when whoever works it out last said so
    Column("ended_at", Instant),
    Column("digest", LargeBinary, nullable=False),  # of the question and the version: the same is asked once
    Column("question", Text, nullable=False),  # JSON of whatif.rules.Change
    Column("figures", Text),  # JSON: whatif.rules.Answer by key
    Column("problem", Text),  # JSON: why there is no answer, in each language
    PrimaryKeyConstraint("office_id", "id"),
    Index("ix_what_if_runs_digest", "office_id", "digest", unique=True),
    Index("ix_what_if_runs_procedure", "office_id", "procedure_id", "id"),
    Index("ix_what_if_runs_to_do", "office_id", "id", sqlite_where=text(_TO_DO), postgresql_where=text(_TO_DO)),
    info=BY_KEY,
)
