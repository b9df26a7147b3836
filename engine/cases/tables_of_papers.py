"""What is kept of the papers of cases. What is in them lies in the store, by hash: see `papers`."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY

papers = Table(
    "papers",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("task_number", Integer),  # the task it was added, answered or issued in
    Column("versions", SmallInteger, nullable=False),  # how many there are
    Column("issued", SmallInteger),  # 1, 2, 3 … within the case, where it was made here and issued
    Column("title", Text, nullable=False),
    Column("field", Text),  # the name of the form's field that it answers
    Column("template", Text),  # what it was made from
    Column("withdrawn_at", Instant),
    Column("withdrawn_by", Integer),
    Column("withdrawn_why", Text),
    PrimaryKeyConstraint("office_id", "case_id", "id"),
    info=BY_KEY,
)

paper_versions = Table(
    "paper_versions",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("paper_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("number", SmallInteger, nullable=False),  # 1, 2, 3 … of the paper
    Column("person_id", Integer),
    Column("digest", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),  # as the file is called when it is handed out
    PrimaryKeyConstraint("office_id", "case_id", "paper_id", "number"),
    ForeignKeyConstraint(["digest"], ["contents.digest"]),
    Index("ix_paper_versions_digest", "digest"),
    info=BY_KEY,
)
