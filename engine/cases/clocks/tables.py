"""What is kept of the clocks of cases: one row a period, one a stop, one an extension that was asked for."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY, Index

_RUNS = "ended_at IS NULL AND stands = 0"
_TO_NOTE = f"{_RUNS} AND expired_at IS NULL"
_TO_WARN = f"{_RUNS} AND warn_at IS NOT NULL"
_UNENDED = "ended_at IS NULL"
_TO_SETTLE = "unsettled_since IS NOT NULL"
_STANDS = "end_at IS NULL"
_ASKED = "decided_at IS NULL"

clocks = Table(
    "case_clocks",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("kind", SmallInteger, nullable=False),  # clocks.rules.KINDS
    Column("case_id", BigInteger, nullable=False),
    Column("department_id", Integer, nullable=False),  # by whose calendar it is counted
    Column("length", Integer, nullable=False),
    Column("extension", Integer, nullable=False),  # by how much it may be extended; 0: not at all
    Column("extended_by", Integer, nullable=False),
    Column("effect", SmallInteger, nullable=False),  # clocks.rules.EFFECTS: what it means that it is over
    Column("stops", SmallInteger, nullable=False),  # the grounds that stop it, as bits of clocks.rules.GROUNDS
    Column("stands", SmallInteger, nullable=False),  # how many stops hold it now
    Column("first_day", Boolean, nullable=False),
    Column("rolls", Boolean, nullable=False),
    Column("provisional", Boolean, nullable=False),  # it runs through a year whose holidays nobody has told yet
    Column("counted_by", BigInteger, nullable=False),  # the version of the calendars that `due_at` was counted by
    Column("begun_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),  # while it stands: what it would be if no time had been stopped now
    Column("warn_at", Instant),  # when the alarm is due, where there is to be one; None: given, or never
    Column("expired_at", Instant),  # when it was noted that it was over
    Column("unsettled_since", Instant),  # since when a person is to confirm what its end means; None: nobody is
    Column("settled_at", Instant),
    Column("settled_by", Integer),
    Column("confirmed", Boolean),  # whether they did; False: set aside
    Column("ended_at", Instant),
    Column("unit", Text, nullable=False),  # worktime.periods.Unit
    Column("begun_with", Text),  # the element whose passing began it; None: the case did
    Column("rule_set", Text),  # diagram.rule_sets, where it is one of a law
    PrimaryKeyConstraint("office_id", "case_id", "kind"),
    Index("ix_case_clocks_due", "due_at", sqlite_where=text(_TO_NOTE), postgresql_where=text(_TO_NOTE)),
    Index("ix_case_clocks_warn", "warn_at", sqlite_where=text(_TO_WARN), postgresql_where=text(_TO_WARN)),
    Index("ix_case_clocks_late", "office_id", "due_at", "case_id",
          sqlite_where=text(_RUNS), postgresql_where=text(_RUNS)),
    Index("ix_case_clocks_counted", "counted_by", "case_id",
          sqlite_where=text(_UNENDED), postgresql_where=text(_UNENDED)),
    Index("ix_case_clocks_settle", "office_id", "unsettled_since",
          sqlite_where=text(_TO_SETTLE), postgresql_where=text(_TO_SETTLE)),
    info=BY_KEY,
)  # fmt: skip

stops = Table(
    "case_clock_stops",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("number", SmallInteger, nullable=False),  # 1, 2, 3 … within the case
    Column("ground", SmallInteger, nullable=False),  # clocks.rules.GROUNDS
    Column("case_id", BigInteger, nullable=False),
    Column("begun_by", Integer),  # None: the step that waits
    Column("ended_by", Integer),
    Column("begin_at", Instant, nullable=False),
    Column("end_at", Instant),
    Column("notice_day", Date),  # when the applicant was told in writing
    Column("token", Text),  # of the step during which it stands by itself
    Column("words", Text, nullable=False),
    Column("words_after", Text),  # what was said when it went on
    PrimaryKeyConstraint("office_id", "case_id", "number"),
    Index("ix_case_clock_stops_open", "office_id", "begin_at", "case_id",
          sqlite_where=text(_STANDS), postgresql_where=text(_STANDS)),
    info=BY_KEY,
)  # fmt: skip

extensions = Table(
    "case_clock_extensions",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("number", SmallInteger, nullable=False),  # 1, 2, 3 … within the case
    Column("case_id", BigInteger, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("asked_by", Integer),  # None: nobody asked, it was granted unasked
    Column("asked_at", Instant, nullable=False),
    Column("decided_by", Integer),
    Column("decided_at", Instant),
    Column("granted", Boolean),
    Column("unit", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("words", Text),
    PrimaryKeyConstraint("office_id", "case_id", "number"),
    Index("ix_case_clock_extensions_asked", "office_id", "asked_at",
          sqlite_where=text(_ASKED), postgresql_where=text(_ASKED)),
    info=BY_KEY,
)  # fmt: skip
