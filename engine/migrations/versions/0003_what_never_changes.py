# ruff: noqa: S608 -- every statement is made of this file's own words
"""Entries of the record and editions that are no drafts: the database itself refuses to change them.

Under review and approved, an edition may still go back to being a draft; once it was in force or is withdrawn, never.
"""

from __future__ import annotations

from collections.abc import Iterator

from alembic import op

revision = "0003"
down_revision = "0002"

ENTRIES = "entries of the record never change"
EDITIONS = "an edition that is no draft never changes"

_PINNED = ("id", "procedure_id", "number", "file", "source", "digest", "process", "uploaded_at", "uploaded_by")
_BELONGINGS = ("edition_attachments", "edition_owners", "edition_questions", "edition_calls")
_SETTLED = "('in force', 'out of force', 'withdrawn')"
_UNSETTLED = "('draft', 'in review', 'approved')"


def _open(table: str) -> str:
    """The states in which rows of it may change: which editions are called is settled on the day of coming into force."""
    return "('draft', 'approved')" if table == "edition_calls" else "('draft')"


def upgrade() -> None:
    statements = _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql()
    for statement in statements:
        op.execute(statement)


def _sqlite() -> Iterator[str]:
    for what in ("UPDATE", "DELETE"):
        yield _sqlite_trigger(f"entries_{what.lower()}", f"{what} ON entries", ENTRIES)
    # INSERT OR REPLACE removes a row without asking the trigger on DELETE.
    twin = "office_id = NEW.office_id AND chain = NEW.chain AND number = NEW.number"
    yield _sqlite_trigger(
        "entries_insert", "INSERT ON entries", ENTRIES, when=f"EXISTS (SELECT 1 FROM entries WHERE {twin})"
    )
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in _PINNED)
    yield _sqlite_trigger(
        "editions_update",
        "UPDATE ON editions",
        EDITIONS,
        when=f"OLD.state IN {_SETTLED} AND NEW.state IN {_UNSETTLED} OR OLD.state <> 'draft' AND ({changed})",
    )
    yield _sqlite_trigger("editions_delete", "DELETE ON editions", EDITIONS, when="OLD.state <> 'draft'")
    twin = "(id = NEW.id OR (procedure_id = NEW.procedure_id AND number = NEW.number)) AND state <> 'draft'"
    yield _sqlite_trigger(
        "editions_insert", "INSERT ON editions", EDITIONS, when=f"EXISTS (SELECT 1 FROM editions WHERE {twin})"
    )
    for table in _BELONGINGS:
        for what, rows in (("INSERT", ("NEW",)), ("UPDATE", ("NEW", "OLD")), ("DELETE", ("OLD",))):
            ids = ", ".join(f"{row}.edition_id" for row in rows)
            yield _sqlite_trigger(
                f"{table}_{what.lower()}",
                f"{what} ON {table}",
                EDITIONS,
                when=f"EXISTS (SELECT 1 FROM editions WHERE id IN ({ids}) AND state NOT IN {_open(table)})",
            )


def _sqlite_trigger(name: str, on: str, says: str, when: str = "1") -> str:
    return f"CREATE TRIGGER {name}_refused BEFORE {on} WHEN {when} BEGIN SELECT RAISE(ABORT, '{says}'); END"


def _postgresql() -> Iterator[str]:
    yield _function("entries_never_change", f"RAISE EXCEPTION '{ENTRIES}' USING ERRCODE = 'restrict_violation';")
    yield (
        "CREATE TRIGGER entries_change_refused BEFORE UPDATE OR DELETE ON entries "
        "FOR EACH ROW EXECUTE FUNCTION entries_never_change()"
    )
    yield (
        "CREATE TRIGGER entries_truncate_refused BEFORE TRUNCATE ON entries "
        "FOR EACH STATEMENT EXECUTE FUNCTION entries_never_change()"
    )
    yield _function("editions_never_change", f"RAISE EXCEPTION '{EDITIONS}' USING ERRCODE = 'restrict_violation';")
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in _PINNED)
    yield (
        "CREATE TRIGGER editions_update_refused BEFORE UPDATE ON editions FOR EACH ROW "
        f"WHEN (OLD.state IN {_SETTLED} AND NEW.state IN {_UNSETTLED} OR OLD.state <> 'draft' AND ({changed})) "
        "EXECUTE FUNCTION editions_never_change()"
    )
    yield (
        "CREATE TRIGGER editions_delete_refused BEFORE DELETE ON editions FOR EACH ROW "
        "WHEN (OLD.state <> 'draft') EXECUTE FUNCTION editions_never_change()"
    )
    yield from _postgresql_belongings()
    for table in ("editions", *_BELONGINGS):
        yield (
            f"CREATE TRIGGER {table}_truncate_refused BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION editions_never_change()"
        )


def _postgresql_belongings() -> Iterator[str]:
    # The lock on the edition makes whoever adds to a draft and whoever puts it in force follow one another.
    for name, table in (("belongings_follow_their_edition", ""), ("calls_follow_their_edition", "edition_calls")):
        yield _function(
            name,
            f"""
        IF TG_OP <> 'DELETE' AND (SELECT state FROM editions WHERE id = NEW.edition_id FOR SHARE) NOT IN {_open(table)}
            OR TG_OP <> 'INSERT' AND (SELECT state FROM editions WHERE id = OLD.edition_id FOR SHARE) NOT IN {_open(table)}
        THEN RAISE EXCEPTION '{EDITIONS}' USING ERRCODE = 'restrict_violation'; END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;""",
        )
    for table in _BELONGINGS:
        follow = "calls_follow_their_edition" if table == "edition_calls" else "belongings_follow_their_edition"
        yield (
            f"CREATE TRIGGER {table}_change_refused BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {follow}()"
        )


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
