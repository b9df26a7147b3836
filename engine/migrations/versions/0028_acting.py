"""Acting on what the watch shows: the order of service, people lent to a post, corrective actions, alerts, reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "task_order",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "case_id", "number", name="pk_task_order"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "loans",
        sa.Column("holding_id", sa.Integer(), nullable=False),
        sa.Column("lent_by", sa.Integer(), nullable=False),
        sa.Column("lent_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("holding_id", name="pk_loans"),
        sa.ForeignKeyConstraint(["holding_id"], ["holdings.id"], name="fk_loans_holding_id_holdings"),
    )
    _corrective_actions()
    _alerts()
    _reports()


def _corrective_actions() -> None:
    op.create_table(
        "corrective_actions",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer()),
        sa.Column("case_id", sa.BigInteger()),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("rounds", sa.SmallInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("told_late", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.BigInteger()),
        sa.Column("done_by", sa.Integer()),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("closed_by", sa.Integer()),
        sa.Column("element", sa.Text()),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("done_words", sa.Text()),
        sa.Column("closed_words", sa.Text()),
        sa.Column("receipt", sa.Text()),
        sa.PrimaryKeyConstraint("office_id", "id", name="pk_corrective_actions"),
        sqlite_with_rowid=False,
    )
    table, given = "corrective_actions", sa.text("receipt IS NOT NULL")
    op.create_index("uq_corrective_actions_number", table, ["office_id", "number"], unique=True)
    op.create_index("uq_corrective_actions_receipt", table, ["office_id", "receipt"], unique=True,
                    sqlite_where=given, postgresql_where=given)  # fmt: skip
    op.create_index("ix_corrective_actions_department", table, ["office_id", "department_id", "state", "due_on"])
    op.create_index("ix_corrective_actions_post", table, ["office_id", "post_id", "state", "due_on"])
    op.create_index("ix_corrective_actions_late", table, ["due_on"],
                    sqlite_where=sa.text("state = 1 AND told_late = 0"),
                    postgresql_where=sa.text("state = 1 AND told_late = false"))  # fmt: skip


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer()),
        sa.Column("department_id", sa.Integer()),
        sa.Column("webhook_id", sa.Integer()),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("repeats", sa.SmallInteger(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger()),
        sa.Column("standing_since", sa.BigInteger()),
        sa.Column("told_at", sa.BigInteger()),
        sa.Column("looked_at", sa.BigInteger()),
        sa.Column("value", sa.Float()),
        sa.Column("paused_at", sa.BigInteger()),
        sa.Column("removed_at", sa.BigInteger()),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("element", sa.Text()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "id", name="pk_alerts"),
        sqlite_with_rowid=False,
    )
    looked_at = sa.text("next_at IS NOT NULL")
    op.create_index("ix_alerts_next", "alerts", ["next_at"], sqlite_where=looked_at, postgresql_where=looked_at)
    op.create_index("ix_alerts_person", "alerts", ["office_id", "person_id"])
    op.create_table(
        "alert_firings",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("recovered_at", sa.BigInteger()),
        sa.Column("value", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "alert_id", "at", name="pk_alert_firings"),
        sqlite_with_rowid=False,
    )


def _reports() -> None:
    op.create_table(
        "weekly_reports",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "department_id", "week", name="pk_weekly_reports"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "report_wishes",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "department_id", "person_id", name="pk_report_wishes"),
        sqlite_with_rowid=False,
    )
