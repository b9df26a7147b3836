"""The ways that cases went, as they are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import Connection, literal_column, select, union_all

from engine.base.database import OFFICE
from engine.supervision.figures import kept
from engine.supervision.figures.joined import Gathered
from engine.supervision.figures.periods import pieces
from engine.supervision.figures.pieced import among
from engine.supervision.figures.sums import WAYS, Variant


def ways_kept(
    db: Connection, places: Collection[int], period: tuple[int, int]
) -> tuple[dict[int, tuple[int, int]], Gathered[int]]:
    """By variant: how many and how long together; and their bins."""
    numbers: dict[int, tuple[int, int]] = {}
    bins = Gathered[int]()
    table = WAYS.table
    asked = [
        select(literal_column(str(piece.sign)), table.c.variant_id, table.c.n, table.c.calendar, table.c.bins).where(
            table.c.office_id == OFFICE, table.c.grain == piece.grain, table.c.day.between(piece.begin, piece.end),
            among(table.c.place_id, places),
        )
        for piece in pieces(*period, WAYS.grains)
    ]  # fmt: skip
    for sign, variant, n, total, written in db.execute(union_all(*asked)):
        numbers[variant] = _both(numbers, variant, sign * n, sign * total)
        bins.add(sign, variant, [written])
    return numbers, bins


def _both(numbers: Mapping[int, tuple[int, int]], variant: int, n: int, total: int) -> tuple[int, int]:
    before = numbers.get(variant, (0, 0))
    return before[0] + n, before[1] + total


_SOME: Final = 500


def ways_named(db: Connection, ids: Collection[int]) -> dict[int, Variant]:
    wanted = sorted(ids)
    found_: dict[int, Variant] = {}
    for begin in range(0, len(wanted), _SOME):
        found_ |= kept.variants_of(db, wanted[begin : begin + _SOME])
    return found_
