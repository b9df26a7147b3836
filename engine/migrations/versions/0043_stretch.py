"""Open cases are held to how those of the weeks before came out; what was foretold before nothing was held to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    op.add_column("forecast_models", sa.Column("stretch", sa.SmallInteger()))
    op.add_column("forecasts", sa.Column("stretch", sa.SmallInteger()))
    for name in ("reckoned_low_at", "reckoned_middle_at", "reckoned_high_at"):
        op.add_column("past_forecasts", sa.Column(name, sa.BigInteger()))
