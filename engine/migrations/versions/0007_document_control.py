"""Review, consents, comments, approval, effective dates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("cases", sa.Column("subject", sa.Text()))
    _reviews()
    _consents()
    _decisions()
    _comments()
    _replies()
    _approvals()
    _register()


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}")


def _reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.BigInteger(), nullable=False),
        sa.Column("submitted_by", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("closed_at", sa.BigInteger()),
        _refers("reviews", "edition_id", "editions"),
        _refers("reviews", "submitted_by", "persons"),
        sa.PrimaryKeyConstraint("edition_id", "round", name="pk_reviews"),
    )


def _consents() -> None:
    op.create_table(
        "review_consents",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("agreed", sa.Boolean()),
        sa.Column("remarks", sa.Text(), nullable=False, server_default=""),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("decided_by", sa.Integer()),
        _refers("review_consents", "edition_id", "editions"),
        _refers("review_consents", "department_id", "departments"),
        _refers("review_consents", "post_id", "posts"),
        _refers("review_consents", "decided_by", "persons"),
        sa.PrimaryKeyConstraint("edition_id", "round", "department_id", name="pk_review_consents"),
    )


def _decisions() -> None:
    op.create_table(
        "review_decisions",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        _refers("review_decisions", "edition_id", "editions"),
        _refers("review_decisions", "post_id", "posts"),
        _refers("review_decisions", "decided_by", "persons"),
        sa.PrimaryKeyConstraint("edition_id", "round", "act", name="pk_review_decisions"),
    )


def _comments() -> None:
    op.create_table(
        "edition_comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("element", sa.Text()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("closed_by", sa.Integer()),
        _refers("edition_comments", "edition_id", "editions"),
        _refers("edition_comments", "by", "persons"),
        _refers("edition_comments", "closed_by", "persons"),
        sa.PrimaryKeyConstraint("id", name="pk_edition_comments"),
        sa.UniqueConstraint("edition_id", "number", name="uq_edition_comments_edition_id_number"),
    )


def _replies() -> None:
    op.create_table(
        "comment_replies",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        _refers("comment_replies", "comment_id", "edition_comments"),
        _refers("comment_replies", "by", "persons"),
        sa.PrimaryKeyConstraint("comment_id", "number", name="pk_comment_replies"),
    )


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("approved_at", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("held_up", sa.Text()),
        _refers("approvals", "edition_id", "editions"),
        _refers("approvals", "approved_by", "persons"),
        sa.PrimaryKeyConstraint("edition_id", name="pk_approvals"),
    )


def _register() -> None:
    op.create_table(
        "review_intervals",
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        _refers("review_intervals", "procedure_id", "procedures"),
        sa.PrimaryKeyConstraint("procedure_id", name="pk_review_intervals"),
    )
    op.create_table(
        "periodic_reviews",
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        _refers("periodic_reviews", "procedure_id", "procedures"),
        _refers("periodic_reviews", "by", "persons"),
        sa.PrimaryKeyConstraint("procedure_id", "number", name="pk_periodic_reviews"),
    )
