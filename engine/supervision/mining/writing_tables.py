"""Logs written out as OCEL 2.0 in its relational form: a file of SQLite that any program can open and ask.

Names of types and attributes are whatever people wrote: they become values, or quoted names of columns; tables are
numbered by us. It is built on disk, so that it takes no memory however many cases there are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import orjson

from engine.supervision.mining.events import Event, Trace
from engine.supervision.mining.writing import OBJECTS, UNFIT, WORDS_OUT, Found, kind_of, related, said

_PIECE: Final = 1 << 18
_MOST_COLUMNS: Final = 1_000
"""Attributes of cases with a column of their own; SQLite knows no more than 2,000. Others stand in `other`, as JSON."""
_NEVER: Final = "1970-01-01 00:00:00.000+00:00"
_TYPES: Final = {"string": "TEXT", "integer": "INTEGER", "float": "REAL", "boolean": "BOOLEAN"}
_FRAME: Final = """
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT NOT NULL);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT NOT NULL);
CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL REFERENCES event_map_type (ocel_type));
CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL REFERENCES object_map_type (ocel_type));
CREATE TABLE event_object (
    ocel_event_id TEXT NOT NULL REFERENCES event (ocel_id), ocel_object_id TEXT NOT NULL REFERENCES object (ocel_id),
    ocel_qualifier TEXT NOT NULL, PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier));
CREATE TABLE object_object (
    ocel_source_id TEXT NOT NULL REFERENCES object (ocel_id), ocel_target_id TEXT NOT NULL REFERENCES object (ocel_id),
    ocel_qualifier TEXT NOT NULL, PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier));
CREATE TEMP TABLE facts (ocel_id TEXT PRIMARY KEY, said TEXT NOT NULL);
"""


def ocel_tables(traces: Iterable[Trace]) -> Iterator[bytes]:
    """The file, in pieces; it is gone from the disk when the last one is read."""
    with TemporaryDirectory(prefix="officium-") as folder:
        path = Path(folder) / "log.sqlite"
        _written(path, traces)
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


def _written(path: Path, traces: Iterable[Trace]) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    try:
        # Nobody else reads it before it is whole: there is nothing to undo.
        db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE; BEGIN")
        _File(db).write(traces)
        db.execute("COMMIT")
    finally:
        db.close()


class _File:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._types: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._found = Found()
        self._count = 0

    def write(self, traces: Iterable[Trace]) -> None:
        for statement in _FRAME.split(";\n"):
            self._db.execute(statement)
        self._db.executemany("INSERT INTO object_map_type VALUES (?, ?)", [(one, one) for one in OBJECTS])
        for place, trace in enumerate(traces):
            self._case(f"case:{place}:{trace.case}", trace)
        self._objects()
        self._facts()

    def _case(self, case: str, trace: Trace) -> None:
        facts = {_fit(key): _value(one) for key, one in {"name": trace.case, **trace.facts}.items()}
        for key, one in facts.items():
            found = kind_of(one)
            self._kinds[key] = found if self._kinds.get(key, found) == found else "string"
        self._object(case, "case")
        self._db.execute("INSERT INTO facts VALUES (?, ?)", (_fit(case), orjson.dumps(facts).decode()))
        for one in trace.events:
            self._event(one, case)

    def _event(self, one: Event, case: str) -> None:
        self._count += 1
        name, table = f"e{self._count}", self._type(_fit(one.activity))
        self._db.execute("INSERT INTO event VALUES (?, ?)", (name, _fit(one.activity)))
        self._db.execute(
            f"INSERT INTO event_{table} VALUES (?, ?, ?, ?)",  # noqa: S608  numbered by us
            (name, _instant(one.at), WORDS_OUT[one.lifecycle], one.cost),
        )
        seen = self._found.size
        pairs = related(one, case, self._found)
        if self._found.size > seen:
            self._new_objects(case)
        self._db.executemany(
            "INSERT OR IGNORE INTO event_object VALUES (?, ?, ?)", [(name, _fit(to), how) for to, how in pairs]
        )

    def _type(self, activity: str) -> str:
        if activity not in self._types:
            table = self._types[activity] = f"step{len(self._types) + 1}"
            self._db.execute("INSERT INTO event_map_type VALUES (?, ?)", (activity, table))
            self._db.execute(
                f"CREATE TABLE event_{table} (ocel_id TEXT PRIMARY KEY REFERENCES event (ocel_id), "
                "ocel_time TIMESTAMP NOT NULL, lifecycle TEXT, cost REAL)"
            )
        return self._types[activity]

    def _new_objects(self, case: str) -> None:
        """Tasks and papers belong to the case in which they came first."""
        for one, kind, how in self._found.fresh():
            self._object(one, kind)
            if how:
                self._db.execute("INSERT OR IGNORE INTO object_object VALUES (?, ?, ?)", (_fit(one), _fit(case), how))

    def _object(self, name: str, kind: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO object VALUES (?, ?)", (_fit(name), kind))

    def _objects(self) -> None:
        for kind in OBJECTS:
            if kind != "case":
                more = ", name TEXT" if kind == "department" else ""
                self._db.execute(f"CREATE TABLE object_{kind} ({_OF_OBJECT}{more})")
                self._db.execute(
                    f"INSERT INTO object_{kind} SELECT ocel_id, ?, NULL{', substr(ocel_id, 12)' if more else ''} "  # noqa: S608  ours
                    "FROM object WHERE ocel_type = ?",
                    (_NEVER, kind),
                )

    def _facts(self) -> None:
        columns: dict[
            str, str
        ] = {}  # the name of the attribute, and of its column: they are one to whoever ignores case
        known = {"ocel_id", "ocel_time", "ocel_changed_field", "other"}
        for key in self._kinds:
            if len(columns) < _MOST_COLUMNS and key.lower() not in known and key:
                known.add(key.lower())
                columns[key] = _TYPES[self._kinds[key]]
        drawn = "".join(f", {_quoted(key)} {kind}" for key, kind in columns.items())
        self._db.execute(f"CREATE TABLE object_case ({_OF_OBJECT}{drawn}, other TEXT)")
        marks = ", ".join("?" * (len(columns) + 4))
        for name, written in self._db.execute("SELECT ocel_id, said FROM temp.facts"):
            facts: dict[str, Any] = orjson.loads(written)
            row = [_as(facts.pop(key, None), kind) for key, kind in columns.items()]
            other = orjson.dumps(facts).decode() if facts else None
            self._db.execute(f"INSERT INTO object_case VALUES ({marks})", (name, _NEVER, None, *row, other))  # noqa: S608


_OF_OBJECT: Final = "ocel_id TEXT REFERENCES object (ocel_id), ocel_time TIMESTAMP NOT NULL, ocel_changed_field TEXT"


def _as(value: Any, kind: str) -> Any:
    """A name that some cases have a number by and others a word is a word in all."""
    return str(value) if kind == "TEXT" and value is not None else value


def _value(one: Any) -> Any:
    found = said(one)
    return _fit(found) if isinstance(found, str) else found


def _fit(text: str) -> str:
    return UNFIT.sub("\ufffd", text)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(sep=" ", timespec="milliseconds")
