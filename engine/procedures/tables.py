"""What is kept of procedures: editions under document control and what belongs to them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from engine.base.database import Instant, metadata

procedures = Table(
    "procedures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False, unique=True),  # of case numbers: BP in BP-2026-0418
    Column("department_id", ForeignKey("departments.id"), nullable=False),  # answers for the procedure
    Column("chain", BigInteger, nullable=False),
    Column("chain_length", Integer, nullable=False),
    Column("chain_head", LargeBinary, nullable=False),
)

editions = Table(
    "editions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("procedure_id", ForeignKey("procedures.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),  # a word of procedures.rules.EditionState
    Column("file", Text, nullable=False),
    Column("source", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of source
    Column("process", Text),  # the process a case begins in; None until chosen where there are several
    Column("uploaded_at", Instant, nullable=False),
    Column("uploaded_by", ForeignKey("persons.id"), nullable=False),
    Column("in_force_at", Instant),
    Column("in_force_by", ForeignKey("persons.id")),
    Column("out_of_force_at", Instant),
    UniqueConstraint("procedure_id", "number"),
    Index("uq_editions_in_force", "procedure_id", unique=True, sqlite_where=text("state = 'in force'"),
          postgresql_where=text("state = 'in force'")),
)  # fmt: skip

attachments = Table(
    "edition_attachments",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("path", Text, nullable=False),  # as uploaded, without folders: review.form.json, jurisdiction.dmn
    Column("content", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    PrimaryKeyConstraint("edition_id", "path"),
)

owners = Table(
    "edition_owners",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("owner", Text, nullable=False),  # diagram.shape.Owner.key
    Column("name", Text, nullable=False),  # remembered by this for the next edition
    Column("post_id", ForeignKey("posts.id"), nullable=False),
    PrimaryKeyConstraint("edition_id", "owner"),
)

questions = Table(
    "edition_questions",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("flow", Text, nullable=False),  # a flow whose condition is not read: a person is asked instead
    PrimaryKeyConstraint("edition_id", "flow"),
)

calls = Table(
    "edition_calls",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("called", Text, nullable=False),  # calledElement as drawn
    Column("called_edition_id", ForeignKey("editions.id"), nullable=False),
    PrimaryKeyConstraint("edition_id", "called"),
)

counters = Table(
    "case_counters",
    metadata,
    Column("procedure_id", ForeignKey("procedures.id"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("procedure_id", "year"),
)
