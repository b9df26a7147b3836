"""A case that has changed is due for search once, not once for each change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0038"

_DUE = (
    "INSERT INTO search_due (office_id, case_id) VALUES (NEW.office_id, NEW.id) "
    "ON CONFLICT (office_id, case_id) DO NOTHING;"
)
_SQLITE = (f"CREATE TRIGGER cases_due_for_search AFTER UPDATE OF chain_length ON cases BEGIN {_DUE} END",)
_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION case_due_for_search() RETURNS trigger LANGUAGE plpgsql AS "
    f"$due$ BEGIN {_DUE} RETURN NULL; END $due$",
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        op.execute("DROP TRIGGER cases_due_for_search")
    op.rename_table("search_due", "search_due_before")
    op.create_table(
        "search_due",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "case_id", name="pk_search_due"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO search_due (office_id, case_id) SELECT DISTINCT office_id, case_id FROM search_due_before")
    op.drop_table("search_due_before")
    for statement in _SQLITE if is_sqlite else _POSTGRESQL:
        op.execute(statement)
