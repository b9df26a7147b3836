"""What is kept of foreign logs: each by itself, its cases and events, its ways, and how it was compared with diagrams.

A log never changes once it is read, so its figures are worked out then and kept with it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
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

logs = Table(
    "logs",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),  # mining.rules.State
    Column("imported_by", Integer, nullable=False),
    Column("shared", Boolean, nullable=False),  # everybody who may look at logs sees it; else who imported it
    Column("at", Instant, nullable=False),
    Column("touched_at", Instant),  # when whoever reads it last said so
    Column("size", BigInteger, nullable=False),
    Column("events", BigInteger, nullable=False),  # read so far
    Column("digest", LargeBinary, nullable=False),  # of the file as it was handed in
    Column("name", Text, nullable=False),
    Column("file", Text, nullable=False),  # its name
    Column("mapping", Text, nullable=False),  # JSON of mining.rules.Chosen
    Column("figures", Text),  # JSON of mining.figures.LogFigures, and what was left out
    Column("problem", Text),  # JSON: why it was not read, in each language
    PrimaryKeyConstraint("office_id", "id"),
    Index("ix_logs_to_do", "office_id", "id", sqlite_where=text(_TO_DO), postgresql_where=text(_TO_DO)),
    info=BY_KEY,
)

log_cases = Table(
    "log_cases",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("log_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("way", Integer, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("name", Text, nullable=False),
    Column("facts", Text, nullable=False),  # JSON
    PrimaryKeyConstraint("office_id", "log_id", "number"),
    Index("ix_log_cases_way", "office_id", "log_id", "way"),
    info=BY_KEY,
)

log_events = Table(
    "log_events",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("log_id", BigInteger, nullable=False),
    Column("case_number", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("activity", Integer, nullable=False),  # of log_words, as are resource and unit
    Column("lifecycle", SmallInteger, nullable=False),  # mining.events.Lifecycle
    Column("before", Integer),  # of a step: the activity of the one before it, -1 where it is the first; None: it is no step
    Column("resource", Integer),
    Column("unit", Integer),  # group, role or department
    Column("at", Instant, nullable=False),
    Column("cost", Float),
    PrimaryKeyConstraint("office_id", "log_id", "case_number", "number"),
    Index("ix_log_events_path", "office_id", "log_id", "activity", "before", "case_number",
          sqlite_where=text("before IS NOT NULL"), postgresql_where=text("before IS NOT NULL")),
    info=BY_KEY,
)  # fmt: skip

log_words = Table(
    "log_words",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("log_id", BigInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),  # mining.kept.Words
    Column("number", Integer, nullable=False),
    Column("word", Text, nullable=False),
    PrimaryKeyConstraint("office_id", "log_id", "kind", "number"),
    info=BY_KEY,
)

log_ways = Table(
    "log_ways",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("log_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("cases", Integer, nullable=False),
    Column("median", BigInteger, nullable=False),  # of the time from the first to the last event, in milliseconds
    Column("worked", BigInteger, nullable=False),  # the same in working time
    Column("steps", Text, nullable=False),  # JSON: numbers of activities
    PrimaryKeyConstraint("office_id", "log_id", "number"),
    Index("ix_log_ways_cases", "office_id", "log_id", "cases", "number"),
    info=BY_KEY,
)

log_checks = Table(
    "log_checks",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("log_id", BigInteger, nullable=False),
    Column("edition_id", Integer, nullable=False),
    Column("state", SmallInteger, nullable=False),  # mining.rules.State
    Column("asked_by", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("touched_at", Instant),
    Column("process", Text, nullable=False),
    Column("mapping", Text, nullable=False),  # JSON: activity to the element it is
    Column("figures", Text),  # JSON of mining.conformance.CheckFigures
    Column("problem", Text),
    PrimaryKeyConstraint("office_id", "id"),
    Index("ix_log_checks_log", "office_id", "log_id", "id"),
    Index("ix_log_checks_to_do", "office_id", "id", sqlite_where=text(_TO_DO), postgresql_where=text(_TO_DO)),
    info=BY_KEY,
)

log_aligned = Table(
    "log_aligned",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("check_id", BigInteger, nullable=False),
    Column("way", Integer, nullable=False),
    Column("cost", Integer),  # None: not aligned within the budget
    Column("turns", Text, nullable=False),  # JSON of mining.alignment.Turn
    PrimaryKeyConstraint("office_id", "check_id", "way"),
    info=BY_KEY,
)
