"""A period as rows of sums: whole months as months, the days before and behind them as days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from engine.supervision.figures.sums import Grain, month_of

Piece = tuple[Grain, int, int]
"""A grain, and the first and the last of its days."""


def pieces(since: int, until: int, grains: Collection[Grain] = tuple(Grain)) -> list[Piece]:
    first = since if month_of(since) == since else month_after(since)
    behind = month_of(until + 1)
    if Grain.MONTH not in grains or first >= behind:
        return [(Grain.DAY, since, until)]
    edges = [(Grain.DAY, since, first - 1), (Grain.DAY, behind, until)]
    return [(Grain.MONTH, first, behind - 1), *(edge for edge in edges if edge[1] <= edge[2])]


def month_after(day: int) -> int:
    first = date.fromordinal(day).replace(day=1)
    return date(first.year + first.month // 12, first.month % 12 + 1, 1).toordinal()
