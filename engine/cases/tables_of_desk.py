"""What is kept for the desk: cases somebody watches, saved filters, documents to search in and cases due for it.

The words themselves stand in `search_words`, which only the migrations make: an FTS5 table in SQLite, a `tsvector`
under a GIN index in PostgreSQL. Nothing here is part of the record: it is how people arrange their own looking.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY

case_watches = Table(
    "case_watches",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("person_id", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("office_id", "person_id", "case_id"),
    info=BY_KEY,
)

desk_filters = Table(
    "desk_filters",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("asked", Text, nullable=False),  # JSON of cases.narrowing.Filter
    Column("is_default", Boolean, nullable=False),
    Index("uq_desk_filters_name", "person_id", "name", unique=True),
)

search_documents = Table(
    "search_documents",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("length", Integer, nullable=False),  # of the case's chain when it was read
    Column("parts", Text, nullable=False),  # as documents.written writes them: what it was found by is shown from it
    PrimaryKeyConstraint("office_id", "case_id"),
    info=BY_KEY,
)

search_due = Table(
    "search_due",
    metadata,
    # One row for all changes of a case, which only the first of them writes. It is taken away by whoever holds the case.
    Column("office_id", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("office_id", "case_id"),
    info=BY_KEY,
)
