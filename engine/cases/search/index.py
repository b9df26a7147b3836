"""Keeps the documents: when a case begins in the same transaction, afterwards a few seconds behind it.

A trigger (migration 0016) notes each change of a case in a row of its own. Cases are read in while nothing is locked;
only what was made of them is then written, together with the notes being taken away. What is changed meanwhile has
another note and is read in once more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import BigInteger, BindParameter, Connection, bindparam, delete, func, insert, literal, select, text

from engine.base.database import OFFICE
from engine.cases.search import who
from engine.cases.search.documents import Document, begun, documents
from engine.cases.search.tokens import kept
from engine.cases.tables import cases
from engine.cases.tables_of_desk import search_documents, search_due

AT_ONCE: Final = 100
"""Cases of one transaction: others write between two of them."""
_MOST_TOKENS: Final = 20_000
"""Of one case; a `tsvector` holds one megabyte."""
_LINE: Final = 7_305_413
"""Those who write documents on PostgreSQL stand in one line behind this number; nobody else does."""


@dataclass(frozen=True, slots=True)
class ReadIn:
    """Documents ready to be written, and the notes of changes they answer."""

    notes: tuple[int, ...]
    rows: tuple[dict[str, Any], ...]
    last: int = 0
    """The case read in last."""


def note_begun(
    db: Connection,
    *,
    case_id: int,
    procedure_id: int,
    started_by: int | None,
    posts: Iterable[int],
    number: str,
    matter: str,
    applicant: str,
) -> None:
    """So that it is found at once by what it is about, by whoever began it and where it lies. The rest follows."""
    one = begun(case_id, procedure_id, started_by, number, matter, applicant)
    one.marked |= {who.OPEN, *map(who.post, posts)}
    _write(db, [_row(one, db.dialect.name == "sqlite")])


def changed(db: Connection, *, most: int = AT_ONCE) -> ReadIn | None:
    """Reads in cases that have changed, the first first. None where none has. Changes nothing."""
    waiting = db.execute(select(search_due.c.id, search_due.c.case_id).order_by(search_due.c.id).limit(most)).all()
    if not waiting:
        return None
    return _read_in(db, {row.case_id for row in waiting}, tuple(row.id for row in waiting))


def after(db: Connection, case_id: int, *, most: int = AT_ONCE) -> ReadIn | None:
    """Reads in the cases behind this one, in order of their ids. None where there is none. Changes nothing."""
    following = db.scalars(
        select(cases.c.id).where(cases.c.office_id == OFFICE, cases.c.id > case_id).order_by(cases.c.id).limit(most)
    ).all()
    return _read_in(db, following, ()) if following else None


def _read_in(db: Connection, case_ids: Collection[int], notes: tuple[int, ...]) -> ReadIn:
    is_sqlite = db.dialect.name == "sqlite"
    rows = tuple(_row(one, is_sqlite) for one in documents(db, case_ids).values())
    return ReadIn(notes, rows, max(case_ids))


def keep(db: Connection, read: ReadIn) -> None:
    """What somebody else has meanwhile written of a case as it is later stays."""
    if db.dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(literal(_LINE, BigInteger))))
    if read.notes:
        db.execute(delete(search_due).where(search_due.c.id.in_(read.notes)))
    known = db.execute(
        select(search_documents.c.case_id, search_documents.c.length).where(
            search_documents.c.office_id == OFFICE,
            search_documents.c.case_id.in_([row["case_id"] for row in read.rows]),
        )
    ).all()
    later = {row.case_id: row.length for row in known}
    rows = [row for row in read.rows if row["length"] >= later.get(row["case_id"], 0)]
    _remove(db, [row["case_id"] for row in rows])
    _write(db, rows)


def forget_all(db: Connection) -> None:
    """Before everything is read in anew."""
    for statement in ("DELETE FROM search_words", "DELETE FROM search_documents", "DELETE FROM search_due"):
        db.execute(text(statement))


def _row(one: Document, is_sqlite: bool) -> dict[str, Any]:
    marked = sorted(one.marked)
    tokens = [*marked, *sorted(kept(one.texts))[: _MOST_TOKENS - len(marked)]]
    return {
        "case_id": one.case_id,
        "length": one.length,
        "parts": orjson.dumps(list(one.parts)).decode(),
        "words": " ".join(tokens) if is_sqlite else tokens,
    }


def _write(db: Connection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        told = [{name: row[name] for name in ("case_id", "length", "parts")} | {"office_id": OFFICE} for row in rows]
        db.execute(insert(search_documents), told)
        words = [{name: row[name] for name in ("case_id", "words")} for row in rows]
        db.execute(_ADD_SQLITE if db.dialect.name == "sqlite" else _ADD_POSTGRESQL, words)


_ADD_SQLITE: Final = text("INSERT INTO search_words (rowid, words) VALUES (:case_id, :words)")
_ADD_POSTGRESQL: Final = text("INSERT INTO search_words (case_id, words) VALUES (:case_id, array_to_tsvector(:words))")
_CASES: Final[BindParameter[Any]] = bindparam("case_ids", expanding=True)
_REMOVE_SQLITE: Final = text("DELETE FROM search_words WHERE rowid IN :case_ids").bindparams(_CASES)
_REMOVE_POSTGRESQL: Final = text("DELETE FROM search_words WHERE case_id IN :case_ids").bindparams(_CASES)


def _remove(db: Connection, case_ids: Sequence[int]) -> None:
    if not case_ids:
        return
    db.execute(_REMOVE_SQLITE if db.dialect.name == "sqlite" else _REMOVE_POSTGRESQL, {"case_ids": case_ids})
    db.execute(
        delete(search_documents).where(search_documents.c.office_id == OFFICE, search_documents.c.case_id.in_(case_ids))
    )
