"""What is kept of calendars: one for the office, one for each department that has its own.

Working calendars are read whole, once for each `offices.calendars_version`, and kept in the process.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, Table, Text

from engine.base.database import Instant, metadata
from engine.base.dialects import BY_KEY

calendars = Table(
    "calendars",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("department_id", ForeignKey("departments.id"), unique=True),  # None: the office's
    Column("country", Text),  # whose notices count, as in ISO 3166; None: those of the calendar above, or nobody's
    Column("zone", Text),  # an IANA time zone; None: that of the calendar above, or the office's
    Column("week", Text),  # JSON: seven lists of "09:00-12:00", Monday first; None: that of the calendar above
)

calendar_days = Table(
    "calendar_days",
    metadata,
    Column("calendar_id", ForeignKey("calendars.id"), primary_key=True),
    Column("country", Text, primary_key=True),  # "": the calendar's own, counts over the country's
    Column("day", Date, primary_key=True),
    Column("year", Integer, nullable=False),  # of the notice: one for a year may speak of the December before it
    Column("works", Boolean, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("hours", Text, nullable=False),  # JSON, as a day of `week`; empty: those of a working day
    Column("source", Text, nullable=False),  # who says so; "": the person
    Column("at", Instant, nullable=False),
    Column("person_id", Integer),  # who entered it; None: at the founding
    info=BY_KEY,
)

calendar_years = Table(
    "calendar_years",
    metadata,
    Column("calendar_id", ForeignKey("calendars.id"), primary_key=True),
    Column("country", Text, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("source", Text, nullable=False),  # the notice by its title and number, or libraries with their releases
    Column("at", Instant, nullable=False),
    Column("person_id", Integer),
    info=BY_KEY,
)

calendar_warnings = Table(
    "calendar_warnings",
    metadata,
    Column("calendar_id", ForeignKey("calendars.id"), primary_key=True),
    Column("country", Text, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("told_at", Instant, nullable=False),
    info=BY_KEY,
)
