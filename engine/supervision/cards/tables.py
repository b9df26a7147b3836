"""What is kept of cards: every edition of the table of rules, the cards it gave, and when each case is looked at next."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, SmallInteger, Table, Text, text

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY, Index

_STANDING = "answered_at IS NULL AND lifted_at IS NULL"

card_tables = Table(
    "card_tables",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("saved_by", Integer),  # None: as it was delivered
    Column("why", Text, nullable=False),
    Column("rules", Text, nullable=False),  # JSON of supervision.cards.rules.Rule
    Column("swept_to", BigInteger),  # up to which case the version was told to look; None: all of them
    PrimaryKeyConstraint("office_id", "version"),
    info=BY_KEY,
)

cards = Table(
    "cards",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("task_number", Integer),  # the step it is about; None: the case
    Column("case_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),  # supervision.cards.kinds.Kind
    Column("level", SmallInteger, nullable=False),  # of an escalation; 0: a card
    Column("version", Integer, nullable=False),  # of the table that gave it
    Column("post_id", Integer, nullable=False),  # that was accountable
    Column("person_id", Integer),  # who had it in hand
    Column("department_id", Integer, nullable=False),  # of the post
    Column("superior_id", Integer),  # the post above; of an escalation the one it went to
    Column("given_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("answered_by", Integer),
    Column("lifted_at", Instant),
    Column("lifted_by", Integer),
    Column("rule", Text, nullable=False),  # its key in the table
    Column("occasion", Text, nullable=False),  # what it fires at once: this step, this claim, this hand-over …
    Column("facts", Text, nullable=False),  # JSON: what the condition asked, and what has been done so far
    Column("answer", Text),
    Column("lifted_why", Text),
    PrimaryKeyConstraint("office_id", "case_id", "id"),
    Index("uq_cards_occasion", "office_id", "case_id", "rule", "occasion", unique=True),
    Index("ix_cards_id", "office_id", "id"),
    Index("ix_cards_department", "office_id", "department_id", "given_at"),
    Index("ix_cards_post", "office_id", "post_id", "given_at",
          sqlite_where=text(_STANDING), postgresql_where=text(_STANDING)),
    Index("ix_cards_superior", "office_id", "superior_id", "given_at",
          sqlite_where=text(_STANDING), postgresql_where=text(_STANDING)),
    info=BY_KEY,
)  # fmt: skip

card_looks = Table(
    "card_looks",
    metadata,
    # The database itself notes every act on a case here: none can forget to.
    Column("office_id", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("next_at", Instant, nullable=False),
    PrimaryKeyConstraint("office_id", "case_id"),
    Index("ix_card_looks_next", "next_at"),
    info=BY_KEY,
)
