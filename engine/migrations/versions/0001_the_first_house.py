"""The organisation, the record and procedures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _offices()
    _departments()
    _posts()
    _persons()
    _holdings()
    _sessions()
    _entries()
    _procedures()
    _editions()
    _edition_attachments()
    _edition_owners()
    _edition_questions()
    _edition_calls()
    _case_counters()


def _index(name: str, table: str, columns: list[str], *, unique: bool = False, where: str | None = None) -> None:
    partly = None if where is None else sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=partly, postgresql_where=partly)


def _offices() -> None:
    op.create_table(
        "offices",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("chain", sa.BigInteger(), nullable=False),
        sa.Column("chain_length", sa.Integer(), nullable=False),
        sa.Column("chain_head", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_offices"),
    )


def _departments() -> None:
    op.create_table(
        "departments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer()),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["departments.id"], name="fk_departments_parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_departments"),
        sa.UniqueConstraint("code", name="uq_departments_code"),
    )


def _posts() -> None:
    op.create_table(
        "posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("reports_to", sa.Integer()),
        sa.Column("rights", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name="fk_posts_department_id"),
        sa.ForeignKeyConstraint(["reports_to"], ["posts.id"], name="fk_posts_reports_to"),
        sa.PrimaryKeyConstraint("id", name="pk_posts"),
        sa.UniqueConstraint("code", name="uq_posts_code"),
    )
    _index("ix_posts_department_id", "posts", ["department_id"])


def _persons() -> None:
    op.create_table(
        "persons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("password", sa.Text()),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("left_on", sa.Date()),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed_at", sa.BigInteger()),
        sa.Column("chain", sa.BigInteger(), nullable=False),
        sa.Column("chain_length", sa.Integer(), nullable=False),
        sa.Column("chain_head", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_persons"),
        sa.UniqueConstraint("login", name="uq_persons_login"),
    )


def _holdings() -> None:
    op.create_table(
        "holdings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date()),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_holdings_person_id"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_holdings_post_id"),
        sa.PrimaryKeyConstraint("id", name="pk_holdings"),
    )
    _index("ix_holdings_person", "holdings", ["person_id", "from_day"])
    _index("ix_holdings_post_id", "holdings", ["post_id"])


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_sessions_person_id"),
        sa.PrimaryKeyConstraint("token", name="pk_sessions"),
    )
    _index("ix_sessions_person_id", "sessions", ["person_id"])


def _entries() -> None:
    op.create_table(
        "entries",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("chain", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer()),
        sa.Column("post_id", sa.Integer()),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "chain", "number", name="pk_entries"),
        sqlite_with_rowid=False,
    )


def _procedures() -> None:
    op.create_table(
        "procedures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("chain", sa.BigInteger(), nullable=False),
        sa.Column("chain_length", sa.Integer(), nullable=False),
        sa.Column("chain_head", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name="fk_procedures_department_id"),
        sa.PrimaryKeyConstraint("id", name="pk_procedures"),
        sa.UniqueConstraint("prefix", name="uq_procedures_prefix"),
    )


def _editions() -> None:
    op.create_table(
        "editions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("process", sa.Text()),
        sa.Column("uploaded_at", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("in_force_at", sa.BigInteger()),
        sa.Column("in_force_by", sa.Integer()),
        sa.Column("out_of_force_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["in_force_by"], ["persons.id"], name="fk_editions_in_force_by"),
        sa.ForeignKeyConstraint(["procedure_id"], ["procedures.id"], name="fk_editions_procedure_id"),
        sa.ForeignKeyConstraint(["uploaded_by"], ["persons.id"], name="fk_editions_uploaded_by"),
        sa.PrimaryKeyConstraint("id", name="pk_editions"),
        sa.UniqueConstraint("procedure_id", "number", name="uq_editions_procedure_id_number"),
    )
    _index("uq_editions_in_force", "editions", ["procedure_id"], unique=True, where="state = 'in force'")


def _edition_attachments() -> None:
    op.create_table(
        "edition_attachments",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_edition_attachments_edition_id"),
        sa.PrimaryKeyConstraint("edition_id", "path", name="pk_edition_attachments"),
    )


def _edition_owners() -> None:
    op.create_table(
        "edition_owners",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_edition_owners_edition_id"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_edition_owners_post_id"),
        sa.PrimaryKeyConstraint("edition_id", "owner", name="pk_edition_owners"),
    )


def _edition_questions() -> None:
    op.create_table(
        "edition_questions",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_edition_questions_edition_id"),
        sa.PrimaryKeyConstraint("edition_id", "flow", name="pk_edition_questions"),
    )


def _edition_calls() -> None:
    op.create_table(
        "edition_calls",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("called_edition_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["called_edition_id"], ["editions.id"], name="fk_edition_calls_called_edition_id"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_edition_calls_edition_id"),
        sa.PrimaryKeyConstraint("edition_id", "called", name="pk_edition_calls"),
    )


def _case_counters() -> None:
    op.create_table(
        "case_counters",
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["procedure_id"], ["procedures.id"], name="fk_case_counters_procedure_id"),
        sa.PrimaryKeyConstraint("procedure_id", "year", name="pk_case_counters"),
    )
