"""A period as rows of sums: long stretches as few rows, with days added, or taken away, where it does not begin or end with one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from engine.supervision.figures.sums import Grain, first_of

_COARSER: Final = (Grain.DAY, Grain.MONTH, Grain.YEAR)
_LONGEST: Final = {Grain.DAY: 1, Grain.MONTH: 31, Grain.YEAR: 366}


class Piece(NamedTuple):
    """Rows of a grain that begin on one of the days. `sign`: 1 where they are added, -1 where they are taken away."""

    sign: int
    grain: Grain
    begin: int
    end: int


def pieces(since: int, until: int, grains: Collection[Grain]) -> list[Piece]:
    """As few rows as there are: at most half a row of the next grain is added or taken away one by one."""
    ordered = [grain for grain in _COARSER if grain in grains]
    return _cover(since, until + 1, ordered)


def _cover(since: int, behind: int, grains: Sequence[Grain]) -> list[Piece]:
    grain, *coarser = grains
    plain = _between(grain, since, behind)
    if not coarser:
        return plain
    first, last = _nearest(coarser[0], since), _nearest(coarser[0], behind)
    if first >= last:
        return plain
    longer = [*_between(grain, since, first), *_cover(first, last, coarser), *_between(grain, last, behind)]
    return longer if _rows(longer) < _rows(plain) else plain


def _between(grain: Grain, one: int, other: int) -> list[Piece]:
    """From the one to the other; taken away where that is backwards."""
    if one == other:
        return []
    return [Piece(1, grain, one, other - 1) if one < other else Piece(-1, grain, other, one - 1)]


def _nearest(grain: Grain, day: int) -> int:
    before = first_of(grain, day)
    behind = first_of(grain, before + _LONGEST[grain])
    return before if day - before <= behind - day else behind


def _rows(some: Collection[Piece]) -> float:
    """About how many."""
    return sum((one.end - one.begin + 1) / _LONGEST[one.grain] for one in some)
