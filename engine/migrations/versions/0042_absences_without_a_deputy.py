"""An absence goes on without a deputy, says who stood in before, and on which day somebody was back early.

Of an absence that was closed before its last day nothing told why. All of them are taken as they were until now: the person
was back on that day, by the office's own clock. Where it was a deputy who fell away, the figures of those days stay too high.
Nothing told either who stood in before the deputy was changed: the last one stands for the whole of it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"

_STANDING = "closed_at IS NULL"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _anew()
    else:
        op.alter_column("absences", "deputy_id", nullable=True)
        op.add_column("absences", sa.Column("back_on", sa.Date()))
    op.create_table(
        "former_deputies",
        sa.Column("absence_id", sa.Integer(), sa.ForeignKey("absences.id"), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), sa.ForeignKey("persons.id")),
        sa.PrimaryKeyConstraint("absence_id", "until_day", name="pk_former_deputies"),
        sqlite_with_rowid=False,
    )
    _back()


def _anew() -> None:
    """A file does not forget that a column must be filled."""
    op.rename_table("absences", "absences_before")
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("persons.id"), nullable=False),
        sa.Column("deputy_id", sa.Integer(), sa.ForeignKey("persons.id")),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("post_ids", sa.Text(), nullable=False),
        sa.Column("procedure_ids", sa.Text(), nullable=False),
        sa.Column("goes_back", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("planned_by", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("back_on", sa.Date()),
    )
    op.execute(
        "INSERT INTO absences (id, person_id, deputy_id, from_day, until_day, post_ids, procedure_ids, goes_back, why, "
        "planned_by, closed_at) SELECT id, person_id, deputy_id, from_day, until_day, post_ids, procedure_ids, "
        "goes_back, why, planned_by, closed_at FROM absences_before ORDER BY id"
    )
    op.drop_table("absences_before")
    standing = sa.text(_STANDING)
    for name, columns in (
        ("person", ["person_id", "until_day"]),
        ("deputy", ["deputy_id", "until_day"]),
        ("until", ["until_day"]),
    ):
        op.create_index(f"ix_absences_{name}", "absences", columns, sqlite_where=standing)


def _back() -> None:
    absences = sa.table(
        "absences", sa.column("id", sa.Integer), sa.column("until_day", sa.Date), sa.column("closed_at", sa.BigInteger),
        sa.column("back_on", sa.Date),
    )  # fmt: skip
    db = op.get_bind()
    zone = db.scalar(sa.text("SELECT zone FROM offices"))
    for row in db.execute(sa.select(absences).where(absences.c.closed_at.is_not(None))).all():
        day = datetime.fromtimestamp(row.closed_at / 1_000, UTC).astimezone(ZoneInfo(zone)).date()
        if day <= row.until_day:
            db.execute(sa.update(absences).where(absences.c.id == row.id).values(back_on=day))
