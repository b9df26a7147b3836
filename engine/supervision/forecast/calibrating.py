"""Makes chances true and ranges wide enough, by what came of earlier ones. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.supervision.forecast.measures import brier


@dataclass(frozen=True, slots=True)
class Isotonic:
    """A rising line through points: what was said, and how often it came true. Between two points it runs straight."""

    said: tuple[float, ...]
    came: tuple[float, ...]

    def __call__(self, chance: float) -> float:
        if not self.said:
            return chance
        place = bisect_left(self.said, chance)
        if place == 0:
            return self.came[0]
        if place == len(self.said):
            return self.came[-1]
        low, high = self.said[place - 1], self.said[place]
        share = (chance - low) / (high - low)
        return self.came[place - 1] + share * (self.came[place] - self.came[place - 1])


AS_SAID: Final = Isotonic((), ())
"""Leaves a chance as it is."""


def isotonic(said: Sequence[float], came: Sequence[bool]) -> Isotonic:
    """By pooling neighbours that fall (Ayer and others, 1955). Each pool stands at the middle of what was said in it."""
    pools: list[list[float]] = []  # how many, how many came true, the sum of what was said
    # What was said alike is one point, whatever became of it.
    alike: dict[float, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for chance, true in zip(said, came, strict=True):
        alike[chance] = [a + b for a, b in zip(alike[chance], (1.0, float(true), chance), strict=True)]
    for chance in sorted(alike):
        pools.append(alike[chance])
        while len(pools) > 1 and pools[-2][1] * pools[-1][0] >= pools[-1][1] * pools[-2][0]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    points = {total / count: true / count for count, true, total in pools}
    return Isotonic(tuple(points), tuple(points.values()))


def made_true(said: Sequence[float], came: Sequence[bool], begins: Sequence[int]) -> Isotonic:
    """A rising line, only where one drawn through earlier turns bettered those that followed: else it repeats a season.

    `begins`: where each turn begins, the earliest first.
    """
    as_said: list[float] = []
    bettered: list[float] = []
    later: list[bool] = []
    for begin, end in zip(begins[1:], (*begins[2:], len(came)), strict=True):
        line = isotonic(said[:begin], came[:begin])
        as_said += said[begin:end]
        bettered += [line(one) for one in said[begin:end]]
        later += came[begin:end]
    if not later:
        return AS_SAID
    return isotonic(said, came) if brier(bettered, later) < brier(as_said, later) else AS_SAID


def quantile(values: Sequence[float], share: float) -> float:
    """The one below which at least so many lie, counted with one more than there are (split conformal)."""
    ordered = sorted(values)
    place = math.ceil(share * (len(ordered) + 1)) - 1
    return ordered[min(max(place, 0), len(ordered) - 1)]
