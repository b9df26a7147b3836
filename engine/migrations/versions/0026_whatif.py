"""What-if runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "what_if_tests",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", name="pk_what_if_tests"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "what_if_runs",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("test_version", sa.Integer(), nullable=False),
        sa.Column("done", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("touched_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("figures", sa.Text()),
        sa.Column("problem", sa.Text()),
        sa.PrimaryKeyConstraint("office_id", "id", name="pk_what_if_runs"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_what_if_runs_digest", "what_if_runs", ["office_id", "digest"], unique=True)
    op.create_index("ix_what_if_runs_procedure", "what_if_runs", ["office_id", "procedure_id", "id"])
    op.create_index(
        "ix_what_if_runs_to_do", "what_if_runs", ["office_id", "id"],
        sqlite_where=sa.text("state < 10"), postgresql_where=sa.text("state < 10"),
    )  # fmt: skip
