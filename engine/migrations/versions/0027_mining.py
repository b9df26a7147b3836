"""Foreign logs: their cases, events and ways, and how they were compared with diagrams."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

_TO_DO = sa.text("state < 10")
_STEPS = sa.text("before IS NOT NULL")


def upgrade() -> None:
    _logs()
    _log_cases()
    _log_events()
    _log_words()
    _log_ways()
    _log_checks()
    _log_aligned()


def _logs() -> None:
    op.create_table(
        "logs",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("imported_by", sa.Integer(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("touched_at", sa.BigInteger()),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("figures", sa.Text()),
        sa.Column("problem", sa.Text()),
        sa.PrimaryKeyConstraint("office_id", "id", name="pk_logs"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_logs_to_do", "logs", ["office_id", "id"], sqlite_where=_TO_DO, postgresql_where=_TO_DO)


def _log_cases() -> None:
    op.create_table(
        "log_cases",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("way", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "log_id", "number", name="pk_log_cases"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_log_cases_way", "log_cases", ["office_id", "log_id", "way"])


def _log_events() -> None:
    op.create_table(
        "log_events",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("case_number", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("activity", sa.Integer(), nullable=False),
        sa.Column("lifecycle", sa.SmallInteger(), nullable=False),
        sa.Column("before", sa.Integer()),
        sa.Column("resource", sa.Integer()),
        sa.Column("unit", sa.Integer()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.Float()),
        sa.PrimaryKeyConstraint("office_id", "log_id", "case_number", "number", name="pk_log_events"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_log_events_path",
        "log_events",
        ["office_id", "log_id", "activity", "before", "case_number"],
        sqlite_where=_STEPS,
        postgresql_where=_STEPS,
    )


def _log_words() -> None:
    op.create_table(
        "log_words",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "log_id", "kind", "number", name="pk_log_words"),
        sqlite_with_rowid=False,
    )


def _log_ways() -> None:
    op.create_table(
        "log_ways",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("median", sa.BigInteger(), nullable=False),
        sa.Column("worked", sa.BigInteger(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "log_id", "number", name="pk_log_ways"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_log_ways_cases", "log_ways", ["office_id", "log_id", "cases", "number"])


def _log_checks() -> None:
    op.create_table(
        "log_checks",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("touched_at", sa.BigInteger()),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("figures", sa.Text()),
        sa.Column("problem", sa.Text()),
        sa.PrimaryKeyConstraint("office_id", "id", name="pk_log_checks"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_log_checks_log", "log_checks", ["office_id", "log_id", "id"])
    op.create_index(
        "ix_log_checks_to_do", "log_checks", ["office_id", "id"], sqlite_where=_TO_DO, postgresql_where=_TO_DO
    )


def _log_aligned() -> None:
    op.create_table(
        "log_aligned",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("check_id", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Integer()),
        sa.Column("turns", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "check_id", "way", name="pk_log_aligned"),
        sqlite_with_rowid=False,
    )
