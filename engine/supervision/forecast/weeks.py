"""What the next weeks bring: endings, arrivals and cases that become late, each with a range. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, field
from statistics import fmean, pvariance
from typing import Any, Final

from engine.base.frozen import frozen
from engine.supervision.forecast.model import Survival
from engine.supervision.forecast.stories import Moment

_TENTH: Final = 1.2816
"""Standard deviations beyond which a tenth lies."""
_MEANT: Final = 0.8
LEANS_ON: Final = 8
"""Of so many weeks, the latest, it is seen how those before came out."""
_FEWEST_WEEKS: Final = 4
_LEAST_VARIANCE: Final = 0.25


@frozen
class Reckoned:
    """Before it is held to how other weeks came out."""

    mean: float
    variance: float


@frozen
class Leaning:
    """How weeks came out: at such a `share` of what was reckoned, and so many times as far from that as by chance."""

    share: float = 1.0
    width: float = 1.0


@frozen
class Expected:
    low: int
    middle: float
    high: int

    def holds(self, came: int) -> bool:
        return self.low <= came <= self.high


@frozen
class Leanings:
    endings: Leaning = field(default_factory=Leaning)
    arrivals: Leaning = field(default_factory=Leaning)
    late: Leaning = field(default_factory=Leaning)


@frozen
class Week:
    """`came_…`: what came, once the week is over. `reckoned`: what endings, arrivals and late ones were held from."""

    endings: Expected
    arrivals: Expected
    late: Expected | None
    came_endings: int | None = None
    came_arrivals: int | None = None
    came_late: int | None = None
    reckoned: tuple[Reckoned, Reckoned, Reckoned | None] | None = None

    def dumped(self) -> dict[str, Any]:
        return asdict(self)

    def held_from(self) -> tuple[Reckoned, Reckoned, Reckoned | None]:
        """Of a week that was foretold before others were looked at, from its range."""
        if self.reckoned is not None:
            return self.reckoned
        return _told(self.endings), _told(self.arrivals), None if self.late is None else _told(self.late)


def _told(one: Expected) -> Reckoned:
    return Reckoned(one.middle, ((one.high - one.low) / 2 / _TENTH) ** 2)


def endings_held(over: Iterable[Week]) -> tuple[int, int]:
    """Of the weeks that are over: in how many the range of endings held what came, and how many they are."""
    told = [one.endings.holds(one.came_endings) for one in over if one.came_endings is not None]
    return sum(told), len(told)


def read_week(kept: dict[str, Any]) -> Week:
    late = kept["late"]
    return Week(
        _read(kept["endings"]), _read(kept["arrivals"]), None if late is None else _read(late),
        kept["came_endings"], kept["came_arrivals"], kept["came_late"], _reckoned(kept.get("reckoned")),
    )  # fmt: skip


def _reckoned(kept: Any) -> tuple[Reckoned, Reckoned, Reckoned | None] | None:
    if kept is None:
        return None
    endings, arrivals, late = kept
    return Reckoned(**endings), Reckoned(**arrivals), None if late is None else Reckoned(**late)


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
    *, promised: bool, leanings: Sequence[Leanings],
) -> list[Week]:  # fmt: skip
    """`arrived`: of the last weeks how many cases began and how long was worked; `ahead`: how long is worked in each to come;
    `leanings`: of each of those, how weeks that were foretold as far ahead came out.

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
        late = [one.chance for one in opened if one.due_week == place]
        found.append(
            _week(
                Reckoned(sum(chances) + new, sum(one * (1 - one) for one in chances) + new * spread),
                Reckoned(coming, coming * spread),
                Reckoned(sum(late), sum(one * (1 - one) for one in late)) if promised else None,
                leanings[place],
            )
        )
    return found


def _week(endings: Reckoned, arrivals: Reckoned, late: Reckoned | None, of: Leanings) -> Week:
    return Week(
        _expected(endings, of.endings), _expected(arrivals, of.arrivals),
        None if late is None else _expected(late, of.late), reckoned=(endings, arrivals, late),
    )  # fmt: skip


def leaning(before: Sequence[tuple[Reckoned, int]], otherwise: Leaning) -> Leaning:
    """From weeks that are over, with what came: drawn towards what was reckoned as by one week more that came as it was.

    The range is as wide as would have held eight in ten of them, and never narrower than by chance. `otherwise`: where
    less than four are over. Why: curves know how long cases took, not that a queue grows or somebody is away.
    """
    told = [(one, came) for one, came in before if one.mean > 0]
    if len(told) < _FEWEST_WEEKS:
        return otherwise
    reckoned = sum(one.mean for one, _ in told)
    a_week = reckoned / len(told)
    share = (sum(came for _, came in told) + a_week) / (reckoned + a_week)
    off = sorted(abs(came - share * one.mean) / _deviation(one, share) for one, came in told)
    place = min(math.ceil(_MEANT * (len(off) + 1)), len(off)) - 1
    return Leaning(share, max(off[place] / _TENTH, 1.0))


def _deviation(one: Reckoned, share: float) -> float:
    return math.sqrt(max(share * one.variance, _LEAST_VARIANCE)) if one.mean > 0 else 0.0


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


def _expected(one: Reckoned, of: Leaning) -> Expected:
    mean = of.share * one.mean
    half = _TENTH * of.width * _deviation(one, of.share)
    return Expected(max(math.floor(mean - half), 0), round(mean, 1), math.ceil(mean + half))
