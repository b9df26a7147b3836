"""Contents as the database knows them: noted in the transaction that needs them, tidied away when none does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Connection, func, literal, select, update

from engine.base import clock
from engine.base.database import Database
from engine.base.dialects import upserting
from engine.papers import rules
from engine.papers.rules import State
from engine.papers.store import Folder, Store, left_behind
from engine.papers.tables import contents
from engine.papers.taking import Taken

A_DAY: Final = timedelta(days=1)
_LOCK: Final = 0x70617065
_AT_ONCE: Final = 200


def note(db: Connection, store: Store, taken: Taken) -> None:
    """From now on it is tidied away no more. Raises ContentGone where it already was."""
    if db.dialect.name == "postgresql":  # on SQLite writers stand in one line
        db.execute(select(func.pg_advisory_xact_lock_shared(literal(_LOCK, BigInteger))))
    if not store.has(taken.key):
        raise rules.ContentGone(name=taken.name)
    insert_into = upserting(db.dialect.name)
    db.execute(
        insert_into(contents)
        .values(digest=taken.digest, size=taken.size, at=clock.now(), state=taken.state, kind=taken.kind)
        .on_conflict_do_nothing()
    )


def held(db: Connection, limit: int = 20) -> tuple[bytes, ...]:
    """Those that wait for the scanner, oldest first."""
    return tuple(
        db.scalars(select(contents.c.digest).where(contents.c.state == State.HELD).order_by(contents.c.at).limit(limit))
    )


def scanned(db: Connection, digest: bytes, found: str | None) -> None:
    state = State.CLEAN if found is None else State.INFECTED
    db.execute(
        update(contents)
        .where(contents.c.digest == digest, contents.c.state == State.HELD)
        .values(state=state, found=found)
    )


Mentioned = Callable[[Connection], Collection[str]]
"""Contents, in hex, that no row has yet and that are wanted all the same: those of drafts."""


def tidy(database: Database, store: Store, mentioned: Mentioned) -> int:
    """Removes contents that no row has and that were last put more than a day ago; how many there were."""
    before = clock.now() - A_DAY
    removed = left_behind(store, before)
    some: list[str] = []
    for key, at in store.lying():
        if at < before:
            some.append(key)
        if len(some) == _AT_ONCE:
            removed += _remove(database, store, some, mentioned, before)
            some = []
    return removed + _remove(database, store, some, mentioned, before)


def _remove(database: Database, store: Store, keys: list[str], mentioned: Mentioned, before: datetime) -> int:
    if not keys:
        return 0
    with database.writing() as db:
        if db.dialect.name == "postgresql":
            # Whoever notes a content meanwhile waits, and then sees that it is gone.
            db.execute(select(func.pg_advisory_xact_lock(literal(_LOCK, BigInteger))))
        wanted = {*_known(db, keys), *mentioned(db)}
        gone = [key for key in keys if key not in wanted and _is_old(store, key, before)]
        for key in gone:
            store.remove(key)
    return len(gone)


def _is_old(store: Store, key: str, before: datetime) -> bool:
    """One that was put again since the list was made stays."""
    if not isinstance(store, Folder):
        return True
    try:
        return store.place(key).stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False


def _known(db: Connection, keys: Iterable[str]) -> set[str]:
    digests = [bytes.fromhex(key) for key in keys if len(key) == 64]
    return {one.hex() for one in db.scalars(select(contents.c.digest).where(contents.c.digest.in_(digests)))}
