"""Absences and deputies, interests declared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_STANDING = "withdrawn_at IS NULL"


def upgrade() -> None:
    _absences()
    op.create_table(
        "stood_in",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("task_number", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("for_person_id", sa.Integer(), nullable=False),
        sa.Column("absence_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("stays", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "case_id", "task_number", "person_id", name="pk_stood_in"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_stood_in_absence", "stood_in", ["office_id", "absence_id"])
    op.create_table(
        "interests",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger()),
        sa.Column("standing_id", sa.BigInteger()),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("applicant", sa.Text()),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("declared_by", sa.Integer(), nullable=False),
        sa.Column("declared_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger()),
        sa.Column("asked_why", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger()),
        sa.Column("withdrawn_by", sa.Integer()),
        sa.PrimaryKeyConstraint("office_id", "id", name="pk_interests"),
        sqlite_with_rowid=False,
    )
    standing = sa.text(_STANDING)
    op.create_index(
        "ix_interests_case", "interests", ["office_id", "case_id", "person_id"],
        sqlite_where=standing, postgresql_where=standing,
    )  # fmt: skip
    op.create_index(
        "ix_interests_person", "interests", ["office_id", "person_id"], sqlite_where=standing, postgresql_where=standing
    )


def _absences() -> None:
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("persons.id"), nullable=False),
        sa.Column("deputy_id", sa.Integer(), sa.ForeignKey("persons.id"), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("post_ids", sa.Text(), nullable=False),
        sa.Column("procedure_ids", sa.Text(), nullable=False),
        sa.Column("goes_back", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("planned_by", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
    )
    standing = sa.text("closed_at IS NULL")
    for column in ("person_id", "deputy_id"):
        op.create_index(
            f"ix_absences_{column[:-3]}", "absences", [column, "until_day"],
            sqlite_where=standing, postgresql_where=standing,
        )  # fmt: skip
    op.create_index("ix_absences_until", "absences", ["until_day"], sqlite_where=standing, postgresql_where=standing)
