"""Connectors, what was asked of them, and messages that came from outside."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    _connectors()
    _calls()
    _programs()
    _received()
    op.add_column("awaited_messages", sa.Column("correlation", sa.Text()))
    op.create_index(
        "ix_awaited_messages_correlation", "awaited_messages", ["office_id", "name", "correlation"],
        **_where("closed_at IS NULL AND correlation IS NOT NULL"),
    )  # fmt: skip


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _connectors() -> None:
    op.create_table(
        "connectors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("time_out", sa.SmallInteger(), nullable=False),
        sa.Column("most_bytes", sa.Integer(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("wait", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("procedures", sa.Text()),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_connectors"),
    )
    op.create_index("uq_connectors_code", "connectors", ["code"], unique=True, **_where("removed_at IS NULL"))


def _calls() -> None:
    op.create_table(
        "connector_calls",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("next_try", sa.BigInteger(), nullable=False),
        sa.Column("tried_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("given_size", sa.Integer(), nullable=False),
        sa.Column("answer_size", sa.Integer()),
        sa.Column("took", sa.Integer()),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("most_tries", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.SmallInteger()),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("given", sa.Text()),
        sa.Column("given_digest", sa.LargeBinary(), nullable=False),
        sa.Column("answer_digest", sa.LargeBinary()),
        sa.Column("fault", sa.Text()),
        sa.PrimaryKeyConstraint("office_id", "id", name="pk_connector_calls"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_connector_calls_due", "connector_calls", ["next_try"], **_where("state = 1"))
    op.create_index(
        "ix_connector_calls_case", "connector_calls", ["office_id", "case_id", "token"], **_where("state = 1")
    )


def _programs() -> None:
    op.create_table(
        "programs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("messages", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_programs"),
    )
    op.create_table(
        "program_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("program_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("good_until", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger()),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["program_id"], ["programs.id"], name="fk_program_tokens_program_id"),
        sa.PrimaryKeyConstraint("id", name="pk_program_tokens"),
    )
    op.create_index("uq_program_tokens_digest", "program_tokens", ["digest"], unique=True)
    op.create_index("ix_program_tokens_program_id", "program_tokens", ["program_id"])


def _received() -> None:
    op.create_table(
        "messages_received",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger()),
        sa.Column("program_id", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.SmallInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("case_number", sa.Text()),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "id", name="pk_messages_received"),
        sqlite_with_rowid=False,
    )
    op.create_index("uq_messages_received_key", "messages_received", ["office_id", "program_id", "key"], unique=True)
