"""Rules of supervision, and the yellow and red cards they gave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_STANDING = sa.text("answered_at IS NULL AND lifted_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "card_tables",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("saved_by", sa.Integer()),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("swept_to", sa.BigInteger()),
        sa.PrimaryKeyConstraint("office_id", "version", name="pk_card_tables"),
        sqlite_with_rowid=False,
    )
    _cards()
    op.create_table(
        "card_looks",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "case_id", name="pk_card_looks"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_card_looks_next", "card_looks", ["next_at"])
    op.execute(
        "INSERT INTO card_looks (office_id, case_id, next_at) SELECT office_id, id, 0 FROM cases WHERE ended_at IS NULL"
    )
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


def _cards() -> None:
    op.create_table(
        "cards",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("task_number", sa.Integer()),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer()),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("superior_id", sa.Integer()),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("answered_by", sa.Integer()),
        sa.Column("lifted_at", sa.BigInteger()),
        sa.Column("lifted_by", sa.Integer()),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text()),
        sa.Column("lifted_why", sa.Text()),
        sa.PrimaryKeyConstraint("office_id", "case_id", "id", name="pk_cards"),
        sqlite_with_rowid=False,
    )
    op.create_index("uq_cards_occasion", "cards", ["office_id", "case_id", "rule", "occasion"], unique=True)
    op.create_index("ix_cards_id", "cards", ["office_id", "id"])
    op.create_index("ix_cards_department", "cards", ["office_id", "department_id", "given_at"])
    for name, column in (("ix_cards_post", "post_id"), ("ix_cards_superior", "superior_id")):
        op.create_index(name, "cards", ["office_id", column, "given_at"],
                        sqlite_where=_STANDING, postgresql_where=_STANDING)  # fmt: skip


_AT_ONCE = (
    "NEW.act IN ('give_notice', 'suspend', 'resume', 'stop_clock', 'resume_clock', 'return_hand_over') "
    "OR (NEW.act = 'complete_task' AND NEW.facts LIKE '%\"refuse%')"
)
"""What a rule fires at by itself. After any other act it is enough to look within a minute, once for several."""
_NEXT = f"CASE WHEN {_AT_ONCE} THEN NEW.at ELSE NEW.at + 60000 END"
_LOOK = (
    f"INSERT INTO card_looks (office_id, case_id, next_at) VALUES (NEW.office_id, NEW.chain, {_NEXT}) "  # noqa: S608 -- this file's own words
    "ON CONFLICT (office_id, case_id) DO UPDATE SET next_at = excluded.next_at "
    "WHERE card_looks.next_at > excluded.next_at;"
)
_SQLITE = (f"CREATE TRIGGER entries_due_for_cards AFTER INSERT ON entries BEGIN {_LOOK} END",)
_POSTGRESQL = (
    f"CREATE FUNCTION entry_due_for_cards() RETURNS trigger LANGUAGE plpgsql AS $due$ BEGIN {_LOOK} RETURN NULL; END $due$",
    "CREATE TRIGGER entries_due_for_cards AFTER INSERT ON entries FOR EACH ROW EXECUTE FUNCTION entry_due_for_cards()",
)
