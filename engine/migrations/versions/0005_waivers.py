# ruff: noqa: S608 -- every statement is made of this file's own words
"""Warnings waived with a reason. What was waived is part of what was reviewed: it changes as long as a draft does."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TABLE = "edition_waivers"
_SAYS = "an edition that is no draft never changes"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_edition_waivers_edition_id"),
        sa.ForeignKeyConstraint(["by"], ["persons.id"], name="fk_edition_waivers_by"),
        sa.PrimaryKeyConstraint("edition_id", "rule", "element", name="pk_edition_waivers"),
    )
    for statement in _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql():
        op.execute(statement)


def _sqlite() -> Iterator[str]:
    for what, rows in (("INSERT", ("NEW",)), ("UPDATE", ("NEW", "OLD")), ("DELETE", ("OLD",))):
        ids = ", ".join(f"{row}.edition_id" for row in rows)
        settled = f"EXISTS (SELECT 1 FROM editions WHERE id IN ({ids}) AND state <> 'draft')"
        yield (
            f"CREATE TRIGGER {TABLE}_{what.lower()}_refused BEFORE {what} ON {TABLE} WHEN {settled} "
            f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
        )


def _postgresql() -> Iterator[str]:
    yield (
        f"CREATE TRIGGER {TABLE}_change_refused BEFORE INSERT OR UPDATE OR DELETE ON {TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION belongings_follow_their_edition()"
    )
    yield (
        f"CREATE TRIGGER {TABLE}_truncate_refused BEFORE TRUNCATE ON {TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION editions_never_change()"
    )
