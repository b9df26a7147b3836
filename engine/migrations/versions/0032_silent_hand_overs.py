"""Every hand-over that nobody has answered is in one index, escalated ones too: the watch counts them all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0035"


def upgrade() -> None:
    silent = sa.text("accepted_at IS NULL AND returned_at IS NULL AND lapsed_at IS NULL")
    op.drop_index("ix_hand_overs_silent", table_name="hand_overs")
    op.create_index("ix_hand_overs_silent", "hand_overs", ["answer_by"], sqlite_where=silent, postgresql_where=silent)
