# ruff: noqa: S608 -- every statement is made of this file's own words
"""What is 0 of a closed step is not written, nor what can be added up of the rest. What was written before stays as it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"

_YES_OR_NO = ("received", "timed", "late", "repeated", "looped", "same_day", "returned", "ping_pong")
_TIMES = ("waiting", "taken", "stopped", "outside", "handed", "calendar")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _anew()
        return
    for name in (*_YES_OR_NO, *_TIMES):
        op.alter_column("figure_spells", name, nullable=True)
    op.drop_column("figure_spells", "sojourn")


def _anew() -> None:
    """A file does not forget that a column must be filled."""
    op.rename_table("figure_spells", "figure_spells_before")
    columns = [
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("office_id", "task_number")),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("place_id", "opened_day", "closed_day")),
        sa.Column("how", sa.SmallInteger(), nullable=False),
        sa.Column("person_id", sa.Integer()),
        sa.Column("from_place", sa.Integer(), nullable=False),
        sa.Column("from_department_id", sa.Integer()),
        *(sa.Column(name, sa.SmallInteger()) for name in _YES_OR_NO),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("opened_at", "closed_at", "counted_by")),
        *(sa.Column(name, sa.BigInteger()) for name in (*_TIMES, "working")),
    ]
    names = ", ".join(column.name for column in columns)
    op.create_table(
        "figure_spells", *columns,
        sa.PrimaryKeyConstraint("office_id", "case_id", "task_number", name="pk_figure_spells"),
        sqlite_with_rowid=False,
    )  # fmt: skip
    op.execute(
        f"INSERT INTO figure_spells ({names}) SELECT {names} FROM figure_spells_before "
        "ORDER BY office_id, case_id, task_number"
    )
    op.drop_table("figure_spells_before")
    closed = ["place_id", "closed_day", "case_id", "task_number", "how"]
    op.create_index("ix_figure_spells_closed", "figure_spells", closed)
    op.create_index("ix_figure_spells_opened", "figure_spells", ["place_id", "opened_day", "case_id", "task_number"])
