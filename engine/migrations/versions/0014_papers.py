# ruff: noqa: S608 -- every statement is made of this file's own words
"""Papers of cases. A version never changes, nor is a paper that was issued: the database itself refuses it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

VERSIONS = "versions of papers never change"
_STAYS = ("case_id", "id", "task_number", "issued", "title", "field", "template")


def upgrade() -> None:
    _contents()
    _papers()
    statements = _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql()
    for statement in statements:
        op.execute(statement)


def _contents() -> None:
    op.create_table(
        "contents",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("found", sa.Text()),
        sa.PrimaryKeyConstraint("digest", name="pk_contents"),
        sqlite_with_rowid=False,
    )
    held: dict[str, Any] = {"sqlite_where": sa.text("state = 2"), "postgresql_where": sa.text("state = 2")}
    op.create_index("ix_contents_held", "contents", ["at"], **held)


def _papers() -> None:
    op.create_table(
        "papers",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("task_number", sa.Integer()),
        sa.Column("versions", sa.SmallInteger(), nullable=False),
        sa.Column("issued", sa.SmallInteger()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("field", sa.Text()),
        sa.Column("template", sa.Text()),
        sa.Column("withdrawn_at", sa.BigInteger()),
        sa.Column("withdrawn_by", sa.Integer()),
        sa.Column("withdrawn_why", sa.Text()),
        sa.PrimaryKeyConstraint("office_id", "case_id", "id", name="pk_papers"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "paper_versions",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("paper_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("person_id", sa.Integer()),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["contents.digest"], name="fk_paper_versions_digest"),
        sa.PrimaryKeyConstraint("office_id", "case_id", "paper_id", "number", name="pk_paper_versions"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_paper_versions_digest", "paper_versions", ["digest"])


def _sqlite() -> Iterator[str]:
    for what in ("UPDATE", "DELETE"):
        yield _sqlite_trigger(f"paper_versions_{what.lower()}", f"{what} ON paper_versions")
    # INSERT OR REPLACE removes a row without asking the trigger on DELETE.
    twin = "office_id = NEW.office_id AND case_id = NEW.case_id AND paper_id = NEW.paper_id AND number = NEW.number"
    when = f"EXISTS (SELECT 1 FROM paper_versions WHERE {twin})"
    yield _sqlite_trigger("paper_versions_insert", "INSERT ON paper_versions", when)
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in _STAYS)
    yield _sqlite_trigger("papers_update", "UPDATE ON papers", changed)
    yield _sqlite_trigger("papers_delete", "DELETE ON papers")


def _sqlite_trigger(name: str, on: str, when: str = "1") -> str:
    return f"CREATE TRIGGER {name}_refused BEFORE {on} WHEN {when} BEGIN SELECT RAISE(ABORT, '{VERSIONS}'); END"


def _postgresql() -> Iterator[str]:
    yield (
        "CREATE FUNCTION papers_never_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{VERSIONS}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in _STAYS)
    for name, on, when in (
        ("paper_versions_change", "UPDATE OR DELETE ON paper_versions", ""),
        ("papers_update", "UPDATE ON papers", f"WHEN ({changed})"),
        ("papers_delete", "DELETE ON papers", ""),
    ):
        yield f"CREATE TRIGGER {name}_refused BEFORE {on} FOR EACH ROW {when} EXECUTE FUNCTION papers_never_change()"
    for table in ("papers", "paper_versions"):
        yield (
            f"CREATE TRIGGER {table}_truncate_refused BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION papers_never_change()"
        )
