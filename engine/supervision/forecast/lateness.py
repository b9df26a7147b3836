"""Grows trees for the chance to be late. Needs numpy: only the program that learns imports it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import numpy as np

from engine.supervision.forecast.boosting import MANY, SEEDS, Grown, Matrix, grow, matrix, more
from engine.supervision.forecast.calibrating import made_true
from engine.supervision.forecast.days import Days
from engine.supervision.forecast.forests import averaged
from engine.supervision.forecast.learning import History
from engine.supervision.forecast.measures import brier, calibration_error, separation
from engine.supervision.forecast.model import Chance, Survival
from engine.supervision.forecast.prefixes import Rows
from engine.supervision.forecast.stories import Moment, Story, longer, missed
from engine.supervision.forecast.turns import Turn

_FEWEST_MISSED: Final = 30
_WEIGHTS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
_OTHERS: Final = 2
"""For how many other lengths each moment is asked beside what was left: whether it took longer is known of those, too."""
_OF_OTHERS: Final = 0.5
_DICE: Final = 20


@dataclass(frozen=True, slots=True)
class _Labelled:
    """Moments that were not late yet, of cases of which it is certain whether they were late.

    `rows`: behind theirs stand those of the same moments asked for other lengths.
    """

    moments: list[Moment]
    rows: Matrix
    late: Matrix
    weights: Matrix

    def is_enough(self) -> bool:
        """Cases of both kinds: one that is asked often is one."""
        late = {one.story.key for one, was in zip(self.moments, self.late, strict=False) if was}
        every = {one.story.key for one in self.moments}
        return len(late) >= _FEWEST_MISSED and len(every) - len(late) >= _FEWEST_MISSED


def chances(
    stories: Sequence[Story], history: History, turns: Sequence[Turn], final: Rows, measured: dict[str, Any]
) -> dict[str, Chance]:
    found = {}
    for kind in sorted({kind for story in stories for kind in story.dues}):
        chance, how_good = _chance(kind, stories, history, turns, final)
        measured[kind] = how_good
        if chance is not None:
            found[kind] = chance
    return found


def _chance(
    kind: str, stories: Sequence[Story], history: History, turns: Sequence[Turn], final: Rows
) -> tuple[Chance | None, dict[str, Any]]:
    """Judged by several turns of the past, each foretold by what was known before it began."""
    by_trees: list[float] = []
    by_survival: list[float] = []
    came: list[bool] = []
    rounds, begins = [], []
    for turn in turns:
        train = _labelled(kind, turn.first, history, turn.known, turn.rows, others=_OTHERS)
        seen = _labelled(kind, turn.stories, history, history.until, turn.rows)
        if not (train.is_enough() and seen.moments):
            return None, {}
        trees = _grown(train, against=seen)
        rounds.append(trees.rounds)
        begins.append(len(came))
        by_trees += trees.of(seen.rows).tolist()
        by_survival += [_survival_chance(turn.survival, one, kind) for one in seen.moments]
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
    every = _labelled(kind, stories, history, history.until, final, others=_OTHERS)
    forests = [_grown(every, rounds=more(rounds), seed=seed).forest() for seed in SEEDS]
    return Chance(averaged(forests), weight, made_true(mixed[weight], came, begins)), how_good


def _grown(of: _Labelled, *, against: _Labelled | None = None, **chosen: int) -> Grown:
    beside = None if against is None else (against.rows, against.late)
    many = len(of.rows) > 3 * MANY  # each moment is asked for other lengths, too
    return grow(of.rows, of.late, weights=of.weights, against=beside, many=many, **chosen)


def _labelled(
    kind: str, stories: Sequence[Story], history: History, known: float, rows: Rows, *, others: int = 0
) -> _Labelled:
    moments: list[Moment] = []
    made: list[list[float]] = []
    late: list[float] = []
    beside: list[tuple[list[float], bool]] = []
    dice = np.random.default_rng(_DICE)
    usual = _usual(kind, stories)
    for story in stories:
        was_missed = missed(story, kind, known)
        for one in history.moments(story):
            left = one.left(kind)
            if left is None or one.at > known:
                continue
            row = rows.row(one)
            if was_missed is not None and left > 0:
                moments.append(one)
                made.append([*row, *rows.days.ahead(one.at, left)])
                late.append(float(was_missed))
            if len(beside) < 2 * MANY:
                lengths = dice.uniform(0.0, 2 * usual, others).tolist()
                beside.extend(_asked_for(one, row, lengths, known, rows.days))
    made += [row for row, _ in beside]
    weights = [1.0] * len(late) + [_OF_OTHERS] * len(beside)
    late += [float(was) for _, was in beside]
    return _Labelled(moments, matrix(made), np.asarray(late), np.asarray(weights))


def _asked_for(
    one: Moment, row: list[float], lengths: Sequence[float], known: float, days: Days
) -> Iterator[tuple[list[float], bool]]:
    for length in lengths:
        was = longer(one, length, known)
        if was is not None:
            yield [*row, *days.ahead(one.at, length)], was


def _usual(kind: str, stories: Sequence[Story]) -> float:
    """How long a period is."""
    lengths = [one.dues[kind] - one.events[0].by_periods for one in stories if kind in one.dues]
    return median(lengths) if lengths else 0.0


def _survival_chance(survival: Survival, one: Moment, kind: str) -> float:
    said = survival.says(one)
    return 0.0 if said is None else said.chances.get(kind, 0.0)
