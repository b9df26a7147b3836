"""Cards are looked at at once after whatever may fire one, not within a minute."""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"

_AT_ONCE = (
    "NEW.act IN ('give_notice', 'suspend', 'resume', 'stop_clock', 'resume_clock', 'return_hand_over', 'return_task', "
    "'urge', 'decide_extension', 'extend_period', 'confirm_expiry', 'recompute_clocks', 'recount_task', 'transfer', "
    "'release', 'withdraw', 'move_case', 'move_back') "
    "OR (NEW.act = 'complete_task' AND NEW.facts LIKE '%\"refuse%')"
)
"""What changes a fact of the rules, or when it changes by itself. After any other act a minute is soon enough, once for several."""
_NEXT = f"CASE WHEN {_AT_ONCE} THEN NEW.at ELSE NEW.at + 60000 END"
_LOOK = (
    f"INSERT INTO card_looks (office_id, case_id, next_at) VALUES (NEW.office_id, NEW.chain, {_NEXT}) "  # noqa: S608 -- this file's own words
    "ON CONFLICT (office_id, case_id) DO UPDATE SET next_at = excluded.next_at "
    "WHERE card_looks.next_at > excluded.next_at;"
)
_CROSSED = (
    "INSERT INTO card_looks (office_id, case_id, next_at) VALUES (NEW.office_id, NEW.case_id, NEW.sent_at) "
    "ON CONFLICT (office_id, case_id) DO UPDATE SET next_at = excluded.next_at "
    "WHERE card_looks.next_at > excluded.next_at;"
)
_SQLITE = (
    "DROP TRIGGER entries_due_for_cards",
    f"CREATE TRIGGER entries_due_for_cards AFTER INSERT ON entries BEGIN {_LOOK} END",
    f"CREATE TRIGGER hand_overs_due_for_cards AFTER INSERT ON hand_overs BEGIN {_CROSSED} END",
    f"CREATE TRIGGER hand_overs_again_for_cards AFTER UPDATE OF sent_at ON hand_overs BEGIN {_CROSSED} END",
)
_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION entry_due_for_cards() RETURNS trigger LANGUAGE plpgsql AS "
    f"$due$ BEGIN {_LOOK} RETURN NULL; END $due$",
    "CREATE FUNCTION hand_over_due_for_cards() RETURNS trigger LANGUAGE plpgsql AS "
    f"$due$ BEGIN {_CROSSED} RETURN NULL; END $due$",
    "CREATE TRIGGER hand_overs_due_for_cards AFTER INSERT OR UPDATE OF sent_at ON hand_overs "
    "FOR EACH ROW EXECUTE FUNCTION hand_over_due_for_cards()",
)


def upgrade() -> None:
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
