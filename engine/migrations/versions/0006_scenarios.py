"""Trial runs, and the scenarios that belong to an edition."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "trials",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("ground", sa.LargeBinary(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("receipts", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_trials_person_id"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_trials_edition_id"),
        sa.PrimaryKeyConstraint("office_id", "id", name="pk_trials"),
    )
    op.create_index("ix_trials_person", "trials", ["office_id", "person_id", "moved_at"])
    op.create_table(
        "edition_scenarios",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_edition_scenarios_edition_id"),
        sa.PrimaryKeyConstraint("edition_id", "key", name="pk_edition_scenarios"),
    )
