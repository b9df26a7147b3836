"""Keeps the documents: when a case begins in the same transaction, afterwards a few seconds behind it.

A trigger (migrations 0016, 0036) notes of a case that has changed that it is due, once until it is read in. Cases are
read in while nothing is locked; only what was made of them is then written, and last of all the notes are taken away, of
those cases that nobody has changed since or holds just now: whoever has changed one and not yet committed may have found
its note there and written none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    text,
)

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.cases.search import who
from engine.cases.search.documents import Document, begun, documents, written
from engine.cases.search.tokens import kept
from engine.cases.tables import cases
from engine.cases.tables_of_desk import search_documents, search_due

AT_ONCE: Final = 100
"""Cases of one transaction: others write between two of them."""
_MOST_TOKENS: Final = 20_000
"""Of one case; a `tsvector` holds one megabyte."""
_LINE: Final = 7_305_413
"""Those who write documents on PostgreSQL stand in one line behind this number; nobody else does."""


@frozen
class ReadIn:
    """Documents ready to be written, and the cases that were due."""

    due: tuple[int, ...]
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


def changed(db: Connection, *, behind: int = 0, most: int = AT_ONCE) -> ReadIn | None:
    """Reads in cases that have changed, in order of their ids, `behind` this one. None where none has. Changes nothing."""
    due = db.scalars(
        select(search_due.c.case_id)
        .where(search_due.c.office_id == OFFICE, search_due.c.case_id > behind)
        .order_by(search_due.c.case_id)
        .limit(most)
    ).all()
    return _read_in(db, due, tuple(due)) if due else None


def after(db: Connection, case_id: int, *, most: int = AT_ONCE) -> ReadIn | None:
    """Reads in the cases behind this one, in order of their ids. None where there is none. Changes nothing."""
    following = db.scalars(
        select(cases.c.id).where(cases.c.office_id == OFFICE, cases.c.id > case_id).order_by(cases.c.id).limit(most)
    ).all()
    return _read_in(db, following, ()) if following else None


def _read_in(db: Connection, case_ids: Collection[int], due: tuple[int, ...]) -> ReadIn:
    is_sqlite = db.dialect.name == "sqlite"
    rows = tuple(_row(one, is_sqlite) for one in documents(db, case_ids).values())
    return ReadIn(due, rows, max(case_ids))


def keep(db: Connection, read: ReadIn) -> None:
    """What somebody else has meanwhile written of a case as it is later stays."""
    if db.dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(literal(_LINE, BigInteger))))
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
    if read.due:
        _answer(db, read)


def _answer(db: Connection, read: ReadIn) -> None:
    """They are due no more. Whoever works in one of the cases waits for this and the commit, and for nothing before."""
    there = {row["case_id"] for row in read.rows}
    as_it_is = db.scalars(
        select(cases.c.id)
        .join(
            search_documents,
            and_(search_documents.c.office_id == cases.c.office_id, search_documents.c.case_id == cases.c.id),
        )
        .where(cases.c.office_id == OFFICE, cases.c.id.in_(there), search_documents.c.length >= cases.c.chain_length)
        .with_for_update(read=True, of=cases, skip_locked=True)
    ).all()
    done = [*as_it_is, *(one for one in read.due if one not in there)]
    db.execute(delete(search_due).where(search_due.c.office_id == OFFICE, search_due.c.case_id.in_(done)))


def forget_all(db: Connection) -> None:
    """Before everything is read in anew. What is due stays so."""
    for statement in ("DELETE FROM search_words", "DELETE FROM search_documents"):
        db.execute(text(statement))


def _row(one: Document, is_sqlite: bool) -> dict[str, Any]:
    marked = sorted(one.marked)
    tokens = [*marked, *sorted(kept(one.texts))[: _MOST_TOKENS - len(marked)]]
    return {
        "case_id": one.case_id,
        "length": one.length,
        "parts": written(one.parts),
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
