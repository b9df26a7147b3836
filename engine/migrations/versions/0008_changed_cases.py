"""Running cases moved to another edition, and the state before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_REFERS = {
    "from_edition_id": "editions",
    "to_edition_id": "editions",
    "by": "persons",
    "undone_by": "persons",
}


def upgrade() -> None:
    op.create_table(
        "moved_cases",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_edition_id", sa.Integer(), nullable=False),
        sa.Column("to_edition_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.BigInteger()),
        sa.Column("undone_by", sa.Integer()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("chain_length", sa.Integer(), nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_moved_cases_{column}")
            for column, table in _REFERS.items()
        ),
        sa.PrimaryKeyConstraint("office_id", "case_id", "number", name="pk_moved_cases"),
    )
    op.create_index("ix_moved_cases_to_edition", "moved_cases", ["office_id", "to_edition_id", "at"])
