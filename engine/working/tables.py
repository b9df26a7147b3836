"""What is kept of work that goes on by itself: what each handler did, what it could not do, who is at it.

What is due stands in none of these tables: that is read from the rows it concerns.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY

handlers = Table(
    "work_handlers",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("rounds", BigInteger, nullable=False),  # how often it found something to do
    Column("done", BigInteger, nullable=False),  # how much took effect, over all time and all processes
    Column("milliseconds", BigInteger, nullable=False),
    Column("faults", BigInteger, nullable=False),  # how often something could not be done
    Column("last_at", Instant),  # when it last did something
    Column("last_done", Integer, nullable=False),
    Column("next_at", Instant),  # of an errand with a pace: not before
    Column("held_by", Text),  # the process that is at it alone
    Column("held_until", Instant),
    PrimaryKeyConstraint("office_id", "name"),
    info=BY_KEY,
)

troubles = Table(
    "work_troubles",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("handler", Text, nullable=False),
    Column("key", Text, nullable=False),  # JSON: what it is about, as the handler names it
    Column("since", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),  # it rests until then
    Column("tries", Integer, nullable=False),
    Column("fault", Text, nullable=False),  # JSON: the sentence by language
    PrimaryKeyConstraint("office_id", "handler", "key"),
    Index("ix_work_troubles_since", "office_id", "since"),
    info=BY_KEY,
)

processes = Table(
    "work_processes",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("id", Text, nullable=False),
    Column("kind", Text, nullable=False),  # working.rules.Kind
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("ahead", BigInteger, nullable=False),  # milliseconds by which its clock is before the database's
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    PrimaryKeyConstraint("office_id", "id"),
    info=BY_KEY,
)
