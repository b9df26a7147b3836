"""The counter: enquiries and receipts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_OPEN = sa.text("closed_at IS NULL")
_UNANSWERED = sa.text("answered_at IS NULL")
_RECEIPT = sa.text("receipt IS NOT NULL")


def upgrade() -> None:
    _enquiries()
    _handings()
    op.create_table(
        "enquiry_years",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "year", name="pk_enquiry_years"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "receptions",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("received_by", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("papers", sa.Text(), nullable=False),
        sa.Column("notice_at", sa.BigInteger()),
        sa.Column("notice_by", sa.Integer()),
        sa.Column("notice", sa.Text()),
        sa.PrimaryKeyConstraint("office_id", "case_id", name="pk_receptions"),
        sqlite_with_rowid=False,
    )


def _enquiries() -> None:
    op.create_table(
        "enquiries",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("outcome", sa.Text()),
        sa.Column("case_id", sa.BigInteger()),
        sa.Column("receipt", sa.LargeBinary()),
        sa.Column("chain_length", sa.Integer(), nullable=False),
        sa.Column("chain_head", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "id", name="pk_enquiries"),
        sqlite_with_rowid=False,
    )
    op.create_index("uq_enquiries_number", "enquiries", ["office_id", "number"], unique=True)
    op.create_index("uq_enquiries_receipt", "enquiries", ["office_id", "receipt"], unique=True,
                    sqlite_where=_RECEIPT, postgresql_where=_RECEIPT)  # fmt: skip
    op.create_index("ix_enquiries_owner", "enquiries", ["office_id", "person_id", "opened_at"],
                    sqlite_where=_OPEN, postgresql_where=_OPEN)  # fmt: skip
    op.create_index("ix_enquiries_department", "enquiries", ["office_id", "department_id", "opened_at"])


def _handings() -> None:
    op.create_table(
        "enquiry_handings",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("enquiry_id", sa.BigInteger(), nullable=False),
        sa.Column("from_person_id", sa.Integer(), nullable=False),
        sa.Column("to_post_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("answered_by", sa.Integer()),
        sa.Column("accepted", sa.Boolean()),
        sa.Column("words", sa.Text()),
        sa.PrimaryKeyConstraint("office_id", "enquiry_id", "number", name="pk_enquiry_handings"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_enquiry_handings_post", "enquiry_handings", ["office_id", "to_post_id", "at"],
                    sqlite_where=_UNANSWERED, postgresql_where=_UNANSWERED)  # fmt: skip
