"""What is said of the trees that are grown at last is asked of as many."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.supervision.forecast.boosting import Grown, Matrix, more
from engine.supervision.forecast.calibrating import ends
from engine.supervision.forecast.growing import _ends
from engine.supervision.forecast.turns import turns
from tests.engine.supervision.forecast.histories import known_now, made

MOST = 100


class Heard:
    """In place of trees: as likely as they are many, and it notes how many it was asked of."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def predict(self, rows: Matrix, num_iteration: int) -> Any:
        self.asked.append(num_iteration)
        return np.full(len(rows), num_iteration / MOST)


@pytest.mark.parametrize("rounds", [(40, 60, 10), (10, 20, 80)])
def test_the_ends_of_a_range_are_asked_of_as_many_trees_as_are_grown_at_last(rounds: tuple[int, ...]) -> None:
    """Not of as many as were best on the last turn alone, whether those were fewer or more."""
    every = made(230, lambda amount, dice: dice.uniform(0.9, 1.1) * (2 if amount < 5 else 10))
    history = known_now(every, until=114.0)
    last = turns(sorted(history.stories, key=lambda one: (one.begun, one.key)), history)[-1]
    trees = Heard()

    said = _ends(last, [Grown(one, trees) for one in rounds])

    at_last = more(rounds)
    assert at_last != rounds[-1]
    assert trees.asked == [at_last]
    ended = [not np.isnan(one) for one in last.valid.every.remaining.tolist()]
    assert said == ends([at_last / MOST] * len(ended), [at_last / MOST] * len(ended), ended)
