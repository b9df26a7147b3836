"""Drafts that are drawn: every save kept, who is drawing now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("editions", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("editions", sa.Column("changed_at", sa.BigInteger()))
    # SQLite takes a reference only together with its column; a table made anew would lose the triggers that guard it.
    op.execute(
        "ALTER TABLE editions ADD COLUMN changed_by INTEGER CONSTRAINT fk_editions_changed_by REFERENCES persons (id)"
    )
    op.create_table(
        "draft_saves",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text()),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("owners", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer()),
        sa.Column("based_on", sa.Integer()),
        sa.Column("pen", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_draft_saves_edition_id"),
        sa.ForeignKeyConstraint(["saved_by"], ["persons.id"], name="fk_draft_saves_saved_by"),
        sa.PrimaryKeyConstraint("edition_id", "number", name="pk_draft_saves"),
    )
    op.create_table(
        "draft_presence",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_draft_presence_edition_id"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_draft_presence_person_id"),
        sa.PrimaryKeyConstraint("edition_id", "person_id", name="pk_draft_presence"),
    )
