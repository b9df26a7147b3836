"""Timers that begin cases; when a timer is looked at, and what it was counted from."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    for column in (
        sa.Column("wake_at", sa.BigInteger()),
        sa.Column("since_at", sa.BigInteger()),
        sa.Column("counted_by", sa.BigInteger()),
        sa.Column("value", sa.Text()),
    ):
        op.add_column("timers", column)
    op.execute(
        "UPDATE timers SET wake_at = due_at WHERE closed_at IS NULL AND case_id NOT IN "
        "(SELECT id FROM cases WHERE suspended_at IS NOT NULL)"
    )
    op.drop_index("ix_timers_due", "timers")
    wakes = "closed_at IS NULL AND wake_at IS NOT NULL"
    op.create_index("ix_timers_wake", "timers", ["wake_at", "case_id", "token"], **_where(wakes))
    op.create_index("ix_timers_counted", "timers", ["counted_by"], **_where(f"{wakes} AND counted_by IS NOT NULL"))
    _start_timers()


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _start_timers() -> None:
    op.create_table(
        "start_timers",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), sa.ForeignKey("procedures.id"), nullable=False),
        sa.Column("edition_id", sa.Integer(), sa.ForeignKey("editions.id"), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("wake_at", sa.BigInteger()),
        sa.Column("last_at", sa.BigInteger()),
        sa.Column("left", sa.Integer()),
        sa.Column("every", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("length", sa.Text()),
        sa.Column("since_at", sa.BigInteger()),
        sa.Column("times", sa.Integer()),
        sa.Column("counted_by", sa.BigInteger()),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "procedure_id", "element", name="pk_start_timers"),
    )
    op.create_index("ix_start_timers_wake", "start_timers", ["wake_at"], **_where("wake_at IS NOT NULL"))
