"""Work that goes on when nobody is looking: who does it and how it went.

On PostgreSQL, what falls due soon also wakes the queue, where one stands: in the transaction that writes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

WAKES: Final = (
    ("timers", "timers", "due_at"),
    ("hand_overs", "hand_overs", "answer_by"),
)
"""Table, handler, and the column that says when it is due."""


def upgrade() -> None:
    _tables()
    if op.get_bind().dialect.name == "postgresql":
        for statement in _wakes():
            op.execute(statement)


def _tables() -> None:
    op.create_table(
        "work_handlers",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rounds", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.Column("faults", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger()),
        sa.Column("last_done", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger()),
        sa.Column("held_by", sa.Text()),
        sa.Column("held_until", sa.BigInteger()),
        sa.PrimaryKeyConstraint("office_id", "name", name="pk_work_handlers"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "work_troubles",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("handler", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "handler", "key", name="pk_work_troubles"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_work_troubles_since", "work_troubles", ["office_id", "since"])
    op.create_table(
        "work_processes",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("ahead", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "id", name="pk_work_processes"),
        sqlite_with_rowid=False,
    )


def _wakes() -> Iterator[str]:
    """What the queue is made of stands with the workers, who make it: here it is only called, where it is there."""
    yield """
        CREATE FUNCTION officium_wake() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF to_regprocedure('work_queue.wake(text, bigint)') IS NOT NULL THEN
                EXECUTE format(
                    'SELECT work_queue.wake(%L, due) FROM (SELECT DISTINCT (%I + 999) / 1000 * 1000 AS due FROM fresh '
                    'WHERE %I IS NOT NULL) AS found', TG_ARGV[0], TG_ARGV[1], TG_ARGV[1]
                );
            END IF;
            RETURN NULL;
        END $$
    """
    for table, handler, column in WAKES:
        yield (
            f"CREATE TRIGGER {table}_wake AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh "
            f"FOR EACH STATEMENT EXECUTE FUNCTION officium_wake('{handler}', '{column}')"
        )
