"""Words to search by, saved filters, drafts of tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    _drafts()
    _list()
    _filters()
    _search()
    op.add_column("persons", sa.Column("single_keys", sa.Boolean(), nullable=False, server_default=sa.true()))


def _drafts() -> None:
    op.create_table(
        "task_drafts",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("task_number", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "case_id", "task_number", "person_id", name="pk_task_drafts"),
        sqlite_with_rowid=False,
    )


def _list() -> None:
    """What a list is filtered by stands in the index it is read from."""
    op.add_column("tasks", sa.Column("from_department_id", sa.Integer()))
    op.execute(
        "UPDATE tasks SET from_department_id = (SELECT h.from_department_id FROM hand_overs h WHERE "
        "h.office_id = tasks.office_id AND h.case_id = tasks.case_id AND h.task_number = tasks.number) "
        "WHERE closed_at IS NULL"
    )
    place = ["due_at", "case_id", "number", "closed_at"]
    asked = ["person_id", "procedure_id", "kind", "from_department_id", "opened_at"]
    _index("ix_tasks_free", ["post_id", *place, *asked], "closed_at IS NULL AND person_id IS NULL")
    _index("ix_tasks_taken", ["person_id", *place, "claimed_at"], "closed_at IS NULL AND person_id IS NOT NULL")


def _index(name: str, columns: list[str], where: str) -> None:
    op.drop_index(name, "tasks")
    partly = sa.text(where)
    op.create_index(name, "tasks", ["office_id", *columns], sqlite_where=partly, postgresql_where=partly)


def _filters() -> None:
    op.create_table(
        "case_watches",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "person_id", "case_id", name="pk_case_watches"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "desk_filters",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
    )
    op.create_index("uq_desk_filters_name", "desk_filters", ["person_id", "name"], unique=True)


def _search() -> None:
    op.create_table(
        "search_documents",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "case_id", name="pk_search_documents"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_due",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
    )
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
    op.execute("INSERT INTO search_due (office_id, case_id) SELECT office_id, id FROM cases ORDER BY id")


_DUE = "INSERT INTO search_due (office_id, case_id) VALUES (NEW.office_id, NEW.id);"
"""Every act writes the record and so moves the length of its case's chain: none can forget to say so."""

_SQLITE = (
    # The tokenizer "ascii" leaves all that is not ASCII as it stands: the words come already folded and cut.
    "CREATE VIRTUAL TABLE search_words USING fts5(words, tokenize = 'ascii', detail = 'none', columnsize = 0)",
    f"CREATE TRIGGER cases_due_for_search AFTER UPDATE OF chain_length ON cases BEGIN {_DUE} END",
)
_POSTGRESQL = (
    "CREATE TABLE search_words (case_id bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX ix_search_words ON search_words USING gin (words)",
    "CREATE FUNCTION case_due_for_search() RETURNS trigger LANGUAGE plpgsql AS "
    f"$due$ BEGIN {_DUE} RETURN NULL; END $due$",
    "CREATE TRIGGER cases_due_for_search AFTER UPDATE OF chain_length ON cases "
    "FOR EACH ROW EXECUTE FUNCTION case_due_for_search()",
)
