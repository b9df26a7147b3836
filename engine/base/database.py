"""The database door: SQLite or PostgreSQL, and where transactions begin and end."""

from __future__ import annotations

import os
import secrets
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlalchemy.types import TypeDecorator

from engine.base.once import remember
from engine.base.prepared import say

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

OFFICE: Final = 1
"""The office this installation serves. It leads the key of every table that grows."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_NEVER: Final = 2**31
"""Prepared is what `Prepared` says: how the rest is best asked for depends on its values."""
_IDLE: Final = 5.0
"""Seconds after which a connection to a server is asked whether it still stands."""


def to_stored(moment: datetime) -> int:
    """Milliseconds since 1970 in UTC; the same arithmetic in both databases."""
    return (moment - _EPOCH) // _MILLISECOND


def from_stored(milliseconds: int) -> datetime:
    return _EPOCH + milliseconds * _MILLISECOND


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as milliseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return _stored(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return _read(value)

    # The drivers take and give whole numbers as they are: told so, each instant costs one call, not three.
    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        return _stored

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], datetime | None]:
        return _read


def _stored(value: datetime | None) -> int | None:
    return None if value is None else (value - _EPOCH) // _MILLISECOND


def _read(value: int | None) -> datetime | None:
    return None if value is None else _EPOCH + value * _MILLISECOND


class _Ids:
    """Within a process each id is above the one before; a process begins each millisecond at a place of its own."""

    def __init__(self) -> None:
        self._line = threading.Lock()
        self._last = 0

    def next(self) -> int:
        begin = (int(time.time() * 1000) & (2**42 - 1)) << 21 | secrets.randbits(21)
        with self._line:
            self._last = begin if begin >> 21 > self._last >> 21 else self._last + 1
            return self._last


_ids = _Ids()


def new_id() -> int:
    """A 63-bit id that grows with time, made without asking the database; never twice the same in a process."""
    return _ids.next()


_opened: Final[weakref.WeakSet[Database]] = weakref.WeakSet()


def _begin_anew_where_forked() -> None:
    """A connection belongs to the process that opened it, and is not closed by another: a server would hear both, a file would lose its locks."""
    for one in _opened:
        one.begin_anew()


os.register_at_fork(after_in_child=_begin_anew_where_forked)


class Database:
    """One per process. `writing()` and `reading()` are the only ways to a connection."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.engine: Engine = _open(url, pool_size)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        # A page, an export and the verifier each see one moment of the office.
        self._reader = (
            self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )
        self._line = self._new_line()
        _opened.add(self)

    def _new_line(self) -> AbstractContextManager[Any]:
        """SQLite's busy handler is unfair: waiting in line here keeps the slowest writer quick."""
        return threading.Lock() if self.is_sqlite else nullcontext()

    def begin_anew(self) -> None:
        """In a process that was forked off: whoever stood in line or held a connection did so in another."""
        self.engine.dispose(close=False)
        self._line = self._new_line()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: kept when the block ends, undone when it raises."""
        with self._line, self.engine.connect() as db, db.begin():
            self._say_begin(db, "BEGIN IMMEDIATE")
            yield db

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view; nothing done in it is kept."""
        with self._reader.connect() as db:
            remember(db)
            db.begin()
            self._say_begin(db, "BEGIN")
            try:
                yield db
            finally:
                self._undo(db)

    def _undo(self, db: Connection) -> None:
        """Said past the driver: where it rolls back by itself it forgets what it has prepared, lest that speak of tables made in vain.

        Here none is made, and each statement of each page would be planned anew: of a desk that took 5 ms of 14.
        """
        if not self.is_sqlite and not db.invalidated:
            driver: Any = db.connection.driver_connection
            if driver.info.transaction_status:
                with suppress(db.dialect.loaded_dbapi.Error):  # a server that is gone says so below, as ever
                    driver.pgconn.exec_(b"ROLLBACK")
        db.rollback()

    def _say_begin(self, db: Connection, word: str) -> None:
        if self.is_sqlite:  # psycopg says it by itself, with the first statement
            say(db, word)

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def apart(db: Connection) -> Iterator[None]:
    """A part of the transaction that is undone alone when the block raises: one of several acts sent together."""
    with db.begin_nested():
        yield


def _open(url: str, pool_size: int) -> Engine:
    options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": pool_size, "pool_use_lifo": True}
    if url.startswith("sqlite"):
        engine = create_engine(url, poolclass=QueuePool, connect_args={"timeout": 30}, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    # While the server is away a page says so, instead of waiting for minutes.
    engine = create_engine(url, connect_args={"connect_timeout": 5, "prepare_threshold": _NEVER}, **options)
    event.listen(engine, "checkin", _note_when)
    event.listen(engine, "checkout", partial(_must_answer, engine))
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not open transactions of its own
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-1500"):
        connection.execute(f"PRAGMA {pragma}")


def _note_when(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["idle_since"] = time.monotonic()


def _must_answer(engine: Engine, connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """One that lay idle may be gone with the server. While it is in use nobody asks: that would be a way more each time."""
    if time.monotonic() - record.info.get("idle_since", time.monotonic()) < _IDLE:
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as gone:
        raise InvalidatePoolError from gone
