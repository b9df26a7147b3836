"""Forecasts, and what became of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "forecast_models",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("learned_at", sa.BigInteger(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("calendars", sa.BigInteger(), nullable=False),
        sa.Column("boosted", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("model", sa.LargeBinary(), nullable=False),
        sa.Column("measured", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "procedure_id", name="pk_forecast_models"),
        sqlite_with_rowid=False,
    )
    _forecasts()
    _past()
    op.create_table(
        "forecast_weeks",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "procedure_id", "made_on", "week", name="pk_forecast_weeks"),
        sqlite_with_rowid=False,
    )


def _forecasts() -> None:
    op.create_table(
        "forecasts",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("case_version", sa.Integer(), nullable=False),
        sa.Column("model_version", sa.Integer(), nullable=False),
        sa.Column("similar", sa.Integer(), nullable=False),
        sa.Column("basis", sa.SmallInteger(), nullable=False),
        sa.Column("promise", sa.SmallInteger()),
        sa.Column("law", sa.SmallInteger()),
        sa.Column("worst", sa.SmallInteger(), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("low_at", sa.BigInteger()),
        sa.Column("middle_at", sa.BigInteger()),
        sa.Column("high_at", sa.BigInteger()),
        sa.Column("promise_due", sa.BigInteger()),
        sa.Column("law_due", sa.BigInteger()),
        sa.Column("element", sa.Text()),
        sa.PrimaryKeyConstraint("office_id", "case_id", name="pk_forecasts"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_forecasts_worst", "forecasts", ["office_id", "procedure_id", "worst", "case_id"])
    op.create_index("ix_forecasts_made", "forecasts", ["office_id", "made_at"])


def _past() -> None:
    op.create_table(
        "past_forecasts",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("afterwards", sa.Boolean(), nullable=False),
        sa.Column("promise", sa.SmallInteger()),
        sa.Column("law", sa.SmallInteger()),
        sa.Column("missed_promise", sa.Boolean()),
        sa.Column("missed_law", sa.Boolean()),
        sa.Column("within", sa.Boolean()),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("low_at", sa.BigInteger(), nullable=False),
        sa.Column("middle_at", sa.BigInteger(), nullable=False),
        sa.Column("high_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("promise_due", sa.BigInteger()),
        sa.Column("law_due", sa.BigInteger()),
        sa.PrimaryKeyConstraint("office_id", "procedure_id", "week", "case_id", name="pk_past_forecasts"),
        sqlite_with_rowid=False,
    )
