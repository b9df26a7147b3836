"""While a task is open, it tells which step was completed last when it was opened: an index holds it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0036"

_OPEN = "closed_at IS NULL"


def upgrade() -> None:
    op.add_column("tasks", sa.Column("came_from", sa.Text()))
    op.execute(
        "UPDATE tasks SET came_from = (SELECT done.element FROM tasks AS done WHERE done.office_id = tasks.office_id "
        "AND done.case_id = tasks.case_id AND done.number < tasks.number AND done.closed_how = 1 "
        "AND done.closed_at <= tasks.opened_at AND done.kind IS NULL ORDER BY done.closed_at DESC, done.number DESC "
        "LIMIT 1) WHERE closed_at IS NULL AND kind IS NULL AND number > 1"
    )
    op.drop_index("ix_tasks_waiting", table_name="tasks")
    op.create_index(
        "ix_tasks_waiting",
        "tasks",
        ["office_id", "procedure_id", "edition_id", "element", "came_from", "department_id", "post_id", "person_id",
         "opened_at", "due_at", "from_department_id", "kind", "closed_at"],
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )  # fmt: skip
