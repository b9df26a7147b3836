"""Grows trees for one procedure and says whether they were better. Needs LightGBM: only the program that learns imports it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import pvariance
from typing import Any, Final

import numpy as np

from engine.supervision.forecast.boosting import Grown, Matrix, Objective, grow, matrix
from engine.supervision.forecast.calibrating import made_true, quantile
from engine.supervision.forecast.forests import Forest, averaged
from engine.supervision.forecast.learning import FEWEST_FOR_TREES, History
from engine.supervision.forecast.measures import brier, calibration_error, mean_error, separation
from engine.supervision.forecast.model import Boosted, Chance, Survival, survival_of
from engine.supervision.forecast.prefixes import Rows, Vocabulary, learn
from engine.supervision.forecast.stories import Moment, Story, missed
from engine.supervision.forecast.survival import curve, lengths_by_step

_TRAIN: Final = 0.8
_BETTER: Final = 0.99
_FEWEST_MISSED: Final = 30
_WEIGHTS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
_MOST_WEIGHT: Final = 4.0
_SEEDS: Final = (20, 21, 22)
"""The middle is the mean of three that were grown by different dice."""
_SEEN: Final = 0.75
_FOLDS: Final = (0.5, 0.6, 0.7, 0.8)
"""Where each turn of the past begins by which chances are judged: it knows only what was known then."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Moments whose end was known, their rows, and what each stands for beside those whose end was not known."""

    moments: list[Moment]
    rows: Matrix
    remaining: Matrix
    weights: Matrix


def improved(history: History) -> tuple[Boosted | None, dict[str, Any]]:
    """None where they were no better; and in any case how good both were on validation."""
    stories = sorted(history.stories, key=lambda one: (one.begun, one.key))
    ended = sum(one.ended is not None and one.ended <= history.until for one in stories)
    if ended < FEWEST_FOR_TREES:
        return None, {"ended": ended}
    cut = int(_TRAIN * len(stories))
    first, last = stories[:cut], stories[cut:]
    known = history.until if history.hindsight else last[0].begun
    _vocabulary, rows = _read_in(first, history, known)
    train, valid = _part(first, history, known, rows), _part(last, history, history.until, rows)
    if not train.moments or not valid.moments:
        return None, {"ended": ended}
    survival = _survival(first, history, known)
    measured: dict[str, Any] = {"ended": ended, "validated": len({one.story.key for one in valid.moments})}

    middle = _fitted("middle", train, valid)
    by_trees = np.expm1(np.clip(middle.of(valid.rows), 0, 30)) / 24
    by_steps = _medians(survival, valid.moments, float(np.median(train.remaining)))
    measured["survival"] = mean_error(by_steps, valid.remaining.tolist())
    measured["boosted"] = mean_error(by_trees.tolist(), valid.remaining.tolist())
    lengths = measured["boosted"] < _BETTER * measured["survival"] and _beyond_chance(
        by_steps, by_trees.tolist(), valid
    )

    low, high = _fitted("low", train, valid), _fitted("high", train, valid)
    wider = _wider(low, high, valid)
    final, final_rows = _read_in(stories, history, history.until)
    chances = _chances(stories, history, rows, final_rows, measured)
    if not lengths and not chances:
        return None, measured
    whole = _part(stories, history, history.until, final_rows)
    middles = averaged([_anew("middle", middle, whole, seed) for seed in _SEEDS])
    ends = _anew("low", low, whole), _anew("high", high, whole)
    return Boosted(final, lengths, middles, *ends, wider, chances), measured


def _anew(end: Objective, one: Grown, whole: _Part, seed: int = _SEEDS[0]) -> Forest:
    """From all that is known, with as many trees as were best."""
    targets = _shrunk(whole.remaining)
    return grow(end, whole.rows, targets, weights=whole.weights, rounds=_more(one.rounds), seed=seed).forest()


def _read_in(stories: Sequence[Story], history: History, known: float) -> tuple[Vocabulary, Rows]:
    asked = [one for story in stories for one in history.moments(story) if history.hindsight or one.at <= known]
    remaining = [one.remaining if history.hindsight else one.known_remaining(known) for one in asked]
    labelled = [(one, left) for one, left in zip(asked, remaining, strict=True) if left is not None]
    vocabulary = learn([one for one, _ in labelled], [left for _, left in labelled])
    return vocabulary, Rows(vocabulary, history.works)


def _beyond_chance(by_steps: Sequence[float], by_trees: Sequence[float], valid: _Part) -> bool:
    """By more than the standard error of what was gained, each case counted once: one case asked often is one witness."""
    gained: dict[int, list[float]] = defaultdict(list)
    for one, a, b, came in zip(valid.moments, by_steps, by_trees, valid.remaining.tolist(), strict=True):
        gained[one.story.key].append(abs(a - came) - abs(b - came))
    sums = [sum(of) for of in gained.values()]
    return sum(sums) > math.sqrt(len(sums) * pvariance(sums))


def _more(rounds: int) -> int:
    """A quarter more is learned from."""
    return max(int(rounds * 1.1), 1)


def _shrunk(days: Matrix) -> Matrix:
    return np.asarray(np.log1p(24 * np.maximum(days, 0)))


def _part(stories: Sequence[Story], history: History, known: float, rows: Rows) -> _Part:
    asked = [one for story in stories for one in history.moments(story) if history.hindsight or one.at <= known]
    remaining = [one.remaining if history.hindsight else one.known_remaining(known) for one in asked]
    # Long ones were seen to end less often than they are: each stands for those that were not (Robins, Rotnitzky 1992).
    seen = [
        (known - one.at, True) if left is None else (left, False) for one, left in zip(asked, remaining, strict=True)
    ]
    watched = curve(seen)
    # And of the latest moments hardly any but the short ones have ended: those tell more of the day than of the case.
    usual = curve([(length, not is_open) for length, is_open in seen]).quantile(_SEEN) or 0.0
    chosen = [
        (one, left)
        for one, left in zip(asked, remaining, strict=True)
        if left is not None and (history.hindsight or known - one.at >= usual)
    ]
    weights = [min(1 / max(watched.beyond(left), 1e-9), _MOST_WEIGHT) for _, left in chosen]
    return _Part(
        [one for one, _ in chosen],
        matrix([rows.row(one) for one, _ in chosen]),
        np.asarray([left for _, left in chosen]),
        np.asarray(weights),
    )


def _fitted(end: Objective, train: _Part, valid: _Part) -> Grown:
    return grow(
        end, train.rows, _shrunk(train.remaining), weights=train.weights, against=(valid.rows, _shrunk(valid.remaining))
    )


def _survival(stories: Sequence[Story], history: History, known: float) -> Survival:
    every = [one for story in stories for one in history.visits(story)]
    until = known if not history.hindsight else history.until
    steps = lengths_by_step(every, until)
    begun = [Moment(story, 1) for story in stories]
    whole = [one for lengths in lengths_by_step(begun, until).values() for one in lengths]
    counted = lengths_by_step(every, until, counted=True)
    return survival_of({"steps": steps, "whole": whole, "counted": counted, "whole_counted": None})


def _medians(survival: Survival, moments: Sequence[Moment], otherwise: float) -> list[float]:
    found = (survival.middle(one) for one in moments)
    return [otherwise if one is None else one for one in found]


def _wider(low: Grown, high: Grown, valid: _Part) -> tuple[float, float]:
    """By how much each end missed where it missed (conformal, each end for itself): a tenth lies beyond either."""
    came = _shrunk(valid.remaining)
    return (
        quantile((low.of(valid.rows) - came).tolist(), 0.9),
        quantile((came - high.of(valid.rows)).tolist(), 0.9),
    )


def _chances(
    stories: Sequence[Story], history: History, rows: Rows, final: Rows, measured: dict[str, Any]
) -> dict[str, Chance]:
    found = {}
    for kind in sorted({kind for story in stories for kind in story.dues}):
        chance, how_good = _chance(kind, stories, history, rows, final)
        measured[kind] = how_good
        if chance is not None:
            found[kind] = chance
    return found


@dataclass(frozen=True, slots=True)
class _Labelled:
    """Moments that were not late yet, of cases of which it is certain whether they were late."""

    moments: list[Moment]
    rows: Matrix
    late: Matrix

    def is_enough(self) -> bool:
        """Cases of both kinds: one that is asked often is one."""
        for wanted in (True, False):
            if (
                len({one.story.key for one, was in zip(self.moments, self.late, strict=True) if was == wanted})
                < _FEWEST_MISSED
            ):
                return False
        return True


def _labelled(kind: str, stories: Sequence[Story], history: History, known: float, rows: Rows) -> _Labelled:
    moments, made, late = [], [], []
    for story in stories:
        was_missed = missed(story, kind, known)
        if was_missed is None:
            continue
        for one in history.moments(story):
            left = one.left(kind)
            if left is not None and left > 0 and (history.hindsight or one.at <= known):
                moments.append(one)
                made.append([*rows.row(one), left])
                late.append(float(was_missed))
    return _Labelled(moments, matrix(made), np.asarray(late))


def _chance(
    kind: str, stories: Sequence[Story], history: History, rows: Rows, final: Rows
) -> tuple[Chance | None, dict[str, Any]]:  # fmt: skip
    """Judged by several turns of the past, each foretold by what was known before it began."""
    by_trees: list[float] = []
    by_survival: list[float] = []
    came: list[bool] = []
    rounds, begins = [], []
    for begin, end in zip(_FOLDS, (*_FOLDS[1:], 1.0), strict=True):
        first, turn = stories[: int(begin * len(stories))], stories[int(begin * len(stories)) : int(end * len(stories))]
        if not turn:
            return None, {}
        known = history.until if history.hindsight else turn[0].begun
        train, seen = _labelled(kind, first, history, known, rows), _labelled(kind, turn, history, history.until, rows)
        if not (train.is_enough() and seen.moments):
            return None, {}
        trees = grow("chance", train.rows, train.late, against=(seen.rows, seen.late))
        survival = _survival(first, history, known)
        rounds.append(trees.rounds)
        begins.append(len(came))
        by_trees += trees.of(seen.rows).tolist()
        by_survival += [_survival_chance(survival, one, kind) for one in seen.moments]
        came += [bool(one) for one in seen.late]
    mixed = {
        weight: [weight * a + (1 - weight) * b for a, b in zip(by_trees, by_survival, strict=True)]
        for weight in _WEIGHTS
    }
    weight = min(mixed, key=lambda one: brier(mixed[one], came))
    how_good = {
        "survival": brier(by_survival, came), "boosted": brier(mixed[weight], came), "weight": weight,
        "separation": separation(mixed[weight], came), "error": calibration_error(mixed[weight], came),
    }  # fmt: skip
    if weight == 0.0:
        return None, how_good
    every = _labelled(kind, stories, history, history.until, final)
    forest = grow("chance", every.rows, every.late, rounds=_more(sorted(rounds)[len(rounds) // 2]))
    return Chance(forest.forest(), weight, made_true(mixed[weight], came, begins)), how_good


def _survival_chance(survival: Survival, one: Moment, kind: str) -> float:
    said = survival.says(one)
    return 0.0 if said is None else said.chances.get(kind, 0.0)
