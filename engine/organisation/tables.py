"""What is kept of the organisation: the office, departments, posts, persons, who holds what."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
    true,
)

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY, Index

offices = Table(
    "offices",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name_en", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("zone", Text, nullable=False),  # an IANA time zone
    Column("chain", BigInteger, nullable=False),
    Column("chain_length", Integer, nullable=False),
    Column("chain_head", LargeBinary, nullable=False),
    Column("calendars_version", BigInteger, nullable=False, server_default="0"),  # another one after each change
)

departments = Table(
    "departments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("parent_id", ForeignKey("departments.id")),
    Column("code", Text, nullable=False, unique=True),
    Column("name_en", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
)

posts = Table(
    "posts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("department_id", ForeignKey("departments.id"), nullable=False, index=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name_en", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("reports_to", ForeignKey("posts.id")),
    Column("rights", Text, nullable=False, server_default=""),  # words of organisation.rules.Right, a space between
)

persons = Table(
    "persons",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("name_en", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("password", Text),  # argon2id, in PHC form; None: cannot sign in by password
    Column("language", Text, nullable=False, server_default="en"),
    Column("left_on", Date),
    Column("single_keys", Boolean, nullable=False, server_default=true()),  # whether one key alone does something
    Column("failures", Integer, nullable=False, server_default="0"),  # wrong passwords since the last right one
    Column("failed_at", Instant),
    Column("chain", BigInteger, nullable=False),  # of what concerns this account alone: sign-ins, passwords
    Column("chain_length", Integer, nullable=False),
    Column("chain_head", LargeBinary, nullable=False),
)

holdings = Table(
    "holdings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False),
    Column("post_id", ForeignKey("posts.id"), nullable=False, index=True),
    Column("from_day", Date, nullable=False),
    Column("until_day", Date),  # the last day, included; None: open
    Index("ix_holdings_person", "person_id", "from_day"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token", LargeBinary, primary_key=True),  # SHA-256 of the cookie's secret
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("begun_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

_STANDING = text("closed_at IS NULL")

absences = Table(
    "absences",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False),
    Column("deputy_id", ForeignKey("persons.id")),  # None: whoever it was has fallen away, and nobody is named yet
    Column("from_day", Date, nullable=False),
    Column("until_day", Date, nullable=False),  # the last day, included
    Column("post_ids", Text, nullable=False),  # numbers, a space between; none: every post of the person
    Column("procedure_ids", Text, nullable=False),  # as above; none: every procedure
    Column("goes_back", Boolean, nullable=False),  # what the deputy has claimed returns to the person afterwards
    Column("why", Text, nullable=False),  # for the person and those who plan for them
    Column("planned_by", Integer, nullable=False),
    Column("closed_at", Instant),  # nobody stands in by it any more, and what the deputy had has been seen to
    Column("back_on", Date),  # the first day on which the person was there again, where that was before its end
    Index("ix_absences_person", "person_id", "until_day", sqlite_where=_STANDING, postgresql_where=_STANDING),
    Index("ix_absences_deputy", "deputy_id", "until_day", sqlite_where=_STANDING, postgresql_where=_STANDING),
    Index("ix_absences_until", "until_day", sqlite_where=_STANDING, postgresql_where=_STANDING),
)

former_deputies = Table(
    "former_deputies",
    metadata,
    # Until that day, included, and from the day after the row before it: who stood in by it; None: nobody.
    Column("absence_id", ForeignKey("absences.id"), nullable=False),
    Column("until_day", Date, nullable=False),
    Column("deputy_id", ForeignKey("persons.id")),
    PrimaryKeyConstraint("absence_id", "until_day"),
    info=BY_KEY,
)

loans = Table(
    "loans",
    metadata,
    # A holding that a supervisor gave for a time; the holding itself stands like any other.
    Column("holding_id", ForeignKey("holdings.id"), primary_key=True, autoincrement=False),
    Column("lent_by", Integer, nullable=False),
    Column("lent_at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
)
