"""Many rows in one go to the driver: for each of them SQLAlchemy would spend more than the database does.

A server is sent them as one statement, column by column: row by row it would spend more on each than on what it does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table

from engine.base.dialects import upserting

_VALUES: Final = re.compile(r"VALUES \(.*\)(?= ON CONFLICT)")


class Many:
    """An INSERT of rows told in the order of the table's columns, no key twice. Every value must be the driver's own."""

    def __init__(self, table: Table, statement: Callable[[Any], Any]) -> None:
        self._table = table
        self._statement = statement
        self._by_kind: dict[str, str] = {}

    @property
    def columns(self) -> list[str]:
        return [column.name for column in self._table.c]

    def text(self, db: Connection) -> str:
        kind = db.dialect.name
        if kind not in self._by_kind:
            insert = upserting(kind)
            compiled = self._statement(insert).compile(dialect=db.dialect, column_keys=self.columns)
            self._by_kind[kind] = str(compiled) if kind == "sqlite" else self._by_columns(db, str(compiled))
        return self._by_kind[kind]

    def _by_columns(self, db: Connection, statement: str) -> str:
        lists = ", ".join(f"%s::{column.type.compile(dialect=db.dialect)}[]" for column in self._table.c)
        return _VALUES.sub(f"SELECT * FROM unnest({lists})", statement, count=1)  # noqa: S608 -- of the table's own words


def write_many(db: Connection, many: Many, rows: Sequence[Sequence[Any]]) -> None:
    if db.dialect.name == "sqlite":
        db.exec_driver_sql(many.text(db), [tuple(row) for row in rows])
    else:
        db.exec_driver_sql(many.text(db), tuple(map(list, zip(*rows, strict=True))))


def alike(ids: Sequence[int]) -> list[int]:
    """As many as some power of two, the last of them repeated: a statement whose text comes again is planned once."""
    more = (1 << max(0, len(ids) - 1).bit_length()) - len(ids)
    return [*ids, *([ids[-1]] * more if ids else [])]
