"""Opinions, signatures and votes asked for beside a step; copies for information."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("tasks", sa.Column("asks", sa.SmallInteger()))
    op.drop_index("ix_tasks_waiting", table_name="tasks")
    op.create_index(
        "ix_tasks_waiting",
        "tasks",
        ["office_id", "procedure_id", "edition_id", "element", "opened_at", "kind"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "asked",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("of_task", sa.Integer(), nullable=False),
        sa.Column("task_number", sa.Integer()),
        sa.Column("behind", sa.Integer()),
        sa.Column("after", sa.Boolean(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer()),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_post", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("outcome", sa.SmallInteger()),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Integer()),
        sa.Column("answered_for", sa.Integer()),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("again", sa.Integer()),
        sa.Column("receipt", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("office_id", "case_id", "number", name="pk_asked"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ballots",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("of_task", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("quorum", sa.Text(), nullable=False),
        sa.Column("majority", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_by", sa.Integer()),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("votes_for", sa.Integer()),
        sa.Column("votes_against", sa.Integer()),
        sa.Column("abstained", sa.Integer()),
        sa.Column("adopted", sa.Boolean()),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "case_id", "round", name="pk_ballots"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "copies",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer()),
        sa.Column("person_id", sa.Integer()),
        sa.Column("of_task", sa.Integer(), nullable=False),
        sa.Column("sent_by", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("receipt", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("office_id", "case_id", "number", name="pk_copies"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_copies_post", "copies", ["office_id", "post_id", "at", "case_id", "number"])
    op.create_index("ix_copies_person", "copies", ["office_id", "person_id", "at", "case_id", "number"])
    op.create_table(
        "copies_read",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "person_id", "case_id", "number", name="pk_copies_read"),
        sqlite_with_rowid=False,
    )
