"""Sums for a period, piece by piece added up where they are kept, and what is not folded yet of the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    SmallInteger,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    union_all,
)

from engine.base.database import OFFICE
from engine.supervision.figures.joined import joined
from engine.supervision.figures.periods import Piece, pieces
from engine.supervision.figures.sums import BINS, Grain, Kind, SumKey
from engine.supervision.figures.wanted import Asked


def period_of(one: Asked, since: date | None, until: date | None) -> tuple[int, int]:
    return (since or one.scope.since).toordinal(), (until or one.scope.until).toordinal()


def among(column: ColumnElement[int], ids: Iterable[int]) -> ColumnElement[bool]:
    """As `in_`, but written out: for hundreds of parameters a driver would spend more than a server does."""
    return column.in_(_written("ids", list(ids), unique=True))


def _written(name: str, ids: list[int] | None = None, *, unique: bool = False) -> Any:
    return bindparam(name, ids, expanding=True, literal_execute=True, unique=unique)


class Some(NamedTuple):
    """Rows of some places, in the pieces of a period. `column`: of the place that stands in `ids`."""

    pieces: Sequence[Piece]
    ids: Sequence[int]
    column: str = "place_id"


class _Place(NamedTuple):
    """Where rows stand. `group`: which of the ids, `column`: of the place that stands in them."""

    grain: Grain
    group: int
    column: str


_Shape = tuple[tuple[int, _Place], ...]
"""Of each piece its sign, and where its rows stand."""


def _shape_of(some: Sequence[Some]) -> tuple[_Shape, dict[str, Any]]:
    shape: list[tuple[int, _Place]] = []
    given: dict[str, Any] = {}
    for group, one in enumerate(some):
        given[f"ids{group}"] = one.ids
        for piece in one.pieces:
            given[f"begin{len(shape)}"], given[f"end{len(shape)}"] = piece.begin, piece.end
            shape.append((piece.sign, _Place(piece.grain, group, one.column)))
    return tuple(shape), given


def _where(kind: Kind, number: int, at: _Place) -> Iterator[ColumnElement[bool]]:
    table = kind.table.c
    yield table.office_id == OFFICE
    yield table.grain == literal_column(str(int(at.grain)), SmallInteger)
    yield table.day.between(bindparam(f"begin{number}"), bindparam(f"end{number}"))
    yield table[at.column].in_(_written(f"ids{at.group}"))
    if at.column == FROM_PLACE:  # where cases ended
        yield table.to_place == 0


FROM_PLACE: Final = "from_place"


def sums(
    db: Connection, kind: Kind, keys: tuple[str, ...], numbers: tuple[str, ...], some: Sequence[Some]
) -> Sequence[Any]:
    """One row of each key: what is taken away is taken away there."""
    shape, given = _shape_of(some)
    return db.execute(_sums(kind, keys, numbers, shape), given).all() if shape else ()


@lru_cache(maxsize=256)
def _sums(kind: Kind, keys: tuple[str, ...], numbers: tuple[str, ...], shape: _Shape) -> Any:
    """Put together once for all periods that fall into pieces alike: SQLAlchemy would spend more on it than SQLite."""
    table = kind.table.c
    by = [table[name] for name in keys]
    each = [
        select(*by, *((func.sum(table[name]) if sign > 0 else -func.sum(table[name])).label(name) for name in numbers))
        .where(*_where(kind, number, at))
        .group_by(*by)
        for number, (sign, at) in enumerate(shape)
    ]  # fmt: skip
    every = union_all(*each).subquery().c
    keyed = [every[name] for name in keys]
    return select(*keyed, *(cast(func.sum(every[name]), BigInteger) for name in numbers)).group_by(*keyed)


def bins(db: Connection, measures: Sequence[int], some: Sequence[Some]) -> Sequence[Any]:
    """Sign, place and measure, and of each what `joined.apart` takes apart."""
    shape, given = _shape_of(some)
    return db.execute(_bins(shape), given | {"measures": measures}).all() if shape else ()


@lru_cache(maxsize=64)
def _bins(shape: _Shape) -> Any:
    table = BINS.table.c
    keys = [table.place_id, table.measure]
    each = [
        select(literal_column(str(sign)).label("sign"), *keys, *joined(table.bins))
        .where(*_where(BINS, number, at), table.measure.in_(_written("measures")))
        .group_by(*keys)
        for number, (sign, at) in enumerate(shape)
    ]  # fmt: skip
    return union_all(*each)


def rows_of(
    db: Connection, kind: Kind, columns: Sequence[Any], places: Collection[int], period: tuple[int, int]
) -> Sequence[Any]:
    """Rows as they are kept, behind the sign of the piece that they stand in."""
    shape, given = _shape_of([Some(pieces(*period, kind.grains), list(places))])
    each = [
        select(literal_column(str(sign)).label("sign"), *columns).where(*_where(kind, number, at))
        for number, (sign, at) in enumerate(shape)
    ]
    return db.execute(union_all(*each), given).all()


def of_steps(one: Asked, kind: Kind, period: tuple[int, int]) -> list[Some]:
    """Steps that are asked for whole together, all others place by place."""
    together, others = one.together, one.others
    return [
        Some(pieces(*period, grains), ids)
        for ids, grains in ((list(together), tuple(Grain)), (list(others), kind.grains))
        if ids
    ]  # fmt: skip


def unfolded(
    one: Asked, kind: Kind, period: tuple[int, int], holds: Callable[[SumKey], bool]
) -> Iterator[tuple[SumKey, Any]]:
    for key, change in one.pending.of(kind):
        if period[0] <= key[kind.day] <= period[1] and holds(key):
            yield key, change


def plus(so_far: Sequence[int], more: Sequence[int]) -> tuple[int, ...]:
    return tuple(map(int.__add__, so_far, more))


def more(told: dict[Any, Any], key: Any, numbers: Sequence[int], make: Callable[..., Any]) -> None:
    """Added to what is told under the key."""
    before = told.get(key)
    told[key] = make(*(numbers if before is None else plus(before, numbers)))
