"""What is kept of forecasts: what was learned, what is foretold of each open case, what was foretold and came, the next weeks."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
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

models = Table(
    "forecast_models",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("procedure_id", Integer, nullable=False),
    Column("version", Integer, nullable=False),  # one more with each that was learned
    Column("learned_at", Instant, nullable=False),
    Column("cases", Integer, nullable=False),  # ended ones it was learned from
    Column("calendars", BigInteger, nullable=False),  # by which version of the calendars time was measured
    Column("boosted", Boolean, nullable=False),  # whether trees were better than survival
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of `model`
    Column("model", LargeBinary, nullable=False),  # compressed JSON of forecast.model
    Column("measured", Text, nullable=False),  # JSON: how good it was on what it had not seen
    Column(
        "stretch", SmallInteger
    ),  # in hundredths: so many times as long as foretold cases took of late; None: as long
    PrimaryKeyConstraint("office_id", "procedure_id"),
    info=BY_KEY,
)

forecasts = Table(
    "forecasts",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("procedure_id", Integer, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("case_version", Integer, nullable=False),  # as the case stood when it was asked
    Column("model_version", Integer, nullable=False),
    Column("similar", Integer, nullable=False),  # from how many cases; 0: too few, and nothing is told
    Column("basis", SmallInteger, nullable=False),  # forecast.rules.Basis
    Column("promise", SmallInteger),  # chance to miss it in thousandths; None: it has none that runs
    Column("law", SmallInteger),
    Column("worst", SmallInteger, nullable=False),  # the greater of the two; -1: neither
    Column("standing", Boolean, nullable=False),  # its clock stood
    Column("made_at", Instant, nullable=False),
    Column("low_at", Instant),
    Column("middle_at", Instant),
    Column("high_at", Instant),
    Column("promise_due", Instant),
    Column("law_due", Instant),
    Column("element", Text),  # the step it stood at
    Column("stretch", SmallInteger),  # as of the model, when it was asked
    PrimaryKeyConstraint("office_id", "case_id"),
    Index("ix_forecasts_worst", "office_id", "procedure_id", "worst", "case_id"),
    Index("ix_forecasts_made", "office_id", "made_at"),
    info=BY_KEY,
)

past = Table(
    "past_forecasts",
    metadata,
    # What was foretold of the open cases at the beginning of each week.
    Column("office_id", Integer, nullable=False),
    Column("procedure_id", Integer, nullable=False),
    Column("week", Date, nullable=False),  # its Monday
    Column("case_id", BigInteger, nullable=False),
    Column("afterwards", Boolean, nullable=False),  # reckoned later, from what was known then alone
    Column("promise", SmallInteger),
    Column("law", SmallInteger),
    Column("missed_promise", Boolean),  # None: not known yet
    Column("missed_law", Boolean),
    Column("within", Boolean),  # it ended within the range
    Column("made_at", Instant, nullable=False),
    Column("low_at", Instant, nullable=False),
    Column("middle_at", Instant, nullable=False),
    Column("high_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("promise_due", Instant),
    Column("law_due", Instant),
    Column("reckoned_low_at", Instant),  # where it was told longer or shorter: as it was before
    Column("reckoned_middle_at", Instant),
    Column("reckoned_high_at", Instant),
    PrimaryKeyConstraint("office_id", "procedure_id", "week", "case_id"),
    info=BY_KEY,
)

weeks = Table(
    "forecast_weeks",
    metadata,
    Column("office_id", Integer, nullable=False),
    Column("procedure_id", Integer, nullable=False),
    Column(
        "made_on", Date, nullable=False
    ),  # the Monday it was foretold on; another day: when it was reckoned anew last
    Column("week", Date, nullable=False),  # the Monday of the week it is about
    Column("figures", Text, nullable=False),  # JSON of forecast.weeks.Week
    PrimaryKeyConstraint("office_id", "procedure_id", "made_on", "week"),
    info=BY_KEY,
)
