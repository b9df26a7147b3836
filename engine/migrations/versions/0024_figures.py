"""Figures of the watch, kept as sums by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("cases", sa.Column("applicant_kind", sa.SmallInteger()))
    _what_is_open()
    _notes()
    _places()
    _spells()
    _journeys()
    _sums("figure_steps", ("place_id", "day"), _STEPS)
    _sums("figure_cases", ("place_id", "day"), _CASES)
    _sums("figure_bins", ("place_id", "measure", "day"), (), binned=True)
    _sums("figure_flows", ("to_place", "day", "from_place"), ("n", "waited", "wait"))
    hands = ("n", "waited", "wait", "returned", "ping_pong")
    _sums("figure_hands", ("place_id", "day", "from_department_id"), hands, binned=True)
    _sums("figure_persons", ("place_id", "day", "person_id", "measure"), ("n", "total"), binned=True)
    _sums("figure_ways", ("place_id", "day", "variant_id"), ("n", "cycle", "calendar"), binned=True)
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if is_sqlite else _POSTGRESQL:
        op.execute(statement)
    for statement in _WHAT_IS_THERE:
        op.execute(statement)


def _what_is_open() -> None:
    """With all that open ones are counted by, so that no row is looked at."""
    op.drop_index("ix_cases_procedure_open", table_name="cases")
    op.create_index(
        "ix_cases_procedure_open",
        "cases",
        ["office_id", "procedure_id", "started_at", "ended_at", "edition_id", "applicant_kind"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index("ix_tasks_waiting", table_name="tasks")
    op.create_index(
        "ix_tasks_waiting",
        "tasks",
        ["office_id", "procedure_id", "edition_id", "element", "department_id", "post_id", "person_id", "opened_at",
         "due_at", "from_department_id", "kind", "closed_at"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )  # fmt: skip


def _notes() -> None:
    op.create_table(
        "figure_notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("task_number", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_figure_notes"),
    )


def _places() -> None:
    op.create_table(
        "figure_places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("applicant_kind", sa.SmallInteger(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_figure_places"),
    )
    key = ["procedure_id", "edition_id", "element", "post_id", "department_id", "applicant_kind"]
    op.create_index("uq_figure_places", "figure_places", key, unique=True)
    op.create_table(
        "figure_variants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("elements", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_figure_variants"),
    )
    op.create_index("uq_figure_variants", "figure_variants", ["procedure_id", "digest"], unique=True)


def _spells() -> None:
    yes_or_no = ("timed", "late", "repeated", "looped", "same_day", "returned", "ping_pong")
    times = ("waiting", "taken", "stopped", "outside", "handed", "sojourn", "calendar")
    op.create_table(
        "figure_spells",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("task_number", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("opened_day", sa.Integer(), nullable=False),
        sa.Column("closed_day", sa.Integer(), nullable=False),
        sa.Column("how", sa.SmallInteger(), nullable=False),
        sa.Column("person_id", sa.Integer()),
        sa.Column("from_place", sa.Integer(), nullable=False),
        sa.Column("from_department_id", sa.Integer()),
        sa.Column("received", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, sa.SmallInteger(), nullable=False) for name in yes_or_no),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.Column("counted_by", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in times),
        sa.Column("working", sa.BigInteger()),
        sa.PrimaryKeyConstraint("office_id", "case_id", "task_number", name="pk_figure_spells"),
        sqlite_with_rowid=False,
    )
    closed = ["place_id", "closed_day", "case_id", "task_number", "how"]
    op.create_index("ix_figure_spells_closed", "figure_spells", closed)
    op.create_index("ix_figure_spells_opened", "figure_spells", ["place_id", "opened_day", "case_id", "task_number"])


def _journeys() -> None:
    yes_or_no = (
        "cancelled", "promised", "promise_kept", "lawful", "law_kept", "first_pass", "same_day",
    )  # fmt: skip
    op.create_table(
        "figure_journeys",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("place_id", "variant_id", "last_place", "started_day", "ended_day")
        ),
        *(sa.Column(name, sa.SmallInteger(), nullable=False) for name in yes_or_no),
        sa.Column("repeated", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("counted_by", "cycle", "calendar")),
        sa.PrimaryKeyConstraint("office_id", "case_id", name="pk_figure_journeys"),
        sqlite_with_rowid=False,
    )
    ended = ["place_id", "ended_day", "case_id", "variant_id", "cancelled"]
    op.create_index("ix_figure_journeys_ended", "figure_journeys", ended)
    op.create_index("ix_figure_journeys_started", "figure_journeys", ["place_id", "started_day", "case_id"])
    op.create_index("ix_figure_journeys_variant", "figure_journeys", ["variant_id", "ended_day", "case_id"])


_STEPS = (
    "arrived", "done", "cancelled", "timed", "late", "repeated", "looped", "same_day", "received", "measured",
    "waiting", "taken", "stopped", "outside", "handed", "sojourn", "calendar", "working", "measured_sojourn",
)  # fmt: skip
_CASES = (
    "started", "ended", "cancelled", "promised", "promise_kept", "lawful", "law_kept", "first_pass", "same_day",
    "repeated", "steps", "cycle", "calendar",
)  # fmt: skip


def _sums(name: str, key: tuple[str, ...], numbers: tuple[str, ...], *, binned: bool = False) -> None:
    op.create_table(
        name,
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("grain", sa.SmallInteger(), nullable=False),
        *(sa.Column(one, sa.SmallInteger() if one == "measure" else sa.Integer(), nullable=False) for one in key),
        *(sa.Column(one, sa.BigInteger(), nullable=False) for one in numbers),
        *([sa.Column("bins", sa.LargeBinary(), nullable=False)] if binned else []),
        sa.PrimaryKeyConstraint("office_id", "grain", *key, name=f"pk_{name}"),
        sqlite_with_rowid=False,
    )


def _note(row: str, number: str) -> str:
    case_id = f"{row}.id" if number == "0" else f"{row}.case_id"
    return (
        "INSERT INTO figure_notes (office_id, task_number, case_id) "  # noqa: S608 -- this file's own words
        f"VALUES ({row}.office_id, {number}, {case_id});"
    )


_OF_STEP = _note("NEW", "NEW.number")
_OF_STEP_GONE = _note("OLD", "OLD.number")
_OF_CASE = _note("NEW", "0")
_SQLITE = (
    "CREATE TRIGGER tasks_closed_for_figures AFTER UPDATE OF closed_at ON tasks "
    f"WHEN NEW.kind IS NULL AND NEW.closed_at IS NOT OLD.closed_at BEGIN {_OF_STEP} END",
    "CREATE TRIGGER tasks_told_for_figures AFTER INSERT ON tasks "
    f"WHEN NEW.kind IS NULL AND NEW.closed_at IS NOT NULL BEGIN {_OF_STEP} END",
    "CREATE TRIGGER tasks_gone_for_figures AFTER DELETE ON tasks "
    f"WHEN OLD.kind IS NULL AND OLD.closed_at IS NOT NULL BEGIN {_OF_STEP_GONE} END",
    "CREATE TRIGGER cases_ended_for_figures AFTER UPDATE OF ended_at ON cases "
    f"WHEN NEW.ended_at IS NOT OLD.ended_at BEGIN {_OF_CASE} END",
    f"CREATE TRIGGER cases_told_for_figures AFTER INSERT ON cases WHEN NEW.ended_at IS NOT NULL BEGIN {_OF_CASE} END",
    "CREATE TRIGGER cases_gone_for_figures AFTER DELETE ON cases "
    f"WHEN OLD.ended_at IS NOT NULL BEGIN {_note('OLD', '0')} END",
)
_POSTGRESQL = (
    f"CREATE FUNCTION task_for_figures() RETURNS trigger LANGUAGE plpgsql AS $note$ BEGIN {_OF_STEP} RETURN NULL; END $note$",
    "CREATE FUNCTION task_gone_for_figures() RETURNS trigger LANGUAGE plpgsql AS $note$ "
    f"BEGIN {_OF_STEP_GONE} RETURN NULL; END $note$",
    f"CREATE FUNCTION case_for_figures() RETURNS trigger LANGUAGE plpgsql AS $note$ BEGIN {_OF_CASE} RETURN NULL; END $note$",
    "CREATE FUNCTION case_gone_for_figures() RETURNS trigger LANGUAGE plpgsql AS $note$ "
    f"BEGIN {_note('OLD', '0')} RETURN NULL; END $note$",
    "CREATE TRIGGER tasks_closed_for_figures AFTER UPDATE OF closed_at ON tasks FOR EACH ROW "
    "WHEN (NEW.kind IS NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at) EXECUTE FUNCTION task_for_figures()",
    "CREATE TRIGGER tasks_told_for_figures AFTER INSERT ON tasks FOR EACH ROW "
    "WHEN (NEW.kind IS NULL AND NEW.closed_at IS NOT NULL) EXECUTE FUNCTION task_for_figures()",
    "CREATE TRIGGER tasks_gone_for_figures AFTER DELETE ON tasks FOR EACH ROW "
    "WHEN (OLD.kind IS NULL AND OLD.closed_at IS NOT NULL) EXECUTE FUNCTION task_gone_for_figures()",
    "CREATE TRIGGER cases_ended_for_figures AFTER UPDATE OF ended_at ON cases FOR EACH ROW "
    "WHEN (NEW.ended_at IS DISTINCT FROM OLD.ended_at) EXECUTE FUNCTION case_for_figures()",
    "CREATE TRIGGER cases_told_for_figures AFTER INSERT ON cases FOR EACH ROW "
    "WHEN (NEW.ended_at IS NOT NULL) EXECUTE FUNCTION case_for_figures()",
    "CREATE TRIGGER cases_gone_for_figures AFTER DELETE ON cases FOR EACH ROW "
    "WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION case_gone_for_figures()",
)
_WHAT_IS_THERE = (
    "INSERT INTO figure_notes (office_id, task_number, case_id) "
    "SELECT office_id, number, case_id FROM tasks WHERE closed_at IS NOT NULL AND kind IS NULL ORDER BY case_id, number",
    "INSERT INTO figure_notes (office_id, task_number, case_id) "
    "SELECT office_id, 0, id FROM cases WHERE ended_at IS NOT NULL ORDER BY id",
)
"""What was closed before is counted in the background."""
