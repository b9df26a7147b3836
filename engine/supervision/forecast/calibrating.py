"""Makes chances true and ranges wide enough, by what came of earlier ones. Pure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Final

from engine.supervision.forecast.measures import brier
from engine.supervision.forecast.survival import curve

ENDS: Final = (0.9, 0.1)
"""How likely what is longer than either end of a range of 80 %, as far as chances are true."""
_FURTHEST: Final = 3.0
_STEPS: Final = 30
_OF_THE_WAY: Final = 0.5
"""What was missed on one turn is half the season's, and half stays."""


def shifted(chance: float, shift: float) -> float:
    """By logarithms of odds. What is certain stays so."""
    return 1 / (1 + (1 - chance) / chance * math.exp(-shift)) if 0 < chance < 1 else chance


def missed_by(said: Sequence[float], came: Sequence[bool]) -> float:
    """The shift with which as many are said to come as came."""
    low, high = -_FURTHEST, _FURTHEST
    for _ in range(_STEPS):
        middle = (low + high) / 2
        fewer = sum(shifted(one, middle) for one in said) < sum(came)
        low, high = (middle, high) if fewer else (low, middle)
    return (low + high) / 2


def drift(turns: Sequence[tuple[Sequence[float], Sequence[bool]]]) -> float:
    """Half of what the last turn missed by, only where half of what one turn missed by bettered the next; else nought.

    `turns`: what was said and what came, the earliest first.
    """
    as_said = bettered = 0.0
    for before, (said, came) in itertools.pairwise(turns):
        shift = _OF_THE_WAY * missed_by(*before)
        as_said += brier(said, came) * len(said)
        bettered += brier([shifted(one, shift) for one in said], came) * len(said)
    return _OF_THE_WAY * missed_by(*turns[-1]) if bettered < as_said else 0.0


def ends(longer: Sequence[float], as_long: Sequence[float], ended: Sequence[bool]) -> tuple[float, float]:
    """How likely what was longer than either end: a tenth of what came lies beyond each (conformal, by distributions).

    Of each its chance to take longer than it took, and as long; of what is open, than it was seen. That its own chance
    is lower still is known, and no more: so it is censored, as a length is. To leave it out would leave out the long ones.
    """
    low = curve([(1 - one, was) for one, was in zip(longer, ended, strict=True)]).quantile(1 - ENDS[0])
    high = curve([(1 - one, was) for one, was in zip(as_long, ended, strict=True)]).quantile(1 - ENDS[1])
    return ENDS[0] if low is None else 1 - low, ENDS[1] if high is None else 1 - high
