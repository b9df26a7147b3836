"""What is kept of connectors, of what is asked of them, and of programs that send messages."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
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

_IN_USE = "removed_at IS NULL"
_WAITING = "state = 1"

connectors = Table(
    "connectors",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", Text, nullable=False),  # what a diagram calls it
    Column("name_en", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("kind", Text, nullable=False),  # connectors.rules.Kind
    Column("how", Text, nullable=False),  # JSON of connectors.rules.How: all that is no secret
    Column("sealed", LargeBinary),  # JSON of its headers, or what it signs with, under the installation's key
    Column("time_out", SmallInteger, nullable=False),  # seconds for all of one try
    Column("most_bytes", Integer, nullable=False),  # of an answer
    Column("tries", SmallInteger, nullable=False),
    Column("wait", Integer, nullable=False),  # seconds before the second try; twice as long before each further one
    Column("enabled", Boolean, nullable=False),
    Column("procedures", Text),  # JSON: ids of the procedures that may use it; None: all
    Column("changed_at", Instant, nullable=False),
    Column("removed_at", Instant),
    Index("uq_connectors_code", "code", unique=True, sqlite_where=text(_IN_USE), postgresql_where=text(_IN_USE)),
)

calls = Table(
    "connector_calls",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("id", BigInteger, nullable=False),  # grows with time
    Column("case_id", BigInteger, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("next_try", Instant, nullable=False),  # while it is under way: when that is thought to have failed
    Column("tried_at", Instant),
    Column("ended_at", Instant),
    Column("procedure_id", Integer, nullable=False),
    Column("given_size", Integer, nullable=False),
    Column("answer_size", Integer),
    Column("took", Integer),  # milliseconds of the last try
    Column("state", SmallInteger, nullable=False),  # connectors.states.State
    Column("tries", SmallInteger, nullable=False),
    Column("most_tries", SmallInteger, nullable=False),  # as the connector said at the last try; 0 before the first
    Column("status", SmallInteger),  # that the last try was answered with
    Column("token", Text, nullable=False),  # diagram.run.Waiting.token
    Column("process", Text, nullable=False),
    Column("element", Text, nullable=False),
    Column("connector", Text, nullable=False),  # its code, as the diagram has it
    Column("key", Text, nullable=False),  # the same at every try, so that it is done once
    Column("given", Text),  # JSON of what is sent; forgotten once it is over
    Column("given_digest", LargeBinary, nullable=False),
    Column("answer_digest", LargeBinary),
    Column("fault", Text),  # what the last try failed with
    PrimaryKeyConstraint("office_id", "id"),
    Index("ix_connector_calls_due", "next_try", sqlite_where=text(_WAITING), postgresql_where=text(_WAITING)),
    Index("ix_connector_calls_case", "office_id", "case_id", "token",
          sqlite_where=text(_WAITING), postgresql_where=text(_WAITING)),
    info=BY_KEY,
)  # fmt: skip

programs = Table(
    "programs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("messages", Text, nullable=False),  # JSON: the names of the messages it may send
    Column("added_at", Instant, nullable=False),
    Column("removed_at", Instant),
)

program_tokens = Table(
    "program_tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("program_id", ForeignKey("programs.id"), nullable=False),
    Column("digest", LargeBinary, nullable=False),  # SHA-256: the token itself is told once and kept nowhere
    Column("hint", Text, nullable=False),  # its last signs, to tell it from others
    Column("made_at", Instant, nullable=False),
    Column("made_by", Integer, nullable=False),
    Column("good_until", Instant, nullable=False),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    Index("uq_program_tokens_digest", "digest", unique=True),
    Index("ix_program_tokens_program_id", "program_id"),
)

received = Table(
    "messages_received",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("id", BigInteger, nullable=False),  # grows with time
    Column("at", Instant, nullable=False),
    Column("case_id", BigInteger),  # that it reached or began
    Column("program_id", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("outcome", SmallInteger, nullable=False),  # connectors.states.Outcome
    Column("key", Text, nullable=False),  # the sender's: the same at every try
    Column("name", Text, nullable=False),
    Column("case_number", Text),
    Column("digest", LargeBinary, nullable=False),
    PrimaryKeyConstraint("office_id", "id"),
    Index("uq_messages_received_key", "office_id", "program_id", "key", unique=True),
    info=BY_KEY,
)
