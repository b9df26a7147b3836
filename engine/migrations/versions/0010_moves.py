"""Moves of a case and its tasks: each made once, extensions asked for, cases that rest."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "moves_made",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "case_id", "receipt", name="pk_moves_made"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "extensions",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("task_number", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_task", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("decided_by", sa.Integer()),
        sa.Column("approved", sa.Boolean()),
        sa.Column("words", sa.Text()),
        sa.PrimaryKeyConstraint("office_id", "case_id", "task_number", name="pk_extensions"),
        sqlite_with_rowid=False,
    )
    resting: dict[str, Any] = {
        "sqlite_where": sa.text("suspended_at IS NOT NULL"),
        "postgresql_where": sa.text("suspended_at IS NOT NULL"),
    }
    op.create_index("ix_cases_suspended", "cases", ["office_id", "id"], **resting)
