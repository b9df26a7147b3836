"""A new database filled by SQL: quickly, and durable again from then on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, text

from engine.base.database import Database
from engine.supervision.figures.bins import bin_of, listed

_QUICK: Final = (
    "journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-1500000", "temp_store=MEMORY",
)  # fmt: skip
_ROOM: Final = ("temp_buffers='1GB'", "work_mem='512MB'", "maintenance_work_mem='512MB'", "synchronous_commit=off")


@contextmanager
def in_bulk(database: Database) -> Iterator[Connection]:
    """One transaction without triggers, foreign keys and indexes; indexes are made when it is done.

    On SQLite nothing is undone where it fails, and `listed` and `joined` are aggregates.
    """
    database.engine.dispose()  # a file gives up its journal only where nobody else is in it
    with database.engine.connect() as db:
        put_back = _quick(db)
        db.commit()
        if database.is_sqlite:
            db.exec_driver_sql("BEGIN")
        else:
            db.exec_driver_sql("SET LOCAL session_replication_role = replica")
        dropped = list(_drop(db))
        yield db
        for statement in dropped:
            db.exec_driver_sql(statement)
        if database.is_sqlite:
            db.exec_driver_sql("COMMIT")
        db.commit()
        for statement in put_back:
            db.exec_driver_sql(statement)
        db.commit()
    database.engine.dispose()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.exec_driver_sql("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE")


def _quick(db: Connection) -> tuple[str, ...]:
    if db.dialect.name != "sqlite":
        for one in _ROOM:
            db.exec_driver_sql(f"SET {one}")
        return ()
    for one in _QUICK:
        db.exec_driver_sql(f"PRAGMA {one}").close()
    driver: Any = db.connection.driver_connection
    driver.create_aggregate("listed", 1, _Listed)
    driver.create_aggregate("joined", 1, _Joined)
    return ("PRAGMA journal_mode=WAL",)


def _drop(db: Connection) -> Iterator[str]:
    """What makes each of them again."""
    if db.dialect.name == "sqlite":
        rows = db.execute(
            text("SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL")
        )
        for row in rows.all():
            db.exec_driver_sql(f"DROP {row.type} {row.name}")
            yield row.sql
        return
    indexes = db.execute(
        text(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
            "AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        )
    )
    for row in indexes.all():
        db.exec_driver_sql(f"DROP INDEX {row.indexname}")
        yield row.indexdef.replace("%", "%%")


class _Listed:
    """Lengths of time as a row of bins is begun."""

    def __init__(self) -> None:
        self._found = bytearray()

    def step(self, milliseconds: int) -> None:
        if milliseconds:
            self._found.append(bin_of(milliseconds))

    def finalize(self) -> bytes:
        return listed(self._found)


class _Joined:
    """Such rows put together."""

    def __init__(self) -> None:
        self._found = bytearray()

    def step(self, written: bytes) -> None:
        self._found += written[2:]

    def finalize(self) -> bytes:
        return listed(self._found)
