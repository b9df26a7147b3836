"""What is kept of notes: each of them, and every text it has had."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, SmallInteger, Table, Text

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY

notes = Table(
    "case_notes",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("number", SmallInteger, nullable=False),  # 1, 2, 3 … within the case
    Column("case_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("person_id", Integer, nullable=False),  # who wrote it
    Column("department_id", Integer),  # who may read it; None: whoever may see the case
    Column("versions", SmallInteger, nullable=False),
    Column("mentions", Text, nullable=False),  # ids of persons, a space between
    Column("struck_at", Instant),
    Column("struck_by", Integer),
    Column("reason", Text),
    PrimaryKeyConstraint("office_id", "case_id", "number"),
    info=BY_KEY,
)

texts = Table(
    "case_note_texts",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("version", SmallInteger, nullable=False),  # the highest is the text as it stands
    Column("case_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("salt", LargeBinary, nullable=False),  # without it nobody can try out what a digest in the record stands for
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("office_id", "case_id", "number", "version"),
    info=BY_KEY,
)
