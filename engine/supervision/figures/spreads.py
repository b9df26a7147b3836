"""Middles, outer ones and shares of what was measured, with how many that were. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from engine.base.frozen import frozen

FEW: Final = 20
"""Of fewer than this a page says "too few" instead of a middle or a share."""

MEAN_OF: Final = 5
"""Of fewer than this no mean is told either: it would be what one or two did."""


@frozen
class Spread:
    """Of `n` that could be measured. Middle and outer ones are None where there is none."""

    n: int = 0
    total: timedelta = timedelta(0)
    mean: timedelta | None = None
    median: timedelta | None = None
    p85: timedelta | None = None
    p95: timedelta | None = None

    @property
    def few(self) -> bool:
        return self.n < FEW

    @property
    def is_tiny(self) -> bool:
        return self.n < MEAN_OF


@frozen
class Share:
    """So many `of` so many; no value where there is none to measure."""

    n: int
    of: int

    @property
    def value(self) -> float | None:
        return self.n / self.of if self.of else None

    @property
    def few(self) -> bool:
        return self.of < FEW


def spread(values: Iterable[timedelta]) -> Spread:
    """Percentiles are the nearest rank: a value that was really there, at or below which so many lie."""
    ordered = sorted(values)
    if not ordered:
        return Spread()
    total = sum(ordered, timedelta(0))
    return Spread(
        len(ordered), total, total / len(ordered), ranked(ordered, 50), ranked(ordered, 85), ranked(ordered, 95)
    )


def ranked(ordered: Sequence[timedelta], percent: int) -> timedelta:
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
