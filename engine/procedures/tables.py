"""What is kept of procedures: editions under document control and what belongs to them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from engine.base.database import Instant, metadata
from engine.base.dialects import Index

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
    Column("revision", Integer, nullable=False, server_default="0"),  # how often the draft was saved since it came
    Column("changed_at", Instant),
    Column("changed_by", ForeignKey("persons.id")),
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

start_timers = Table(
    "start_timers",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("procedure_id", ForeignKey("procedures.id"), nullable=False),
    Column("edition_id", ForeignKey("editions.id"), nullable=False),  # the one in force: a case begins on it
    Column("element", Text, nullable=False),  # the start event
    Column("written", Text, nullable=False),  # its timer as drawn, and whether it counts working time: another is armed anew
    Column("due_at", Instant),  # the turn to come; None: there is none
    Column("wake_at", Instant),  # when it is looked at: as it is due; None: out of force, or over
    Column("last_at", Instant),  # when the turn was due that a case was begun for last
    Column("left", Integer),  # how many turns come after this one; None without end
    Column("every", Text, nullable=False),
    Column("value", Text, nullable=False),  # the date or repetition, as an expression gave it
    Column("length", Text),  # of what is not of fixed length: what the turn is counted by,
    Column("since_at", Instant),  # from when,
    Column("times", Integer),  # and how many times over
    Column("counted_by", BigInteger),  # of working time: by which version of the calendars
    Column("turns", Integer, nullable=False),  # how many cases it has begun
    PrimaryKeyConstraint("office_id", "procedure_id", "element"),
    Index("ix_start_timers_wake", "wake_at", sqlite_where=text("wake_at IS NOT NULL"),
          postgresql_where=text("wake_at IS NOT NULL")),
)  # fmt: skip

waivers = Table(
    "edition_waivers",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("rule", Text, nullable=False),  # its code
    Column("element", Text, nullable=False),  # the id; the name of a file where the finding is about none
    Column("reason", Text, nullable=False),
    Column("by", ForeignKey("persons.id"), nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("edition_id", "rule", "element"),
)

scenarios = Table(
    "edition_scenarios",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("key", Text, nullable=False),  # the file's name without its ending
    Column("name", Text, nullable=False),
    Column("content", Text, nullable=False),  # TOML, as diagram.trial reads it
    PrimaryKeyConstraint("edition_id", "key"),
)

draft_saves = Table(
    "draft_saves",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("path", Text),  # of a file beside the diagram; None: the diagram itself
    Column("content", LargeBinary, nullable=False),  # compressed (zlib)
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of the content before it was compressed
    Column("owners", Text, nullable=False),  # JSON: owner to post, as they were mapped then
    Column("revision", Integer),  # the draft's as it became by this; None: kept beside the draft
    Column("based_on", Integer),
    Column("pen", Text, nullable=False),  # the opened page that saved: its saves follow one another in one row
    Column("begun_at", Instant, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("saved_by", ForeignKey("persons.id"), nullable=False),
    PrimaryKeyConstraint("edition_id", "number"),
)

draft_presence = Table(
    "draft_presence",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("person_id", ForeignKey("persons.id"), nullable=False),
    Column("seen_at", Instant, nullable=False),
    PrimaryKeyConstraint("edition_id", "person_id"),
)

trials = Table(
    "trials",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("id", BigInteger, nullable=False),
    Column("person_id", ForeignKey("persons.id"), nullable=False),
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("ground", LargeBinary, nullable=False),  # the digest of what it was played on
    Column("told", Text, nullable=False),  # JSON: how it began and every move, as a scenario has them
    Column("receipts", Text, nullable=False),  # JSON: one for each move, that makes sending twice harmless
    Column("begun_at", Instant, nullable=False),
    Column("moved_at", Instant, nullable=False),
    PrimaryKeyConstraint("office_id", "id"),
    Index("ix_trials_person", "office_id", "person_id", "moved_at"),
)
