"""Grows trees that say of any length whether a case takes longer. Needs numpy: only the program that learns imports it.

Each moment is asked for several lengths. Of one that is open it is known, too, that it took longer than it could be seen.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.supervision.forecast.boosting import MANY, Grown, Matrix, grow
from engine.supervision.forecast.days import Days
from engine.supervision.forecast.turns import Watched

_ASKED: Final = 4
_OF_MANY: Final = 2
_MOST: Final = 0.97
_DICE: Final = 20
_STEPS: Final = 10
_HOURS: Final = 24.0


def taught(of: Watched, later: Watched, days: Days) -> Grown:
    """With as many trees as were best on what came later."""
    thin = slice(None, None, max(1, -(-4 * len(later.rows) // MANY)))
    return grow(*asked(of, days), against=asked(later.some(thin), days), many=len(of.rows) > MANY)


def anew(of: Watched, days: Days, rounds: int, seed: int) -> Grown:
    return grow(*asked(of, days), rounds=rounds, seed=seed, many=len(of.rows) > MANY)


def asked(of: Watched, days: Days) -> tuple[Matrix, Matrix]:
    """Rows, and whether it took longer: half of the lengths as they came, half of any up to the longest but few."""
    dice = np.random.default_rng(_DICE)
    known = np.maximum(of.remaining[~np.isnan(of.remaining)], 0.0)
    most = float(np.quantile(known, _MOST))
    rows, took = [], []
    for number in range(_OF_MANY if len(of.rows) > MANY else _ASKED):
        count = len(of.rows)
        length = dice.choice(known, count) if number % 2 == 0 else dice.uniform(0.0, most, count)
        seen = length <= of.horizon
        rows.append(beside(of.rows[seen], of.at[seen], length[seen], days))
        left = of.remaining[seen]
        took.append(np.isnan(left) | (left > length[seen]))
    return np.concatenate(rows), np.concatenate(took).astype(np.float64)


def beside(rows: Matrix, at: Matrix, length: Matrix, days: Days) -> Matrix:
    """Rows with what `Days.ahead` says of each length, which is asked a million times while anything is learned."""
    begins, worked = np.asarray(days.begins), np.asarray(days.worked)
    here = np.maximum(np.searchsorted(begins, at, side="right") - 1, 0)
    then = np.clip(np.searchsorted(begins, at + length, side="right") - 1, 0, len(begins) - 2)
    since = at - begins[np.maximum(here - (days.first + here + 3) % 7, 0)]
    of_day = begins[then + 1] - begins[then]
    share = np.divide(at + length - begins[then], of_day, out=np.zeros(len(at)), where=of_day > 0)
    in_week = ((days.first + then + 3) % 7 + np.clip(share, 0.0, 1.0)) * 24
    return np.hstack([rows, np.column_stack([length, length + since, in_week, worked[then] - worked[here]])])


def beyond(trees: Grown, of: Watched, length: Matrix, days: Days) -> Matrix:
    """The chance of each to take longer than its length."""
    return trees.of(beside(of.rows, of.at, length, days))


def within(trees: Grown, of: Watched, share: float, most: float, days: Days) -> Matrix:
    """The length beyond which it is no likelier than the share that it takes longer; sought between logarithms."""
    low, high = np.zeros(len(of.rows)), np.full(len(of.rows), np.log1p(_HOURS * most))
    for _ in range(_STEPS):
        middle = (low + high) / 2
        longer = beyond(trees, of, np.expm1(middle) / _HOURS, days) > share
        low, high = np.where(longer, middle, low), np.where(longer, high, middle)
    return np.asarray(np.expm1((low + high) / 2) / _HOURS)
