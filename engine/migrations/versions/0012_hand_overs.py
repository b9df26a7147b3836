"""Hand-overs accepted, returned and escalated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.base import clock
from engine.base.database import to_stored

revision = "0012"
down_revision = "0011"

_SILENT = "accepted_at IS NULL AND returned_at IS NULL AND escalated_at IS NULL AND lapsed_at IS NULL"
_A_DAY = 86_400_000  # milliseconds


def upgrade() -> None:
    op.execute("CREATE TABLE hand_overs_before AS SELECT * FROM hand_overs")
    op.drop_table("hand_overs")
    _hand_overs()
    _bring_over()
    op.drop_table("hand_overs_before")


def _hand_overs() -> None:
    op.create_table(
        "hand_overs",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("task_number", sa.Integer(), nullable=False),
        sa.Column("from_task", sa.Integer()),
        sa.Column("from_post_id", sa.Integer()),
        sa.Column("from_person_id", sa.Integer()),
        sa.Column("from_department_id", sa.Integer(), nullable=False),
        sa.Column("to_department_id", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("answer_by", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger()),
        sa.Column("accepted_by", sa.Integer()),
        sa.Column("returned_at", sa.BigInteger()),
        sa.Column("returned_by", sa.Integer()),
        sa.Column("reason", sa.Text()),
        sa.Column("escalated_at", sa.BigInteger()),
        sa.Column("lapsed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("office_id", "case_id", "task_number", name="pk_hand_overs"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_hand_overs_pair",
        "hand_overs",
        [
            "office_id",
            "sent_at",
            "from_department_id",
            "to_department_id",
            "accepted_at",
            "returned_at",
            "escalated_at",
        ],
    )
    silent = sa.text(_SILENT)
    op.create_index("ix_hand_overs_silent", "hand_overs", ["answer_by"], sqlite_where=silent, postgresql_where=silent)


def _bring_over() -> None:
    """Who claimed or completed the task had accepted it. What nobody has taken up yet has a day from now on."""
    sender = (
        "(SELECT max(s.number) FROM tasks s WHERE s.office_id = b.office_id AND s.case_id = b.case_id "
        "AND s.number < b.task_number AND s.closed_at = b.at AND s.closed_how = 1)"
    )
    taken = "coalesce(t.claimed_at, CASE WHEN t.closed_how = 1 THEN t.closed_at END)"
    op.execute(
        f"""
        INSERT INTO hand_overs (office_id, case_id, task_number, from_task, from_post_id, from_person_id,
            from_department_id, to_department_id, sent_at, answer_by, accepted_at, accepted_by, lapsed_at)
        SELECT b.office_id, b.case_id, b.task_number, s.number, s.post_id, s.person_id,
            b.from_department_id, b.to_department_id, b.at,
            CASE WHEN {taken} IS NULL AND t.closed_at IS NULL THEN {to_stored(clock.now()) + _A_DAY}
                ELSE b.at + {_A_DAY} END,
            {taken}, CASE WHEN {taken} IS NOT NULL THEN t.person_id END,
            CASE WHEN {taken} IS NULL THEN t.closed_at END
        FROM hand_overs_before b
        JOIN tasks t ON t.office_id = b.office_id AND t.case_id = b.case_id AND t.number = b.task_number
        LEFT JOIN tasks s ON s.office_id = b.office_id AND s.case_id = b.case_id AND s.number = {sender}
        """  # noqa: S608 every part of it stands here
    )
