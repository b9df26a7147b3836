"""Notes on cases, notices and their sending."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    _notices()
    _wishes()
    _webhooks()
    _deliveries()
    _notes()


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("task_number", sa.Integer()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("read_at", sa.BigInteger()),
        sa.Column("sort_at", sa.BigInteger()),
        sa.Column("sorted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "person_id", "id", name="pk_notices"),
        sqlite_with_rowid=False,
    )
    unread = ["office_id", "person_id", "id", "read_at"]
    op.create_index("ix_notices_unread", "notices", unread, **_where("read_at IS NULL"))
    op.create_index("ix_notices_to_sort", "notices", ["sorted", "sort_at"], **_where("sort_at IS NOT NULL"))


def _wishes() -> None:
    op.create_table(
        "notice_wishes",
        sa.Column("person_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("address", sa.Text()),
        sa.Column("digest_hour", sa.SmallInteger(), nullable=False),
        sa.Column("hows", sa.Text(), nullable=False),
        sa.Column("to_prove", sa.Text()),
        sa.Column("code", sa.Text()),
        sa.Column("code_until", sa.BigInteger()),
        sa.Column("code_tries", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_notice_wishes_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_notice_wishes"),
    )


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("next_try", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger()),
        sa.Column("person_id", sa.Integer()),
        sa.Column("webhook_id", sa.Integer()),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("holds", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_next_try", "deliveries", ["next_try"], **_where("state = 1"))
    op.create_index("ix_deliveries_made_at", "deliveries", ["made_at"], **_where("state = 3"))


def _notes() -> None:
    op.create_table(
        "case_notes",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer()),
        sa.Column("versions", sa.SmallInteger(), nullable=False),
        sa.Column("mentions", sa.Text(), nullable=False),
        sa.Column("struck_at", sa.BigInteger()),
        sa.Column("struck_by", sa.Integer()),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("office_id", "case_id", "number", name="pk_case_notes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "case_note_texts",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "case_id", "number", "version", name="pk_case_note_texts"),
        sqlite_with_rowid=False,
    )
