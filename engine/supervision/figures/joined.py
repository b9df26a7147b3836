"""Many rows of bins read as one: the driver would spend more on each of them than the database does on joining them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, LargeBinary, String, func, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

_NO_COUNTS: Final = bytes(2)


class _hexed(GenericFunction[str]):  # noqa: N801 -- read like the function it stands for
    type = String()
    inherit_cache = True


@compiles(_hexed, "sqlite")
def _in_sqlite(one: Any, compiler: Any, **given: Any) -> str:
    return f"hex({compiler.process(one.clauses, **given)})"


@compiles(_hexed, "postgresql")
def _in_postgresql(one: Any, compiler: Any, **given: Any) -> str:
    return f"encode({compiler.process(one.clauses, **given)}, 'hex')"


def joined(bins: ColumnElement[bytes]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Aggregates of a group of rows: the lists of all that are lists alone, and the others one by one."""
    alone = func.substr(bins, 1, 2, type_=LargeBinary) == literal(_NO_COUNTS, LargeBinary)
    lists = func.aggregate_strings(_hexed(func.substr(bins, 3)), "").filter(alone)
    return lists, func.aggregate_strings(_hexed(bins), ",").filter(~alone)


def apart(lists: str | None, others: str | None) -> Iterator[bytes]:
    """Rows for `Bins.added_up` again."""
    if lists:
        yield _NO_COUNTS + bytes.fromhex(lists)
    if others:
        yield from map(bytes.fromhex, others.split(","))
