"""Periods of law and promise by case, when their clocks stood, and extensions of them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    _clocks()
    _stops()
    _extensions()
    op.add_column("cases", sa.Column("period_due", sa.BigInteger()))
    op.add_column("cases", sa.Column("clock_stops", sa.SmallInteger()))
    _due_dates_of_tasks()


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _clocks() -> None:
    op.create_table(
        "case_clocks",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("extension", sa.Integer(), nullable=False),
        sa.Column("extended_by", sa.Integer(), nullable=False),
        sa.Column("effect", sa.SmallInteger(), nullable=False),
        sa.Column("stops", sa.SmallInteger(), nullable=False),
        sa.Column("stands", sa.SmallInteger(), nullable=False),
        sa.Column("first_day", sa.Boolean(), nullable=False),
        sa.Column("rolls", sa.Boolean(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("counted_by", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("warn_at", sa.BigInteger()),
        sa.Column("expired_at", sa.BigInteger()),
        sa.Column("unsettled_since", sa.BigInteger()),
        sa.Column("settled_at", sa.BigInteger()),
        sa.Column("settled_by", sa.Integer()),
        sa.Column("confirmed", sa.Boolean()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("begun_with", sa.Text()),
        sa.Column("rule_set", sa.Text()),
        sa.PrimaryKeyConstraint("office_id", "case_id", "kind", name="pk_case_clocks"),
        sqlite_with_rowid=False,
    )
    runs = "ended_at IS NULL AND stands = 0"
    for name, columns, condition in (
        ("due", ["due_at"], f"{runs} AND expired_at IS NULL"),
        ("warn", ["warn_at"], f"{runs} AND warn_at IS NOT NULL"),
        ("late", ["office_id", "due_at", "case_id"], runs),
        ("counted", ["counted_by", "case_id"], "ended_at IS NULL"),
        ("settle", ["office_id", "unsettled_since"], "unsettled_since IS NOT NULL"),
    ):
        op.create_index(f"ix_case_clocks_{name}", "case_clocks", columns, **_where(condition))


def _stops() -> None:
    op.create_table(
        "case_clock_stops",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("ground", sa.SmallInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("begun_by", sa.Integer()),
        sa.Column("ended_by", sa.Integer()),
        sa.Column("begin_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger()),
        sa.Column("notice_day", sa.Date()),
        sa.Column("token", sa.Text()),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("words_after", sa.Text()),
        sa.PrimaryKeyConstraint("office_id", "case_id", "number", name="pk_case_clock_stops"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_case_clock_stops_open", "case_clock_stops", ["office_id", "begin_at", "case_id"], **_where("end_at IS NULL")
    )


def _extensions() -> None:
    op.create_table(
        "case_clock_extensions",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer()),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.Integer()),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("granted", sa.Boolean()),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text()),
        sa.PrimaryKeyConstraint("office_id", "case_id", "number", name="pk_case_clock_extensions"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_case_clock_extensions_asked", "case_clock_extensions", ["office_id", "asked_at"],
        **_where("decided_at IS NULL"),
    )  # fmt: skip


def _due_dates_of_tasks() -> None:
    op.add_column("tasks", sa.Column("provisional", sa.BigInteger()))
    op.add_column("tasks", sa.Column("clock_of", sa.Integer()))
    op.create_index(
        "ix_tasks_provisional", "tasks", ["provisional"], **_where("closed_at IS NULL AND provisional IS NOT NULL")
    )
