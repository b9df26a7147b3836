"""What nearly every test needs alike is made once per process and copied: addresses of the web, a small office."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from sqlalchemy import Connection, Table, func, insert, select
from werkzeug.routing import Rule

from engine.base.database import metadata

_COMPILED: Final = ("_parts", "_trace", "_converters", "_build", "_build_unknown", "arguments")
"""What compiling an address leaves on it."""


@contextmanager
def addresses() -> Iterator[None]:
    """Hundreds of them are compiled each time a web is made, always to the same, which takes most of making it."""
    compiled: dict[Hashable, dict[str, Any]] = {}
    compile_ = Rule.compile

    def once(rule: Rule) -> None:
        if rule.defaults or rule.host or rule.subdomain:  # what is said of few is compiled for each
            compile_(rule)
            return
        key = (
            rule.rule,
            rule.merge_slashes,
            tuple(sorted((name, id(one)) for name, one in rule.map.converters.items())),
        )
        if key not in compiled:
            compile_(rule)
            compiled[key] = {name: getattr(rule, name) for name in _COMPILED}
        rule.__dict__.update(compiled[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "compile", once)
        yield


Rows = tuple[tuple[Table, list[dict[str, Any]]], ...]


def taken(db: Connection) -> Rows:
    """Every row that is kept."""
    found = (
        (table, [dict(row) for row in db.execute(select(table).order_by(*table.primary_key)).mappings()])
        for table in metadata.sorted_tables
    )
    return tuple((table, rows) for table, rows in found if rows)


def put(db: Connection, rows: Rows) -> None:
    """What was taken of one database, into an empty one; numbers that are given go on after those that are there."""
    for table, those in rows:
        db.execute(insert(table), those)
    if db.dialect.name == "postgresql":
        given = [
            (table.name, one.name, those[-1][one.key]) for table, those in rows if (one := _numbered(table)) is not None
        ]
        db.execute(select(*(func.setval(func.pg_get_serial_sequence(*of), last) for *of, last in given)))


def _numbered(table: Table) -> Any:
    return table.autoincrement_column
