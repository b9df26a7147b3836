"""The ways that cases went, as they are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import Connection, select, union_all

from engine.base.database import OFFICE
from engine.supervision.figures import kept
from engine.supervision.figures.periods import pieces
from engine.supervision.figures.sums import WAYS, Variant


def ways_kept(
    db: Connection, places: Collection[int], period: tuple[int, int]
) -> tuple[dict[int, tuple[int, int]], dict[int, list[bytes]]]:
    """By variant: how many and how long together; and their bins."""
    numbers: dict[int, tuple[int, int]] = {}
    written: dict[int, list[bytes]] = defaultdict(list)
    table = WAYS.table
    asked = [
        select(table.c.variant_id, table.c.n, table.c.calendar, table.c.bins).where(
            table.c.office_id == OFFICE, table.c.grain == grain, table.c.day.between(begin, end),
            table.c.place_id.in_(list(places)),
        )
        for grain, begin, end in pieces(*period)
    ]  # fmt: skip
    for variant, n, total, bins in db.execute(union_all(*asked)):
        numbers[variant] = _both(numbers, variant, n, total)
        written[variant].append(bins)
    return numbers, written


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
