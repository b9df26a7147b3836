"""What is asked beside the diagram, why a task lies where it lies, a case that rests or was cancelled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("cases", sa.Column("suspended_at", sa.BigInteger()))
    op.add_column("cases", sa.Column("ended_how", sa.SmallInteger()))
    op.add_column("tasks", sa.Column("kind", sa.SmallInteger()))
    op.add_column("tasks", sa.Column("of_task", sa.Integer()))
    op.create_table(
        "marks",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("task_number", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer()),
        sa.Column("department_id", sa.Integer()),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "case_id", "task_number", "number", name="pk_marks"),
        sqlite_with_rowid=False,
    )
