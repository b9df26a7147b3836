"""What is kept of notices: each for one person, how each person wants them, and what is to be sent of them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY, Index

_UNREAD = "read_at IS NULL"
_TO_SORT = "sort_at IS NOT NULL"

notices = Table(
    "notices",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("person_id", Integer, nullable=False),  # who is told
    Column("id", BigInteger, nullable=False),  # grows with time
    Column("case_id", BigInteger),
    Column("at", Instant, nullable=False),
    Column("task_number", Integer),
    Column("kind", Text, nullable=False),  # notices.rules.KINDS
    Column("facts", Text, nullable=False),  # JSON; a Text as {"en": …, "zh": …}
    Column("read_at", Instant),
    Column("sort_at", Instant),  # when the outbox looks at it (again); None: it has what it needs
    Column("sorted", Boolean, nullable=False),  # the outbox has seen it once: what is left is a place in a digest
    PrimaryKeyConstraint("office_id", "person_id", "id"),
    # The last column is empty in every row of it: with it SQLite counts without looking at the rows themselves.
    Index("ix_notices_unread", "office_id", "person_id", "id", "read_at",
          sqlite_where=text(_UNREAD), postgresql_where=text(_UNREAD)),
    Index("ix_notices_to_sort", "sorted", "sort_at", sqlite_where=text(_TO_SORT), postgresql_where=text(_TO_SORT)),
    info=BY_KEY,
)  # fmt: skip

wishes = Table(
    "notice_wishes",
    metadata,
    Column("person_id", ForeignKey("persons.id"), primary_key=True, autoincrement=False),
    Column("address", Text),  # only ever one that was proved by its code
    Column("digest_hour", SmallInteger, nullable=False),  # in the office's zone
    Column("hows", Text, nullable=False),  # JSON: notices.rules.Group to How, where it is not as for everybody
    Column("to_prove", Text),  # an address that was typed and whose code is awaited
    Column("code", Text),
    Column("code_until", Instant),
    Column("code_tries", SmallInteger, nullable=False),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("removed_at", Instant),
)

_WAITING = "state = 1"
_GIVEN_UP = "state = 3"

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("made_at", Instant, nullable=False),
    Column("next_try", Instant, nullable=False),  # while it is being sent: when that is thought to have failed
    Column("sent_at", Instant),
    Column("person_id", Integer),  # of an e-mail
    Column("webhook_id", Integer),
    Column("channel", SmallInteger, nullable=False),  # notices.rules.Channel
    Column("state", SmallInteger, nullable=False),  # notices.rules.State
    Column("tries", SmallInteger, nullable=False),
    Column("holds", Text, nullable=False),  # JSON: [person, notice] of each notice in it
    Column("message_id", Text, nullable=False),  # the same at every try
    Column("fault", Text),  # what the last try failed with
    Index("ix_deliveries_next_try", "next_try", sqlite_where=text(_WAITING), postgresql_where=text(_WAITING)),
    Index("ix_deliveries_made_at", "made_at", sqlite_where=text(_GIVEN_UP), postgresql_where=text(_GIVEN_UP)),
)
