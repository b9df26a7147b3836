"""What is kept at the counter: enquiries, to whom they were handed on, and how applications were received."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
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

_OPEN = "closed_at IS NULL"
_UNANSWERED = "answered_at IS NULL"

enquiries = Table(
    "enquiries",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("id", BigInteger, nullable=False),  # also the id of its chain in the record
    Column("number", Text, nullable=False),
    Column("caller", Text, nullable=False),  # who asks
    Column("contact", Text, nullable=False),  # how they are reached; may be empty
    Column("channel", SmallInteger, nullable=False),  # counter.rules.Channel
    Column("matter", Text, nullable=False),
    Column("person_id", Integer, nullable=False),  # who owns it: the first who was asked, until it is handed on
    Column("post_id", Integer, nullable=False),
    Column("department_id", Integer, nullable=False),
    Column("opened_by", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("outcome", Text),  # what was answered
    Column("case_id", BigInteger),  # the case it led to or was about
    Column("receipt", LargeBinary),  # the idempotency key it was noted with
    Column("chain_length", Integer, nullable=False),
    Column("chain_head", LargeBinary, nullable=False),
    PrimaryKeyConstraint("office_id", "id"),
    Index("uq_enquiries_number", "office_id", "number", unique=True),
    Index("uq_enquiries_receipt", "office_id", "receipt", unique=True,
          sqlite_where=text("receipt IS NOT NULL"), postgresql_where=text("receipt IS NOT NULL")),
    Index("ix_enquiries_owner", "office_id", "person_id", "opened_at",
          sqlite_where=text(_OPEN), postgresql_where=text(_OPEN)),
    Index("ix_enquiries_department", "office_id", "department_id", "opened_at"),
    info=BY_KEY,
)  # fmt: skip

handings = Table(
    "enquiry_handings",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("number", SmallInteger, nullable=False),  # 1, 2, 3 … within the enquiry
    Column("enquiry_id", BigInteger, nullable=False),
    Column("from_person_id", Integer, nullable=False),
    Column("to_post_id", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("answered_at", Instant),
    Column("answered_by", Integer),
    Column("accepted", Boolean),
    Column("words", Text),  # why it was not accepted
    PrimaryKeyConstraint("office_id", "enquiry_id", "number"),
    Index("ix_enquiry_handings_post", "office_id", "to_post_id", "at",
          sqlite_where=text(_UNANSWERED), postgresql_where=text(_UNANSWERED)),
    info=BY_KEY,
)  # fmt: skip

years = Table(
    "enquiry_years",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("year", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("office_id", "year"),
    info=BY_KEY,
)

receptions = Table(
    "receptions",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("received_by", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("contact", Text, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("due_on", Date),  # by when it is promised; None: nothing is
    Column("papers", Text, nullable=False),  # JSON: what the procedure asks for, and what was brought
    Column("notice_at", Instant),  # when all that is missing was told, once
    Column("notice_by", Integer),
    Column("notice", Text),  # JSON: the papers it named
    PrimaryKeyConstraint("office_id", "case_id"),
    info=BY_KEY,
)
