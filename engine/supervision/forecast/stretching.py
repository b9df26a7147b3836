"""Open cases held to how those of the weeks before came out: cases took so many times as long as foretold. Pure.

Curves know how long cases took, not that a queue grows or shrinks. Nobody knows either whether it goes on: so a case is
told both ways, as it was reckoned and as many times as long, and never by what was held before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from engine.base.frozen import frozen
from engine.supervision.forecast.model import Forecast, Model
from engine.supervision.forecast.prefixes import Rows
from engine.supervision.forecast.stories import Moment
from engine.supervision.forecast.survival import Curve, curve

LEARNED_OVER: Final = 4
"""Of so many weeks, the latest, it is seen how cases came out."""
HOLDS: Final = (0.75, 0.85)
"""Ranges of 80 % that hold as many are as they should be: nothing is changed."""
_FEWEST_WEEKS: Final = 3
_FEWEST_CASES: Final = 8
_AS_FORETOLD: Final = 15
"""Drawn towards no change as by so many cases that came as foretold."""
_SURE: Final = 2.0
"""Standard errors by which more, or fewer, than half must have taken longer than the middle."""
_MOST: Final = 3.0
_LEAST: Final = 0.05
_SHORTEST: Final = 0.02


@frozen
class Foretold:
    """A case as it was reckoned once, in days from then on; for how long it was `seen` since, and whether it `ended` then."""

    case_id: int
    week: date
    low: float
    middle: float
    high: float
    seen: float
    ended: bool


def stretch(before: Sequence[Foretold]) -> float:
    """How many times as long as foretold they took; 1 where the ranges held, or too little is known to say otherwise.

    What is still open counts as longer than seen (Kaplan and Meier): of the latest hardly any but the short ones have ended.
    """
    known = {one.case_id for one in before if one.ended or one.seen > one.middle}
    if len(known) < _FEWEST_CASES or len({one.week for one in before}) < _FEWEST_WEEKS:
        return 1.0
    by_middle = _times(before, lambda one: one.middle)
    longer = by_middle.chance_beyond(1.0)
    if HOLDS[0] <= _held(before) <= HOLDS[1] or abs(longer - 0.5) * 2 * math.sqrt(len(known)) < _SURE:
        return 1.0
    times = by_middle.quantile(0.5) or by_middle.lengths[-1]
    drawn = min(max(times, 1 / _MOST), _MOST) ** (len(known) / (len(known) + _AS_FORETOLD))
    return round(drawn, 2) if abs(drawn - 1) >= _LEAST else 1.0


def _held(before: Sequence[Foretold]) -> float:
    as_low = _times(before, lambda one: one.low).chance_of_as_long(1.0)
    return as_low - _times(before, lambda one: one.high).chance_beyond(1.0)


def _times(before: Sequence[Foretold], of: Callable[[Foretold], float]) -> Curve:
    return curve([(one.seen / max(of(one), _SHORTEST), one.ended) for one in before])


def both_ways(model: Model, one: Moment, rows: Rows | None, said: Forecast, times: float) -> Forecast:
    """The range holds both, the middle lies between, chances are the mean of both."""
    if times == 1.0:
        return said
    sooner = {
        kind: one.by_periods + left / times if (left := one.left(kind)) is not None and left > 0 else due
        for kind, due in one.story.dues.items()
    }
    other = model.says(replace(one, story=replace(one.story, dues=sooner)), rows) or said
    return replace(
        said, low=said.low * min(times, 1.0), middle=said.middle * math.sqrt(times), high=said.high * max(times, 1.0),
        chances={kind: (chance + other.chances.get(kind, chance)) / 2 for kind, chance in said.chances.items()},
    )  # fmt: skip
