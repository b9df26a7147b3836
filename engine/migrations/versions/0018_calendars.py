"""When each office works: hours, days that are other than the week says, notices taken in."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_WEEK = '[["09:00-17:00"],["09:00-17:00"],["09:00-17:00"],["09:00-17:00"],["09:00-17:00"],[],[]]'


def upgrade() -> None:
    op.add_column("offices", sa.Column("calendars_version", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "calendars",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("department_id", sa.Integer(), sa.ForeignKey("departments.id")),
        sa.Column("country", sa.Text()),
        sa.Column("zone", sa.Text()),
        sa.Column("week", sa.Text()),
        sa.UniqueConstraint("department_id", name="uq_calendars_department_id"),
    )
    _days_and_years()
    _give_the_office_a_week()


def _days_and_years() -> None:
    op.create_table(
        "calendar_days",
        sa.Column("calendar_id", sa.Integer(), sa.ForeignKey("calendars.id"), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer()),
        sa.PrimaryKeyConstraint("calendar_id", "country", "day", name="pk_calendar_days"),
        sqlite_with_rowid=False,
    )
    for table, *columns in (
        ("calendar_years", sa.Column("source", sa.Text(), nullable=False), sa.Column("at", sa.BigInteger(), nullable=False),
         sa.Column("person_id", sa.Integer())),
        ("calendar_warnings", sa.Column("told_at", sa.BigInteger(), nullable=False)),
    ):  # fmt: skip
        op.create_table(
            table,
            sa.Column("calendar_id", sa.Integer(), sa.ForeignKey("calendars.id"), nullable=False),
            sa.Column("country", sa.Text(), nullable=False),
            sa.Column("year", sa.Integer(), nullable=False),
            *columns,
            sa.PrimaryKeyConstraint("calendar_id", "country", "year", name=f"pk_{table}"),
            sqlite_with_rowid=False,
        )


def _give_the_office_a_week() -> None:
    """An office that stood before worked by nobody's hours: Monday to Friday, until its administrators say better."""
    db = op.get_bind()
    if db.scalar(sa.text("SELECT COUNT(*) FROM offices")):
        db.execute(sa.text("INSERT INTO calendars (week) VALUES (:week)"), {"week": _WEEK})
        db.execute(sa.text("UPDATE offices SET calendars_version = :version"), {"version": secrets.randbits(40)})
