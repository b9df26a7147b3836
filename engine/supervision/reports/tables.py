"""What is kept of weekly reports: what each said, and who wants them or does not."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Integer, PrimaryKeyConstraint, Table, Text

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY

weekly_reports = Table(
    "weekly_reports",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("department_id", Integer, nullable=False),
    Column("week", Date, nullable=False),  # its Monday
    Column("made_at", Instant, nullable=False),
    Column("told", Integer, nullable=False),  # how many persons were told
    Column("contents", Text, nullable=False),  # JSON of reports.rules.Report, as it was found then
    PrimaryKeyConstraint("office_id", "department_id", "week"),
    info=BY_KEY,
)

report_wishes = Table(
    "report_wishes",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("department_id", Integer, nullable=False),
    Column("person_id", Integer, nullable=False),
    Column("wanted", Boolean, nullable=False),  # a superior is sent it unless they say no; others only where they ask
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("office_id", "department_id", "person_id"),
    info=BY_KEY,
)
