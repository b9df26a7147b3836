"""Grows trees for one procedure and says whether they were better. Needs LightGBM: only the program that learns imports it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from statistics import pvariance
from typing import Any, Final

import numpy as np

from engine.base.frozen import frozen
from engine.supervision.forecast.boosting import MANY, SEEDS, Grown, Matrix, more
from engine.supervision.forecast.calibrating import ENDS, ends
from engine.supervision.forecast.days import Days
from engine.supervision.forecast.forests import Forest, averaged
from engine.supervision.forecast.lateness import chances
from engine.supervision.forecast.learning import FEWEST_FOR_TREES, History
from engine.supervision.forecast.lengths import anew, beyond, taught, within
from engine.supervision.forecast.measures import mean_error
from engine.supervision.forecast.model import Boosted, Spread, dumped_boosted
from engine.supervision.forecast.turns import Part, Turn, Watched, has_stood, part, read_in, shrunk, turns

_BETTER: Final = 0.99
_WEIGHTS: Final = (0.25, 0.5, 0.75, 1.0)


@frozen
class Improved:
    """`plain`: the median of those that ended was nearer than that of all. `boosted` None: trees were no better than either.

    `ends`: of the range that survival tells.
    """

    boosted: Boosted | None
    plain: bool
    measured: dict[str, Any]
    ends: tuple[float, float] = ENDS

    def dumped(self) -> dict[str, Any]:
        boosted = None if self.boosted is None else dumped_boosted(self.boosted)
        return {"boosted": boosted, "plain": self.plain, "ends": self.ends, "measured": self.measured}


def improved(history: History) -> Improved:
    """What is used of the plain median, survival and trees; and in any case how good each was on validation."""
    stories = sorted(history.stories, key=lambda one: (one.begun, one.key))
    ended = sum(one.ended is not None and one.ended <= history.until for one in stories)
    measured: dict[str, Any] = {"ended": ended}
    past = turns(stories, history) if ended >= FEWEST_FOR_TREES else []
    if not past:
        return Improved(None, False, measured)
    spreads = [taught(turn.train.every, turn.valid.every, history.days) for turn in past]
    plain, weight = _mixed(past, spreads, measured)
    counted = spreads
    stood = has_stood(stories)
    if stood:
        counted = [taught(turn.train.counted, turn.valid.counted, history.days) for turn in past]
    late = chances(history, past, counted, measured)
    # How wide a range must be changes with the times: by the last turn alone it was nearer on those that followed.
    by_survival = _ends_of_survival(past[-1])
    if weight == 0.0 and not late:
        return Improved(None, plain, measured, by_survival)
    final, final_rows = read_in(stories, history, history.until)
    whole = part(stories, history, history.until, final_rows)
    spread = Spread(_anew(spreads, whole.every, history.days), _ends(past[-1], spreads), _most(whole))
    by_periods = _anew(counted, whole.counted, history.days) if stood and late else None
    return Improved(Boosted(final, weight, spread, by_periods, late), plain, measured, by_survival)


def _anew(before: Sequence[Grown], of: Watched, days: Days) -> Forest:
    """From all that is known, with as many trees as were best."""
    rounds = more([one.rounds for one in before])
    seeds = SEEDS[:1] if len(of.rows) > MANY else SEEDS
    return averaged([anew(of, days, rounds, seed).forest() for seed in seeds])


def _most(of: Part) -> float:
    return float(of.ended.remaining.max())


def _mixed(past: Sequence[Turn], spreads: Sequence[Grown], measured: dict[str, Any]) -> tuple[bool, float]:
    """Whether the plain median is nearer than survival's, and the part that trees have beside the nearer of the two.

    Of the middle of what remains; all turns together. Trees have no part unless they are better, and not by chance.
    """
    came = _joined([turn.valid.ended.remaining for turn in past])
    keys = [one.story.key for turn in past for one in turn.valid.moments]
    by_steps = {plain: _joined([turn.by_steps(plain=plain) for turn in past]) for plain in (False, True)}
    missed_by = {plain: mean_error(said.tolist(), came.tolist()) for plain, said in by_steps.items()}
    plain = missed_by[True] < missed_by[False]
    base = by_steps[plain]
    by_trees = _joined(
        [
            within(one, turn.valid.ended, 0.5, _most(turn.train), turn.rows.days)
            for one, turn in zip(spreads, past, strict=True)
        ]
    )
    mixed = {weight: _grown(weight * shrunk(by_trees) + (1 - weight) * shrunk(base)) for weight in _WEIGHTS}
    errors = {weight: mean_error(said.tolist(), came.tolist()) for weight, said in mixed.items()}
    weight = min(errors, key=lambda one: errors[one])
    measured |= {
        "validated": len(set(keys)), "survival": missed_by[False], "median": missed_by[True], "boosted": errors[weight],
        "weight": weight,
    }  # fmt: skip
    gained = np.abs(base - came) - np.abs(mixed[weight] - came)
    better = errors[weight] < _BETTER * missed_by[plain] and _beyond_chance(keys, gained.tolist())
    return plain, weight if better else 0.0


def _joined(parts: Sequence[Matrix]) -> Matrix:
    return np.concatenate(parts)


def _grown(logarithms: Matrix) -> Matrix:
    return np.asarray(np.expm1(np.clip(logarithms, 0, 30)) / 24)


def _beyond_chance(keys: Sequence[int], gained: Sequence[float]) -> bool:
    """By more than the standard error of what was gained, each case counted once: one case asked often is one witness."""
    by_case: dict[int, float] = defaultdict(float)
    for key, one in zip(keys, gained, strict=True):
        by_case[key] += one
    sums = list(by_case.values())
    return sum(sums) > math.sqrt(len(sums) * pvariance(sums))


def _ends(last: Turn, before: Sequence[Grown]) -> tuple[float, float]:
    """Of trees, by as many as are grown at last: those that were best on one turn may be bolder."""
    trees = Grown(more([one.rounds for one in before]), before[-1].booster)
    said = beyond(trees, last.valid.every, _seen(last), last.rows.days).tolist()
    return ends(said, said, _was_seen_to_end(last))


def _ends_of_survival(last: Turn) -> tuple[float, float]:
    found = []
    for one, length, ended in zip(last.valid.asked, _seen(last).tolist(), _was_seen_to_end(last), strict=True):
        alike = last.survival.alike(one)
        if alike is not None:
            of, waited, _at_step = alike
            found.append((of.chance_beyond(length, waited), of.chance_of_as_long(length, waited), ended))
    return ends(*zip(*found, strict=True)) if found else ENDS


def _seen(last: Turn) -> Matrix:
    """How long each took, or could be seen."""
    seen = last.valid.every
    return np.maximum(np.where(np.isnan(seen.remaining), seen.horizon, seen.remaining), 0.0).round(5)


def _was_seen_to_end(last: Turn) -> list[bool]:
    return [not math.isnan(one) for one in last.valid.every.remaining.tolist()]
