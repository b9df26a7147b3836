"""Many rows of bins read as one: the driver would spend more on each of them than the database does on joining them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import ColumnElement, LargeBinary, String, func, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from engine.supervision.figures.bins import Bins

K = TypeVar("K", bound=Hashable)
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


class Gathered(Generic[K]):
    """Rows by some key, of pieces of a period that are added and that are taken away."""

    def __init__(self) -> None:
        self._of: dict[int, dict[K, list[bytes]]] = {1: defaultdict(list), -1: defaultdict(list)}

    def add(self, sign: int, key: K, written: Iterable[bytes]) -> None:
        self._of[sign][key] += written

    def __iter__(self) -> Iterator[K]:
        return iter(self._of[1])

    def __getitem__(self, key: K) -> Bins:
        bins = Bins.added_up(self._of[1].get(key, ()))
        less = self._of[-1].get(key)
        return bins.without(Bins.added_up(less)) if less else bins
