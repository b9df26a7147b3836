"""What is kept of document control: rounds of review, consents, comments, approvals, when a procedure is reviewed next, moved cases."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from engine.base.database import Instant, metadata

reviews = Table(
    "reviews",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("round", Integer, nullable=False),  # 1, 2, 3 … : each time it is submitted
    Column("case_id", BigInteger, nullable=False),  # of the approval procedure
    Column("submitted_at", Instant, nullable=False),
    Column("submitted_by", ForeignKey("persons.id"), nullable=False),
    Column("note", Text, nullable=False),
    Column("outcome", Text),  # a word of control.rules.Outcome; None while it is under way
    Column("closed_at", Instant),
    PrimaryKeyConstraint("edition_id", "round"),
)

consents = Table(
    "review_consents",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("department_id", ForeignKey("departments.id"), nullable=False),
    Column("post_id", ForeignKey("posts.id"), nullable=False),  # whose consent it is
    Column("agreed", Boolean),  # None until decided
    Column("remarks", Text, nullable=False, server_default=""),
    Column("decided_at", Instant),
    Column("decided_by", ForeignKey("persons.id")),
    PrimaryKeyConstraint("edition_id", "round", "department_id"),
)

decisions = Table(
    "review_decisions",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("act", Text, nullable=False),  # check or approve: a word of control.rules.Act
    Column("passed", Boolean, nullable=False),  # False: returned to the author
    Column("remarks", Text, nullable=False),
    Column("post_id", ForeignKey("posts.id"), nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("decided_by", ForeignKey("persons.id"), nullable=False),
    PrimaryKeyConstraint("edition_id", "round", "act"),
)

comments = Table(
    "edition_comments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("number", Integer, nullable=False),  # within the edition, as shown on the diagram
    Column("element", Text),  # where it is pinned; None: the edition as a whole
    Column("text", Text, nullable=False),
    Column("state", Text, nullable=False),  # a word of control.rules.CommentState
    Column("at", Instant, nullable=False),
    Column("by", ForeignKey("persons.id"), nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", ForeignKey("persons.id")),
    UniqueConstraint("edition_id", "number"),
)

replies = Table(
    "comment_replies",
    metadata,
    Column("comment_id", ForeignKey("edition_comments.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", ForeignKey("persons.id"), nullable=False),
    PrimaryKeyConstraint("comment_id", "number"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("approved_at", Instant, nullable=False),
    Column("approved_by", ForeignKey("persons.id"), nullable=False),
    Column("from_day", Date, nullable=False),  # in force from the beginning of this day, in the office's zone
    Column("due_at", Instant, nullable=False),  # the same as an instant
    Column("held_up", Text),  # JSON: the sentences that say what kept it from coming into force when it was due
    PrimaryKeyConstraint("edition_id"),
)

review_intervals = Table(
    "review_intervals",
    metadata,
    Column("procedure_id", ForeignKey("procedures.id"), nullable=False),
    Column("months", Integer, nullable=False),
    PrimaryKeyConstraint("procedure_id"),
)

periodic_reviews = Table(
    "periodic_reviews",
    metadata,
    Column("procedure_id", ForeignKey("procedures.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", ForeignKey("persons.id"), nullable=False),
    Column("note", Text, nullable=False),
    PrimaryKeyConstraint("procedure_id", "number"),
)

moved_cases = Table(
    "moved_cases",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, 3 … : each time the case is moved
    Column("from_edition_id", ForeignKey("editions.id"), nullable=False),
    Column("to_edition_id", ForeignKey("editions.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", ForeignKey("persons.id"), nullable=False),
    Column("undone_at", Instant),
    Column("undone_by", ForeignKey("persons.id")),
    Column("version", Integer, nullable=False),  # of the case once it was moved
    Column("chain_length", Integer, nullable=False),  # the same of its record: more means that it has gone on
    Column("kept", LargeBinary, nullable=False),  # the case and its open rows as they were
    PrimaryKeyConstraint("office_id", "case_id", "number"),
    Index("ix_moved_cases_to_edition", "office_id", "to_edition_id", "at"),
)
