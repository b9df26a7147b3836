"""Grows trees with LightGBM. Only ever imported by the program that learns (`apart`), never where pages are served."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import lightgbm
import numpy as np
from numpy.typing import NDArray

from engine.base.frozen import frozen
from engine.supervision.forecast.days import FALLING
from engine.supervision.forecast.forests import Forest, flattened

Matrix = NDArray[np.float64]

_COMMON: Final[dict[str, Any]] = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "max_bin": 255,  # an hour of the week has 168 places
    "seed": 20,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,  # two that wait for each other on a busy machine are slower than one
    "verbose": -1,
}
MOST_ROUNDS: Final = 600
MANY: Final = 60_000
SEEDS: Final = (20, 21, 22)
"""What is grown at last is the mean of three that were grown by different dice."""
_PATIENCE: Final = 40
_LEAST: Final = 1e-4
"""What is gained by less is not worth another tree."""


@frozen
class Grown:
    """`rounds`: where it was best on what it did not learn from."""

    rounds: int
    booster: Any

    def of(self, rows: Matrix) -> Matrix:
        return np.asarray(self.booster.predict(rows, num_iteration=self.rounds), dtype=np.float64)

    def forest(self) -> Forest:
        dumped = self.booster.dump_model(num_iteration=self.rounds)
        return Forest(tuple(flattened(tree) for tree in dumped["tree_info"]))


def grow(
    rows: Matrix,
    targets: Matrix,
    *,
    weights: Matrix | None = None,
    against: tuple[Matrix, Matrix] | None = None,
    rounds: int = MOST_ROUNDS,
    seed: int = 20,
    many: bool = False,
) -> Grown:
    """The last columns are those of a length (`days`). `against`: what it is measured on after each round, to stop
    where it gets no better.
    """
    constraints = [0] * (rows.shape[1] - len(FALLING)) + list(FALLING)
    chosen = _COMMON | {"monotone_constraints": constraints, "seed": seed}
    if many:
        # Moments of one case are much alike: of many, fewer are enough for each tree.
        chosen |= {
            "bagging_fraction": 0.4,
            "feature_fraction": 0.3,
            "max_bin": 63,
            "learning_rate": 0.1,
            "num_leaves": 31,
        }
    chosen["min_data_in_leaf"] = min(int(chosen["min_data_in_leaf"]), max(5, len(rows) // 50))
    data = lightgbm.Dataset(rows, targets, weight=weights, params=chosen)
    calls: list[Any] = []
    valid: list[Any] = []
    if against is not None:
        valid = [lightgbm.Dataset(against[0], against[1], reference=data, params=chosen)]
        patience = _PATIENCE // 2 if many else _PATIENCE
        calls = [lightgbm.early_stopping(patience, verbose=False, min_delta=_LEAST)]
    booster = lightgbm.train(chosen, data, rounds, valid_sets=valid, callbacks=calls)
    return Grown(booster.best_iteration if against is not None else rounds, booster)


def matrix(rows: Sequence[Sequence[float]]) -> Matrix:
    return np.asarray(rows, dtype=np.float64)


def more(rounds: Sequence[int]) -> int:
    """Of several turns; a tenth more, as more is learned from."""
    return max(int(sorted(rounds)[len(rounds) // 2] * 1.1), 1)
