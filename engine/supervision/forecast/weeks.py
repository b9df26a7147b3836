"""What the next weeks bring: endings, arrivals and cases that become late, each with a range. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from statistics import fmean, pvariance
from typing import Any, Final

from engine.base.frozen import frozen
from engine.supervision.forecast.model import Survival
from engine.supervision.forecast.stories import Moment

_TENTH: Final = 1.2816
"""Standard deviations beyond which a tenth lies."""


@frozen
class Expected:
    low: int
    middle: float
    high: int

    def holds(self, came: int) -> bool:
        return self.low <= came <= self.high


@frozen
class Week:
    """`came_…`: what came, once the week is over."""

    endings: Expected
    arrivals: Expected
    late: Expected | None
    came_endings: int | None = None
    came_arrivals: int | None = None
    came_late: int | None = None

    def dumped(self) -> dict[str, Any]:
        return asdict(self)


def endings_held(over: Iterable[Week]) -> tuple[int, int]:
    """Of the weeks that are over: in how many the range of endings held what came, and how many they are."""
    told = [one.endings.holds(one.came_endings) for one in over if one.came_endings is not None]
    return sum(told), len(told)


def read_week(kept: dict[str, Any]) -> Week:
    late = kept["late"]
    return Week(
        _read(kept["endings"]), _read(kept["arrivals"]), None if late is None else _read(late),
        kept["came_endings"], kept["came_arrivals"], kept["came_late"],
    )  # fmt: skip


def _read(of: dict[str, Any]) -> Expected:
    return Expected(int(of["low"]), float(of["middle"]), int(of["high"]))


@frozen
class Open:
    """A case that is open: asked now, and in which of the weeks each of its periods is over (None: in none of them)."""

    moment: Moment
    due_week: int | None
    chance: float


def next_weeks(
    survival: Survival, opened: Sequence[Open], arrived: Sequence[tuple[int, float]], ahead: Sequence[float],
    *, promised: bool,
) -> list[Week]:  # fmt: skip
    """`arrived`: of the last weeks how many cases began and how long was worked; `ahead`: how long is worked in each to come.

    Those that begin within these weeks may end in them too: they count by how long cases take from their beginning.
    """
    worked = sum(length for _, length in arrived)
    rate = sum(count for count, _ in arrived) / worked if worked > 0 else 0.0
    spread = _spread([count for count, length in arrived if length > 0])
    borders = [0.0]
    for length in ahead:
        borders.append(borders[-1] + length)
    found = []
    for place, length in enumerate(ahead):
        chances = [_ends_within(survival, one.moment, borders[place], borders[place + 1]) for one in opened]
        coming = rate * length
        new = sum(
            rate * ahead[begun] * _new_ends(survival, borders, begun, place) for begun in range(place + 1)
        )  # fmt: skip
        ending = _expected(sum(chances) + new, sum(one * (1 - one) for one in chances) + new * spread)
        late = [one.chance for one in opened if one.due_week == place]
        found.append(
            Week(
                ending,
                _expected(coming, coming * spread),
                _expected(sum(late), sum(one * (1 - one) for one in late)) if promised else None,
            )
        )
    return found


def _spread(counts: Sequence[int]) -> float:
    """How much more arrivals vary than by chance alone; at least 1."""
    mean = fmean(counts) if counts else 0.0
    return max(pvariance(counts) / mean, 1.0) if len(counts) > 1 and mean > 0 else 1.0


def _ends_within(survival: Survival, one: Moment, begin: float, end: float) -> float:
    alike = survival.alike(one)
    if alike is None:
        return 0.0
    found, waited, _at_step = alike
    return found.chance_of_as_long(begin, waited) - found.chance_of_as_long(end, waited)


def _new_ends(survival: Survival, borders: Sequence[float], begun: int, place: int) -> float:
    """That one which begins in one week, on average in its middle, ends in another."""
    start = (borders[begun] + borders[begun + 1]) / 2
    begin = max(borders[place] - start, 0.0)
    return survival.whole.beyond(begin) - survival.whole.beyond(borders[place + 1] - start)


def _expected(mean: float, variance: float) -> Expected:
    half = _TENTH * math.sqrt(max(variance, 0.0))
    return Expected(max(math.floor(mean - half), 0), round(mean, 1), math.ceil(mean + half))
