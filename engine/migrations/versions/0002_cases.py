"""Cases and what belongs to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _cases()
    _tasks()
    _task_events()
    _timers()
    _awaited_messages()
    _incidents()
    _hand_overs()


def _index(name: str, table: str, columns: list[str], *, unique: bool = False, where: str | None = None) -> None:
    partly = None if where is None else sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=partly, postgresql_where=partly)


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("started_by", sa.Integer()),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("applicant", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("parent", sa.BigInteger()),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tasks_opened", sa.Integer(), nullable=False),
        sa.Column("chain_length", sa.Integer(), nullable=False),
        sa.Column("chain_head", sa.LargeBinary(), nullable=False),
        sa.Column("receipt", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("office_id", "id", name="pk_cases"),
        sqlite_with_rowid=False,
    )
    _index("ix_cases_procedure_ended", "cases", ["office_id", "procedure_id", "ended_at"], where="ended_at IS NOT NULL")
    _index("ix_cases_procedure_open", "cases", ["office_id", "procedure_id", "started_at"], where="ended_at IS NULL")
    _index("uq_cases_number", "cases", ["office_id", "number"], unique=True)
    _index("uq_cases_receipt", "cases", ["office_id", "receipt"], unique=True, where="receipt IS NOT NULL")


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer()),
        sa.Column("changes", sa.SmallInteger(), nullable=False),
        sa.Column("closed_how", sa.SmallInteger()),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger()),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("item", sa.Text()),
        sa.Column("receipt", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("office_id", "case_id", "number", name="pk_tasks"),
        sqlite_with_rowid=False,
    )
    _index(
        "ix_tasks_free",
        "tasks",
        ["office_id", "post_id", "due_at", "case_id", "number", "closed_at", "person_id"],
        where="closed_at IS NULL AND person_id IS NULL",
    )
    _index(
        "ix_tasks_taken",
        "tasks",
        ["office_id", "person_id", "due_at", "case_id", "number", "closed_at"],
        where="closed_at IS NULL AND person_id IS NOT NULL",
    )
    _index(
        "ix_tasks_waiting",
        "tasks",
        ["office_id", "procedure_id", "edition_id", "element", "opened_at"],
        where="closed_at IS NULL",
    )


def _task_events() -> None:
    op.create_table(
        "task_events",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("task_number", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("change", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer()),
        sa.Column("external", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "case_id", "task_number", "number", name="pk_task_events"),
        sqlite_with_rowid=False,
    )


def _timers() -> None:
    op.create_table(
        "timers",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("office_id", "case_id", "token", "due_at", name="pk_timers"),
        sqlite_with_rowid=False,
    )
    _index("ix_timers_due", "timers", ["due_at"], where="closed_at IS NULL")


def _awaited_messages() -> None:
    op.create_table(
        "awaited_messages",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("office_id", "case_id", "token", "opened_at", name="pk_awaited_messages"),
        sqlite_with_rowid=False,
    )
    _index("ix_awaited_messages_name", "awaited_messages", ["office_id", "name"], where="closed_at IS NULL")


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("closed_by", sa.Integer()),
        sa.PrimaryKeyConstraint("office_id", "case_id", "number", name="pk_incidents"),
        sqlite_with_rowid=False,
    )
    _index("ix_incidents_open", "incidents", ["office_id", "opened_at"], where="closed_at IS NULL")


def _hand_overs() -> None:
    op.create_table(
        "hand_overs",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("task_number", sa.Integer(), nullable=False),
        sa.Column("from_department_id", sa.Integer(), nullable=False),
        sa.Column("to_department_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "case_id", "task_number", name="pk_hand_overs"),
        sqlite_with_rowid=False,
    )
