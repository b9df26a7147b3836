"""Makes chances true and ranges wide enough, by what came of earlier ones. Pure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Final

from engine.supervision.forecast.measures import brier

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


def quantile(values: Sequence[float], share: float) -> float:
    """The one below which at least so many lie, counted with one more than there are (split conformal)."""
    ordered = sorted(values)
    place = math.ceil(share * (len(ordered) + 1)) - 1
    return ordered[min(max(place, 0), len(ordered) - 1)]
