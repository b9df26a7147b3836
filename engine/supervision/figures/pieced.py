"""Rows of sums for a period, piece by piece, and what is not folded yet of the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import neg
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, literal_column, select, union_all

from engine.base.database import OFFICE
from engine.supervision.figures.periods import Piece, pieces
from engine.supervision.figures.sums import Grain, Kind, SumKey, of_step
from engine.supervision.figures.wanted import Asked


def period_of(one: Asked, since: date | None, until: date | None) -> tuple[int, int]:
    return (since or one.scope.since).toordinal(), (until or one.scope.until).toordinal()


def among(column: ColumnElement[int], ids: Iterable[int]) -> ColumnElement[bool]:
    """As `in_`, but written out: for hundreds of parameters a driver would spend more than a server does."""
    return column.in_(bindparam("ids", list(ids), expanding=True, literal_execute=True, unique=True))


def rows_of(
    db: Connection, kind: Kind, columns: Sequence[Any], where: Collection[ColumnElement[bool]], period: tuple[int, int],
    *, by: Sequence[Any] = (),
) -> Sequence[Any]:  # fmt: skip
    """Rows of each piece of the period that one of `where` is true of, behind the sign of the piece: one simple question
    each, not one with many ors."""
    asked_ = [
        _piece(kind, piece, columns, one, by)
        for piece in pieces(*period, kind.grains)
        for one in where
    ]  # fmt: skip
    return db.execute(union_all(*asked_)).all()


_SIGNS: Final[Mapping[int, ColumnElement[Any]]] = {sign: literal_column(str(sign)).label("sign") for sign in (1, -1)}


def _piece(kind: Kind, piece: Piece, columns: Sequence[Any], where: ColumnElement[bool], by: Sequence[Any]) -> Any:
    table = kind.table
    return (
        select(_SIGNS[piece.sign], *columns)
        .where(table.c.office_id == OFFICE, table.c.grain == piece.grain, table.c.day.between(piece.begin, piece.end), where)
        .group_by(*by)
    )  # fmt: skip


def rows_by_step(
    db: Connection, one: Asked, kind: Kind, columns: Sequence[Any], period: tuple[int, int], *, by: Sequence[Any],
    more: Collection[ColumnElement[bool]] = (),
) -> Sequence[Any]:  # fmt: skip
    """As `rows_of`, of steps: those that are asked for whole are joined, but for single days."""
    place = kind.table.c.place_id
    whole = {number: step for number, step in one.whole.items() if step.element}
    steps_ = set(whole.values())
    mine = [number for number, step in one.steps.items() if of_step(step) in steps_]
    others = [number for number, step in one.steps.items() if of_step(step) not in steps_]
    asked_ = []
    for numbers, joined_, grains in ((mine, list(whole), _OF_STEP), (others, others, kind.grains)):
        for piece in pieces(*period, grains) if numbers else ():
            where = and_(among(place, numbers if piece.grain is Grain.DAY else joined_), *more)
            asked_.append(_piece(kind, piece, columns, where, by))
    return db.execute(union_all(*asked_)).all() if asked_ else ()


_OF_STEP: Final = tuple(Grain)
"""Days are not kept of steps: those of their places are added up."""


def summed(
    rows: Iterable[Any], keys: int, told: dict[Any, tuple[int, ...]] | None = None
) -> dict[Any, tuple[int, ...]]:  # fmt: skip
    """Of rows of a sign, so many columns of a key, and numbers."""
    told = {} if told is None else told
    for sign, *row in rows:
        key, numbers = tuple(row[:keys]), tuple(map(int, row[keys:]))
        if sign < 0:
            numbers = tuple(map(neg, numbers))
        before = told.get(key)
        told[key] = numbers if before is None else plus(before, numbers)
    return told


def sums_of(kind: Kind) -> list[Any]:
    return [func.sum(kind.table.c[name]).label(name) for name in kind.numbers]


def unfolded(
    one: Asked, kind: Kind, period: tuple[int, int], holds: Callable[[SumKey], bool]
) -> Iterator[tuple[SumKey, Any]]:
    for key, change in one.pending.of(kind):
        if period[0] <= key[kind.day] <= period[1] and holds(key):
            yield key, change


def plus(so_far: Sequence[int], more: Sequence[int]) -> tuple[int, ...]:
    return tuple(int(a) + int(b) for a, b in zip(so_far, more, strict=True))
