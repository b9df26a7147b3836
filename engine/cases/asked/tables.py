"""What is kept of what was asked beside the diagram: each thing asked of each, ballots, copies and who has read them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
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

asked = Table(
    "asked",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, 3 … within the case
    Column("round", Integer, nullable=False),  # the number of the first that was asked together with it
    Column("kind", SmallInteger, nullable=False),  # cases.rules.Kind
    Column("of_task", Integer, nullable=False),  # the step beside which it was asked
    Column("task_number", Integer),  # the task of whoever was asked; None: its turn has not come
    Column("behind", Integer),  # the number of the one that must have signed before
    Column("after", Boolean, nullable=False),  # its turn comes once whoever asked has done their own part
    Column("post_id", Integer, nullable=False),
    Column("department_id", Integer, nullable=False),
    Column("person_id", Integer),  # where somebody was asked in person
    Column("asked_by", Integer, nullable=False),
    Column("asked_post", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("words", Text, nullable=False),  # what was asked
    Column("outcome", SmallInteger),  # cases.asked.rules.Outcome; None: no answer
    Column("answer", Text, nullable=False),
    Column("answered_by", Integer),
    Column("answered_for", Integer),  # the absent person in whose place somebody answered
    Column("answered_at", Instant),
    Column("again", Integer),  # the number of the one that asks the same anew
    Column("receipt", LargeBinary),  # the idempotency key it was asked with
    PrimaryKeyConstraint("office_id", "case_id", "number"),
    info=BY_KEY,
)

ballots = Table(
    "ballots",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("round", Integer, nullable=False),  # that of its members in `asked`
    Column("of_task", Integer, nullable=False),
    Column("post_id", Integer, nullable=False),  # the committee's
    Column("question", Text, nullable=False),
    Column("quorum", Text, nullable=False),  # as the diagram said it when the vote was opened
    Column("majority", Text, nullable=False),
    Column("opened_by", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_by", Integer),
    Column("closed_at", Instant),
    Column("votes_for", Integer),  # None in what follows: given up without a result
    Column("votes_against", Integer),
    Column("abstained", Integer),
    Column("adopted", Boolean),
    Column("why", Text, nullable=False),  # why it was given up
    PrimaryKeyConstraint("office_id", "case_id", "round"),
    info=BY_KEY,
)

copies = Table(
    "copies",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, 3 … within the case
    Column("post_id", Integer),  # to everybody who holds it,
    Column("person_id", Integer),  # or to one person
    Column("of_task", Integer, nullable=False),
    Column("sent_by", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("words", Text, nullable=False),
    Column("receipt", LargeBinary),
    PrimaryKeyConstraint("office_id", "case_id", "number"),
    Index("ix_copies_post", "office_id", "post_id", "at", "case_id", "number"),
    Index("ix_copies_person", "office_id", "person_id", "at", "case_id", "number"),
    info=BY_KEY,
)

copies_read = Table(
    "copies_read",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("person_id", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("office_id", "person_id", "case_id", "number"),
    info=BY_KEY,
)
