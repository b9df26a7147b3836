"""Migrations reach the tables as they are declared, and the database guards what never changes."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Table, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from engine import migrations
from engine.base.database import Database, metadata
from engine.base.dialects import BY_KEY
from engine.procedures.tables import attachments, calls, editions, owners, procedures, questions
from engine.records.journal import Chain, write
from engine.records.tables import entries
from tests.builders import SmallOffice
from tests.house.tree import ROOT

for _declaring in ROOT.glob("engine/**/tables*.py"):
    import_module(".".join(_declaring.relative_to(ROOT).with_suffix("").parts))

_NOW: Final = datetime(2026, 3, 2, tzinfo=UTC)


def test_an_upgraded_database_is_current(database: Database) -> None:
    assert migrations.is_current(database)


def test_an_empty_database_is_not_current_until_it_is_upgraded_and_upgrading_again_changes_nothing(
    tmp_path: Path,
) -> None:
    empty = Database(f"sqlite:///{tmp_path / 'new.db'}")
    assert not migrations.is_current(empty)
    migrations.upgrade(empty)
    migrations.upgrade(empty)
    assert migrations.is_current(empty)
    empty.close()


def test_migrations_make_exactly_the_tables_that_are_declared(database: Database) -> None:
    with database.reading() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True, "include_name": _is_declared})
        assert compare_metadata(context, metadata) == []


def _is_declared(name: str | None, kind: str, _parents: Any) -> bool:
    """Words to search by are kept in a table that only the migrations can tell, another in each database."""
    return not (kind == "table" and str(name).startswith("search_words"))


def test_partial_indexes_are_as_declared(database: Database) -> None:
    """Alembic does not compare the condition of an index."""
    where = "sqlite" if database.is_sqlite else "postgresql"
    declared = {
        index.name: str(index.dialect_options[where]["where"])
        for table in metadata.tables.values()
        for index in table.indexes
        if index.dialect_options[where]["where"] is not None
    }
    listing = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
        if database.is_sqlite
        else "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '% WHERE %' AND schemaname = 'public'"
    )
    with database.reading() as db:
        made = {name: _words(made.split(" WHERE ")[1]) for name, made in db.execute(text(listing))}
    assert made == {name: _words(condition) for name, condition in declared.items()}


def test_rows_of_a_file_lie_by_their_key_where_it_is_declared(tmp_path: Path) -> None:
    """Alembic does not compare it either."""
    fresh = Database(f"sqlite:///{tmp_path / 'new.db'}")
    migrations.upgrade(fresh)
    with fresh.reading() as db:
        made = {
            name
            for name, said in db.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
            if said.rstrip().endswith("WITHOUT ROWID") and name in metadata.tables
        }
    fresh.close()
    assert made == {name for name, table in metadata.tables.items() if table.info == BY_KEY}


def _words(condition: str) -> str:
    return condition.replace("(", "").replace(")", "").replace("::text", "")


def test_a_database_of_a_newer_version_is_left_alone(database: Database) -> None:
    with database.writing() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrations.DatabaseNewer, match="9999"):
        migrations.upgrade(database)


def test_revisions_are_numbered_and_named_by_their_number() -> None:
    """Not every number is taken: who lands first is what the next one follows."""
    files = sorted((Path(migrations.__path__[0]) / "versions").glob("*.py"))
    numbers = [file.name[:5] for file in files]
    assert len(set(numbers)) == len(numbers)
    for file, number in zip(files, numbers, strict=True):
        assert f'\nrevision = "{number[:4]}"\n' in file.read_text()
        assert number[4] == "_"


def _refused(db: Connection, statement: Any, values: Any = None) -> str:
    with pytest.raises(DBAPIError) as refusal, db.begin_nested():
        db.execute(statement, values)
    return str(refusal.value.orig)


def test_an_entry_of_the_record_is_never_changed_or_deleted(database: Database) -> None:
    with database.writing() as db:
        write(db, Chain(7, 0, b""), act="began", by=None, facts={"a": 1})
        assert "never change" in _refused(db, update(entries).values(facts="{}"))
        assert "never change" in _refused(db, update(entries).values(number=entries.c.number + 1))
        assert "never change" in _refused(db, delete(entries))


def test_an_entry_is_not_replaced_or_truncated_either(database: Database) -> None:
    with database.writing() as db:
        write(db, Chain(7, 0, b""), act="began", by=None, facts={"a": 1})
        if database.is_sqlite:
            columns = ", ".join(column.name for column in entries.c if column.name != "facts")
            again = f"INSERT OR REPLACE INTO entries (facts, {columns}) SELECT '{{}}', {columns} FROM entries"
        else:
            again = "TRUNCATE entries"
        assert "never change" in _refused(db, text(again))
        assert db.scalar(select(entries.c.facts)) == '{"a":1}'


STATES = ("draft", "in review", "approved", "in force", "out of force", "withdrawn")
UNSETTLED = ("in review", "approved")


@pytest.fixture(params=STATES)
def state(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _edition(db: Connection, office: SmallOffice, state: str) -> int:
    """A draft with one of everything that belongs to it, brought to the state."""
    person, department = office.persons["he"], office.departments["review"]
    procedure = db.execute(
        insert(procedures)
        .values(name="Permit", prefix="BP", department_id=department, chain=9, chain_length=0, chain_head=b"")
        .returning(procedures.c.id)
    ).scalar_one()
    edition: int = db.execute(
        insert(editions)
        .values(
            procedure_id=procedure, number=1, state="draft", file="a.bpmn", source=b"<a/>", digest=b"1",
            uploaded_at=_NOW, uploaded_by=person,
        )
        .returning(editions.c.id)
    ).scalar_one()  # fmt: skip
    for table, values in _belongings(office, edition).items():
        db.execute(insert(table), values)
    db.execute(update(editions).values(state=state))
    return edition


def _belongings(office: SmallOffice, edition: int, mark: str = "one") -> dict[Table, dict[str, Any]]:
    return {
        attachments: {"edition_id": edition, "path": mark, "content": b"{}", "digest": b"2"},
        owners: {"edition_id": edition, "owner": mark, "name": mark, "post_id": office.posts["clerk"]},
        questions: {"edition_id": edition, "flow": mark},
        calls: {"edition_id": edition, "called": mark, "called_edition_id": edition},
    }


@pytest.mark.parametrize(
    "change",
    [
        {"source": b"<b/>"},
        {"digest": b"other"},
        {"number": 2},
        {"file": "b.bpmn"},
        {"process": "another"},
        {"state": "draft"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_an_edition_says_changes_only_while_it_is_a_draft(
    database: Database, office: SmallOffice, state: str, change: dict[str, Any]
) -> None:
    with database.writing() as db:
        _edition(db, office, state)
        if state == "draft" or (state in UNSETTLED and "state" in change):
            assert db.execute(update(editions).values(**change)).rowcount == 1
        else:
            assert "no draft never changes" in _refused(db, update(editions).values(**change))


def test_an_edition_that_was_in_force_never_goes_back(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        _edition(db, office, "in force")
        db.execute(update(editions).values(state="out of force", out_of_force_at=_NOW))
        for earlier in ("draft", *UNSETTLED):
            assert "no draft" in _refused(db, update(editions).values(state=earlier))


@pytest.mark.parametrize("unsettled", UNSETTLED)
def test_what_is_reviewed_may_become_a_draft_again(database: Database, office: SmallOffice, unsettled: str) -> None:
    with database.writing() as db:
        _edition(db, office, unsettled)
        assert db.execute(update(editions).values(state="draft")).rowcount == 1
        assert db.execute(update(editions).values(source=b"<b/>")).rowcount == 1


def test_only_a_draft_can_be_deleted(database: Database, office: SmallOffice, state: str) -> None:
    with database.writing() as db:
        edition = _edition(db, office, state)
        if state == "draft":
            for table in _belongings(office, edition):
                db.execute(delete(table))
            assert db.execute(delete(editions)).rowcount == 1
        else:
            assert "no draft never changes" in _refused(db, delete(editions))


@pytest.mark.parametrize("table", [attachments, owners, questions, calls], ids=lambda table: table.name)
def test_what_belongs_to_an_edition_changes_only_with_a_draft(
    database: Database, office: SmallOffice, state: str, table: Table
) -> None:
    # Which editions are called is settled on the day of coming into force.
    may_change = ("draft", "approved") if table is calls else ("draft",)
    with database.writing() as db:
        edition = _edition(db, office, state)
        another = _belongings(office, edition, "two")[table]
        key = next(column for column in table.primary_key.columns if column.name != "edition_id")
        changes: list[tuple[Any, Any]] = [
            (insert(table), another),
            (update(table).where(key == "one").values({key.name: "renamed"}), None),
            (delete(table), None),
        ]
        for statement, values in changes:
            if state in may_change:
                db.execute(statement, values)
            else:
                assert "no draft never changes" in _refused(db, statement, values)
        left = 0 if state in may_change else 1
        assert db.scalar(select(func.count()).select_from(table)) == left


def test_nothing_is_moved_from_a_draft_into_an_edition_in_force(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        settled = _edition(db, office, "in force")
        draft = db.execute(
            insert(editions)
            .values(
                procedure_id=db.scalar(select(procedures.c.id)), number=2, state="draft", file="a", source=b"",
                digest=b"", uploaded_at=_NOW, uploaded_by=office.persons["he"],
            )
            .returning(editions.c.id)
        ).scalar_one()  # fmt: skip
        db.execute(insert(questions), {"edition_id": draft, "flow": "moved"})
        move = update(questions).where(questions.c.flow == "moved").values(edition_id=settled)
        assert "no draft never changes" in _refused(db, move)
